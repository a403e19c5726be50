import type { Backup, VeleroKind } from '../domain/velero.gen.js';
import { nameOf } from '../domain/item.js';
import { textAt, type JsonObject } from '../domain/json.js';
import { messageOf } from '../faults.js';
import { reconcileBackup } from './backup/reconcile.js';
import { reconcileExpiry } from './deletion/expiry.js';
import { reconcileDeletion } from './deletion/reconcile.js';
import { reconcileDownload } from './download.js';
import { createRuns } from './cancel.js';
import { reconcileLocation } from './location/check.js';
import { markDefaultLocation } from './location/default-location.js';
import type { ControllerPorts } from './ports.js';
import { createQueue, type Queue, type Requeue } from './queue.js';
import { reconcileRepository } from './repository/reconcile.js';
import { reconcileRestore } from './restore/reconcile.js';
import { reconcileServerStatus } from './server-status.js';
import { watchClock } from './schedule/clock-jumps.js';
import { reconcileSchedule } from './schedule/reconcile.js';
import { createSlots, type Slots } from './slots.js';
import { reconcileSync } from './location/sync.js';
import { watchKind, type Watched } from './watched-kind.js';
import { hasEnded } from '../domain/phases.js';

export interface Controllers {
  /** Resolves when no queue has anything to do at present. */
  idle(): Promise<void>;
  /** True once every kind was listed for the first time. */
  ready(): boolean;
  /** Resolves when everything that ran has stopped; call it after aborting the signal. */
  stopped(): Promise<void>;
}

type Reconcile = (name: string, signal: AbortSignal) => Promise<Requeue>;

/** Restores run one at a time, as in Velero: two of them could fight over the same objects. */
const CONCURRENT_RESTORES = 1;
/** Workers beyond the long runs, for the short steps of other operations. */
const SPARE_WORKERS = 4;
const RESYNC_MS = 600_000;

/** Names of the operations that the facts know of: all, or those that have not ended. */
export type KnownOperations = (which: 'all' | 'unfinished') => {
  readonly backups: readonly string[];
  readonly restores: readonly string[];
  readonly schedules: readonly string[];
};

const placeOf = ({ status }: Backup): number => {
  switch (status?.phase) {
    case 'Queued':
      return status.queuePosition ?? 0;
    case undefined:
    case 'New':
      return Number.POSITIVE_INFINITY; // nobody has told it a place yet
    default:
      return 0;
  }
};

/** Phases in which a backup will ask for a place; behind these it works on without one. */
const ASKS_FOR_PLACE: readonly string[] = ['', 'New', 'Queued', 'ReadyToStart', 'InProgress'];

/** Phases of a backup that nobody has told anything yet. */
const NOT_LOOKED_AT: readonly string[] = ['', 'New'];

/** Backups that have not been made yet, as they stood in line before the server stopped: those that ran, those with a place, the others by age. */
const waitingBackups = async (ports: ControllerPorts, signal: AbortSignal): Promise<readonly string[]> =>
  (await ports.resources.list('Backup', signal))
    .filter(({ status }) => ASKS_FOR_PLACE.includes(status?.phase ?? ''))
    .map((backup) => ({
      place: placeOf(backup),
      created: textAt(backup, 'metadata', 'creationTimestamp'),
      name: backup.metadata.name,
    }))
    .sort((a, b) => a.place - b.place || a.created.localeCompare(b.created) || a.name.localeCompare(b.name))
    .map(({ name }) => name);

interface Reconcilers {
  readonly backupSlots: Slots;
  readonly all: readonly Queue[];
  readonly backups: Queue;
  readonly restores: Queue;
  readonly schedules: Queue;
  readonly watched: readonly Watched[];
}

/** Makes queues that tell of their failures, and keeps a list of them. */
const queuesOf = (ports: ControllerPorts, signal: AbortSignal) => {
  const all: Queue[] = [];
  const queueFor = (kind: string, concurrency: number, reconcile: Reconcile): Queue => {
    const onError = (name: string, error: unknown, failures: number) =>
      ports.log.warn(
        { kind, name, failures, err: error },
        `could not be looked after, trying again: ${messageOf(error)}`,
      );
    const meter = ports.meter?.(kind);
    const timers = ports.timers && { timers: ports.timers };
    const queue = createQueue({
      concurrency,
      reconcile,
      signal,
      onError,
      ...timers,
      ...(meter && { meter }),
    });
    all.push(queue);
    return queue;
  };
  return { all, queueFor };
};

/** One queue for each kind of work, and which resources wake it. */
const createReconcilers = (ports: ControllerPorts, signal: AbortSignal): Reconcilers => {
  const { all, queueFor } = queuesOf(ports, signal);
  const { concurrentBackups } = ports.config;
  const backupSlots = createSlots(concurrentBackups);
  const restoreSlots = createSlots(CONCURRENT_RESTORES);
  const backupRuns = createRuns();
  const restoreRuns = createRuns();
  const backups: Queue = queueFor(
    'Backup',
    concurrentBackups + SPARE_WORKERS,
    reconcileBackup(ports, backupSlots, backupRuns, {
      backup: (name) => backups.add(name),
      deletionRequest: (name) => deletions.add(name),
    }),
  );
  const restores: Queue = queueFor(
    'Restore',
    CONCURRENT_RESTORES + SPARE_WORKERS,
    reconcileRestore(ports, restoreSlots, restoreRuns, (name) => restores.add(name)),
  );
  const deletions: Queue = queueFor(
    'DeleteBackupRequest',
    1,
    reconcileDeletion(ports, (name) => backups.add(name)),
  );
  const expiry = queueFor('Expiry', 2, reconcileExpiry(ports));
  const blocked = new Set<string>();
  const schedules = queueFor('Schedule', 4, reconcileSchedule(ports, blocked));
  const backupSeen = (seen?: JsonObject) => {
    // Looks at several run side by side; without this the one whose requests were answered first would be first in line.
    if (seen && NOT_LOOKED_AT.includes(textAt(seen, 'status', 'phase'))) backupSlots.expect([nameOf(seen)]);
    // One that has ended, or is gone, may have been in the way of a schedule.
    if (!seen || hasEnded(textAt(seen, 'status', 'phase'))) for (const name of blocked) schedules.add(name);
  };
  const locations = [
    queueFor('BackupStorageLocation', 2, reconcileLocation(ports)),
    queueFor('Sync', 2, reconcileSync(ports)),
  ];
  const repositoryController = reconcileRepository(ports);
  const repositories = queueFor('BackupRepository', 2, repositoryController.reconcile);
  /** Another bucket, or none, may be another repository. */
  const lookAgain = () => {
    for (const name of repositoryController.known) repositories.add(name);
  };
  const watched: readonly Watched[] = [
    { kind: 'BackupStorageLocation', queues: locations, seen: lookAgain },
    { kind: 'BackupRepository', queues: [repositories] },
    { kind: 'Backup', queues: [backups, expiry], runs: backupRuns, seen: backupSeen },
    { kind: 'DeleteBackupRequest', queues: [deletions] },
    { kind: 'Restore', queues: [restores], runs: restoreRuns },
    { kind: 'Schedule', queues: [schedules] },
    { kind: 'DownloadRequest', queues: [queueFor('DownloadRequest', 4, reconcileDownload(ports))] },
    {
      kind: 'ServerStatusRequest',
      queues: [queueFor('ServerStatusRequest', 4, reconcileServerStatus(ports))],
    },
  ];
  return { backupSlots, all, backups, restores, schedules, watched };
};

/**
 * Starts every controller. The operations that the facts know are looked at as well as the resources there are, so that one
 * whose resource vanished while nobody watched is brought to an end too.
 */
export const startControllers = async (
  ports: ControllerPorts,
  known: KnownOperations,
  signal: AbortSignal,
): Promise<Controllers> => {
  const { backupSlots, all, backups, restores, schedules, watched } = createReconcilers(ports, signal);
  await markDefaultLocation(ports, signal);
  const waiting = await waitingBackups(ports, signal);
  backupSlots.expect(waiting);
  const synced = new Set<VeleroKind>();
  const running = watched.map((one) => watchKind(ports, one, () => synced.add(one.kind), signal));
  const look = (which: 'all' | 'unfinished') => {
    const names = known(which);
    for (const name of names.backups) backups.add(name);
    for (const name of names.restores) restores.add(name);
    for (const name of names.schedules) schedules.add(name);
  };
  look('all');
  for (const name of waiting) backups.add(name); // also one that is gone by now: it must not keep its place
  const timer = setInterval(() => look('unfinished'), RESYNC_MS);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  watchClock(ports.clock, () => look('all'), signal);
  const idle = async () => {
    await Promise.all(all.map((queue) => queue.idle()));
  };
  return {
    idle,
    ready: () => synced.size === watched.length,
    stopped: async () => {
      await Promise.all([...running, idle()]);
    },
  };
};
