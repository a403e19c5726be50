import type { Command } from 'commander';
import type { Config } from '../config.js';
import type { FlagName } from '../flags.js';
import { parseGoDuration } from '../domain/go-duration.js';
import { Fault } from '../faults.js';

export interface NodeAgentCli {
  readonly withFlags: (command: Command, names: readonly FlagName[]) => Command;
  readonly end: (run: Promise<number>) => void;
  readonly configOf: (options: Readonly<Record<string, unknown>>) => Config;
}

/** Flags that the server has as well, with the same meaning. */
const SHARED: readonly FlagName[] = [
  'namespace',
  'kubeconfig',
  'kubecontext',
  'log-level',
  'resource-timeout',
  'max-concurrent-k8s-connections',
  'kopia',
  'scratch-dir',
  'metrics-address',
];

interface Own {
  readonly nodeName?: string;
  readonly kubeletRoot: string;
  readonly dataMoverPrepareTimeout: string;
  readonly nodeAgentConfigmap: string;
  readonly hostingPodImage: string;
}

/** Most nodes have it already: the pods of Kubernetes itself begin with it. */
const HOSTING_POD_IMAGE = 'registry.k8s.io/pause:3.10';

const prepareTimeoutOf = (text: string): number => {
  const parsed = parseGoDuration(text);
  if (parsed !== undefined && parsed > 0) return parsed;
  throw new Fault('LB_CONFIG', `--data-mover-prepare-timeout is "${text}"; write a duration like 30m`);
};

const nodeNameOf = (given: string | undefined): string => {
  const name = given ?? process.env['NODE_NAME'] ?? '';
  if (name !== '') return name;
  throw new Fault(
    'LB_CONFIG',
    'the name of this node is missing; set NODE_NAME, or give it with --node-name',
  );
};

/** `lifeboat node-agent [server]`, so that a DaemonSet of Velero changes its image and nothing else. */
export const addNodeAgent = (program: Command, { withFlags, end, configOf }: NodeAgentCli): void => {
  withFlags(
    program
      .command('node-agent')
      .description('copy volumes of the pods of this node into repositories, and back')
      .argument('[what]', 'server, as with velero; may be left out'),
    SHARED,
  )
    .option('--node-name <name>', 'name of this node in the cluster (or NODE_NAME)')
    .option('--kubelet-root <folder>', 'folder of the kubelet, with the volumes of pods', '/var/lib/kubelet')
    .option('--data-mover-prepare-timeout <duration>', 'how long a volume may take to appear', '30m')
    .option('--node-agent-configmap <name>', 'ConfigMap of settings for agents', '')
    .option(
      '--hosting-pod-image <image>',
      'image of the pods that mount the volumes of moved snapshots',
      HOSTING_POD_IMAGE,
    )
    .action((_what: string | undefined, options: Own & Readonly<Record<string, unknown>>) => {
      const {
        nodeName,
        kubeletRoot,
        dataMoverPrepareTimeout,
        nodeAgentConfigmap,
        hostingPodImage,
        ...shared
      } = options;
      const run = async (): Promise<number> => {
        const { serveNodeAgent } = await import('../node-agent-process.js');
        return serveNodeAgent(configOf(shared), {
          nodeName: nodeNameOf(nodeName),
          kubeletRoot,
          prepareTimeout: prepareTimeoutOf(dataMoverPrepareTimeout),
          configMap: nodeAgentConfigmap,
          hostingPodImage,
        });
      };
      end(run());
    });
};
