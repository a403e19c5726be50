import { parseObject } from '../../cluster/get-object.js';
import type { Cluster } from '../../cluster/port.js';
import { PODS } from '../../domain/known-kinds.js';
import { AGENT_SELECTOR, nodeOfAgent } from '../../domain/volumes/copy-objects.js';

/** Where the agents run that copy volumes (`pkg/nodeagent/node_agent.go`). Faults are those of `Cluster.list`. */
export interface NodeAgents {
  readonly isOn: (node: string) => Promise<boolean>;
  /** On any node at all. */
  readonly isAnywhere: () => Promise<boolean>;
}

/** One that was seen counts for the whole operation; for one that was not, somebody looks again. */
export const createNodeAgents = (
  cluster: Pick<Cluster, 'list'>,
  namespace: string,
  signal: AbortSignal,
): NodeAgents => {
  const nodes = new Set<string>();
  const look = async (): Promise<void> => {
    for await (const page of cluster.list(PODS, { namespace, labelSelector: AGENT_SELECTOR, signal }))
      for (const item of page.items) {
        const node = nodeOfAgent(parseObject(item));
        if (node !== '') nodes.add(node);
      }
  };
  return {
    isOn: async (node) => {
      if (!nodes.has(node)) await look();
      return nodes.has(node);
    },
    isAnywhere: async () => {
      if (nodes.size === 0) await look();
      return nodes.size > 0;
    },
  };
};
