import type { Cluster } from '../../cluster/port.js';
import { SECRETS } from '../../domain/known-kinds.js';
import { Fault } from '../../faults.js';
import { FIRST_PASSWORD, PASSWORD_KEY, PASSWORD_SECRET } from '../../repositories/port.js';

/**
 * Makes the Secret that opens the repositories, if there is none, with the value that Velero gives it (`pkg/repository/keys/keys.go`):
 * a repository has to open with either of the two. One that exists is left as it is. Fault `LB_CLUSTER_REFUSED` or `…_DENIED`.
 */
export const ensurePassword = async (
  cluster: Cluster,
  namespace: string,
  signal: AbortSignal,
): Promise<void> => {
  if (await cluster.get(SECRETS, { namespace, name: PASSWORD_SECRET }, { signal })) return;
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: PASSWORD_SECRET, namespace, labels: { component: 'velero' } },
    type: 'Opaque',
    data: { [PASSWORD_KEY]: Buffer.from(FIRST_PASSWORD).toString('base64') },
  };
  const created = await cluster.create(SECRETS, namespace, JSON.stringify(secret), { signal });
  if (!created.ok && created.reason !== 'AlreadyExists')
    throw new Fault(
      created.status === 403 ? 'LB_CLUSTER_DENIED' : 'LB_CLUSTER_REFUSED',
      `cannot create the Secret ${namespace}/${PASSWORD_SECRET}: ${created.message}`,
    );
};
