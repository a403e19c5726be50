import type { ResourceKind } from '../../../src/domain/resource-kinds.js';

const ALL = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];

/** `apps/Deployment deploy` style: a kind as discovery would tell it. */
export const aKind = (
  groupVersion: string,
  resource: string,
  kind: string,
  more: Partial<ResourceKind> = {},
): ResourceKind => {
  const [group, version] = groupVersion.includes('/') ? groupVersion.split('/') : ['', groupVersion];
  return {
    group: group!,
    version: version!,
    resource,
    kind,
    singular: kind.toLowerCase(),
    shortNames: [],
    namespaced: true,
    verbs: ALL,
    ...more,
  };
};

const cluster = { namespaced: false };

/** A small cluster in discovery order, with a group of each sort that has a rule of its own. */
export const KINDS: readonly ResourceKind[] = [
  aKind('v1', 'namespaces', 'Namespace', { ...cluster, shortNames: ['ns'] }),
  aKind('v1', 'nodes', 'Node', cluster),
  aKind('v1', 'configmaps', 'ConfigMap', { shortNames: ['cm'] }),
  aKind('v1', 'secrets', 'Secret'),
  aKind('v1', 'events', 'Event'),
  aKind('v1', 'persistentvolumes', 'PersistentVolume', { ...cluster, shortNames: ['pv'] }),
  aKind('v1', 'persistentvolumeclaims', 'PersistentVolumeClaim', { shortNames: ['pvc'] }),
  aKind('v1', 'pods', 'Pod', { shortNames: ['po'] }),
  aKind('v1', 'bindings', 'Binding', { verbs: ['create'] }),
  aKind('extensions/v1beta1', 'deployments', 'Deployment'),
  aKind('apps/v1', 'deployments', 'Deployment', { shortNames: ['deploy'] }),
  aKind('apps/v1', 'replicasets', 'ReplicaSet'),
  aKind('events.k8s.io/v1', 'events', 'Event'),
  aKind('networking.k8s.io/v1', 'ingresses', 'Ingress', { shortNames: ['ing'] }),
  aKind('storage.k8s.io/v1', 'storageclasses', 'StorageClass', { ...cluster, shortNames: ['sc'] }),
  aKind('apiextensions.k8s.io/v1', 'customresourcedefinitions', 'CustomResourceDefinition', {
    ...cluster,
    shortNames: ['crd'],
  }),
  aKind('example.com/v1', 'widgets', 'Widget', { singular: '' }),
];
