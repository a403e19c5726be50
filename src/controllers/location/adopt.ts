import { readBounded } from '../../archive/bounded.js';
import { decodeBackupMetadata } from '../../archive/sidecars.js';
import type { Backup, Schedule } from '../../domain/velero.gen.js';
import { isFault, messageOf } from '../../faults.js';
import type { ControllerPorts, OpenedLocation } from '../ports.js';
import { sideBySide, takingFrom } from '../side-by-side.js';
import { adoptedBackup } from './adopted-backup.js';
import { bringPodVolumeBackups, storedPodVolumeBackups, waitingForVolumes } from './pod-volume-backups.js';
import { printOfMark, type Unusable, type UnusableMarks } from './unusable-marks.js';

/** What bringing in works with: one location in one round. */
export interface Round {
  readonly ports: ControllerPorts;
  readonly opened: OpenedLocation;
  readonly location: string;
  readonly marks: UnusableMarks;
  readonly signal: AbortSignal;
}

/** Backups that are read and created at once: enough to hide the way to the store, few enough for both servers. */
const AT_ONCE = 16;
/** Marks known to be of no use that are looked at again in one round. */
const LOOKS_A_ROUND = 100;
const LONGEST_PROBLEM = 300;

/** A fault of this one backup; anything else is one of the store or the API server and ends the round. */
const isOfTheBackup = (error: unknown): boolean =>
  isFault(error, 'LB_BACKUP_FILE_DAMAGED') || isFault(error, 'LB_CLUSTER_REFUSED');

const problemOf = (error: unknown): string => messageOf(error).slice(0, LONGEST_PROBLEM);

const create = async (round: Round, backup: Backup, directory: string): Promise<void> => {
  const { ports, opened, location, signal } = round;
  const volumes = await storedPodVolumeBackups(opened, directory, signal).catch((error: unknown) => {
    // Of a file that cannot be read the log tells below; the backup is worth having without it.
    if (!isFault(error, 'LB_BACKUP_FILE_DAMAGED')) throw error;
    return undefined;
  });
  const annotations = waitingForVolumes(backup.metadata.annotations);
  const waits = volumes === undefined || volumes.length > 0;
  const object = waits ? { ...backup, metadata: { ...backup.metadata, annotations } } : backup;
  if ((await ports.resources.create('Backup', object, signal)) === 'exists') return;
  ports.log.info({ backup: directory, location }, 'found a backup in object storage');
  if (!waits) return;
  const created = await ports.resources.read('Backup', directory, signal);
  const uid = created?.metadata.uid;
  if (uid) await bringPodVolumeBackups(ports, opened, { name: directory, uid }, location, signal);
};

/** The mark of a stored backup becomes a resource; what keeps it from that comes back. */
const adopt = async (
  round: Round,
  name: string,
  schedules: readonly Schedule[],
): Promise<Unusable | undefined> => {
  const { ports, opened, location, signal } = round;
  const key = opened.layout.backupMetadata(name);
  const found = await opened.store.get(key, signal);
  if (!found) return { print: '' }; // no mark, no backup: somebody is writing it, or gave up
  const print = printOfMark(found);
  try {
    const stored = decodeBackupMetadata(await readBounded(found.body, key, { signal }), key);
    if (stored.metadata.name !== name)
      return { print, problem: `${key}: it is the mark of another backup, "${stored.metadata.name}"` };
    const { namespace } = ports.resources;
    const backup = adoptedBackup(stored, location, namespace, schedules, ports.clock());
    if (!backup) {
      const until = stored.status?.expiration;
      return { print, ...(until && { until: new Date(until).getTime() }) };
    }
    await create(round, backup, name);
    return undefined;
  } catch (error) {
    if (!isOfTheBackup(error)) throw error;
    return { print, problem: problemOf(error) };
  }
};

/** Those that were never read, whose time has come, or whose mark is not the one that was read. */
const worthReading = async (round: Round, missing: ReadonlySet<string>): Promise<readonly string[]> => {
  const { marks, opened, ports, signal } = round;
  const now = ports.clock().getTime();
  for (const name of marks.names()) if (!missing.has(name)) marks.set(name, undefined);
  const worth = [...missing].filter((name) => {
    const known = marks.get(name);
    return known === undefined || (known.until !== undefined && known.until < now);
  });
  const looked = marks.names().slice(0, LOOKS_A_ROUND);
  const changed: string[] = [];
  await sideBySide(takingFrom(looked), AT_ONCE, async (name) => {
    const known = marks.get(name);
    const head = await opened.store.head(opened.layout.backupMetadata(name), signal);
    if (known && printOfMark(head) === known.print) marks.set(name, known);
    else changed.push(name);
  });
  return [...new Set([...worth, ...changed])];
};

/**
 * Brings in the backups of a location that the cluster does not have. What cannot be brought in is remembered by its mark and
 * read again only when that changes. Faults of the store and of the API server end it: the next round goes on.
 */
export const adoptMissing = async (round: Round, missing: ReadonlySet<string>): Promise<void> => {
  const { ports, marks, signal } = round;
  const names = await worthReading(round, missing);
  const schedules = names.length > 0 ? await ports.resources.list('Schedule', signal) : [];
  await sideBySide(takingFrom(names), AT_ONCE, async (name) => {
    marks.set(name, await adopt(round, name, schedules));
  });
};
