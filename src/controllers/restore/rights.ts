import type { Cluster, ResourceType } from '../../cluster/port.js';
import { at } from '../../domain/json.js';
import type { RestoreSpec } from '../../domain/velero.gen.js';

const SELF_REVIEW: ResourceType = {
  group: 'authorization.k8s.io',
  version: 'v1',
  resource: 'selfsubjectaccessreviews',
  kind: 'SelfSubjectAccessReview',
  singular: 'selfsubjectaccessreview',
  shortNames: [],
  namespaced: false,
  verbs: ['create'],
};
/** Who restores into more namespaces than this has rights in all of them, or is refused item by item. */
const MOST_ASKED = 20;

/** A cluster that does not answer the question does not keep anybody from trying. */
const mayCreateIn = async (
  cluster: Cluster,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<boolean> => {
  const resourceAttributes = {
    verb: 'create',
    group: '',
    resource: 'configmaps',
    ...(namespace && { namespace }),
  };
  const question = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes },
  };
  const answer = await cluster.create(SELF_REVIEW, undefined, JSON.stringify(question), { signal });
  return !answer.ok || at(JSON.parse(answer.body.toString('utf8')), 'status', 'allowed') !== false;
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
