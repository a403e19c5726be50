import { openSession } from '../session.js';
import { backupOperation } from '../backup/session.js';
import type { Round } from './adopt.js';
import type { BackupHere } from './backups-here.js';

/** Of these Velero says that their files belong to them (`pkg/controller/backup_sync_controller.go`). */
const HAS_FILES = ['Completed', 'PartiallyFailed'];

/** Resources of a location whose directory is not in a listing that was made after they were read. */
export const orphansOf = (
  here: ReadonlyMap<string, BackupHere>,
  stored: ReadonlySet<string>,
  location: string,
): readonly string[] =>
  [...here]
    .filter(
      ([name, backup]) =>
        backup.location === location &&
        HAS_FILES.includes(backup.phase) &&
        !backup.leaving &&
        !stored.has(name),
    )
    .map(([name]) => name);

/**
 * Takes away the resource of a backup whose files are gone; its restores stay. Mark and resource are read once more, because a
 * listing is a moment ago: whoever is being deleted, or has another uid by now, is left alone. The fact comes before the deed.
 */
export const removeOrphan = async (round: Round, name: string, seen: BackupHere): Promise<void> => {
  const { ports, opened, location, signal } = round;
  if (await opened.store.head(opened.layout.backupMetadata(name), signal)) return;
  const session = await openSession(ports, backupOperation, name, signal);
  const { metadata, status } = session.resource ?? { metadata: undefined, status: undefined };
  const uid = metadata?.uid;
  if (uid !== seen.uid || !HAS_FILES.includes(status?.phase ?? '')) return;
  // Refused while the facts do not know the backup as ended: they are about to, and the next round comes.
  if (!(await session.send({ type: 'MissBackup', uid, location, now: session.now() }))) return;
  await ports.resources.delete('Backup', name, signal);
  ports.log.info({ backup: name, location }, 'the files of a backup are gone from object storage');
};
