import { decodeBackupMetadata } from '../../archive/sidecars.js';
import type { Backup } from '../../domain/velero.gen.js';
import { isFault } from '../../faults.js';
import type { BackupRow } from '../../projections/backups.js';
import type { OpenedLocation } from '../ports.js';
import { readObject } from '../stored-object.js';
import { removeUnder } from './stored-files.js';

/** A backup that sync brought in has a new uid; it is the one of the mark if it began and ended when the mark says. */
const tellsOf = ({ metadata, status }: Backup, row: BackupRow): boolean =>
  metadata.uid === row.uid ||
  (row.attempts === 0 &&
    (status?.startTimestamp ?? '') === (row.startedAt ?? '') &&
    (status?.completionTimestamp ?? '') === (row.completedAt ?? ''));

/**
 * Whose files lie under the name of a backup: another backup's, if there is a mark and it tells of another one. What has no mark,
 * or one that nobody can read, is nobody else's.
 */
const belongsToAnother = async (
  { store, layout }: OpenedLocation,
  name: string,
  row: BackupRow,
  signal: AbortSignal,
): Promise<boolean> => {
  const key = layout.backupMetadata(name);
  const bytes = await readObject(store, key, signal);
  if (!bytes) return false;
  try {
    return !tellsOf(decodeBackupMetadata(bytes, key), row);
  } catch (error) {
    if (isFault(error, 'LB_BACKUP_FILE_DAMAGED')) return false;
    throw error;
  }
};

/**
 * Deletes the files of a backup, its mark (`velero-backup.json`) before all others: whatever happens in between, nobody takes what
 * is left for a backup. Says why, if they stayed: a backup that failed since its name was taken must not take the other one's
 * files with it.
 */
export const removeBackupFiles = async (
  location: OpenedLocation,
  name: string,
  row: BackupRow,
  signal: AbortSignal,
): Promise<string | undefined> => {
  if (await belongsToAnother(location, name, row, signal))
    return 'the files under this name, which are those of another backup';
  await location.store.delete(location.layout.backupMetadata(name), signal);
  await removeUnder(location.store, location.layout.backupDir(name), signal);
  return undefined;
};
