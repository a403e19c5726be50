import { getObject } from '../cluster/get-object.js';
import { NODES } from '../domain/known-kinds.js';
import type { AgentPorts } from './ports.js';

/** One that is `missing` may only be about to register anew. */
export type NodeState = 'there' | 'missing' | 'gone';

/** Which nodes are no part of the cluster any more: what their agents have begun they will not end. */
export interface Nodes {
  readonly stateOf: (node: string, signal: AbortSignal) => Promise<NodeState>;
  /** Milliseconds until the next look at what a node holds (an empty name: one that nobody knows); `undefined`: it is gone. */
  readonly waitFor: (node: string, signal: AbortSignal) => Promise<number | undefined>;
}

/** Not to the moment, so that the agents of many nodes do not all look at once. */
export const someTimeLater = (milliseconds: number): number => milliseconds * (0.5 + Math.random() / 2);

/** Two looks, `intervals.gone` apart, have to miss a node. One that is there and does not answer is left to its agent. */
export const createNodes = ({
  cluster,
  clock,
  config,
}: Pick<AgentPorts, 'cluster' | 'clock' | 'config'>): Nodes => {
  const { gone, others } = config.intervals;
  const missingSince = new Map<string, number>();
  const stateOf: Nodes['stateOf'] = async (node, signal) => {
    if (node === config.nodeName || (await getObject(cluster, NODES, { name: node }, { signal }))) {
      missingSince.delete(node);
      return 'there';
    }
    const now = clock().getTime();
    const since = missingSince.get(node) ?? now;
    missingSince.set(node, since);
    return now - since >= gone ? 'gone' : 'missing';
  };
  return {
    stateOf,
    waitFor: async (node, signal) => {
      const state = node === '' ? 'there' : await stateOf(node, signal);
      if (state === 'gone') return undefined;
      return state === 'missing' ? gone : someTimeLater(others);
    },
  };
};
