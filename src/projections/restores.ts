import type { LifeboatEvent } from '../domain/events.js';
import type { RestorePhase, RestoreSpec } from '../domain/velero.gen.js';

/** What people see of one restore, folded from its stream. */
export interface RestoreRow {
  readonly uid: string;
  readonly phase: RestorePhase;
  readonly spec: RestoreSpec;
  readonly labels: Readonly<Record<string, string>>;
  readonly attempts: number;
  readonly items: number;
  readonly created: number;
  readonly updated: number;
  readonly skipped: number;
  readonly failed: number;
  readonly warnings: number;
  readonly errors: number;
  readonly hooksAttempted?: number;
  readonly hooksFailed?: number;
  /** Volumes that are filled from the bucket, and how many of them are done or have failed. */
  readonly movesBegun?: number;
  readonly movesDone?: number;
  readonly movesFailed?: number;
  readonly requestedAt: string;
  readonly startedAt?: string;
  readonly completedAt?: string;
  readonly cancelRequestedAt?: string;
  readonly failureReason?: string;
  readonly validationErrors: readonly string[];
}

type Data<T extends LifeboatEvent['type']> = Extract<LifeboatEvent, { type: T }>['data'];

const NOTHING = { created: 0, updated: 0, skipped: 0, failed: 0, items: 0, warnings: 0, errors: 0 };

const requested = (data: Data<'RestoreRequested'>): RestoreRow => ({
  uid: data.uid,
  phase: 'New',
  spec: data.spec,
  labels: data.labels,
  attempts: 0,
  ...NOTHING,
  requestedAt: data.at,
  validationErrors: [],
});

const discovered = ({ uid, found, at }: Data<'RestoreDiscovered'>): RestoreRow => ({
  uid,
  phase: found.phase,
  spec: found.spec,
  labels: found.labels,
  attempts: 0,
  ...NOTHING,
  items: found.items,
  warnings: found.warnings,
  errors: found.errors,
  requestedAt: found.startedAt ?? at,
  ...(found.startedAt !== undefined && { startedAt: found.startedAt }),
  ...(found.completedAt !== undefined && { completedAt: found.completedAt }),
  ...(found.failureReason !== undefined && { failureReason: found.failureReason }),
  validationErrors: found.validationErrors ?? [],
});

/** Every item was tried; what remains is to wait for volumes that are filled, or to end. */
const phaseOfApplied = ({
  errors,
  movesBegun = 0,
  movesDone = 0,
  movesFailed = 0,
}: RestoreRow): RestorePhase => {
  if (movesBegun > movesDone + movesFailed)
    return errors > 0 ? 'WaitingForPluginOperationsPartiallyFailed' : 'WaitingForPluginOperations';
  return errors > 0 ? 'FinalizingPartiallyFailed' : 'Finalizing';
};

type MoveEvent = Extract<
  LifeboatEvent,
  { type: 'RestoreVolumeHandedOver' | 'RestoreVolumeMoved' | 'RestoreVolumeMoveFailed' }
>;

const withMove = (row: RestoreRow, { type }: MoveEvent): RestoreRow => {
  switch (type) {
    case 'RestoreVolumeHandedOver':
      return { ...row, movesBegun: (row.movesBegun ?? 0) + 1 };
    case 'RestoreVolumeMoved': {
      const moved = { ...row, movesDone: (row.movesDone ?? 0) + 1 };
      return { ...moved, phase: phaseOfApplied(moved) };
    }
    case 'RestoreVolumeMoveFailed': {
      const failed = { ...row, errors: row.errors + 1, movesFailed: (row.movesFailed ?? 0) + 1 };
      return { ...failed, phase: phaseOfApplied(failed) };
    }
  }
};

/** One step of the fold; `undefined` is a restore that does not exist. Events of other aggregates change nothing. */
export const foldRestore = (row: RestoreRow | undefined, event: LifeboatEvent): RestoreRow | undefined => {
  if (event.type === 'RestoreRequested') return requested(event.data);
  if (event.type === 'RestoreDiscovered') return discovered(event.data);
  if (!row) return undefined;
  switch (event.type) {
    case 'RestoreRejected':
      return {
        ...row,
        spec: event.data.spec,
        phase: 'FailedValidation',
        validationErrors: event.data.reasons,
      };
    case 'RestoreStarted': {
      const { attempt, spec, at } = event.data;
      return { ...row, spec, phase: 'InProgress', attempts: attempt, startedAt: row.startedAt ?? at };
    }
    case 'RestoreItemsApplied': {
      const { tally } = event.data;
      return { ...row, ...tally, phase: phaseOfApplied({ ...row, ...tally }) };
    }
    case 'RestoreVolumesSettled': {
      const errors = row.errors + event.data.errors;
      return { ...row, errors, phase: errors > 0 ? 'FinalizingPartiallyFailed' : 'Finalizing' };
    }
    case 'RestoreCancelRequested':
      return { ...row, cancelRequestedAt: event.data.at };
    case 'RestoreFinished': {
      const { outcome, reason, tally, at } = event.data;
      return {
        ...row,
        ...tally,
        phase: outcome,
        completedAt: at,
        ...(reason !== undefined && { failureReason: reason }),
      };
    }
    case 'RestoreVolumeHandedOver':
    case 'RestoreVolumeMoved':
    case 'RestoreVolumeMoveFailed':
      return withMove(row, event);
    case 'RestoreDeleted':
      return undefined;
    default:
      return row;
  }
};
