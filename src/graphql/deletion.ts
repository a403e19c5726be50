import { createHash } from 'node:crypto';
import type { BackupEvent, BackupState } from '../domain/backup-facts.js';
import { backup } from '../domain/backup.js';
import { BACKUP_NOT_FOUND, deletionFailed, STILL_IN_PROGRESS } from '../domain/backup-deletion.js';
import { upcast } from '../domain/events.js';
import { textAt } from '../domain/json.js';
import { nameProblems } from '../domain/problem.js';
import { streamOf } from '../domain/streams.js';
import { VELERO_TYPES } from '../domain/velero.gen.js';
import { openAggregate } from '../eventstore/handle.js';
import type { Meta } from '../eventstore/port.js';
import { parseBody } from './authenticate.js';
import type { Change } from './change.js';
import type { Context } from './context.js';
import type { ResolverDeps } from './deps.js';
import { requestIdOf, type RequestId } from './request-id.js';
import { no, outcomeOf, type Outcome } from './requested.js';
import { REQUEST_ID_ANNOTATION, REQUESTED_BY_ANNOTATION } from './submit.js';
import type { DeleteBackupInput, DeleteRestoreInput, UserError } from './types.gen.js';
import { fromProblems, fromRefused, userError } from './user-errors.js';
import { timestamp } from '../domain/timestamp.js';

const NAME = ['input', 'name'];
/** What is left of a backup's name in that of its request: there is a limit of 253 characters. */
const LONGEST_STEM = 240;

const read = async (
  { cluster, namespace }: ResolverDeps,
  kind: 'Backup' | 'Restore' | 'BackupStorageLocation' | 'DeleteBackupRequest',
  name: string,
  signal: AbortSignal,
): Promise<unknown> => {
  const body = await cluster.get(VELERO_TYPES[kind], { namespace, name }, { signal });
  return body && parseBody(body);
};

/** Why the location of the backup forbids it; the controller asks the same when a request comes without the API. */
const locationError = async (
  deps: ResolverDeps,
  name: string,
  signal: AbortSignal,
): Promise<UserError | undefined> => {
  if (name === '') return undefined; // it still waits for its turn, and nothing of it is in any bucket
  const found = await read(deps, 'BackupStorageLocation', name, signal);
  if (found === undefined)
    return userError('NOT_FOUND', `the storage location "${name}" of the backup does not exist`, NAME);
  if (textAt(found, 'spec', 'accessMode') === 'ReadOnly')
    return userError(
      'LOCATION_READ_ONLY',
      `the storage location "${name}" of the backup may only be read`,
      NAME,
    );
  if (textAt(found, 'status', 'phase') !== 'Available')
    return userError(
      'LOCATION_UNAVAILABLE',
      `the storage location "${name}" of the backup is not available; look at its status`,
      NAME,
    );
  return undefined;
};

const phaseError = (state: BackupState, uid: string): UserError | undefined => {
  if (state.phase === 'InProgress' || state.phase === 'Stored')
    return userError('WRONG_PHASE', `${STILL_IN_PROGRESS}; wait until it has ended`, NAME);
  if (state.phase === 'Deleting' && !deletionFailed(state.deletion))
    return userError('WRONG_PHASE', 'backup is being deleted already', NAME);
  if (state.phase === 'Absent' || state.uid !== uid)
    return userError('CONFLICT', 'the backup has only just appeared; try again in a moment', NAME);
  return undefined;
};

/** The same request has the same name, so that a repetition finds what the first one made. */
const requestName = (backupName: string, { id }: RequestId): string =>
  `${backupName.slice(0, LONGEST_STEM)}-${createHash('sha256').update(id).digest('hex').slice(0, 10)}`;

/** Makes the DeleteBackupRequest as the caller, or finds the one of an earlier try; its uid. */
const createRequest = async (
  deps: ResolverDeps,
  backupName: string,
  request: RequestId,
  { caller, signal }: Context,
): Promise<{ readonly name: string; readonly uid: string } | readonly UserError[]> => {
  const { namespace } = deps;
  const name = requestName(backupName, request);
  const annotations = {
    [REQUEST_ID_ANNOTATION]: request.id,
    [REQUESTED_BY_ANNOTATION]: caller.actor.name,
  };
  const type = VELERO_TYPES.DeleteBackupRequest;
  const body = {
    apiVersion: 'velero.io/v1',
    kind: type.kind,
    metadata: { name, namespace, annotations },
    spec: { backupName },
  };
  const as = caller.impersonation;
  const written = await deps.cluster.create(type, namespace, JSON.stringify(body), {
    signal,
    ...(as && { as }),
  });
  if (!written.ok && written.reason !== 'AlreadyExists') return fromRefused(written);
  const made = written.ok ? parseBody(written.body) : await read(deps, 'DeleteBackupRequest', name, signal);
  return { name, uid: textAt(made, 'metadata', 'uid') };
};

const deleteBackup = async (
  deps: ResolverDeps,
  request: RequestId,
  name: string,
  context: Context,
  meta: Meta,
): Promise<Outcome> => {
  const { signal } = context;
  const problems = nameProblems(name);
  if (problems.length > 0) return no(...fromProblems(problems));
  const stream = streamOf('backup', { namespace: deps.namespace, name });
  const found = await read(deps, 'Backup', name, signal);
  if (found === undefined) return no(userError('NOT_FOUND', BACKUP_NOT_FOUND, NAME));
  const aggregate = await openAggregate(deps.store, backup, stream, {
    upcast: (stored) => upcast(stored) as BackupEvent | undefined,
    signal,
  });
  const { state } = aggregate;
  const uid = textAt(found, 'metadata', 'uid');
  const going = state.phase === 'Deleting' && state.deletion.request.name === requestName(name, request);
  if (going) return { ok: true, name, recorded: aggregate.recorded }; // an earlier try came this far
  const error =
    phaseError(state, uid) ?? (await locationError(deps, textAt(found, 'spec', 'storageLocation'), signal));
  if (error) return no(error);
  const made = await createRequest(deps, name, request, context);
  if (!('uid' in made)) return no(...made);
  const now = timestamp(deps.now());
  const command = { type: 'DeleteBackup', request: made, because: 'Asked', now } as const;
  const sent = await aggregate.send(command, meta, { uid, discriminator: made.uid });
  return outcomeOf(name, sent);
};

const requestOf = (
  { namespace }: ResolverDeps,
  { caller }: Context,
  mutation: string,
  { name, idempotencyKey }: DeleteBackupInput | DeleteRestoreInput,
): RequestId =>
  requestIdOf({ mutation, namespace, user: caller.actor.name, idempotencyKey, input: { name } });

/** Asks for the deletion of a backup, as `velero backup delete` does, with the caller's name in the record. */
export const backupDeletion = (deps: ResolverDeps, input: DeleteBackupInput, context: Context): Change => {
  const mutation = 'deleteBackup';
  const { name } = input;
  const request = requestOf(deps, context, mutation, input);
  return {
    mutation,
    request,
    name,
    wishes: [{ verb: 'create', resource: 'deletebackuprequests' }],
    // The controller sees the request at the same moment; it waits until it is recorded who asked.
    holds: streamOf('backup', { namespace: deps.namespace, name }),
    carryOut: (meta) => deleteBackup(deps, request, name, context, meta),
  };
};

const deleteRestore = async (deps: ResolverDeps, name: string, context: Context): Promise<Outcome> => {
  const problems = nameProblems(name);
  if (problems.length > 0) return no(...fromProblems(problems));
  const { signal, caller } = context;
  const { namespace } = deps;
  const as = caller.impersonation;
  const written = await deps.cluster.delete(
    VELERO_TYPES.Restore,
    { namespace, name },
    { signal, ...(as && { as }) },
  );
  if (written.ok) return { ok: true, name, recorded: [] };
  if (written.reason === 'NotFound') return no(userError('NOT_FOUND', `there is no restore "${name}"`, NAME));
  return no(...fromRefused(written));
};

/** Asks for the deletion of a restore, as `velero restore delete` does: its controller stops it and removes its files. */
export const restoreDeletion = (deps: ResolverDeps, input: DeleteRestoreInput, context: Context): Change => {
  const mutation = 'deleteRestore';
  const { name } = input;
  return {
    mutation,
    request: requestOf(deps, context, mutation, input),
    name,
    wishes: [{ verb: 'delete', resource: 'restores', name }],
    carryOut: () => deleteRestore(deps, name, context),
  };
};
