import type { ResourceKind } from './resource-kinds.js';

/** Kinds that every cluster serves in this version, for calls that need no discovery. */
const known = (
  kind: string,
  resource: string,
  shortName: string,
  more: { readonly group?: string; readonly namespaced?: false } = {},
): ResourceKind => ({
  group: more.group ?? '',
  version: 'v1',
  resource,
  kind,
  singular: kind.toLowerCase(),
  shortNames: [shortName],
  namespaced: more.namespaced ?? true,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
});

/** A question in the form of an object: it is created, and the answer is its status. Nothing is kept. */
const review = (kind: string, group: string): ResourceKind => ({
  group,
  version: 'v1',
  resource: `${kind.toLowerCase()}s`,
  kind,
  singular: kind.toLowerCase(),
  shortNames: [],
  namespaced: false,
  verbs: ['create'],
});

export const CONFIG_MAPS = known('ConfigMap', 'configmaps', 'cm');
export const DEFINITIONS = known('CustomResourceDefinition', 'customresourcedefinitions', 'crd', {
  group: 'apiextensions.k8s.io',
  namespaced: false,
});
export const DEPLOYMENTS = known('Deployment', 'deployments', 'deploy', { group: 'apps' });
export const DAEMON_SETS = known('DaemonSet', 'daemonsets', 'ds', { group: 'apps' });
export const NAMESPACES = known('Namespace', 'namespaces', 'ns', { namespaced: false });
export const PODS = known('Pod', 'pods', 'po');
export const CLAIMS = known('PersistentVolumeClaim', 'persistentvolumeclaims', 'pvc');
export const VOLUMES = known('PersistentVolume', 'persistentvolumes', 'pv', { namespaced: false });
export const NODES = known('Node', 'nodes', 'no', { namespaced: false });
export const SECRETS = known('Secret', 'secrets', '');
export const STORAGE_CLASSES = known('StorageClass', 'storageclasses', 'sc', {
  group: 'storage.k8s.io',
  namespaced: false,
});

export const TOKEN_REVIEWS = review('TokenReview', 'authentication.k8s.io');
export const ACCESS_REVIEWS = review('SubjectAccessReview', 'authorization.k8s.io');
export const SELF_ACCESS_REVIEWS = review('SelfSubjectAccessReview', 'authorization.k8s.io');
