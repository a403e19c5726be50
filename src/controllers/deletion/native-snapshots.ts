import { decodeVolumeSnapshots } from '../../archive/sidecars.js';
import { BACKUP_UID_LABEL } from '../../domain/labels.js';
import type { BackupOfVolumes } from '../ports.js';
import { readObject } from '../stored-object.js';
import { removeProviderSnapshots } from '../volumes/remove-provider-snapshots.js';
import type { SnapshotterPorts } from '../volumes/snapshot-location.js';

/** What became of the snapshots that providers hold for a backup. */
export interface DeletedNatively {
  /** All of which its files tell, deleted or told of. */
  readonly handled: ReadonlySet<string>;
  readonly problems: readonly string[];
}

/**
 * Deletes the snapshots of providers that a backup holds, through the locations its files name, whoever made it
 * (`pkg/controller/backup_deletion_controller.go`). With them go those of the same backup of which no file tells, since an answer of the
 * provider got lost: they bear its uid, which is the one that it had where it was made. Faults: those of the storage, and of the provider as
 * far as another try may mend them.
 */
export const deleteNativeSnapshots = async (
  ports: SnapshotterPorts,
  { name, location: { store, layout } }: BackupOfVolumes,
  signal: AbortSignal,
): Promise<DeletedNatively> => {
  const key = layout.volumeSnapshots(name);
  const bytes = await readObject(store, key, signal);
  const records = bytes ? await decodeVolumeSnapshots(bytes, key) : [];
  const known = records.flatMap(({ spec, status }) => {
    const { location, persistentVolumeName: volume } = spec;
    return status.providerSnapshotID ? [{ location, snapshotId: status.providerSnapshotID, volume }] : [];
  });
  const uid = records.find(({ spec }) => spec.backupUID !== '')?.spec.backupUID;
  const problems = await removeProviderSnapshots(ports, {
    locations: records.map(({ spec }) => spec.location),
    known,
    tags: uid === undefined ? undefined : { [BACKUP_UID_LABEL]: uid },
    signal,
  });
  return { handled: new Set(known.map(({ snapshotId }) => snapshotId)), problems };
};
