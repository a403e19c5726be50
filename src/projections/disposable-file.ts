import { rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { Fault, messageOf } from '../faults.js';

export type Connection = Database.Database;

const MEMORY = ':memory:';

const connect = (path: string, version: number, ddl: string): Connection => {
  const db = new Database(path, { timeout: 5_000 });
  try {
    db.pragma('journal_mode = WAL');
    // Losing the last transactions at a power cut costs a short re-read of the feed, so no fsync is paid for each.
    db.pragma('synchronous = NORMAL');
    const found = db.pragma('user_version', { simple: true });
    const usable =
      found === 0 || (found === version && db.pragma('quick_check(1)', { simple: true }) === 'ok');
    if (!usable) throw new Error('the file was written by another version, or is damaged');
    db.exec(ddl);
    db.pragma(`user_version = ${version}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
};

/**
 * Opens a SQLite file that may be thrown away: one of another version, or one that cannot be read, is deleted and begun anew.
 * `:memory:` gives one that lives as long as the process. Fault `LB_SPOOL_FAILED` when the folder cannot be written.
 */
export const openDisposable = (path: string, version: number, ddl: string): Connection => {
  try {
    return connect(path, version, ddl);
  } catch {
    try {
      if (path !== MEMORY) for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
      return connect(path, version, ddl);
    } catch (error) {
      throw new Fault('LB_SPOOL_FAILED', `the views cannot be kept in ${path}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }
};
