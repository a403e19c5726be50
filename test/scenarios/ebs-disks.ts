import { expect } from 'vitest';
import type { KubeObject } from '../builders.js';
import { NAMESPACE } from './life.js';
import type { World } from './world.js';

export const ZONE = 'eu-west-1a';

export const snapshotLocation = (name: string, provider = 'aws'): KubeObject => ({
  apiVersion: 'velero.io/v1',
  kind: 'VolumeSnapshotLocation',
  metadata: { name, namespace: NAMESPACE },
  spec: { provider, config: { region: 'eu-west-1' } },
});

/** A claim and the EBS volume it is bound to. */
export const ebsDisk = (
  namespace: string,
  name: string,
  labels: Readonly<Record<string, string>> = { 'topology.kubernetes.io/zone': ZONE },
): readonly [claim: KubeObject, volume: KubeObject] => [
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      storageClassName: 'gp2',
      volumeName: `pv-${name}`,
    },
    status: { phase: 'Bound' },
  },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `pv-${name}`, labels },
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
      persistentVolumeReclaimPolicy: 'Delete',
      storageClassName: 'gp2',
      claimRef: { kind: 'PersistentVolumeClaim', namespace, name, uid: 'claim-uid', resourceVersion: '7' },
      awsElasticBlockStore: { volumeID: `aws://${ZONE}/vol-${name}`, fsType: 'ext4' },
    },
  },
];

/** Puts claims, volumes and their disks there. */
export const applyEbsDisks = async (
  world: World,
  namespace: string,
  ...names: readonly string[]
): Promise<void> => {
  for (const name of names) {
    world.provider.volumes.set(`vol-${name}`, { type: 'io1', iops: 300, zone: ZONE });
    await world.apply(...ebsDisk(namespace, name));
  }
};

export const disksOf = (world: World): readonly string[] =>
  [...world.provider.snapshots.values()].map(({ volumeId }) => volumeId).sort();

/** The id of the disk behind a PersistentVolume. */
export const diskOf = async (world: World, volume: string): Promise<string> => {
  const found =
    (await world.find('persistentvolumes', volume)) ?? expect.fail(`there is no volume ${volume}`);
  const { volumeID } = (found['spec'] as { awsElasticBlockStore: { volumeID: string } }).awsElasticBlockStore;
  return volumeID.split('/').at(-1) ?? '';
};
