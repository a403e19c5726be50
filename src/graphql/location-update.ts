import { locationFactsOf } from '../domain/location.js';
import { streamOf } from '../domain/streams.js';
import { VELERO_TYPES, type BackupStorageLocation } from '../domain/velero.gen.js';
import type { Meta } from '../eventstore/port.js';
import { parseBody } from './authenticate.js';
import { change } from './change.js';
import { findResource } from './checks.js';
import type { Context } from './context.js';
import type { ResolverDeps } from './deps.js';
import { locationInputProblems, locationSpecOf, patchBetween } from './location-input.js';
import { recordLocation } from './location-record.js';
import { requestIdOf } from './request-id.js';
import { no, outcomeOf, type Answered, type Outcome } from './requested.js';
import type { UpdateBackupStorageLocationInput, UserError } from './types.gen.js';
import { fromProblems, fromRefused, userError } from './user-errors.js';
import { timestamp } from '../domain/timestamp.js';

const TYPE = VELERO_TYPES.BackupStorageLocation;
const MUTATION = 'updateBackupStorageLocation';

export const noSuchLocation = (name: string): UserError =>
  userError('NOT_FOUND', `there is no storage location "${name}"`, ['input', 'name']);

const patchSpec = (deps: ResolverDeps, name: string, patch: object, { caller, signal }: Context) => {
  const as = caller.impersonation;
  const options = { signal, ...(as && { as }) };
  return deps.cluster.patch(
    TYPE,
    { namespace: deps.namespace, name },
    'merge',
    JSON.stringify(patch),
    options,
  );
};

/** The youngest default stays one; an older one that is to be it needs the others to step back first. */
const stepBack = async (
  deps: ResolverDeps,
  name: string,
  context: Context,
): Promise<readonly UserError[]> => {
  const { namespace } = deps;
  for await (const page of deps.cluster.list(TYPE, { namespace, signal: context.signal }))
    for (const item of page.items) {
      const { metadata, spec } = JSON.parse(item.toString('utf8')) as BackupStorageLocation;
      if (metadata.name === name || spec?.default !== true) continue;
      const written = await patchSpec(deps, metadata.name, { spec: { default: false } }, context);
      if (!written.ok && written.reason !== 'NotFound') return fromRefused(written);
    }
  return [];
};

const carryOut = async (
  deps: ResolverDeps,
  { name, spec: input }: UpdateBackupStorageLocationInput,
  context: Context,
  meta: Meta,
): Promise<Outcome> => {
  const found = await findResource(deps, TYPE, name, context.signal);
  if (found === undefined) return no(noSuchLocation(name));
  const { metadata, spec } = found as BackupStorageLocation;
  const wanted = locationSpecOf(input, spec);
  const problems = locationInputProblems(input, wanted);
  if (problems.length > 0) return no(...fromProblems(problems));
  const others = input.default === true ? await stepBack(deps, name, context) : [];
  if (others.length > 0) return no(...others);
  // On what was read: who changed it meanwhile is told, not overwritten.
  const patch = {
    metadata: { resourceVersion: metadata.resourceVersion },
    spec: patchBetween({ ...spec }, { ...wanted }),
  };
  const written = await patchSpec(deps, name, patch, context);
  if (!written.ok) return no(...fromRefused(written));
  const changed = parseBody(written.body) as BackupStorageLocation;
  const now = timestamp(deps.now());
  const command = { type: 'DescribeLocation', location: locationFactsOf(changed), now } as const;
  const sent = await recordLocation(deps, name, metadata.uid ?? '', command, meta, context.signal);
  return outcomeOf(name, sent);
};

/** Changes a location as the caller; the check and the sync that follow find out what that means. */
export const updateLocation = (
  deps: ResolverDeps,
  input: UpdateBackupStorageLocationInput,
  context: Context,
): Promise<Answered> => {
  const { namespace } = deps;
  const { idempotencyKey, name, spec } = input;
  const user = context.caller.actor.name;
  const stream = streamOf('location', { namespace, name });
  return change(
    deps,
    {
      mutation: MUTATION,
      request: requestIdOf({ mutation: MUTATION, namespace, user, idempotencyKey, input: { name, spec } }),
      name,
      wishes: [{ verb: 'patch', resource: 'backupstoragelocations', name }],
      holds: stream,
      carryOut: (meta) => carryOut(deps, input, context, meta),
    },
    context,
  );
};
