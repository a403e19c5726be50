import { isFault, messageOf } from '../../faults.js';
import { commitBackup } from './commit.js';
import { completeContents } from './complete.js';
import { settleMoves } from './moves.js';
import { runBackup, type StoredContents } from './run.js';
import type { BackupSession } from './session.js';
import { settleSnapshots } from './snapshots.js';
import { mustEnd, type Ran, type Runs } from '../cancel.js';
import { foundBackup, originOf } from '../intake.js';
import type { ControllerPorts } from '../ports.js';
import { scheduleOrigin } from '../schedule/origin.js';

/** Reads the request into facts: either somebody asks for a backup, or one has long ended and is only new to us. */
export const takeIn = async (
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

/** Collects the contents into the bucket, then the fact. What no further try can mend ends the backup as failed. */
export const collect = async (
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

/** True if nothing is awaited any more. */
export const settleAll = async (
  ports: ControllerPorts,
  session: BackupSession,
  signal: AbortSignal,
): Promise<boolean> => {
  const ready = await settleSnapshots(ports, session, signal);
  return (await settleMoves(ports, session, signal)) && ready;
};

/** What follows the last move of volume data. */
export const complete = async (
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

/** The mark, then the end. */
export const finish = async (
  ports: ControllerPorts,
  session: BackupSession,
  signal: AbortSignal,
): Promise<void> => {
  const committed = await commitBackup(ports, session, signal).catch((error: unknown) => {
    // What no further try can mend ends the backup; else it would hold its place, unfinished, for good.
    if (signal.aborted || !isFault(error) || error.retriable) throw error;
    return { reason: messageOf(error) };
  });
  if ('at' in committed) await session.send({ type: 'FinishBackup', now: committed.at });
  else await session.send({ type: 'FailBackup', reason: committed.reason, now: session.now() });
};
