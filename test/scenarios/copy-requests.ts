import { NODE } from './agent-world.js';

/** Asks for a copy of the volume `data` of a pod on the node of the agent world. */
export const backupOf = (ref: object, spec: object = {}, name = 'nightly-1') => ({
  apiVersion: 'velero.io/v1',
  kind: 'PodVolumeBackup',
  metadata: { name, namespace: 'velero', labels: { 'velero.io/backup-name': 'nightly' } },
  spec: {
    node: NODE,
    pod: ref,
    volume: 'data',
    backupStorageLocation: 'default',
    repoIdentifier: '',
    uploaderType: 'kopia',
    tags: { backup: 'nightly', volume: 'data' },
    ...spec,
  },
});

/** Asks for what a copy holds, in the volume `data` of a pod. */
export const restoreOf = (ref: object, snapshotID: string) => ({
  apiVersion: 'velero.io/v1',
  kind: 'PodVolumeRestore',
  metadata: {
    name: 'again-1',
    namespace: 'velero',
    labels: { 'velero.io/restore-uid': 'the-restore' },
  },
  spec: {
    pod: ref,
    volume: 'data',
    backupStorageLocation: 'default',
    repoIdentifier: '',
    uploaderType: 'kopia',
    snapshotID,
    sourceNamespace: 'shop',
  },
});

/** What a pod shows whose first container waits for its volumes. */
export const waiting = {
  status: {
    phase: 'Pending',
    initContainerStatuses: [{ name: 'restore-wait', state: { running: {} } }],
  },
};
