import { locationFactsOf } from '../domain/location.js';
import { VELERO_TYPES, type BackupStorageLocation } from '../domain/velero.gen.js';
import type { Context } from './context.js';
import type { ResolverDeps } from './deps.js';
import { deleteLocation } from './location-delete.js';
import { locationInputProblems, locationSpecOf } from './location-input.js';
import { recordLocation } from './location-record.js';
import { updateLocation } from './location-update.js';
import { findLocation } from './read.js';
import { requestIdOf } from './request-id.js';
import { submit, type Submission } from './submit.js';
import type { CreateBackupStorageLocationInput, MutationResolvers } from './types.gen.js';

const submissionOf = (
  deps: ResolverDeps,
  input: CreateBackupStorageLocationInput,
  context: Context,
): Submission => {
  const { namespace } = deps;
  const mutation = 'createBackupStorageLocation';
  const spec = locationSpecOf(input.spec);
  const { idempotencyKey, name } = input;
  const user = context.caller.actor.name;
  return {
    mutation,
    kind: 'location',
    resource: 'backupstoragelocations',
    type: VELERO_TYPES.BackupStorageLocation,
    request: requestIdOf({ mutation, namespace, user, idempotencyKey, input: { name, spec } }),
    name,
    makeName: () => name,
    labels: {},
    spec,
    problems: () => Promise.resolve(locationInputProblems(input.spec, spec)),
    record: (created, meta) => {
      const resource = { metadata: { name, uid: created.uid }, spec: created.spec } as BackupStorageLocation;
      const command = {
        type: 'DescribeLocation',
        location: locationFactsOf(resource),
        now: created.at,
      } as const;
      return recordLocation(deps, name, created.uid, command, meta, context.signal);
    },
  };
};

/** The requests about storage locations. Credentials never pass: a location names a Secret. */
export const locationMutations = (
  deps: ResolverDeps,
): Pick<
  MutationResolvers,
  'createBackupStorageLocation' | 'updateBackupStorageLocation' | 'deleteBackupStorageLocation'
> => ({
  createBackupStorageLocation: async (_root, { input }, context) => {
    const answered = await submit(deps, submissionOf(deps, input, context), context);
    return {
      backupStorageLocation: answered.ok ? findLocation(deps, answered.name) : null,
      position: answered.position,
      userErrors: answered.ok ? [] : answered.userErrors,
    };
  },
  updateBackupStorageLocation: async (_root, { input }, context) => {
    const answered = await updateLocation(deps, input, context);
    return {
      backupStorageLocation: answered.ok ? findLocation(deps, input.name) : null,
      position: answered.position,
      userErrors: answered.ok ? [] : answered.userErrors,
    };
  },
  deleteBackupStorageLocation: async (_root, { input }, context) => {
    const answered = await deleteLocation(deps, input, context);
    return {
      deletedName: answered.ok ? input.name : null,
      position: answered.position,
      userErrors: answered.ok ? [] : answered.userErrors,
    };
  },
});
