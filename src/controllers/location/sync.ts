import type { PassedOver } from '../../domain/location.js';
import type { BackupStorageLocation } from '../../domain/velero.gen.js';
import type { ControllerPorts, OpenedLocation } from '../ports.js';
import type { Requeue } from '../queue.js';
import { adoptMissing, type Round } from './adopt.js';
import { backupsHere, type BackupHere } from './backups-here.js';
import { orphansOf, removeOrphan } from './orphans.js';
import { placeOf } from './place.js';
import { bringPodVolumeBackups } from './pod-volume-backups.js';
import { createSchedule, periodOf } from './schedule-of-checks.js';
import { openSyncRecord } from './sync-record.js';
import { createTurns } from './sync-turns.js';
import { createUnusableMarks, type UnusableMarks } from './unusable-marks.js';
import { timestamp } from '../../domain/timestamp.js';

/** Names of the backups of a location: its directories below `backups/`. */
const listBackups = async (
  { store, layout }: OpenedLocation,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> => {
  const names = new Set<string>();
  for await (const entry of store.list(layout.backupsDir(), { delimiter: '/', signal }))
    if (entry.kind === 'prefix') names.add(layout.nameOf(entry.prefix));
  return names;
};

/** Backups of the location whose names are those of other backups here. */
const namesTaken = (
  stored: ReadonlySet<string>,
  here: ReadonlyMap<string, BackupHere>,
  location: string,
): readonly PassedOver[] =>
  [...stored].flatMap((name) => {
    const other = here.get(name)?.location;
    if (!other || other === location) return [];
    const message = `this cluster has a backup of that name in the storage location "${other}"`;
    return [{ name, because: 'NameTaken' as const, message }];
  });

const syncOpened = async (round: Round, { metadata, spec }: BackupStorageLocation): Promise<void> => {
  const { ports, opened, location, marks, signal } = round;
  if (!spec) return;
  // In this order: a backup that ends in between is then missing here, never missing there.
  const here = await backupsHere(ports, signal);
  const stored = await listBackups(opened, signal);
  await adoptMissing(round, new Set([...stored].filter((name) => !here.has(name))));
  for (const [name, { uid, waitsForVolumes, location: its }] of here)
    if (waitsForVolumes && its === location)
      await bringPodVolumeBackups(ports, opened, { name, uid }, location, signal);
  const record = await openSyncRecord(ports, { name: location, uid: metadata.uid ?? '' }, signal);
  const place = placeOf(spec);
  // A place without any backup, where none was ever seen, says nothing: it may be a slip in bucket, prefix or address.
  const isTheirs = stored.size > 0 || ('inUse' in record.state && record.state.inUse === place);
  const unusable = marks.problems().map((one) => ({ ...one, because: 'Unusable' as const }));
  const passedOver = [...namesTaken(stored, here, location), ...unusable];
  if (!(await record.observe({ place, inUse: stored.size > 0, passedOver })) || !isTheirs) return;
  for (const name of orphansOf(here, stored, location)) {
    const seen = here.get(name);
    if (seen) await removeOrphan(round, name, seen);
  }
};

/** Until a location is available it is looked at often, since its first check is on its way. */
const RETRY_MS = 2_000;

/**
 * Keeps cluster and location alike, as far as resources go: backups that lie there come into the cluster under this location's
 * name, and resources whose files are gone go. Object storage is the source of truth: this is how another cluster, or one whose
 * records are lost, finds its backups again (`pkg/controller/backup_sync_controller.go`).
 */
export const reconcileSync = (ports: ControllerPorts) => {
  const schedule = createSchedule();
  const turns = createTurns(ports);
  const known = new Map<string, { readonly place: string; readonly marks: UnusableMarks }>();
  /** What was learnt of another place is of no use in this one. */
  const marksOf = (name: string, place: string): UnusableMarks => {
    const former = known.get(name);
    if (former?.place === place) return former.marks;
    const marks = createUnusableMarks();
    known.set(name, { place, marks });
    return marks;
  };

  const syncOne = async (name: string, resource: BackupStorageLocation, signal: AbortSignal) => {
    if (!resource.spec) return;
    const marks = marksOf(name, placeOf(resource.spec));
    const opened = await ports.openLocation(resource.spec);
    try {
      await syncOpened({ ports, opened, location: name, marks, signal }, resource);
    } finally {
      opened.store.close();
    }
  };

  return async (name: string, signal: AbortSignal): Promise<Requeue> => {
    const resource = await ports.resources.read('BackupStorageLocation', name, signal);
    const period = resource && periodOf(resource.spec?.backupSyncPeriod, ports.config.backupSyncPeriod);
    if (!resource) {
      schedule.forget(name);
      known.delete(name);
    }
    if (!resource || period === undefined) return { done: true };
    const early = schedule.early(name, resource, period, ports.clock());
    if (early) return early;
    if (resource.status?.phase !== 'Available') return { after: Math.min(period, RETRY_MS) };
    const wait = await turns.waitOf(name, resource, signal);
    if (wait) return wait;
    try {
      await syncOne(name, resource, signal);
    } finally {
      turns.had(name);
    }
    schedule.done(name, resource, ports.clock());
    const status = { lastSyncedTime: timestamp(ports.clock()) };
    await ports.resources.patch('BackupStorageLocation', name, { status }, signal);
    return { after: period };
  };
};
