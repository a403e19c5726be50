import type { ResourceType } from '../cluster/port.js';
import { textAt, type JsonObject } from '../domain/json.js';
import { nameOf } from '../domain/item.js';
import { streamOf } from '../domain/streams.js';
import { VELERO_TYPES } from '../domain/velero.gen.js';
import type { Meta } from '../eventstore/port.js';
import { change } from './change.js';
import { findResource } from './checks.js';
import type { Context } from './context.js';
import type { ResolverDeps } from './deps.js';
import { noSuchLocation } from './location-update.js';
import { recordLocation } from './location-record.js';
import { requestIdOf } from './request-id.js';
import { no, type Answered, type Outcome } from './requested.js';
import type { DeleteBackupStorageLocationInput, UserError } from './types.gen.js';
import { fromRefused, userError } from './user-errors.js';
import { timestamp } from '../domain/timestamp.js';
import { isLast } from '../domain/phases.js';

const MUTATION = 'deleteBackupStorageLocation';

interface Belonging {
  readonly name: string;
  readonly phase: string;
}

/** Resources of a kind whose spec names the location. */
const belongings = async (
  deps: ResolverDeps,
  type: ResourceType,
  field: string,
  location: string,
  signal: AbortSignal,
): Promise<readonly Belonging[]> => {
  const found: Belonging[] = [];
  for await (const page of deps.cluster.list(type, { namespace: deps.namespace, signal }))
    for (const item of page.items) {
      const object = JSON.parse(item.toString('utf8')) as JsonObject;
      if (textAt(object, 'spec', field) === location)
        found.push({ name: nameOf(object), phase: textAt(object, 'status', 'phase') });
    }
  return found;
};

const remove = async (
  deps: ResolverDeps,
  type: ResourceType,
  name: string,
  { caller, signal }: Context,
): Promise<readonly UserError[]> => {
  const as = caller.impersonation;
  const written = await deps.cluster.delete(
    type,
    { namespace: deps.namespace, name },
    { signal, ...(as && { as }) },
  );
  return written.ok || written.reason === 'NotFound' ? [] : fromRefused(written);
};

const running = ({ name, phase }: Belonging): UserError =>
  userError(
    'WRONG_PHASE',
    `the backup "${name}" is ${phase || 'New'} and needs the location; wait for its end, or delete it first`,
    ['input', 'name'],
  );

const mayRemove = async (
  deps: ResolverDeps,
  { caller }: Context,
  resource: 'backups' | 'backuprepositories',
) =>
  (await deps.authorize.allows(caller, { verb: 'delete', resource }))
    ? []
    : [
        userError(
          'FORBIDDEN',
          `${caller.actor.name} may not delete ${resource} in ${deps.namespace}, which the location has`,
        ),
      ];

/**
 * The location first: while it is there, sync would bring its backups back. If the process dies in between, the request made
 * again finds the rest and takes it away.
 */
const carryOut = async (deps: ResolverDeps, name: string, context: Context, meta: Meta): Promise<Outcome> => {
  const { signal } = context;
  const { Backup, BackupRepository, BackupStorageLocation } = VELERO_TYPES;
  const found = await findResource(deps, BackupStorageLocation, name, signal);
  const backups = await belongings(deps, Backup, 'storageLocation', name, signal);
  const repositories = await belongings(deps, BackupRepository, 'backupStorageLocation', name, signal);
  if (found === undefined && backups.length === 0 && repositories.length === 0)
    return no(noSuchLocation(name));
  const refusals = [
    ...backups
      .filter(({ phase }) => !isLast(phase))
      .slice(0, 1)
      .map(running),
    ...(backups.length > 0 ? await mayRemove(deps, context, 'backups') : []),
    ...(repositories.length > 0 ? await mayRemove(deps, context, 'backuprepositories') : []),
  ];
  if (refusals.length > 0) return no(...refusals);
  const gone = await remove(deps, BackupStorageLocation, name, context);
  if (gone.length > 0) return no(...gone);
  const now = timestamp(deps.now());
  const uid = textAt(found, 'metadata', 'uid');
  await recordLocation(deps, name, uid, { type: 'RemoveLocation', now }, meta, signal);
  for (const [type, list] of [
    [Backup, backups],
    [BackupRepository, repositories],
  ] as const)
    for (const one of list) {
      const refused = await remove(deps, type, one.name, context);
      if (refused.length > 0) return no(...refused);
    }
  return { ok: true, name, recorded: [] };
};

/** Takes a location out of the cluster as `velero backup-location delete` does (`pkg/cmd/cli/backuplocation/delete.go`); files stay. */
export const deleteLocation = (
  deps: ResolverDeps,
  { idempotencyKey, name }: DeleteBackupStorageLocationInput,
  context: Context,
): Promise<Answered> => {
  const { namespace } = deps;
  const user = context.caller.actor.name;
  return change(
    deps,
    {
      mutation: MUTATION,
      request: requestIdOf({ mutation: MUTATION, namespace, user, idempotencyKey, input: { name } }),
      name,
      wishes: [{ verb: 'delete', resource: 'backupstoragelocations', name }],
      holds: streamOf('location', { namespace, name }),
      carryOut: (meta) => carryOut(deps, name, context, meta),
    },
    context,
  );
};
