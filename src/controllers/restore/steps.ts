import type { RestoreTally } from '../../domain/restore-facts.js';
import { isFault, messageOf } from '../../faults.js';
import { mustEnd, type Ran, type Runs } from '../cancel.js';
import { foundRestore, originOf } from '../intake.js';
import type { ControllerPorts } from '../ports.js';
import { endCancelledRestore } from './cancel.js';
import { breakOff } from './break-off.js';
import { storeDownloads } from './downloads.js';
import { prepareRestoreStart } from './prepare.js';
import { runRestore, type AppliedItems } from './run.js';
import { removeGroupStubs } from './settle-groups.js';
import { mergeUnsettled } from './unsettled-results.js';
import type { RestoreSession } from './session.js';

/** How often the items of one restore are applied, interruptions included, before it is given up. */
const MAX_ATTEMPTS = 3;
const DELETED = 'the Restore resource was deleted before the restore had ended';

/** What there is for all restores. */
export interface Shared {
  readonly runs: Runs;
  /** What runs of this process had done when they were cancelled, by name, until the end is recorded. */
  readonly done: Map<string, RestoreTally>;
}

/** Reads the request into facts: either somebody asks for a restore, or one has long ended and is only new to us. */
export const takeIn = async (session: RestoreSession, step: 'intake' | 'discover'): Promise<void> => {
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

export const apply = async (
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

export const start = async (
  ports: ControllerPorts,
  session: RestoreSession,
  signal: AbortSignal,
): Promise<void> => {
  const prepared = await prepareRestoreStart(ports, session, signal);
  await session.send({ type: 'StartRestore', ...prepared, now: session.now() });
};

export const recover = async (
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
export const finish = async (
  ports: ControllerPorts,
  session: RestoreSession,
  signal: AbortSignal,
): Promise<void> => {
  try {
    await storeDownloads(ports, session, signal);
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

export const abandon = async (
  ports: ControllerPorts,
  session: RestoreSession,
  signal: AbortSignal,
): Promise<void> => {
  await breakOff(ports, session.row?.uid ?? '', signal);
  await session.send({ type: 'FailRestore', reason: DELETED, now: session.now() });
};

export const endCancelled = async (
  ports: ControllerPorts,
  session: RestoreSession,
  { done }: Shared,
  signal: AbortSignal,
): Promise<void> => {
  const { name } = session.key;
  await endCancelledRestore(ports, session, done.get(name), signal);
  done.delete(name);
};
