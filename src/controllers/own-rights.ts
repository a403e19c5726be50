import type { Cluster } from '../cluster/port.js';
import { at } from '../domain/json.js';
import { SELF_ACCESS_REVIEWS } from '../domain/known-kinds.js';
import { Fault } from '../faults.js';

/** What is asked about, as `spec.resourceAttributes` of the review has it; without a namespace in all of them. */
export interface OwnRight {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
}

/**
 * Whether the credentials of the cluster have a right; undefined if the answer does not say. Faults: `LB_CLUSTER_REFUSED` when the
 * question itself is refused, else those of `Cluster.create`.
 */
export const hasOwnRight = async (
  cluster: Cluster,
  resourceAttributes: OwnRight,
  signal: AbortSignal,
): Promise<boolean | undefined> => {
  const { group, version, kind } = SELF_ACCESS_REVIEWS;
  const question = { apiVersion: `${group}/${version}`, kind, spec: { resourceAttributes } };
  const answer = await cluster.create(SELF_ACCESS_REVIEWS, undefined, JSON.stringify(question), { signal });
  if (!answer.ok)
    throw new Fault('LB_CLUSTER_REFUSED', `asking for the own rights: ${answer.reason}: ${answer.message}`);
  const allowed = at(JSON.parse(answer.body.toString('utf8')), 'status', 'allowed');
  return typeof allowed === 'boolean' ? allowed : undefined;
};
