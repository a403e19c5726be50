import SqliteDatabase, { type Database } from 'better-sqlite3';
import { Fault, isFault, messageOf } from '../faults.js';

/** Raised by one with every change of the tables below; an older Lifeboat then keeps its hands off the file. */
const SCHEMA = 1;

// AUTOINCREMENT: a position is never given twice, also not when the newest rows should ever be taken out.
const TABLES = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    stream TEXT NOT NULL,
    revision INTEGER NOT NULL,
    type TEXT NOT NULL,
    v INTEGER NOT NULL,
    data TEXT NOT NULL,
    meta TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    UNIQUE (stream, revision)
  ) STRICT;
  INSERT INTO meta (key, value) VALUES ('schema', '${SCHEMA}');
`;

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** What SQLite threw, as a fault. A file that is busy belongs to another process; a corrupt one will not heal by waiting. */
export const sqliteFault = (error: unknown, path: string): Fault => {
  if (isFault(error)) return error;
  const code = codeOf(error);
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
    return new Fault('LB_EVENTSTORE_UNREACHABLE', `another process holds ${path}`, { cause: error });
  }
  const damaged = /^SQLITE_(CORRUPT|NOTADB)/.test(code);
  const detail = `${path}: ${messageOf(error)}${code && ` (${code})`}`;
  return new Fault(damaged ? 'LB_EVENTSTORE_DAMAGED' : 'LB_EVENTSTORE_UNREACHABLE', detail, { cause: error });
};

/**
 * Opens (or makes) the file, for this process alone: the live feed hears only of the commits of its own process, so a
 * second writer would leave subscribers waiting. Exclusive locking makes that a clear fault at the start; the lock goes
 * with the process, also by `kill -9`. `busyTimeout` milliseconds are given to a predecessor that is just leaving.
 */
export const openDatabase = (path: string, busyTimeout: number): Database => {
  let db: Database | undefined;
  try {
    db = new SqliteDatabase(path, { timeout: busyTimeout });
    db.defaultSafeIntegers(true);
    db.pragma('locking_mode = EXCLUSIVE');
    // FULL syncs the log with each commit. With NORMAL a power cut could take back what was acknowledged.
    db.pragma('synchronous = FULL');
    prepareSchema(db, path);
    // Only now: the journal mode is kept in the file, and a database that is not ours must stay as it was.
    const mode = db.pragma('journal_mode = WAL', { simple: true });
    // In memory there is no journal to write ahead.
    if (mode !== 'wal' && !db.memory)
      throw new Fault('LB_EVENTSTORE_UNREACHABLE', `${path}: no write-ahead log here`);
    return db;
  } catch (error) {
    db?.close();
    throw sqliteFault(error, path);
  }
};

const prepareSchema = (db: Database, path: string): void => {
  const tables = db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck();
  // IMMEDIATE: takes the lock now, so two that start at once cannot both find an empty file.
  db.transaction(() => {
    const names = tables.all();
    if (names.length === 0) {
      db.exec(TABLES);
      return;
    }
    if (!names.includes('meta') || !names.includes('events')) {
      throw new Fault('LB_EVENTSTORE_DAMAGED', `${path} is a database, but not an event store`);
    }
    const found =
      db.prepare<[], string>("SELECT value FROM meta WHERE key = 'schema'").pluck().get() ?? 'none';
    if (found === String(SCHEMA)) return;
    const detail = `${path} has schema ${found}, made by another version of Lifeboat; this one knows schema ${SCHEMA}`;
    throw new Fault('LB_EVENTSTORE_DAMAGED', detail);
  }).immediate();
};
