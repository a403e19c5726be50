import { owesDiscard } from '../../domain/backup-facts.js';
import { streamOf } from '../../domain/streams.js';
import { endCancelledBackup } from './cancel.js';
import { discardCopies } from './discard-copies.js';
import { nextBackupStep, type BackupStep } from './next-step.js';
import { backupOperation, type BackupSession } from './session.js';
import { discardSnapshots } from './snapshots.js';
import { collect, complete, finish, settleAll, takeIn } from './steps.js';
import { runOwedPostHooks } from './thaw.js';
import { start, type BackupWakes } from './turn.js';
import type { Runs } from '../cancel.js';
import { carryOutDeletion, type Waits } from '../deletion/carry-out.js';
import type { ControllerPorts } from '../ports.js';
import type { Requeue } from '../queue.js';
import { openSession } from '../session.js';
import type { Slots } from '../slots.js';

const LOOK_AGAIN: Requeue = { after: 0 };
const DONE: Requeue = { done: true };
const DELETED = 'the Backup resource was deleted before the backup had ended';

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
