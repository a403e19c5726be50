import { decodePodVolumeBackups } from '../../archive/sidecars.js';
import type { PodVolumeBackupObject } from '../../archive/sidecar-types.js';
import { textAt } from '../../domain/json.js';
import type { OwnerReference, PodVolumeBackup } from '../../domain/velero.gen.js';
import { isFault, messageOf } from '../../faults.js';
import type { ControllerPorts, OpenedLocation } from '../ports.js';
import { readObject } from '../stored-object.js';
import { BACKUP_UID_LABEL } from '../../domain/labels.js';

/**
 * On a Backup that was brought in and whose PodVolumeBackups are still to come. They bear its uid, so they can only follow it;
 * without this mark a server that died in between would leave a backup without the data of its volumes.
 */
const WAITING_ANNOTATION = 'lifeboat.io/pod-volume-backups';
const WAITING = 'to-be-created';

export const isWaitingForVolumes = (backup: unknown): boolean =>
  textAt(backup, 'metadata', 'annotations', WAITING_ANNOTATION) === WAITING;

export const waitingForVolumes = (annotations: Readonly<Record<string, string>> | undefined) => ({
  ...annotations,
  [WAITING_ANNOTATION]: WAITING,
});

const ownersOf = (metadata: PodVolumeBackupObject['metadata'], backup: { name: string; uid: string }) => {
  const owners = metadata['ownerReferences'] as unknown as readonly OwnerReference[] | undefined;
  return owners?.map((owner) =>
    owner.apiVersion === 'velero.io/v1' && owner.kind === 'Backup' && owner.name === backup.name
      ? { ...owner, uid: backup.uid }
      : owner,
  );
};

/**
 * The resource that a stored PodVolumeBackup becomes: owned by the Backup as it is here, in the location as it is called here
 * (`pkg/controller/backup_sync_controller.go`).
 */
export const adoptedPodVolumeBackup = (
  stored: PodVolumeBackupObject,
  backup: { readonly name: string; readonly uid: string },
  location: string,
  namespace: string,
): PodVolumeBackup => {
  const { resourceVersion: _version, uid: _uid, ...metadata } = stored.metadata;
  const labels = metadata['labels'] as unknown as Readonly<Record<string, string>> | undefined;
  const owners = ownersOf(stored.metadata, backup);
  return {
    ...stored,
    apiVersion: 'velero.io/v1',
    kind: 'PodVolumeBackup',
    metadata: {
      ...metadata,
      namespace,
      ...(labels && {
        labels: labels[BACKUP_UID_LABEL] ? { ...labels, [BACKUP_UID_LABEL]: backup.uid } : labels,
      }),
      ...(owners && { ownerReferences: owners }),
    },
    spec: { ...stored.spec, backupStorageLocation: location },
  } as unknown as PodVolumeBackup;
};

/** The PodVolumeBackups of a stored backup; none if it has no such file. */
export const storedPodVolumeBackups = async (
  { store, layout }: OpenedLocation,
  backup: string,
  signal: AbortSignal,
): Promise<readonly PodVolumeBackupObject[]> => {
  const key = layout.podVolumeBackups(backup);
  const bytes = await readObject(store, key, signal);
  return bytes ? decodePodVolumeBackups(bytes, key) : [];
};

/**
 * Creates the PodVolumeBackups of a backup that was brought in, then takes the mark off it. Those that exist stay as they are;
 * one that the API server refuses is told in the log and passed over.
 */
export const bringPodVolumeBackups = async (
  ports: ControllerPorts,
  opened: OpenedLocation,
  backup: { readonly name: string; readonly uid: string },
  location: string,
  signal: AbortSignal,
): Promise<void> => {
  const { resources, log } = ports;
  const about = { backup: backup.name, location };
  try {
    for (const stored of await storedPodVolumeBackups(opened, backup.name, signal)) {
      const object = adoptedPodVolumeBackup(stored, backup, location, resources.namespace);
      await resources.create('PodVolumeBackup', object, signal).catch((error: unknown) => {
        if (!isFault(error, 'LB_CLUSTER_REFUSED')) throw error;
        log.error({ ...about, podVolumeBackup: stored.metadata.name }, messageOf(error));
      });
    }
  } catch (error) {
    if (!isFault(error, 'LB_BACKUP_FILE_DAMAGED')) throw error;
    log.error(about, `the PodVolumeBackups of a backup cannot be read: ${messageOf(error)}`);
  }
  const patch = { metadata: { annotations: { [WAITING_ANNOTATION]: null } } };
  await resources.patch('Backup', backup.name, patch, signal);
};
