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

export const CONFIG_MAPS = known('ConfigMap', 'configmaps', 'cm');
export const NAMESPACES = known('Namespace', 'namespaces', 'ns', { namespaced: false });
export const PODS = known('Pod', 'pods', 'po');
export const STORAGE_CLASSES = known('StorageClass', 'storageclasses', 'sc', {
  group: 'storage.k8s.io',
  namespaced: false,
});
