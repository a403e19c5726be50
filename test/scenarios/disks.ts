import { pod, type KubeObject, type Metadata } from '../builders.js';

type Labels = Metadata['labels'];

/** A claim and the volume it is bound to; what becomes of the volume is said by its reclaim policy. */
export const disk = (
  namespace: string,
  name: string,
  reclaimPolicy: 'Delete' | 'Retain' = 'Delete',
): readonly [claim: KubeObject, volume: KubeObject] => [
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      namespace,
      annotations: {
        'pv.kubernetes.io/bind-completed': 'yes',
        'pv.kubernetes.io/bound-by-controller': 'yes',
        'volume.kubernetes.io/selected-node': 'node-1',
        'volume.kubernetes.io/storage-provisioner': 'disk.example',
        'shop.example/owner': 'sales',
      },
    },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      volumeName: `disk-${name}`,
    },
    status: { phase: 'Bound' },
  },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `disk-${name}` },
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
      persistentVolumeReclaimPolicy: reclaimPolicy,
      claimRef: { kind: 'PersistentVolumeClaim', namespace, name, uid: 'claim-uid', resourceVersion: '7' },
      hostPath: { path: `/disks/${name}` },
    },
    status: { phase: 'Bound' },
  },
];

/** A running pod that mounts the claim. */
export const podWith = (
  namespace: string,
  name: string,
  claimName: string,
  labels: Labels = {},
): KubeObject => {
  const plain = pod(namespace, name);
  return {
    ...plain,
    metadata: { ...plain.metadata, labels },
    spec: {
      ...(plain['spec'] as object),
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }],
    },
  };
};

export const storageClass = (name: string): KubeObject => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name },
  provisioner: 'disk.example',
});

export const priorityClass = (name: string): KubeObject => ({
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: { name },
  value: 1000,
});
