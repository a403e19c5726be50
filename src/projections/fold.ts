import { upcast, type LifeboatEvent } from '../domain/events.js';
import { parseStream } from '../domain/streams.js';
import type { Recorded } from '../eventstore/port.js';
import { auditRowOf } from './audit.js';
import { foldBackup } from './backups.js';
import { foldLocation } from './locations.js';
import { foldRestore } from './restores.js';
import { foldSchedule } from './schedules.js';
import type { AuditRow, RowKind, RowOf } from './rows.js';

/** A row after a batch; no `row` means that it is gone. */
export type RowChange = {
  [K in RowKind]: { readonly kind: K; readonly stream: string; readonly row: RowOf[K] | undefined };
}[RowKind];

/** What a batch of events makes of the views. Written as one unit with its position. */
export interface ViewBatch {
  readonly position: bigint;
  readonly rows: readonly RowChange[];
  readonly audit: readonly AuditRow[];
}

/** What one fact did to the row of its stream. `event` is absent for a fact of a type this version does not know. */
export type RowStep = {
  [K in RowKind]: {
    readonly kind: K;
    readonly stream: string;
    readonly event: LifeboatEvent | undefined;
    readonly before: RowOf[K] | undefined;
    readonly after: RowOf[K] | undefined;
  };
}[RowKind];

/** A batch, and how it came to be, fact by fact. */
export interface FoldedBatch extends ViewBatch {
  readonly steps: readonly RowStep[];
}

/** The row a stream has before the batch. */
export type Present = <K extends RowKind>(kind: K, stream: string) => RowOf[K] | undefined;

const changeOf = (
  kind: RowKind,
  recorded: Recorded,
  former: RowChange | undefined,
  present: Present,
): RowChange => {
  const { stream } = recorded;
  const event = upcast(recorded);
  switch (kind) {
    case 'backup': {
      const row = former?.kind === 'backup' ? former.row : present('backup', stream);
      return { kind, stream, row: event ? foldBackup(row, event) : row };
    }
    case 'restore': {
      const row = former?.kind === 'restore' ? former.row : present('restore', stream);
      return { kind, stream, row: event ? foldRestore(row, event) : row };
    }
    case 'location': {
      const row = former?.kind === 'location' ? former.row : present('location', stream);
      return { kind, stream, row: event ? foldLocation(row, event) : row };
    }
    case 'schedule': {
      const row = former?.kind === 'schedule' ? former.row : present('schedule', stream);
      return { kind, stream, row: event ? foldSchedule(row, event) : row };
    }
  }
};

/** Folds one or more events, in order of position, onto the present rows. Facts of unknown types change no row. */
export const foldBatch = (events: readonly Recorded[], position: bigint, present: Present): FoldedBatch => {
  const changes = new Map<string, RowChange>();
  const steps: RowStep[] = [];
  for (const recorded of events) {
    const kind = parseStream(recorded.stream)?.kind;
    if (kind === undefined || kind === 'access') continue;
    const { stream } = recorded;
    const former = changes.get(stream);
    const before = former ? former.row : present(kind, stream);
    const change = changeOf(kind, recorded, former, present);
    changes.set(stream, change);
    // One stream is of one kind: row before and row after are of the same type.
    steps.push({ kind, stream, event: upcast(recorded), before, after: change.row } as RowStep);
  }
  return { position, steps, rows: [...changes.values()], audit: events.map(auditRowOf) };
};
