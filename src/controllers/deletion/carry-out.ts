import { nextDeletionStep, type Deletion, type DeletionStep } from '../../domain/backup-deletion.js';
import type { Restore } from '../../domain/velero.gen.js';
import { isFault, messageOf } from '../../faults.js';
import type { BackupSession } from '../backup/session.js';
import { openNamedLocation } from '../location/named-location.js';
import type { ControllerPorts, OpenedLocation } from '../ports.js';
import type { Requeue } from '../queue.js';
import { holdsFiles } from '../restore/stored-restore.js';
import { removeBackupFiles } from './backup-files.js';
import { requestsAbout } from './requests.js';
import { removeUnder } from './stored-files.js';
import { hasEnded } from '../../domain/phases.js';

const LOOK_AGAIN: Requeue = { after: 0 };
const DONE: Requeue = { done: true };

/** How long restores may take to go (`pkg/controller/backup_deletion_controller.go`). */
const RESTORES_GO_MS = 60_000;
const LOOK_AT_RESTORES_MS = 100;

/** What a step came to: done, perhaps with something kept; to be looked at again; or errors that end the deletion. */
type Outcome =
  { readonly done: true; readonly kept?: string } | { readonly errors: readonly string[] } | 'not yet';

/** Deletions that this process carries out: since when each waits for restores to go. */
export type Waits = Map<string, number>;

interface Work {
  readonly ports: ControllerPorts;
  readonly session: BackupSession;
  /** None, if the backup never came to choose one: then nothing of it is in any bucket. */
  readonly location: OpenedLocation | undefined;
  readonly waits: Waits;
  readonly signal: AbortSignal;
}

const restoresOf = async ({ ports, session, signal }: Work): Promise<readonly Restore[]> =>
  (await ports.resources.list('Restore', signal)).filter(({ spec }) => spec?.backupName === session.key.name);

/** Asks for the end of every restore of the backup. One that is not held for its files loses them here. */
const removeRestores = async (work: Work): Promise<readonly Restore[]> => {
  const { ports, location, signal } = work;
  const restores = await restoresOf(work);
  for (const restore of restores) {
    const { name, deletionTimestamp } = restore.metadata;
    if (location && !holdsFiles(restore))
      await removeUnder(location.store, location.layout.restoreDir(name), signal);
    if (!deletionTimestamp) await ports.resources.delete('Restore', name, signal);
  }
  return restores;
};

const deleteVolumeData = async (work: Work): Promise<Outcome> => {
  const { ports, session, location, signal } = work;
  const { row, key } = session;
  if (!row || !location) return { done: true };
  const errors = await ports.deleteBackupVolumes(
    { name: key.name, uid: row.uid, spec: row.spec, location },
    signal,
  );
  if (errors.length === 0) return { done: true };
  // As in Velero its restores go all the same: they tell of a backup that is on its way out.
  await removeRestores(work);
  return { errors };
};

const deleteRestores = async (work: Work): Promise<Outcome> => {
  const { ports, session, waits } = work;
  const { name } = session.key;
  const left = await removeRestores(work);
  if (left.length === 0) {
    waits.delete(name);
    return { done: true };
  }
  const now = ports.clock().getTime();
  const since = waits.get(name) ?? now;
  waits.set(name, since);
  if (now - since <= RESTORES_GO_MS) return 'not yet';
  waits.delete(name);
  return {
    errors: left.map(
      ({ metadata }) =>
        `restore ${metadata.name} is still there after ${RESTORES_GO_MS / 1000} s; see what its finalizers wait for: ${(metadata.finalizers ?? []).join(', ')}`,
    ),
  };
};

const deleteFiles = async ({ session, location, signal }: Work): Promise<Outcome> => {
  const { row, key } = session;
  const kept = row && location && (await removeBackupFiles(location, key.name, row, signal));
  return { done: true, ...(kept !== undefined && { kept }) };
};

const STEPS: Readonly<Record<DeletionStep, (work: Work) => Promise<Outcome>>> = {
  VolumeData: deleteVolumeData,
  Restores: deleteRestores,
  Files: deleteFiles,
};

/** Does one step. What another try may mend is thrown, for the queue to try again; what none can mend ends the deletion. */
const attempt = async (
  step: DeletionStep,
  ports: ControllerPorts,
  session: BackupSession,
  waits: Waits,
  signal: AbortSignal,
): Promise<Outcome> => {
  let location: OpenedLocation | undefined;
  try {
    const name = session.row?.spec.storageLocation;
    if (name) location = await openNamedLocation(ports, name, signal);
    return await STEPS[step]({ ports, session, location, waits, signal });
  } catch (error) {
    if (signal.aborted || !isFault(error) || error.retriable) throw error;
    return { errors: [messageOf(error)] };
  } finally {
    location?.store.close();
  }
};

/** All that was in the bucket is gone: now the resources, the one that asked last, so that it is seen until all is done. */
const removeResources = async (
  ports: ControllerPorts,
  session: BackupSession,
  { request }: Deletion,
  signal: AbortSignal,
): Promise<Requeue> => {
  const { resource, key, row } = session;
  const uid = row?.uid ?? '';
  // One that sync brought in meanwhile shows the files that are gone; one that somebody asked for is another backup.
  const ours = resource && (resource.metadata.uid === uid || hasEnded(resource.status?.phase ?? ''));
  if (ours && resource.metadata.deletionTimestamp) return DONE; // somebody else's finalizer holds it; the watch tells
  if (ours) {
    await ports.resources.delete('Backup', key.name, signal);
    return LOOK_AGAIN;
  }
  for (const one of await requestsAbout(ports.resources, { name: key.name, uid }, signal))
    await ports.resources.delete('DeleteBackupRequest', one.metadata.name, signal);
  await ports.resources.delete('DeleteBackupRequest', request.name, signal);
  await session.send({ type: 'ForgetBackup', now: session.now() });
  return LOOK_AGAIN;
};

/**
 * Brings the deletion of a backup one step further (`pkg/controller/backup_deletion_controller.go`): volume data, restores, files,
 * resource, request. Each step finds what is left for it, so that after a crash the deletion goes on where it was. The request
 * is woken when the deletion failed.
 */
export const carryOutDeletion = async (
  ports: ControllerPorts,
  session: BackupSession,
  waits: Waits,
  wakeRequest: (name: string) => void,
  signal: AbortSignal,
): Promise<Requeue> => {
  const { state } = session;
  if (state.phase !== 'Deleting') return LOOK_AGAIN;
  const step = nextDeletionStep(state.deletion);
  if (step === undefined) return removeResources(ports, session, state.deletion, signal);
  await session.mirror();
  const outcome = await attempt(step, ports, session, waits, signal);
  if (outcome === 'not yet') return { after: LOOK_AT_RESTORES_MS };
  if ('errors' in outcome) {
    const { errors } = outcome;
    ports.log.error({ stream: session.stream, errors }, 'a backup could not be deleted');
    await session.send({ type: 'FailDeletion', errors, now: session.now() });
    wakeRequest(state.deletion.request.name);
    return LOOK_AGAIN;
  }
  const { kept } = outcome;
  await session.send({
    type: 'AcknowledgeDeletionStep',
    step,
    ...(kept !== undefined && { kept }),
    now: session.now(),
  });
  return LOOK_AGAIN;
};
