import { streamOf } from '../domain/streams.js';
import type { BackupRow } from '../projections/backups.js';
import type { Progress } from '../projections/progress.js';
import type { RestoreRow } from '../projections/restores.js';
import type { NamedBackup, NamedRestore } from '../projections/rows.js';
import type { Connection } from './connection.js';
import { backupContents, backupResults, restoreContents, restoreResults } from './contents.js';
import type { ResolverDeps } from './deps.js';
import { ACCESS_MODE, BACKUP_PHASE, LOCATION_PHASE, RESTORE_PHASE } from './enums.js';
import { toId } from './ids.js';
import {
  findBackup,
  findLocation,
  findSchedule,
  orderOf,
  readBackups,
  readRestores,
  readStream,
} from './read.js';
import { scheduleResolver } from './schedules.js';
import { findResource } from './checks.js';
import { textAt } from '../domain/json.js';
import { MOST_PASSED_OVER } from '../domain/location.js';
import { VELERO_TYPES } from '../domain/velero.gen.js';
import { labelsOf } from './specs.js';
import { backupVolumes, restoreVolumes } from './volumes.js';
import type { Resolvers } from './types.gen.js';
import { SCHEDULE_LABEL } from '../domain/labels.js';

type Shown = Pick<Progress, 'itemsDone' | 'bytesWritten'> & { readonly totalItems?: number };

/** While it runs, what the worker last reported; behind that, the counts its facts hold. */
const progressOf = (
  phase: BackupRow['phase'] | RestoreRow['phase'],
  counted: Shown,
  reported: Progress | undefined,
): Shown | null => {
  if (phase === 'New' || phase === 'Queued' || phase === 'ReadyToStart' || phase === 'FailedValidation')
    return null;
  if (phase !== 'InProgress') return counted;
  return reported ?? { itemsDone: 0, bytesWritten: 0 };
};

export const backupProgress = ({ key, row }: NamedBackup, { progress }: ResolverDeps): Shown | null =>
  progressOf(
    row.phase,
    { itemsDone: row.items, totalItems: row.items, bytesWritten: row.bytes },
    progress.current(streamOf('backup', key)),
  );

export const restoreProgress = ({ key, row }: NamedRestore, { progress }: ResolverDeps): Shown | null =>
  progressOf(
    row.phase,
    { itemsDone: row.items, totalItems: row.items, bytesWritten: 0 },
    progress.current(streamOf('restore', key)),
  );

const backup = (deps: ResolverDeps): NonNullable<Resolvers['Backup']> => ({
  id: ({ key }) => toId('Backup', key),
  name: ({ key }) => key.name,
  namespace: ({ key }) => key.namespace,
  uid: ({ row }) => row.uid,
  labels: ({ row }) => labelsOf(row.labels),
  phase: ({ row }) => BACKUP_PHASE[row.phase],
  spec: ({ row }) => row.spec,
  schedule: async ({ row }, _args, { caller }) => {
    const name = row.labels[SCHEDULE_LABEL];
    if (!name) return null;
    await deps.authorize.demand(caller, { verb: 'get', resource: 'schedules', name });
    return findSchedule(deps, name);
  },
  storageLocation: async ({ row }, _args, { caller }) => {
    const name = row.spec.storageLocation;
    if (!name) return null;
    await deps.authorize.demand(caller, { verb: 'get', resource: 'backupstoragelocations', name });
    return findLocation(deps, name);
  },
  createdAt: ({ row }) => row.requestedAt,
  startedAt: ({ row }) => row.startedAt,
  completedAt: ({ row }) => row.completedAt,
  expiresAt: ({ row }) => row.expiresAt,
  progress: (parent) => backupProgress(parent, deps),
  warnings: ({ row }) => row.warnings,
  errors: ({ row }) => row.errors,
  hooks: ({ row }) => hookCounts(row),
  validationErrors: ({ row }) => row.validationErrors,
  failureReason: ({ row }) => row.failureReason,
  attempts: ({ row }) => row.attempts,
  cancelRequestedAt: ({ row }) => row.cancelRequestedAt,
  contents: (parent, args, { signal }) => backupContents(deps, parent, args, signal),
  volumes: (parent, args, { signal }) => backupVolumes(deps, parent, args, signal),
  results: (parent, _args, { signal }) => backupResults(deps, parent, signal),
  restores: async ({ key }, args, { caller }) => {
    await deps.authorize.demand(caller, { verb: 'list', resource: 'restores' });
    return readRestores(deps, args, { backupName: key.name });
  },
  events: ({ key }, args) => readStream(deps, 'backup', key.name, args),
});

/** Facts from before hooks were run, and operations under way, have no counts. */
const hookCounts = ({ hooksAttempted, hooksFailed }: BackupRow | RestoreRow) =>
  hooksAttempted === undefined ? null : { attempted: hooksAttempted, failed: hooksFailed ?? 0 };

const restore = (deps: ResolverDeps): NonNullable<Resolvers['Restore']> => ({
  id: ({ key }) => toId('Restore', key),
  name: ({ key }) => key.name,
  namespace: ({ key }) => key.namespace,
  uid: ({ row }) => row.uid,
  labels: ({ row }) => labelsOf(row.labels),
  phase: ({ row }) => RESTORE_PHASE[row.phase],
  spec: ({ row }) => row.spec,
  backup: async ({ row }, _args, { caller }) => {
    const name = row.spec.backupName;
    if (!name) return null;
    await deps.authorize.demand(caller, { verb: 'get', resource: 'backups', name });
    return findBackup(deps, name);
  },
  createdAt: ({ row }) => row.requestedAt,
  startedAt: ({ row }) => row.startedAt,
  completedAt: ({ row }) => row.completedAt,
  progress: (parent) => restoreProgress(parent, deps),
  itemsCreated: ({ row }) => row.created,
  itemsUpdated: ({ row }) => row.updated,
  itemsSkipped: ({ row }) => row.skipped,
  itemsFailed: ({ row }) => row.failed,
  warnings: ({ row }) => row.warnings,
  errors: ({ row }) => row.errors,
  hooks: ({ row }) => hookCounts(row),
  validationErrors: ({ row }) => row.validationErrors,
  failureReason: ({ row }) => row.failureReason,
  attempts: ({ row }) => row.attempts,
  cancelRequestedAt: ({ row }) => row.cancelRequestedAt,
  contents: (parent, args, { signal }) => restoreContents(deps, parent, args, signal),
  volumes: (parent, args, { signal }) => restoreVolumes(deps, parent, args, signal),
  results: (parent, _args, { signal }) => restoreResults(deps, parent, signal),
  events: ({ key }, args) => readStream(deps, 'restore', key.name, args),
});

/** Times that pass every minute are no facts; they are only on the resource. */
const statusOf = async (deps: ResolverDeps, name: string, field: string, signal: AbortSignal) => {
  const found = await findResource(deps, VELERO_TYPES.BackupStorageLocation, name, signal);
  return textAt(found, 'status', field) || null;
};

const PASSED_OVER = { NameTaken: 'NAME_TAKEN', Unusable: 'UNUSABLE' } as const;

const location = (deps: ResolverDeps): NonNullable<Resolvers['BackupStorageLocation']> => ({
  id: ({ key }) => toId('BackupStorageLocation', key),
  name: ({ key }) => key.name,
  namespace: ({ key }) => key.namespace,
  uid: ({ row }) => row.uid,
  provider: ({ row }) => row.provider,
  bucket: ({ row }) => row.bucket,
  prefix: ({ row }) => row.prefix,
  accessMode: ({ row }) => ACCESS_MODE[row.accessMode],
  default: ({ row }) => row.isDefault,
  phase: ({ row }) => LOCATION_PHASE[row.phase],
  message: ({ row }) => row.message,
  since: ({ row }) => row.since,
  lastSyncedAt: async ({ key }, _args, { signal }) => statusOf(deps, key.name, 'lastSyncedTime', signal),
  lastValidatedAt: async ({ key }, _args, { signal }) =>
    statusOf(deps, key.name, 'lastValidationTime', signal),
  passedOver: ({ row }) =>
    (row.passedOver ?? [])
      .slice(0, MOST_PASSED_OVER)
      .map(({ name, because, message }) => ({ name, message, reason: PASSED_OVER[because] })),
  backups: async ({ key }, args, { caller }) => {
    await deps.authorize.demand(caller, { verb: 'list', resource: 'backups' });
    return readBackups(deps, args, { storageLocation: key.name }, orderOf(null));
  },
  events: ({ key }, args) => readStream(deps, 'location', key.name, args),
});

const connection = {
  edges: <T>({ edges }: Connection<T>) => edges,
  nodes: <T>({ edges }: Connection<T>) => edges.map(({ node }) => node),
  pageInfo: <T>({ pageInfo }: Connection<T>) => pageInfo,
  totalCount: <T>({ total }: Connection<T>) => total(),
};

/** How our rows answer for the fields of the objects. */
export const objectResolvers = (deps: ResolverDeps): Resolvers => ({
  Node: {
    __resolveType: (node) => {
      if ('position' in node) return 'Event';
      if ('bucket' in node.row) return 'BackupStorageLocation';
      if ('cursor' in node.row) return 'Schedule';
      return 'bytes' in node.row ? 'Backup' : 'Restore';
    },
  },
  Backup: backup(deps),
  Restore: restore(deps),
  BackupStorageLocation: location(deps),
  Schedule: scheduleResolver(deps),
  Event: { revision: ({ revision }) => Number(revision) },
  BackupConnection: connection,
  RestoreConnection: connection,
  BackupStorageLocationConnection: connection,
  ScheduleConnection: connection,
  EventConnection: connection,
  BackupItemConnection: connection,
  RestoreItemConnection: connection,
  BackupVolumeConnection: connection,
  RestoreVolumeConnection: connection,
});
