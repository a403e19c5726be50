import type { Cluster } from '../../cluster/port.js';
import type { RestoreSpec } from '../../domain/velero.gen.js';
import { isFault } from '../../faults.js';
import { hasOwnRight } from '../own-rights.js';

/** Who restores into more namespaces than this has rights in all of them, or is refused item by item. */
const MOST_ASKED = 20;

/** A cluster that does not answer the question does not keep anybody from trying. */
const mayCreateIn = async (
  cluster: Cluster,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<boolean> => {
  const right = { verb: 'create', group: '', resource: 'configmaps', ...(namespace && { namespace }) };
  try {
    return (await hasOwnRight(cluster, right, signal)) !== false;
  } catch (error) {
    if (isFault(error, 'LB_CLUSTER_REFUSED')) return true;
    throw error;
  }
};

/**
 * Whether the server may restore anything at all. A ConfigMap stands for it: it is the most harmless of all kinds, and an identity that
 * was not even given this was not meant to restore. Asked for the whole cluster first, then for the namespaces the restore names.
 */
export const mayRestore = async (
  cluster: Cluster,
  { includedNamespaces, namespaceMapping }: RestoreSpec,
  signal: AbortSignal,
): Promise<boolean> => {
  if (await mayCreateIn(cluster, undefined, signal)) return true;
  const named = (includedNamespaces ?? []).filter((name) => !/[*?[{]/.test(name)).slice(0, MOST_ASKED);
  for (const name of named)
    if (await mayCreateIn(cluster, namespaceMapping?.[name] ?? name, signal)) return true;
  return false;
};
