import { hasEnded } from '../domain/phases.js';
import type { BackupRow } from '../projections/backups.js';
import type { Progress } from '../projections/progress.js';
import type { RestoreRow } from '../projections/restores.js';
import type { BackupStatus, RestoreStatus } from '../domain/velero.gen.js';

/** The part of a custom resource that the server writes. `null` removes a field. */
export interface Desired {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: object;
  readonly status: object;
  /** Fields of the status that are written only where there are none yet: people may change them. */
  readonly yours?: readonly string[];
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The API server writes the fields of an object in its own order. */
const inOrder = (_field: string, value: unknown): unknown =>
  isRecord(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a, inOrder) === JSON.stringify(b, inOrder);

/** The fields of `desired` that `actual` does not have so, as a merge patch; `undefined` when nothing differs. */
const difference = (desired: object, actual: unknown): object | undefined => {
  const present = isRecord(actual) ? actual : {};
  const patch: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(desired)) {
    if (value === undefined || (value === null && present[field] === undefined)) continue;
    if (isRecord(value) && isRecord(present[field])) {
      const inner = difference(value, present[field]);
      if (inner) patch[field] = inner;
    } else if (!same(value, present[field])) patch[field] = value;
  }
  return Object.keys(patch).length > 0 ? patch : undefined;
};

/** A status on its way into a merge patch: `null` takes a field away. */
type Nullable<S> = { readonly [F in keyof S]?: S[F] | null };

interface Mirrored {
  readonly metadata: {
    readonly resourceVersion?: string;
    readonly labels?: object;
    readonly annotations?: object;
  };
  readonly spec?: unknown;
  readonly status?: unknown;
}

/**
 * What to write so that the resource shows `desired`; `undefined` when it does already, so that the echo of our own write
 * ends there. A change of phase is conditional on the resource version it was decided on: somebody else's write in between
 * means look again. Counts alone are not worth a conflict.
 */
export const mirrorPatch = (desired: Desired, actual: Mirrored): object | undefined => {
  const { status, spec, labels, annotations } = desired;
  const patch: Record<string, unknown> = {};
  const present = isRecord(actual.status) ? actual.status : {};
  const ours = Object.entries(status).filter(
    ([field]) => !desired.yours?.includes(field) || present[field] === undefined,
  );
  const statusPatch = difference(Object.fromEntries(ours), actual.status);
  const specPatch = spec && difference(spec, actual.spec);
  const labelPatch = labels && difference(labels, actual.metadata.labels);
  const annotationPatch = annotations && difference(annotations, actual.metadata.annotations);
  if (statusPatch) patch['status'] = statusPatch;
  if (specPatch) patch['spec'] = specPatch;
  const conditional = (statusPatch && 'phase' in statusPatch) || specPatch;
  if (labelPatch || annotationPatch || (conditional && Object.keys(patch).length > 0))
    patch['metadata'] = {
      ...(conditional && { resourceVersion: actual.metadata.resourceVersion }),
      ...(labelPatch && { labels: labelPatch }),
      ...(annotationPatch && { annotations: annotationPatch }),
    };
  return Object.keys(patch).length > 0 ? patch : undefined;
};

/** Counts of none are left out, the object is not: so Velero writes it. */
const hookStatusOf = ({ hooksAttempted = 0, hooksFailed = 0 }: BackupRow | RestoreRow): object => ({
  ...(hooksAttempted > 0 && { hooksAttempted }),
  ...(hooksFailed > 0 && { hooksFailed }),
});

/** Each snapshot through CSI, and each move of one's data, is an operation of its own; how many volumes have one is known at the end (`pkg/controller/backup_finalizer_controller.go`). */
const snapshotCounts = ({
  snapshotsTaken = 0,
  snapshotsReady = 0,
  snapshotsFailed = 0,
  movesBegun = 0,
  movesDone = 0,
  movesFailed = 0,
  completedAt,
}: BackupRow): Nullable<BackupStatus> => {
  const [begun, done, failed] = [
    snapshotsTaken + movesBegun,
    snapshotsReady + movesDone,
    snapshotsFailed + movesFailed,
  ];
  return {
    ...(snapshotsTaken > 0 && { csiVolumeSnapshotsAttempted: snapshotsTaken }),
    ...(begun > 0 && { backupItemOperationsAttempted: begun }),
    ...(done > 0 && { backupItemOperationsCompleted: done }),
    ...(snapshotsReady > 0 && completedAt !== undefined && { csiVolumeSnapshotsCompleted: snapshotsReady }),
    ...(failed > 0 && { backupItemOperationsFailed: failed }),
  };
};

const volumeSnapshotCounts = ({
  volumeSnapshotsAttempted: attempted = 0,
  volumeSnapshotsCompleted: completed = 0,
}: BackupRow): Nullable<BackupStatus> => ({
  ...(attempted > 0 && { volumeSnapshotsAttempted: attempted }),
  ...(completed > 0 && { volumeSnapshotsCompleted: completed }),
});

/** The status of a Backup as Velero would show it (`pkg/apis/velero/v1/backup_types.go`). */
export const desiredBackup = (
  row: BackupRow,
  progress: Progress | undefined,
  queuePosition?: number,
): Desired => {
  const prepared = row.expiresAt !== undefined;
  // The archive of one that was found is of the format it says: a restore goes by it.
  const ours = prepared && (row.attempts > 0 || row.phase === 'FailedValidation');
  const ran = row.startedAt !== undefined;
  const waiting = row.phase === 'New' && queuePosition !== undefined;
  // One that ended elsewhere keeps the progress it has: the facts know its items, not how many there were to be.
  const counted = row.attempts > 0 && (row.items > 0 || row.sha256 !== undefined);
  // A count of nothing is left out, as Go leaves it out.
  const done = row.items > 0 ? { totalItems: row.items, itemsBackedUp: row.items } : {};
  const status: Nullable<BackupStatus> = {
    phase: waiting ? 'Queued' : row.phase,
    queuePosition: waiting ? queuePosition : null,
    ...(ours && { version: 1, formatVersion: '1.1.0' }),
    ...(prepared && { expiration: row.expiresAt }),
    ...(ran && { startTimestamp: row.startedAt }),
    ...(row.completedAt !== undefined && { completionTimestamp: row.completedAt }),
    ...(row.validationErrors.length > 0 && { validationErrors: row.validationErrors }),
    ...(row.failureReason !== undefined && { failureReason: row.failureReason }),
    ...(row.warnings > 0 && { warnings: row.warnings }),
    ...(row.errors > 0 && { errors: row.errors }),
    ...(counted && snapshotCounts(row)),
    ...(counted && volumeSnapshotCounts(row)),
    ...(counted
      ? { progress: done, hookStatus: hookStatusOf(row) }
      : progress && { progress: { totalItems: progress.totalItems, itemsBackedUp: progress.itemsDone } }),
  };
  // When it has ended, whoever wants to keep it longer, or not so long, changes its expiration.
  const yours = hasEnded(row.phase) ? { yours: ['expiration'] } : {};
  return prepared
    ? { status, spec: row.spec, labels: row.labels, annotations: row.annotations, ...yours }
    : { status };
};

/** Each volume that is filled from the bucket is an operation of its own. */
const downloadCounts = ({
  movesBegun = 0,
  movesDone = 0,
  movesFailed = 0,
}: RestoreRow): Nullable<RestoreStatus> => ({
  ...(movesBegun > 0 && { restoreItemOperationsAttempted: movesBegun }),
  ...(movesDone > 0 && { restoreItemOperationsCompleted: movesDone }),
  ...(movesFailed > 0 && { restoreItemOperationsFailed: movesFailed }),
});

/** The status of a Restore as Velero would show it (`pkg/apis/velero/v1/restore_types.go`). */
export const desiredRestore = (row: RestoreRow, progress: Progress | undefined): Desired => {
  const decided = row.phase !== 'New';
  // One that was cancelled keeps the progress it has shown: how many items there were to be is not among its facts.
  const counted = row.items > 0 && row.attempts > 0 && row.phase !== 'Failed';
  const status: Nullable<RestoreStatus> = {
    ...(decided && { phase: row.phase }),
    ...(row.startedAt !== undefined && { startTimestamp: row.startedAt }),
    ...(row.completedAt !== undefined && { completionTimestamp: row.completedAt }),
    ...(row.validationErrors.length > 0 && { validationErrors: row.validationErrors }),
    ...(row.failureReason !== undefined && { failureReason: row.failureReason }),
    ...(row.warnings > 0 && { warnings: row.warnings }),
    ...(row.errors > 0 && { errors: row.errors }),
    ...(counted && downloadCounts(row)),
    ...(counted
      ? { progress: { totalItems: row.items, itemsRestored: row.items }, hookStatus: hookStatusOf(row) }
      : progress && { progress: { totalItems: progress.totalItems, itemsRestored: progress.itemsDone } }),
  };
  return decided ? { status, spec: row.spec } : { status };
};
