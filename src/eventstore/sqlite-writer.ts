import { type Database } from 'better-sqlite3';
import { type EncodedEvent } from './codec.js';
import { decideAppend, type Known, revisionAfter } from './expectation.js';
import { type AppendResult, type Expected } from './port.js';
import { aborted } from './preconditions.js';

/** Bounds of one transaction: a commit blocks the event loop, so one group must not grow without end. */
const MOST_APPENDS = 1_000;
const MOST_CHARACTERS = 16 * 1024 * 1024;

interface Append {
  readonly stream: string;
  readonly expected: Expected;
  readonly events: readonly EncodedEvent[];
  readonly signal: AbortSignal | undefined;
}

interface Waiting extends Append {
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (reason: Error) => void;
}

export interface WriterOptions {
  readonly now: () => Date;
  /** Called behind each commit, with the number of appends it made durable: wakes the feed, counts. */
  readonly committed: (appends: number) => void;
  readonly toFault: (error: unknown) => Error;
}

export interface SqliteWriter {
  append(append: Append): Promise<AppendResult>;
  /** Commits whatever waits, now. */
  flush(): void;
}

/**
 * Group commit. The disk's sync is what an append costs, so all that come in one turn of the event loop (those that came
 * while the last commit held it up are among them) share one transaction and one sync. Each is decided on its own inside it, seeing
 * those before it: a wrong revision is an answer and harms no neighbour. Nobody hears a yes before COMMIT has returned;
 * if it does not return well, nobody in the group does. Such a commit may still come to light after a crash; the repeat
 * of the append then gets the first answer, since the ids are the same.
 */
export const createSqliteWriter = (db: Database, options: WriterOptions): SqliteWriter => {
  const appendNow = prepareAppend(db);
  const commit = db.transaction((group: readonly Waiting[]): AppendResult[] => {
    const recordedAt = options.now().toISOString();
    return group.map((append) => appendNow(append, recordedAt));
  });
  let waiting: Waiting[] = [];

  const flushGroup = (): void => {
    const group = takeGroup(waiting);
    waiting = waiting.slice(group.length);
    const live = group.filter(({ signal, reject }) => {
      if (signal?.aborted) reject(aborted());
      return !signal?.aborted;
    });
    if (live.length === 0) return;
    try {
      const results = commit.immediate(live);
      results.forEach((result, i) => live[i]?.resolve(result));
    } catch (error) {
      const fault = options.toFault(error);
      for (const { reject } of live) reject(fault);
      return;
    }
    options.committed(live.length);
  };

  const turn = (): void => {
    flushGroup();
    if (waiting.length > 0) setImmediate(turn);
  };
  return {
    append: (append) =>
      new Promise((resolve, reject) => {
        waiting.push({ ...append, resolve, reject });
        if (waiting.length === 1) setImmediate(turn);
      }),
    flush: () => {
      while (waiting.length > 0) flushGroup();
    },
  };
};

/** The longest head of the queue within the bounds; at least one, however large it is. */
const takeGroup = (waiting: readonly Waiting[]): readonly Waiting[] => {
  let characters = 0;
  const end = waiting.findIndex(({ events }, i) => {
    for (const { data, meta } of events) characters += data.length + meta.length;
    return i > 0 && (i >= MOST_APPENDS || characters > MOST_CHARACTERS);
  });
  return end < 0 ? waiting : waiting.slice(0, end);
};

/** One append inside the running transaction: look, decide, insert. */
const prepareAppend = (db: Database): ((append: Append, recordedAt: string) => AppendResult) => {
  const byId = db.prepare<[string], Known>('SELECT stream, revision, position FROM events WHERE id = ?');
  const last = db
    .prepare<[string], bigint>('SELECT revision FROM events WHERE stream = ? ORDER BY revision DESC LIMIT 1')
    .pluck();
  const insert = db.prepare(
    'INSERT INTO events (id, stream, revision, type, v, data, meta, recorded_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  return ({ stream, expected, events }, recordedAt) => {
    const current = last.get(stream) ?? 'none';
    const known = events.map((event) => byId.get(event.id));
    const decision = decideAppend({ stream, expected, current, known });
    if (decision !== 'write') return decision;
    let revision = revisionAfter(expected) - 1n;
    let position = -1n;
    for (const { id, type, v, data, meta } of events) {
      revision += 1n;
      const { lastInsertRowid } = insert.run(id, stream, revision, type, v, data, meta, recordedAt);
      position = BigInt(lastInsertRowid);
    }
    return { ok: true, revision, position };
  };
};
