import { type FlagName } from '../../flags.js';
import { type GivenInstallFlags, type InstallFlagName } from './flags.js';
import { refuse, resourcesOf, textOf, type PodResources } from './given.js';
import { AGENT_ACCOUNT } from './manifest.js';

/** The agents on the nodes, checked. */
export interface AgentPlan {
  readonly serviceAccount: { readonly name: string; readonly create: boolean };
  /** The folder of the kubelet on the nodes. */
  readonly kubeletRoot: string;
  readonly resources: PodResources;
  /** ConfigMap of settings; absent: none. */
  readonly configMap?: string;
  readonly priorityClassName?: string;
  /** Absent: the agent's own default. */
  readonly hostingPodImage?: string;
  readonly privileged: boolean;
  /** Flags of the server that agents have, too, as the DaemonSet gives them. */
  readonly sharedArgs: readonly string[];
}

/** What is said of the server about itself and its image holds for agents. */
const SHARED: readonly FlagName[] = [
  'log-level',
  'resource-timeout',
  'max-concurrent-k8s-connections',
  'kopia',
];

const FOR_AGENTS: readonly InstallFlagName[] = [
  'node-agent-pod-cpu-request',
  'node-agent-pod-mem-request',
  'node-agent-pod-cpu-limit',
  'node-agent-pod-mem-limit',
  'node-agent-configmap',
  'hosting-pod-image',
  'node-agent-priority-class-name',
  'node-agent-service-account-name',
  'privileged-node-agent',
  'kubelet-root-dir',
];

/** It goes into a pod: one that is not absolute would be refused there, and `/` would give the whole node away. */
const kubeletRootOf = (given: GivenInstallFlags): string => {
  const folder = textOf(given, 'kubelet-root-dir').replace(/\/+$/, '');
  if (/^(\/[\w.@-]+)+$/.test(folder) && !/\/\.\.?(\/|$)/.test(folder)) return folder;
  throw refuse(
    'kubelet-root-dir',
    `is "${folder}"; write the absolute path of a folder like /var/lib/kubelet`,
  );
};

/** What the flags say about agents; undefined without `--use-node-agent`. Fault `LB_CONFIG` for a flag that would have no effect then. */
export const agentOf = (given: GivenInstallFlags): AgentPlan | undefined => {
  if (given['use-node-agent'] === undefined) {
    const vain = FOR_AGENTS.find((flag) => given[flag] !== undefined);
    if (vain !== undefined)
      throw refuse(vain, 'is about agents: give --use-node-agent, too, or leave it out');
    return undefined;
  }
  // Velero's flag is for both; whoever has an account ready for the agents alone names it besides.
  const account = given['node-agent-service-account-name'] ?? given['service-account-name'];
  const configMap = given['node-agent-configmap'];
  const priorityClassName = given['node-agent-priority-class-name'];
  const hostingPodImage = given['hosting-pod-image'];
  return {
    serviceAccount: { name: account ?? AGENT_ACCOUNT, create: account === undefined },
    kubeletRoot: kubeletRootOf(given),
    resources: resourcesOf(given, 'node-agent-pod'),
    ...(configMap && { configMap }),
    ...(hostingPodImage && { hostingPodImage }),
    ...(priorityClassName !== undefined && { priorityClassName }),
    privileged: given['privileged-node-agent'] !== undefined,
    sharedArgs: SHARED.filter((flag) => given[flag] !== undefined).map(
      (flag) => `--${flag}=${given[flag] ?? ''}`,
    ),
  };
};
