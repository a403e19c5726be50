import { streamOf } from '../../domain/streams.js';
import type { Runs } from '../cancel.js';
import type { ControllerPorts } from '../ports.js';
import type { Requeue } from '../queue.js';
import { settleDownloads } from './downloads.js';
import { nextRestoreStep, type RestoreStep } from './next-step.js';
import { settleGroups } from './settle-groups.js';
import { settleVolumes } from './settle-volumes.js';
import { restoreOperation, type RestoreSession } from './session.js';
import { abandon, apply, endCancelled, finish, recover, start, takeIn, type Shared } from './steps.js';
import { holdFiles, releaseFiles } from './stored-restore.js';
import { openSession } from '../session.js';
import type { Slots } from '../slots.js';

/** Between two looks at volumes that do not come; each look follows the claims for a while itself. */
const SETTLE_PAUSE_MS = 100;
const LOOK_AGAIN: Requeue = { after: 0 };
const DONE: Requeue = { done: true };
/** Volumes are filled in seconds or in hours; a look costs one request for each. */
const DOWNLOAD_POLL_MS = 2_000;

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
      return (await settleDownloads(ports, session, signal)) ? undefined : { after: DOWNLOAD_POLL_MS };
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
