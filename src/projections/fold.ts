import { upcast } from '../domain/events.js';
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
export const foldBatch = (events: readonly Recorded[], position: bigint, present: Present): ViewBatch => {
  const changes = new Map<string, RowChange>();
  for (const recorded of events) {
    const kind = parseStream(recorded.stream)?.kind;
    if (kind === undefined || kind === 'access') continue;
    changes.set(recorded.stream, changeOf(kind, recorded, changes.get(recorded.stream), present));
  }
  return { position, rows: [...changes.values()], audit: events.map(auditRowOf) };
};
