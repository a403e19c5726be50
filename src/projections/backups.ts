import type { PreparedBackup } from '../domain/backup-facts.js';
import type { LifeboatEvent } from '../domain/events.js';
import type { BackupPhase, BackupSpec } from '../domain/velero.gen.js';

/** What people see of one backup, folded from its stream. Times are RFC 3339; progress of a running one is not here (progress.ts). */
export interface BackupRow {
  readonly uid: string;
  readonly phase: BackupPhase;
  readonly spec: BackupSpec;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly attempts: number;
  readonly items: number;
  readonly warnings: number;
  readonly errors: number;
  readonly hooksAttempted?: number;
  readonly hooksFailed?: number;
  /** Volumes whose snapshot was cut in the attempt shown, how many of these are ready, and how many failed after the contents were stored. */
  readonly snapshotsTaken?: number;
  readonly snapshotsReady?: number;
  readonly snapshotsFailed?: number;
  /** Volumes whose data is moved into the bucket, and how many of these moves are done or have failed. */
  readonly movesBegun?: number;
  readonly movesDone?: number;
  readonly movesFailed?: number;
  /** Volumes of which a provider was asked for a snapshot in the attempt shown, and how many of these have one. */
  readonly volumeSnapshotsAttempted?: number;
  readonly volumeSnapshotsCompleted?: number;
  readonly bytes: number;
  readonly sha256?: string;
  readonly requestedAt: string;
  readonly startedAt?: string;
  readonly completedAt?: string;
  readonly cancelRequestedAt?: string;
  readonly expiresAt?: string;
  readonly failureReason?: string;
  readonly validationErrors: readonly string[];
}

type Data<T extends LifeboatEvent['type']> = Extract<LifeboatEvent, { type: T }>['data'];

const requested = (data: Data<'BackupRequested'>): BackupRow => ({
  uid: data.uid,
  phase: 'New',
  spec: data.spec,
  labels: data.labels,
  annotations: {},
  attempts: 0,
  items: 0,
  warnings: 0,
  errors: 0,
  bytes: 0,
  requestedAt: data.at,
  validationErrors: [],
});

const withPrepared = (row: BackupRow, prepared: PreparedBackup): BackupRow => ({
  ...row,
  spec: prepared.spec,
  labels: { ...row.labels, ...prepared.labels },
  annotations: { ...row.annotations, ...prepared.annotations },
  expiresAt: prepared.expiresAt,
});

const discovered = ({ uid, found, at }: Data<'BackupDiscovered'>): BackupRow => ({
  uid,
  phase: found.phase,
  spec: found.spec,
  labels: found.labels,
  annotations: {},
  attempts: 0,
  items: found.tally.items,
  warnings: found.tally.warnings,
  errors: found.tally.errors,
  bytes: 0,
  requestedAt: found.startedAt ?? at,
  ...(found.startedAt !== undefined && { startedAt: found.startedAt }),
  ...(found.completedAt !== undefined && { completedAt: found.completedAt }),
  ...(found.expiresAt !== undefined && { expiresAt: found.expiresAt }),
  ...(found.failureReason !== undefined && { failureReason: found.failureReason }),
  validationErrors: found.validationErrors ?? [],
});

const withoutSnapshots = ({
  snapshotsTaken: _taken,
  snapshotsReady: _ready,
  snapshotsFailed: _failed,
  movesBegun: _begun,
  movesDone: _done,
  movesFailed: _movesFailed,
  volumeSnapshotsAttempted: _attempted,
  volumeSnapshotsCompleted: _completed,
  ...row
}: BackupRow): BackupRow => row;

/** The contents are stored; what remains is to wait for snapshots, or to seal the backup. */
const phaseOfStored = ({
  errors,
  snapshotsTaken = 0,
  snapshotsReady = 0,
  snapshotsFailed = 0,
  movesBegun = 0,
  movesDone = 0,
  movesFailed = 0,
}: BackupRow): BackupPhase => {
  if (snapshotsTaken > snapshotsReady + snapshotsFailed || movesBegun > movesDone + movesFailed)
    return errors > 0 ? 'WaitingForPluginOperationsPartiallyFailed' : 'WaitingForPluginOperations';
  return errors > 0 ? 'FinalizingPartiallyFailed' : 'Finalizing';
};

type SnapshotEvent = Extract<
  LifeboatEvent,
  { type: 'BackupSnapshotTaken' | 'BackupSnapshotReady' | 'BackupSnapshotFailed' }
>;

const withSnapshot = (row: BackupRow, event: SnapshotEvent): BackupRow => {
  switch (event.type) {
    case 'BackupSnapshotTaken': {
      const { snapshotsTaken = 0, snapshotsReady = 0 } = row;
      const ready = event.data.snapshot.ready ? 1 : 0;
      return { ...row, snapshotsTaken: snapshotsTaken + 1, snapshotsReady: snapshotsReady + ready };
    }
    case 'BackupSnapshotReady': {
      const settled = { ...row, snapshotsReady: (row.snapshotsReady ?? 0) + 1 };
      return row.sha256 === undefined ? settled : { ...settled, phase: phaseOfStored(settled) };
    }
    case 'BackupSnapshotFailed': {
      if (!event.data.afterwards) return row;
      const failed = { ...row, errors: row.errors + 1, snapshotsFailed: (row.snapshotsFailed ?? 0) + 1 };
      return { ...failed, phase: phaseOfStored(failed) };
    }
  }
};

type MoveEvent = Extract<
  LifeboatEvent,
  {
    type:
      'BackupVolumeHandedOver' | 'BackupVolumeMoved' | 'BackupVolumeMoveFailed' | 'BackupContentsCompleted';
  }
>;

const withMove = (row: BackupRow, { type, data }: MoveEvent): BackupRow => {
  switch (type) {
    case 'BackupVolumeHandedOver':
      return { ...row, movesBegun: (row.movesBegun ?? 0) + 1 };
    case 'BackupVolumeMoved': {
      const moved = { ...row, movesDone: (row.movesDone ?? 0) + 1 };
      return { ...moved, phase: phaseOfStored(moved) };
    }
    case 'BackupVolumeMoveFailed': {
      const failed = { ...row, errors: row.errors + 1, movesFailed: (row.movesFailed ?? 0) + 1 };
      return { ...failed, phase: phaseOfStored(failed) };
    }
    case 'BackupContentsCompleted':
      return { ...row, bytes: data.bytes, sha256: data.sha256 };
  }
};

const withVolumeSnapshot = (
  row: BackupRow,
  type: 'BackupVolumeSnapshotTaken' | 'BackupVolumeSnapshotFailed',
): BackupRow => {
  const { volumeSnapshotsAttempted: attempted = 0, volumeSnapshotsCompleted: completed = 0 } = row;
  const one = type === 'BackupVolumeSnapshotTaken' ? 1 : 0;
  return { ...row, volumeSnapshotsAttempted: attempted + 1, volumeSnapshotsCompleted: completed + one };
};

/** One step of the fold; `undefined` is a backup that does not exist. Events of other aggregates change nothing. */
export const foldBackup = (row: BackupRow | undefined, event: LifeboatEvent): BackupRow | undefined => {
  if (event.type === 'BackupRequested') return requested(event.data);
  if (event.type === 'BackupDiscovered') return discovered(event.data);
  if (!row) return undefined;
  switch (event.type) {
    case 'BackupRejected':
      return {
        ...withPrepared(row, event.data.prepared),
        phase: 'FailedValidation',
        validationErrors: event.data.reasons,
      };
    case 'BackupStarted':
      return {
        ...withPrepared(withoutSnapshots(row), event.data.prepared),
        phase: 'InProgress',
        attempts: event.data.attempt,
        startedAt: row.startedAt ?? event.data.at,
      };
    case 'BackupContentsStored': {
      const { tally, bytes, sha256 } = event.data;
      return {
        ...row,
        ...tally,
        bytes,
        sha256,
        phase: phaseOfStored({ ...row, ...tally }),
      };
    }
    case 'BackupCancelRequested':
      return { ...row, cancelRequestedAt: event.data.at };
    case 'BackupSnapshotTaken':
    case 'BackupSnapshotReady':
    case 'BackupSnapshotFailed':
      return withSnapshot(row, event);
    case 'BackupVolumeHandedOver':
    case 'BackupVolumeMoved':
    case 'BackupVolumeMoveFailed':
    case 'BackupContentsCompleted':
      return withMove(row, event);
    case 'BackupVolumeSnapshotTaken':
    case 'BackupVolumeSnapshotFailed':
      return withVolumeSnapshot(row, event.type);
    case 'BackupFinished': {
      const { outcome, reason, at } = event.data;
      return {
        ...row,
        phase: outcome,
        completedAt: at,
        ...(reason !== undefined && { failureReason: reason }),
      };
    }
    case 'BackupDeletionStarted':
      return { ...row, phase: 'Deleting' };
    case 'BackupDeleted':
      return undefined;
    default:
      return row;
  }
};
