import type { Cluster } from './cluster/port.js';
import { numberOf, at } from './domain/json.js';
import { DEPLOYMENTS } from './domain/known-kinds.js';
import { Fault } from './faults.js';

/**
 * Refuses, with `LB_CONFIG`, a namespace in which Velero runs: a Deployment `velero` with ready replicas. Two servers would fight
 * over each resource. One that is scaled to zero is no obstacle: that is how a cluster moves from one to the other.
 */
export const refuseBesideVelero = async (
  cluster: Cluster,
  namespace: string,
  signal: AbortSignal,
): Promise<void> => {
  const bytes = await cluster.get(DEPLOYMENTS, { namespace, name: 'velero' }, { signal });
  const velero: unknown = bytes && JSON.parse(bytes.toString('utf8'));
  if ((numberOf(at(velero, 'status', 'readyReplicas')) ?? 0) > 0)
    throw new Fault(
      'LB_CONFIG',
      `Velero is running in namespace "${namespace}"; scale its Deployment to zero first: kubectl -n ${namespace} scale deployment velero --replicas=0`,
    );
};
