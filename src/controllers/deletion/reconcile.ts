import { BACKUP_NOT_FOUND, deletionFailed, STILL_IN_PROGRESS } from '../../domain/backup-deletion.js';
import { nameProblems } from '../../domain/problem.js';
import { streamOf } from '../../domain/streams.js';
import type { BackupStorageLocation, DeleteBackupRequest } from '../../domain/velero.gen.js';
import { backupOperation, type BackupSession } from '../backup/session.js';
import { originOf } from '../intake.js';
import { mirrorPatch } from '../mirror.js';
import { systemActor, type ControllerPorts } from '../ports.js';
import type { Requeue } from '../queue.js';
import { openSession, type SentBy } from '../session.js';
import { BECAUSE_ANNOTATION } from './expiry.js';
import { othersOf, requestLabels } from './requests.js';

const LOOK_AGAIN: Requeue = { after: 0 };
const DONE: Requeue = { done: true };
/** How long an answered request is kept (`pkg/controller/backup_deletion_controller.go`). */
const KEPT_MS = 24 * 3_600_000;
/** Another deletion of the backup is under way, or the backup itself has only just appeared; both wake nobody here. */
const LOOK_LATER: Requeue = { after: 1_000 };

const answer = async (
  ports: ControllerPorts,
  request: DeleteBackupRequest,
  errors: readonly string[],
  signal: AbortSignal,
): Promise<Requeue> => {
  const patch = mirrorPatch({ status: { phase: 'Processed', errors } }, request);
  if (patch) await ports.resources.patch('DeleteBackupRequest', request.metadata.name, patch, signal);
  return LOOK_AGAIN;
};

const removeWhenOld = async (
  ports: ControllerPorts,
  { metadata }: DeleteBackupRequest,
  signal: AbortSignal,
): Promise<Requeue> => {
  const left = Date.parse(metadata.creationTimestamp ?? '') + KEPT_MS - ports.clock().getTime();
  if (left > 0) return { after: left };
  await ports.resources.delete('DeleteBackupRequest', metadata.name, signal);
  return DONE;
};

/** Why nothing may be deleted there, in the words of Velero (`pkg/controller/backup_deletion_controller.go`). */
const locationProblem = (name: string, location: BackupStorageLocation | undefined): string | undefined => {
  if (!location) return `backup storage location ${name} not found`;
  if (location.spec?.accessMode === 'ReadOnly')
    return `cannot delete backup because backup storage location ${name} is currently in read-only mode`;
  if (location.status?.phase !== 'Available')
    return `cannot delete backup because backup storage location ${name} is currently in Unavailable state`;
  return undefined;
};

const refusalOf = async (
  ports: ControllerPorts,
  { state, resource }: BackupSession,
  signal: AbortSignal,
): Promise<string | undefined> => {
  if (state.phase === 'InProgress' || state.phase === 'Stored') return STILL_IN_PROGRESS;
  if (!resource) return BACKUP_NOT_FOUND;
  const location = resource.spec?.storageLocation;
  if (!location) return undefined; // it still waits for its turn, and nothing of it is in any bucket
  return locationProblem(location, await ports.resources.read('BackupStorageLocation', location, signal));
};

/** Shows that the deletion goes on, with the labels by which the CLI looks for the request. */
const follow = async (
  ports: ControllerPorts,
  request: DeleteBackupRequest,
  { key, row }: BackupSession,
  signal: AbortSignal,
): Promise<void> => {
  const labels = requestLabels({ name: key.name, uid: row?.uid ?? '' });
  const patch = mirrorPatch({ labels, status: { phase: 'InProgress' } }, request);
  if (patch) await ports.resources.patch('DeleteBackupRequest', request.metadata.name, patch, signal);
};

/** Who asked: the server itself for what has expired, else whoever made the request. */
const askedBy = (
  { metadata, spec }: DeleteBackupRequest,
  session: BackupSession,
): { readonly because: 'Asked' | 'Expired'; readonly by: SentBy } => {
  const expired =
    metadata.annotations?.[BECAUSE_ANNOTATION] === 'Expired' &&
    Date.parse(session.resource?.status?.expiration ?? '') <= Date.parse(session.now());
  const { actor, cause } = originOf(metadata);
  return {
    because: expired ? 'Expired' : 'Asked',
    by: {
      actor: expired ? systemActor('expiry') : actor,
      uid: session.resource?.metadata.uid ?? '',
      cause,
      correlationId: metadata.uid ?? spec?.backupName ?? '',
    },
  };
};

const begin = async (
  ports: ControllerPorts,
  request: DeleteBackupRequest,
  session: BackupSession,
  signal: AbortSignal,
): Promise<Requeue> => {
  const { metadata } = request;
  for (const other of await othersOf(ports.resources, request, signal))
    await ports.resources.delete('DeleteBackupRequest', other.metadata.name, signal);
  const refusal = await refusalOf(ports, session, signal);
  if (refusal !== undefined) return answer(ports, request, [refusal], signal);
  const { state, resource } = session;
  // A backup that has only just appeared is taken in by its own controller first.
  if (state.phase === 'Absent' || state.uid !== resource?.metadata.uid) return LOOK_LATER;
  const { because, by } = askedBy(request, session);
  await session.send(
    {
      type: 'DeleteBackup',
      request: { name: metadata.name, uid: metadata.uid ?? '' },
      because,
      now: session.now(),
    },
    by,
  );
  return LOOK_AGAIN;
};

/**
 * Answers one DeleteBackupRequest (`pkg/controller/backup_deletion_controller.go`). Here is only decided whether the backup may be
 * deleted, and shown how that goes: the deletion itself belongs to the backup, in whose facts it stands, so that it goes on after a
 * crash, and also when the request is taken away. One request at a time: two about one backup must not remove each other.
 */
export const reconcileDeletion =
  (ports: ControllerPorts, wakeBackup: (name: string) => void) =>
  async (name: string, signal: AbortSignal): Promise<Requeue> => {
    const request = await ports.resources.read('DeleteBackupRequest', name, signal);
    if (!request) return DONE;
    if (request.status?.phase === 'Processed') return removeWhenOld(ports, request, signal);
    const backupName = request.spec?.backupName ?? '';
    if (backupName === '') return answer(ports, request, ['spec.backupName is required'], signal);
    if (nameProblems(backupName).length > 0) return answer(ports, request, [BACKUP_NOT_FOUND], signal);
    if (ports.intakeBusy(streamOf('backup', { namespace: ports.resources.namespace, name: backupName })))
      return { after: 100 };
    const session = await openSession(ports, backupOperation, backupName, signal);
    const { state } = session;
    if (state.phase !== 'Deleting') return begin(ports, request, session, signal);
    const { deletion } = state;
    if (deletion.request.uid === request.metadata.uid) {
      if (deletionFailed(deletion)) return answer(ports, request, deletion.errors, signal);
      await follow(ports, request, session, signal);
      wakeBackup(backupName);
      return DONE;
    }
    return deletionFailed(deletion) ? begin(ports, request, session, signal) : LOOK_LATER;
  };
