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
      return { ...row, ...tally, phase: tally.errors > 0 ? 'FinalizingPartiallyFailed' : 'Finalizing' };
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
    case 'RestoreDeleted':
      return undefined;
    default:
      return row;
  }
};
