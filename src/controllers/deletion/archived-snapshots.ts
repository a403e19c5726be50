import { BACKUP_LIMITS, scanArchive } from '../../archive/tarball-reader.js';
import { decodeResourceList } from '../../archive/sidecars.js';
import type { BackupOfVolumes } from '../ports.js';
import { readObject } from '../stored-object.js';
import type { PhysicalSnapshot } from '../volumes/delete-physical.js';
import { snapshotsInArchive } from '../volumes/delete-backup-snapshots.js';

const CONTENT_KIND = /^snapshot\.storage\.k8s\.io\/.*\/VolumeSnapshotContent$/;

/**
 * CSI snapshots by the archive of a backup, which also knows those that the file about volumes lost for a long name. The archive is
 * read only if the list of its objects says that there are some. Faults: those of the storage, `LB_BACKUP_FILE_DAMAGED`.
 */
export const archivedSnapshots = async (
  { name, location: { store, layout } }: BackupOfVolumes,
  scratch: string,
  signal: AbortSignal,
): Promise<readonly PhysicalSnapshot[]> => {
  const key = layout.resourceList(name);
  const listed = await readObject(store, key, signal);
  if (!listed) return [];
  if (!Object.keys(await decodeResourceList(listed, key)).some((kind) => CONTENT_KIND.test(kind))) return [];
  const found = await store.get(layout.backupContents(name), signal);
  if (!found) return [];
  const archive = await scanArchive(found.body, {
    scratch,
    limits: BACKUP_LIMITS,
    everyVersion: false,
    signal,
  });
  try {
    return await snapshotsInArchive(archive, signal);
  } finally {
    await archive.dispose();
  }
};
