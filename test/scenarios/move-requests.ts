import type { KubeObject } from '../builders.js';

const GROUP = 'snapshot.storage.k8s.io';

/** The snapshot that a backup took of a claim in `shop`. */
export const snapshotOf = (claim: string): KubeObject => ({
  apiVersion: `${GROUP}/v1`,
  kind: 'VolumeSnapshot',
  metadata: { name: `velero-${claim}`, namespace: 'shop' },
  spec: { source: { persistentVolumeClaimName: claim }, volumeSnapshotClassName: 'fast' },
});

/** Asks for the data of that snapshot to be copied. */
export const uploadOf = (claim: string, spec: object = {}): KubeObject => ({
  apiVersion: 'velero.io/v2alpha1',
  kind: 'DataUpload',
  metadata: {
    name: `move-${claim}`,
    namespace: 'velero',
    labels: { 'velero.io/backup-name': 'nightly' },
  },
  spec: {
    snapshotType: 'CSI',
    csiSnapshot: { driver: 'disk.csi.example', volumeSnapshot: `velero-${claim}`, storageClass: 'fast' },
    sourceNamespace: 'shop',
    sourcePVC: claim,
    backupStorageLocation: 'default',
    operationTimeout: '10m',
    ...spec,
  },
});

const SELECTOR = 'velero.io/dynamic-pv-restore';

/** A restored claim that waits for the volume that is filled for it. */
export const emptyClaim = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: 'shop' },
  spec: {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Gi' } },
    storageClassName: 'fast',
    selector: { matchLabels: { [SELECTOR]: `shop.${name}.abcde` } },
  },
});

/** Asks for a copy to be put into the volume of that claim. */
export const downloadOf = (claim: string, snapshotID: string, spec: object = {}): KubeObject => ({
  apiVersion: 'velero.io/v2alpha1',
  kind: 'DataDownload',
  metadata: { name: `fill-${claim}`, namespace: 'velero' },
  spec: {
    targetVolume: { namespace: 'shop', pvc: claim, pv: '' },
    backupStorageLocation: 'default',
    snapshotID,
    sourceNamespace: 'shop',
    operationTimeout: '10m',
    ...spec,
  },
});
