import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createResources } from '../../src/controllers/resources.js';
import { startAgent } from '../../src/node-agent/agent.js';
import type { AgentPorts } from '../../src/node-agent/ports.js';
import { NAMESPACE } from './life.js';
import type { World } from './world.js';

export const NODE = 'node-1';
export const OTHER_NODE = 'node-2';

/** As it has registered. */
export const nodeOf = (name: string) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name } });

const DAY_MS = 86_400_000;

export interface AgentWorld {
  /** Where the kubelet of the node has the volumes. */
  readonly kubeletRoot: string;
  /** Creates a running pod with one emptyDir volume called `data`; answers its reference and the volume's folder. */
  readonly pod: (name: string, more?: object) => Promise<{ readonly ref: object; readonly folder: string }>;
  /** Starts an agent; the returned function ends it as a crash would. A `life` can be ended from outside as well. */
  readonly startAgent: (
    over?: Partial<AgentPorts>,
    more?: { readonly node?: string; readonly life?: AbortController },
  ) => Promise<() => Promise<void>>;
}

/** A node beside a world: its kubelet's folder, and agents that come and go. */
export const createAgentWorld = (world: World): AgentWorld => {
  const kubeletRoot = join(world.config.scratch, 'kubelet');
  return {
    kubeletRoot,
    pod: async (name, more = {}) => {
      await world.apply({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'shop' },
        spec: {
          nodeName: NODE,
          containers: [{ name: 'main', image: 'app:1' }],
          volumes: [
            { name: 'data', emptyDir: {} },
            { name: 'host', hostPath: { path: '/' } },
          ],
        },
        status: { phase: 'Running' },
        ...more,
      });
      const uid = (await world.find('pods', name, 'shop'))?.metadata.uid ?? '';
      const folder = join(kubeletRoot, 'pods', uid, 'volumes', 'kubernetes.io~empty-dir', 'data');
      await mkdir(folder, { recursive: true });
      return { ref: { kind: 'Pod', namespace: 'shop', name, uid }, folder };
    },
    startAgent: async (over = {}, { node = NODE, life: controller = new AbortController() } = {}) => {
      const agent = await startAgent(
        {
          cluster: world.cluster,
          resources: createResources(world.cluster, NAMESPACE),
          repositories: world.repositories,
          clock: () => new Date(),
          log: world.log,
          config: {
            nodeName: node,
            kubeletRoot,
            resourceTimeout: 8_000,
            prepareTimeout: DAY_MS,
            configMap: '',
            hostingPodImage: 'pause:1',
            intervals: { look: 20, others: 200, gone: 100 },
          },
          ...over,
        },
        controller.signal,
      );
      const stop = async () => {
        controller.abort();
        await agent.stopped();
      };
      onTestFinished(stop);
      return stop;
    },
  };
};
