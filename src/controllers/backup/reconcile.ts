import { deletionFailed } from '../../domain/backup-deletion.js';
import {
  owedPostHooks,
  owesCopyDiscard,
  owesDiscard,
  snapshotsOf,
  type BackupState,
} from '../../domain/backup-facts.js';
import { resolveNamespaces } from '../../domain/namespace-filter.js';
import { streamOf } from '../../domain/streams.js';
import type { Backup, BackupSpec } from '../../domain/velero.gen.js';
import { waitingMoves } from '../../domain/volumes/backup-moves.js';
import { waitingSnapshots } from '../../domain/volumes/backup-snapshots.js';
import { isFault, messageOf } from '../../faults.js';
import { endCancelledBackup } from './cancel.js';
import { commitBackup } from './commit.js';
import { completeContents } from './complete.js';
import { settleMoves } from './moves.js';
import { discardCopies } from './discard-copies.js';
import { prepareBackupStart } from './prepare.js';
import { runBackup, type StoredContents } from './run.js';
import { backupOperation, type BackupSession } from './session.js';
import { discardSnapshots, settleSnapshots } from './snapshots.js';
import { runOwedPostHooks } from './thaw.js';
import { asksToCancel, mustEnd, type Ran, type Runs } from '../cancel.js';
import { carryOutDeletion, type Waits } from '../deletion/carry-out.js';
import { foundBackup, originOf } from '../intake.js';
import { listNamespaces } from '../namespaces.js';
import type { ControllerPorts } from '../ports.js';
import type { Requeue } from '../queue.js';
import { scheduleOrigin } from '../schedule/origin.js';
import { openSession } from '../session.js';
import type { Slots } from '../slots.js';
import { standingOf } from '../standing.js';

/** What one backup needs next. */
export type BackupStep =
  | 'none'
  | 'forget'
  | 'abandon'
  | 'discover'
  | 'intake'
  | 'start'
  | 'thaw'
  | 'cancel'
  | 'discard'
  | 'recover'
  | 'collect'
  | 'await'
  | 'complete'
  | 'finish'
  | 'delete'
  | 'mirror';

/** Everything but the mark is stored; snapshots and moves of their data may still have to be waited for. */
const nextStoredStep = (
  state: Extract<BackupState, { phase: 'Stored' }>,
  resource: Backup | undefined,
): BackupStep => {
  const snapshots = snapshotsOf(state);
  const moving = waitingMoves(snapshots.moves).length > 0;
  if (state.cancelled || (moving && asksToCancel(resource))) return 'cancel';
  if (moving || waitingSnapshots(snapshots).length > 0) return 'await';
  return snapshots.moves.length > 0 && !state.completed ? 'complete' : 'finish';
};

/**
 * The next missing step, from the facts and the resource alone; every row of it is a table test. `begunHere` is memory of
 * this process: an attempt that another life began is never continued, it is recovered.
 */
export const nextBackupStep = (
  state: BackupState,
  resource: Backup | undefined,
  begunHere: boolean,
): BackupStep => {
  // Before anything else, and also when nobody wants the backup any more: an application must not stay frozen.
  if (owedPostHooks(state).length > 0) return 'thaw';
  // Snapshots and copies that no backup will hold cost money, and would be in the way of the next attempt.
  if (owesDiscard(state) || owesCopyDiscard(state)) return 'discard';
  const deleting = state.phase === 'Deleting';
  // Goes on whatever becomes of the resource: what it has begun leaves nothing that anybody could use.
  if (deleting && !deletionFailed(state.deletion)) return 'delete';
  const standing = standingOf(deleting ? { phase: 'Ended', uid: state.uid } : state, resource);
  if (standing !== 'ours') return standing;
  switch (state.phase) {
    case 'Absent':
      return 'none';
    case 'New':
      return asksToCancel(resource) ? 'cancel' : 'start';
    case 'InProgress':
      if (state.cancelled || asksToCancel(resource)) return 'cancel';
      if (!state.running) return 'start';
      return begunHere ? 'collect' : 'recover';
    case 'Stored':
      return nextStoredStep(state, resource);
    case 'Ended':
    case 'Deleting':
      return 'mirror';
  }
};

const LOOK_AGAIN: Requeue = { after: 0 };
const DONE: Requeue = { done: true };
const DELETED = 'the Backup resource was deleted before the backup had ended';

/** Reads the request into facts: either somebody asks for a backup, or one has long ended and is only new to us. */
const takeIn = async (
  ports: ControllerPorts,
  session: BackupSession,
  step: 'intake' | 'discover',
  signal: AbortSignal,
): Promise<void> => {
  const { resource } = session;
  if (!resource) return;
  const uid = resource.metadata.uid ?? '';
  const now = session.now();
  const scheduled = await scheduleOrigin(ports, resource.metadata, signal);
  const by = { ...(scheduled ?? originOf(resource.metadata)), uid };
  if (step === 'discover')
    await session.send({ type: 'DiscoverBackup', uid, found: foundBackup(resource), now }, by);
  else {
    const { spec = {}, metadata } = resource;
    await session.send({ type: 'RequestBackup', uid, spec, labels: metadata.labels ?? {}, now }, by);
  }
};

const collect = async (
  ports: ControllerPorts,
  session: BackupSession,
  runs: Runs,
  signal: AbortSignal,
): Promise<void> => {
  const { state, key } = session;
  if (state.phase !== 'InProgress') return;
  const asks = async () => mustEnd(await ports.resources.read('Backup', key.name, signal));
  let run: Ran<StoredContents>;
  try {
    run = await runs.run(key.name, signal, asks, (end) => runBackup(ports, session, end));
  } catch (error) {
    if (signal.aborted || isFault(error, 'LB_ABORTED')) throw error; // the next life finds the attempt and recovers it
    ports.log.error({ err: error, stream: session.stream }, 'the backup failed');
    await session.send({ type: 'FailBackup', reason: messageOf(error), now: session.now() });
    return;
  } finally {
    ports.progress.clear(session.stream);
  }
  if (run.ended === 'cancelled') return; // the next look sees why
  // Not among what is caught: a fact that cannot be stored at present is no failed backup, the next look makes it anew.
  await session.send({ type: 'RecordContents', attempt: state.attempt, ...run.result, now: session.now() });
};

const complete = async (
  ports: ControllerPorts,
  session: BackupSession,
  signal: AbortSignal,
): Promise<void> => {
  try {
    await completeContents(ports, session, signal);
  } catch (error) {
    // As with the mark: what no further try can mend ends the backup.
    if (signal.aborted || !isFault(error) || error.retriable) throw error;
    await session.send({ type: 'FailBackup', reason: messageOf(error), now: session.now() });
  }
};

const finish = async (ports: ControllerPorts, session: BackupSession, signal: AbortSignal): Promise<void> => {
  const committed = await commitBackup(ports, session, signal).catch((error: unknown) => {
    // What no further try can mend ends the backup; else it would hold its place, unfinished, for good.
    if (signal.aborted || !isFault(error) || error.retriable) throw error;
    return { reason: messageOf(error) };
  });
  if ('at' in committed) await session.send({ type: 'FinishBackup', now: committed.at });
  else await session.send({ type: 'FailBackup', reason: committed.reason, now: session.now() });
};

/**
 * The namespaces that a backup reads, which no other one may read at the same time (`pkg/controller/backup_queue_controller.go`):
 * hooks of both would freeze and thaw the same pods. One backup at a time needs no such care.
 */
const scopeOf = async (
  { cluster, config }: ControllerPorts,
  spec: BackupSpec,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> => {
  if (config.concurrentBackups === 1) return new Set();
  const existing = await listNamespaces(cluster, signal);
  const { includes } = resolveNamespaces(spec, existing);
  return new Set(existing.map(({ name }) => name).filter(includes));
};

/** True if nothing is awaited any more. */
const settleAll = async (
  ports: ControllerPorts,
  session: BackupSession,
  signal: AbortSignal,
): Promise<boolean> => {
  const ready = await settleSnapshots(ports, session, signal);
  return (await settleMoves(ports, session, signal)) && ready;
};

/** Begins the run, or, without a place for it, shows where it stands in line. */
const start = async (
  ports: ControllerPorts,
  session: BackupSession,
  slots: Slots,
  wakes: BackupWakes,
  signal: AbortSignal,
): Promise<boolean> => {
  const { name } = session.key;
  const waited = !slots.begunHere(name);
  if (!slots.take(name, await scopeOf(ports, session.row?.spec ?? {}, signal))) {
    await session.mirror(slots.position(name));
    return false;
  }
  if (waited) for (const next of slots.waiting()) wakes.backup(next); // each is a place further now
  await session.send({
    type: 'StartBackup',
    ...(await prepareBackupStart(ports, session, signal)),
    now: session.now(),
  });
  return true;
};

/** How a backup wakes others: the next in line, and the request that asked for its deletion. */
export interface BackupWakes {
  readonly backup: (name: string) => void;
  readonly deletionRequest: (name: string) => void;
}

/** One look at a backup, and what there is for all of them. */
interface Look {
  readonly ports: ControllerPorts;
  readonly session: BackupSession;
  readonly slots: Slots;
  readonly runs: Runs;
  readonly wakes: BackupWakes;
  /** Gives the place of this backup back, if it has one. */
  readonly release: () => void;
  readonly signal: AbortSignal;
}

type RunStep = Extract<
  BackupStep,
  'start' | 'cancel' | 'recover' | 'collect' | 'await' | 'complete' | 'finish'
>;

/** A step on the way from the request to the end; undefined when the next look goes on from there. */
const takeRunStep = async (step: RunStep, look: Look): Promise<Requeue | undefined> => {
  const { ports, session, slots, runs, wakes, release, signal } = look;
  switch (step) {
    case 'start':
      // Whoever releases a place wakes the line.
      return (await start(ports, session, slots, wakes, signal)) ? undefined : DONE;
    case 'cancel':
      await endCancelledBackup(ports, session, signal);
      return undefined;
    case 'recover': {
      const { onInterruption: policy } = ports.config;
      await session.send({ type: 'RecoverBackup', policy, maxAttempts: MAX_ATTEMPTS, now: session.now() });
      return undefined;
    }
    case 'collect':
      await session.mirror();
      await collect(ports, session, runs, signal);
      return undefined;
    case 'await':
      release(); // as in Velero, a backup that only waits holds up no other one
      await session.mirror();
      return (await settleAll(ports, session, signal)) ? undefined : { after: SNAPSHOT_POLL_MS };
    case 'complete':
      await complete(ports, session, signal);
      return undefined;
    case 'finish':
      await finish(ports, session, signal);
      return undefined;
  }
};

/** Carries one step out and says what comes next. */
const takeStep = async (step: BackupStep, look: Look, waits: Waits): Promise<Requeue> => {
  const { ports, session, wakes, release, signal } = look;
  switch (step) {
    case 'none':
      release();
      return DONE;
    case 'forget':
      await session.send({ type: 'ForgetBackup', now: session.now() });
      release();
      return DONE;
    case 'abandon':
      await session.send({ type: 'FailBackup', reason: DELETED, now: session.now() });
      release();
      return LOOK_AGAIN;
    case 'discover':
    case 'intake':
      await takeIn(ports, session, step, signal);
      return LOOK_AGAIN;
    case 'thaw':
      await runOwedPostHooks(ports, session, signal);
      return LOOK_AGAIN;
    case 'discard':
      if (session.state.phase !== 'InProgress') release(); // nobody waits in line for a driver to clean up
      await session.mirror();
      if (owesDiscard(session.state)) await discardSnapshots(ports, session, signal);
      else await discardCopies(ports, session, signal);
      return LOOK_AGAIN;
    case 'delete':
      release(); // one that waited leaves the line
      return carryOutDeletion(ports, session, waits, wakes.deletionRequest, signal);
    case 'mirror':
      release();
      await session.mirror();
      return DONE;
    default: {
      const requeue = await takeRunStep(step, look);
      if (requeue) return requeue;
      await session.mirror();
      return LOOK_AGAIN;
    }
  }
};

/**
 * Brings one backup a step closer to done. Safe to call at any time, for any reason, any number of times. In every step the
 * order is bytes, then the fact, then the mirror; whatever the process dies after is found again by looking. One step a
 * call, so that every gap between steps is a place where a crash is survived.
 */
export const reconcileBackup = (ports: ControllerPorts, slots: Slots, runs: Runs, wakes: BackupWakes) => {
  const waits: Waits = new Map();
  const releaseOf = (name: string) => () => slots.release(name).forEach((next) => wakes.backup(next));
  const look = async (name: string, signal: AbortSignal): Promise<Requeue> => {
    // A mutation is about to record who asked; the resource's own watch must not be faster with a poorer answer.
    if (ports.intakeBusy(streamOf('backup', { namespace: ports.resources.namespace, name })))
      return { after: 100 };
    const session = await openSession(ports, backupOperation, name, signal);
    const step = nextBackupStep(session.state, session.resource, slots.begunHere(name));
    return takeStep(step, { ports, session, slots, runs, wakes, release: releaseOf(name), signal }, waits);
  };
  return async (name: string, signal: AbortSignal): Promise<Requeue> => {
    try {
      return await look(name, signal);
    } catch (error) {
      // One that cannot be looked at must not hold up those behind it; it asks again when it is its turn to be tried.
      if (!slots.begunHere(name)) releaseOf(name)();
      throw error;
    }
  };
};

/** Snapshots that are cut become ready in seconds or in hours; a look costs one request for each. */
const SNAPSHOT_POLL_MS = 2_000;

/** How often the contents of one backup are collected, interruptions included, before it is given up. */
const MAX_ATTEMPTS = 3;
