import { type Database } from 'better-sqlite3';
import { decodeData, decodeMeta, encodeEvent } from './codec.js';
import { createFeed } from './feed.js';
import { type EventStore, type ReadAll, type Recorded } from './port.js';
import { checkAborted, checkBatch, checkLimit, closed } from './preconditions.js';
import { openDatabase, sqliteFault } from './sqlite-schema.js';
import { createSqliteWriter } from './sqlite-writer.js';

export interface SqliteOptions {
  readonly now?: () => Date;
  /** Milliseconds to wait, at the start, for a process that still holds the file. Blocks. Default 1,000. */
  readonly busyTimeout?: number;
  /** Told after each commit how many appends shared it. */
  readonly onCommit?: (appends: number) => void;
}

/**
 * The embedded event store: one SQLite file (or `:memory:`), one process. An append is acknowledged when its commit has
 * been synced to the disk. Throws a Fault at once: `LB_EVENTSTORE_UNREACHABLE` if the file cannot be opened or another
 * process holds it, `LB_EVENTSTORE_DAMAGED` if it is no event store or one of a newer Lifeboat.
 */
export const openSqliteEventStore = (path: string, options: SqliteOptions = {}): EventStore => {
  const db = openDatabase(path, options.busyTimeout ?? 1_000);
  const reader = prepareReader(db);
  /** Runs at once, but answers as a promise: a fault is always a rejection. */
  const run = <T>(signal: AbortSignal | undefined, work: () => T): Promise<T> =>
    new Promise((resolve, reject) => {
      try {
        if (!db.open) throw closed();
        checkAborted(signal);
        resolve(work());
      } catch (error) {
        reject(asThrown(error));
      }
    });
  const asThrown = (error: unknown): Error =>
    error instanceof RangeError || error instanceof TypeError ? error : sqliteFault(error, path);
  const feed = createFeed((after, limit) => {
    try {
      return reader.slice({ after, limit });
    } catch (error) {
      throw sqliteFault(error, path);
    }
  });
  const writer = createSqliteWriter(db, {
    now: options.now ?? (() => new Date()),
    committed: (appends) => {
      options.onCommit?.(appends);
      feed.wake();
    },
    toFault: (error) => sqliteFault(error, path),
  });
  return {
    append: async (stream, expected, events, signal) =>
      await run(signal, () => {
        checkBatch(stream, events);
        return writer.append({ stream, expected, events: events.map(encodeEvent), signal });
      }),
    read: (stream, signal) => run(signal, () => reader.stream(stream)),
    readSince: (stream, type, signal) => run(signal, () => reader.since(stream, type)),
    readAll: (query) => run(query.signal, () => reader.slice(query)),
    subscribe: (subscription) => feed.subscribe(subscription),
    head: (signal) => run(signal, () => reader.head()),
    close: () => {
      if (db.open) writer.flush();
      feed.close();
      db.close();
      return Promise.resolve();
    },
  };
};

interface Row {
  readonly position: bigint;
  readonly id: string;
  readonly stream: string;
  readonly revision: bigint;
  readonly type: string;
  readonly v: bigint;
  readonly data: string;
  readonly meta: string;
  readonly recordedAt: string;
}

const decodeRow = ({ v, data, meta, ...row }: Row): Recorded => ({
  ...row,
  v: Number(v),
  data: decodeData(data, row),
  meta: decodeMeta(meta, row),
});

const prepareReader = (db: Database) => {
  const select =
    'SELECT position, id, stream, revision, type, v, data, meta, recorded_at AS recordedAt FROM events';
  const stream = db.prepare<[string], Row>(`${select} WHERE stream = ? ORDER BY revision`);
  // The newest event of the type is found from the end of the index of (stream, revision), not by a scan.
  const since = db.prepare<[string, string, string], Row>(
    `${select} WHERE stream = ? AND revision >= coalesce((SELECT revision FROM events WHERE stream = ? AND type = ?
       ORDER BY revision DESC LIMIT 1), 0) ORDER BY revision`,
  );
  const forwards = db.prepare<[bigint, number], Row>(
    `${select} WHERE position > ? ORDER BY position LIMIT ?`,
  );
  const backwards = db.prepare<[bigint, number], Row>(
    `${select} WHERE position < ? ORDER BY position DESC LIMIT ?`,
  );
  const head = db.prepare<[], bigint | null>('SELECT max(position) FROM events').pluck();
  const beyond = 2n ** 63n - 1n;
  return {
    stream: (name: string): readonly Recorded[] => stream.all(name).map(decodeRow),
    since: (name: string, type: string): readonly Recorded[] => since.all(name, name, type).map(decodeRow),
    slice: (query: ReadAll): readonly Recorded[] => {
      checkLimit(query.limit);
      const rows = query.backwards
        ? backwards.all(query.after ?? beyond, query.limit)
        : forwards.all(query.after ?? -1n, query.limit);
      return rows.map(decodeRow);
    },
    head: (): bigint => head.get() ?? -1n,
  };
};
