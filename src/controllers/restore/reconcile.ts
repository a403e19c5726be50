import { fillingsOf, type RestoreState, type RestoreTally } from '../../domain/restore.js';
import { streamOf } from '../../domain/streams.js';
import type { Restore } from '../../domain/velero.gen.js';
import { waitingFillings } from '../../domain/volumes/restore-moves.js';
import { isFault, messageOf } from '../../faults.js';
import { asksToCancel, mustEnd, type Ran, type Runs } from '../cancel.js';
import { foundRestore, originOf } from '../intake.js';
import type { ControllerPorts } from '../ports.js';
import type { Requeue } from '../queue.js';
import { breakOff } from './break-off.js';
import { endCancelledRestore } from './cancel.js';
import { settleFillings, storeFillings } from './fillings.js';
import { prepareRestoreStart } from './prepare.js';
import { runRestore, type AppliedItems } from './run.js';
import { removeGroupStubs, settleGroups } from './settle-groups.js';
import { settleVolumes } from './settle-volumes.js';
import { mergeUnsettled } from './unsettled-results.js';
import { restoreOperation, type RestoreSession } from './session.js';
import { holdFiles, holdsFiles, releaseFiles } from './stored-restore.js';
import { openSession } from '../session.js';
import type { Slots } from '../slots.js';
import { standingOf } from '../standing.js';

/** What one restore needs next. */
export type RestoreStep =
  | 'none'
  | 'forget'
  | 'abandon'
  | 'discover'
  | 'intake'
  | 'hold'
  | 'start'
  | 'cancel'
  | 'recover'
  | 'apply'
  | 'await'
  | 'settle'
  | 'finish'
  | 'release'
  | 'mirror';

const isFilling = (state: RestoreState): boolean => waitingFillings(fillingsOf(state)).length > 0;

/** Somebody deleted the resource: what runs comes to its end, then the files go, then the resource. */
const lastStep = (state: RestoreState, resource: Restore): RestoreStep => {
  const standing = standingOf(state, resource);
  if (standing === 'abandon') return 'abandon';
  if (standing === 'ours') {
    if (state.phase === 'New' || state.phase === 'InProgress') return 'abandon';
    if (state.phase === 'Applied') return isFilling(state) ? 'abandon' : 'finish';
  }
  if (holdsFiles(resource)) return 'release';
  return standing === 'ours' ? 'mirror' : 'none';
};

/** The next missing step, from the facts and the resource alone; the same idea as `nextBackupStep`. */
export const nextRestoreStep = (
  state: RestoreState,
  resource: Restore | undefined,
  begunHere: boolean,
): RestoreStep => {
  if (resource?.metadata.deletionTimestamp) return lastStep(state, resource);
  const standing = standingOf(state, resource);
  if (standing !== 'ours' || !resource) return standing === 'ours' ? 'none' : standing;
  switch (state.phase) {
    case 'Absent':
      return 'none';
    case 'New':
      if (asksToCancel(resource)) return 'cancel';
      return holdsFiles(resource) ? 'start' : 'hold';
    case 'InProgress':
      if (state.cancelled || asksToCancel(resource)) return 'cancel';
      if (!state.running) return 'start';
      return begunHere ? 'apply' : 'recover';
    case 'Applied':
      if (state.cancelled || (isFilling(state) && asksToCancel(resource))) return 'cancel';
      if (isFilling(state)) return 'await';
      return state.settlingSince === undefined ? 'finish' : 'settle';
    case 'Ended':
      return 'mirror';
  }
};

/** Between two looks at volumes that do not come; each look follows the claims for a while itself. */
const SETTLE_PAUSE_MS = 100;
const LOOK_AGAIN: Requeue = { after: 0 };
const DONE: Requeue = { done: true };
const MAX_ATTEMPTS = 3;
/** Volumes are filled in seconds or in hours; a look costs one request for each. */
const FILLING_POLL_MS = 2_000;
const DELETED = 'the Restore resource was deleted before the restore had ended';

const takeIn = async (session: RestoreSession, step: 'intake' | 'discover'): Promise<void> => {
  const { resource } = session;
  if (!resource) return;
  const uid = resource.metadata.uid ?? '';
  const now = session.now();
  const by = { ...originOf(resource.metadata), uid };
  const { spec = {}, metadata } = resource;
  if (step === 'discover')
    await session.send({ type: 'DiscoverRestore', uid, found: foundRestore(resource), now }, by);
  else await session.send({ type: 'RequestRestore', uid, spec, labels: metadata.labels ?? {}, now }, by);
};

/** What there is for all restores. */
interface Shared {
  readonly runs: Runs;
  /** What runs of this process had done when they were cancelled, by name, until the end is recorded. */
  readonly done: Map<string, RestoreTally>;
}

const apply = async (
  ports: ControllerPorts,
  session: RestoreSession,
  { runs, done }: Shared,
  signal: AbortSignal,
): Promise<void> => {
  const { state, key } = session;
  if (state.phase !== 'InProgress') return;
  const asks = async () => mustEnd(await ports.resources.read('Restore', key.name, signal));
  let run: Ran<AppliedItems>;
  try {
    run = await runs.run(key.name, signal, asks, (end) =>
      runRestore(ports, session, end, (tally) => done.set(key.name, tally)),
    );
  } catch (error) {
    if (signal.aborted || isFault(error, 'LB_ABORTED')) throw error; // the next life finds the attempt and recovers it
    ports.log.error({ err: error, stream: session.stream }, 'the restore failed');
    await breakOff(ports, state.uid, signal);
    await session.send({ type: 'FailRestore', reason: messageOf(error), now: session.now() });
    return;
  } finally {
    ports.progress.clear(session.stream);
  }
  if (run.ended === 'cancelled') return; // the next look sees why
  // Not among what is caught: a fact that cannot be stored at present is no failed restore, the next look finds its objects.
  await session.send({ type: 'RecordItems', attempt: state.attempt, ...run.result, now: session.now() });
};

const start = async (ports: ControllerPorts, session: RestoreSession, signal: AbortSignal): Promise<void> => {
  const prepared = await prepareRestoreStart(ports, session, signal);
  await session.send({ type: 'StartRestore', ...prepared, now: session.now() });
};

const recover = async (
  ports: ControllerPorts,
  session: RestoreSession,
  signal: AbortSignal,
): Promise<void> => {
  const { onInterruption: policy } = ports.config;
  const { state } = session;
  const isLast = state.phase === 'InProgress' && (policy === 'fail' || state.attempt >= MAX_ATTEMPTS);
  // A further attempt goes on with what is asked for; where there is none, nobody waits for it any more.
  if (isLast) await breakOff(ports, state.uid, signal);
  await session.send({ type: 'RecoverRestore', policy, maxAttempts: MAX_ATTEMPTS, now: session.now() });
};

/** The end, and before it what the files say of volumes that were filled. Files that cannot be written do not hold the restore open. */
const finish = async (
  ports: ControllerPorts,
  session: RestoreSession,
  signal: AbortSignal,
): Promise<void> => {
  try {
    await storeFillings(ports, session, signal);
  } catch (error) {
    if (signal.aborted || !isFault(error) || error.retriable) throw error;
    ports.log.warn(
      { stream: session.stream },
      `the operations of the restore could not be stored: ${messageOf(error)}`,
    );
  }
  // A restore that is deleted ends without having waited.
  if ('settlingSince' in session.state) await removeGroupStubs(ports, session.state.uid, signal);
  await mergeUnsettled(ports, session, signal);
  await session.send({ type: 'FinishRestore', now: session.now() });
};

const abandon = async (
  ports: ControllerPorts,
  session: RestoreSession,
  signal: AbortSignal,
): Promise<void> => {
  await breakOff(ports, session.row?.uid ?? '', signal);
  await session.send({ type: 'FailRestore', reason: DELETED, now: session.now() });
};

const endCancelled = async (
  ports: ControllerPorts,
  session: RestoreSession,
  { done }: Shared,
  signal: AbortSignal,
): Promise<void> => {
  const { name } = session.key;
  await endCancelledRestore(ports, session, done.get(name), signal);
  done.delete(name);
};

/** One look at a restore, and what there is for all of them. */
interface Look {
  readonly ports: ControllerPorts;
  readonly session: RestoreSession;
  readonly slots: Slots;
  readonly shared: Shared;
  /** Gives the place of this restore to the next in line. */
  readonly release: () => void;
  readonly signal: AbortSignal;
}

type RunStep = Extract<RestoreStep, 'start' | 'cancel' | 'recover' | 'apply' | 'await' | 'settle' | 'finish'>;

/** A step on the way from the request to the end; undefined when the next look goes on from there. */
const takeRunStep = async (step: RunStep, look: Look): Promise<Requeue | undefined> => {
  const { ports, session, slots, shared, release, signal } = look;
  switch (step) {
    case 'start':
      if (!slots.take(session.key.name)) return DONE; // whoever releases a place wakes the line
      await start(ports, session, signal);
      return undefined;
    case 'cancel':
      await endCancelled(ports, session, shared, signal);
      return undefined;
    case 'recover':
      await recover(ports, session, signal);
      return undefined;
    case 'apply':
      await session.mirror();
      await apply(ports, session, shared, signal);
      return undefined;
    case 'await':
      release(); // as in Velero, a restore that only waits holds up no other one
      await session.mirror();
      return (await settleFillings(ports, session, signal)) ? undefined : { after: FILLING_POLL_MS };
    case 'settle':
      release(); // as in Velero, a restore that only waits holds up no other one
      await session.mirror();
      return (await settleGroups(ports, session, signal)) && (await settleVolumes(ports, session, signal))
        ? LOOK_AGAIN
        : { after: SETTLE_PAUSE_MS };
    case 'finish':
      await finish(ports, session, signal);
      return undefined;
  }
};

/** Carries one step out and says what comes next. */
const takeStep = async (step: RestoreStep, look: Look): Promise<Requeue> => {
  const { ports, session, release, signal } = look;
  switch (step) {
    case 'none':
      return DONE;
    case 'forget':
      await session.send({ type: 'ForgetRestore', now: session.now() });
      return DONE;
    case 'abandon':
      await abandon(ports, session, signal);
      release();
      return LOOK_AGAIN;
    case 'discover':
    case 'intake':
      await takeIn(session, step);
      return LOOK_AGAIN;
    case 'hold':
      if (session.resource) await holdFiles(ports, session.resource, signal);
      return LOOK_AGAIN;
    case 'release':
      release();
      if (session.resource) await releaseFiles(ports, session.resource, signal);
      return LOOK_AGAIN;
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
 * Brings one restore a step closer to done; the same contract as `reconcileBackup`. An interrupted restore is applied again
 * from the start: what the first attempt made bears its label and is found, not made twice.
 */
export const reconcileRestore = (
  ports: ControllerPorts,
  slots: Slots,
  runs: Runs,
  wake: (name: string) => void,
) => {
  const shared: Shared = { runs, done: new Map() };
  return async (name: string, signal: AbortSignal): Promise<Requeue> => {
    if (ports.intakeBusy(streamOf('restore', { namespace: ports.resources.namespace, name })))
      return { after: 100 };
    const session = await openSession(ports, restoreOperation, name, signal);
    const release = () => slots.release(name).forEach((next) => wake(next));
    const step = nextRestoreStep(session.state, session.resource, slots.begunHere(name));
    return takeStep(step, { ports, session, slots, shared, release, signal });
  };
};
