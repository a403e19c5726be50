import { streamOf, type Key } from '../domain/streams.js';
import { AUDIT_TABLE, auditTable } from './audit-table.js';
import type { BackupRow } from './backups.js';
import { openDisposable, type Connection } from './disposable-file.js';
import type { Present, ViewBatch } from './fold.js';
import type { LocationRow } from './locations.js';
import type { RestoreRow } from './restores.js';
import { ROW_TABLE, backupConditions, restoreConditions, rowTable, scheduleConditions } from './row-table.js';
import type {
  AuditFilter,
  AuditQuery,
  AuditRow,
  BackupFilter,
  NamedBackup,
  NamedLocation,
  NamedRestore,
  NamedSchedule,
  Page,
  RestoreFilter,
  RowKind,
  RowQuery,
  ScheduleFilter,
} from './rows.js';
import type { ScheduleRow } from './schedules.js';

/** Raise it whenever a fold or a column changes: the views are then made anew from the first event. */
export const VIEWS_VERSION = 4;

const POSITION_TABLE = `
  CREATE TABLE IF NOT EXISTS progress (one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER NOT NULL);
  INSERT OR IGNORE INTO progress VALUES (1, -1);`;

/**
 * Rows for questions, folded from the event store into one small file that may be deleted at any time. Reads are synchronous
 * and see whole batches only: rows and position are written in one transaction, so each event counts once.
 */
export interface Views {
  /** Position of the newest event that is folded in; -1n when there is none. */
  position(): bigint;
  /** Stores what `foldBatch` made of a batch, all or nothing. */
  write(batch: ViewBatch): void;
  /** Forgets everything, as if no event had been read. */
  reset(): void;
  readonly present: Present;
  backup(key: Key): BackupRow | undefined;
  restore(key: Key): RestoreRow | undefined;
  location(key: Key): LocationRow | undefined;
  schedule(key: Key): ScheduleRow | undefined;
  backups(query: RowQuery<BackupFilter>): Page<NamedBackup>;
  restores(query: RowQuery<RestoreFilter>): Page<NamedRestore>;
  locations(query: RowQuery<undefined>): Page<NamedLocation>;
  schedules(query: RowQuery<ScheduleFilter>): Page<NamedSchedule>;
  countBackups(query: RowQuery<BackupFilter>): number;
  countRestores(query: RowQuery<RestoreFilter>): number;
  countLocations(query: RowQuery<undefined>): number;
  countSchedules(query: RowQuery<ScheduleFilter>): number;
  /** How many rows of a kind are in each phase. */
  byPhase(kind: RowKind, namespace: string): ReadonlyMap<string, number>;
  auditEvents(query: AuditQuery): Page<AuditRow>;
  auditEvent(id: string): AuditRow | undefined;
  countAuditEvents(filter: AuditFilter): number;
  /** The newest two facts, newest first. */
  newestAudit(): readonly AuditRow[];
  /** The first fact of a type (`MutationReceived`, `MutationAnswered`) whose request id begins with `prefix`. */
  firstOfRequest(prefix: string, type: string): AuditRow | undefined;
  close(): void;
}

const unconditional = { sql: [], values: [] };

const writes = (db: Connection) => {
  const rows = rowTable(db);
  const audit = auditTable(db);
  const setPosition = db.prepare('UPDATE progress SET position = ?');
  const write = db.transaction((batch: ViewBatch) => {
    for (const change of batch.rows) rows.put(change);
    for (const fact of batch.audit) audit.add(fact);
    setPosition.run(batch.position);
  });
  const reset = db.transaction(() => {
    db.exec('DELETE FROM rows; DELETE FROM audit;');
    setPosition.run(-1n);
  });
  return { rows, audit, write, reset };
};

/**
 * Opens the views at a path, or in memory with `:memory:`. A file of another version or a damaged one is begun anew.
 * Fault `LB_SPOOL_FAILED` when the file cannot be made.
 */
export const openViews = (path: string): Views => {
  const db = openDisposable(path, VIEWS_VERSION, ROW_TABLE + AUDIT_TABLE + POSITION_TABLE);
  const { rows, audit, write, reset } = writes(db);
  const position = db.prepare<[], bigint>('SELECT position FROM progress').safeIntegers().pluck();
  return {
    position: () => position.get() ?? -1n,
    write: (batch) => write.immediate(batch),
    reset: () => reset.immediate(),
    present: rows.get,
    backup: (key) => rows.get('backup', streamOf('backup', key)),
    restore: (key) => rows.get('restore', streamOf('restore', key)),
    location: (key) => rows.get('location', streamOf('location', key)),
    schedule: (key) => rows.get('schedule', streamOf('schedule', key)),
    backups: (query) => rows.page('backup', query, backupConditions(query.filter ?? {})),
    restores: (query) => rows.page('restore', query, restoreConditions(query.filter ?? {})),
    locations: (query) => rows.page('location', query, unconditional),
    schedules: (query) => rows.page('schedule', query, scheduleConditions(query.filter ?? {})),
    countBackups: (query) => rows.count('backup', query, backupConditions(query.filter ?? {})),
    countRestores: (query) => rows.count('restore', query, restoreConditions(query.filter ?? {})),
    countLocations: (query) => rows.count('location', query, unconditional),
    countSchedules: (query) => rows.count('schedule', query, scheduleConditions(query.filter ?? {})),
    byPhase: rows.byPhase,
    auditEvents: audit.page,
    auditEvent: audit.get,
    countAuditEvents: audit.count,
    newestAudit: audit.newest,
    firstOfRequest: audit.firstOfRequest,
    close: () => void db.close(),
  };
};
