import SqliteDatabase, { type Database } from 'better-sqlite3';
import { randomUUID } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type NewEvent } from '../../../src/eventstore/port.js';
import { openSqliteEventStore } from '../../../src/eventstore/sqlite.js';

const event = (data: object = {}, type = 'BackupRequested'): NewEvent => ({
  id: randomUUID(),
  type,
  v: 1,
  data,
  meta: { actor: { kind: 'SYSTEM', name: 'lifeboat', via: 'server' }, correlationId: 'c', appVersion: '0' },
});

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lifeboat-sqlite-'));
  path = join(folder, 'events.db');
});
afterEach(() => rm(folder, { recursive: true }));

/** Changes the file behind the back of a closed store. */
const tamper = (change: (db: Database) => void): void => {
  const db = new SqliteDatabase(path);
  change(db);
  db.close();
};

const faultOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe('concurrent appends', () => {
  it('share commits: a thousand need a handful', async () => {
    const commits: number[] = [];
    const store = openSqliteEventStore(path, { onCommit: (appends) => commits.push(appends) });
    const appends = Array.from({ length: 1_000 }, (_, n) =>
      store.append(`backup-ns.b${n}`, 'none', [event()]),
    );
    await Promise.all(appends);
    expect(commits.reduce((sum, n) => sum + n, 0)).toBe(1_000);
    expect(commits.length).toBeLessThan(10);
    await store.close();
  });

  it('of writers that go on and on share commits as well', async () => {
    let commits = 0;
    const store = openSqliteEventStore(path, { onCommit: () => commits++ });
    const writers = Array.from({ length: 50 }, async (_, w) => {
      for (let i = -1n; i < 9n; i++) await store.append(`backup-ns.b${w}`, i < 0n ? 'none' : i, [event()]);
    });
    await Promise.all(writers);
    expect(commits).toBeLessThan(50);
    await store.close();
  });

  it('of many megabytes are split over commits, and all arrive', async () => {
    const commits: number[] = [];
    const store = openSqliteEventStore(path, { onCommit: (appends) => commits.push(appends) });
    const big = { log: 'x'.repeat(6 * 1024 * 1024) };
    await Promise.all([0, 1, 2, 3, 4].map((n) => store.append(`backup-ns.b${n}`, 'none', [event(big)])));
    expect(commits).toEqual([2, 2, 1]);
    await store.close();
  });

  it('in one commit are decided one by one: losers harm no winner', async () => {
    const commits: number[] = [];
    const store = openSqliteEventStore(path, { onCommit: (appends) => commits.push(appends) });
    const [a, b] = ['backup-ns.a', 'backup-ns.b'];
    const results = await Promise.all([
      store.append(a, 'none', [event(), event()]),
      store.append(a, 'none', [event()]),
      store.append(b, 5n, [event()]),
      store.append(a, 1n, [event()]),
      store.append(b, 'none', [event()]),
    ]);
    expect(commits).toEqual([5]);
    expect(results).toMatchObject([
      { ok: true, revision: 1n },
      { ok: false, current: 1n },
      { ok: false, current: 'none' },
      { ok: true, revision: 2n },
      { ok: true, revision: 0n },
    ]);
    await store.close();
  });

  it('whose caller leaves before the commit are not written; the others are', async () => {
    const store = openSqliteEventStore(path);
    const leave = new AbortController();
    const left = store.append('backup-ns.a', 'none', [event()], leave.signal);
    const stays = store.append('backup-ns.b', 'none', [event()]);
    leave.abort();
    await expect(left).rejects.toMatchObject({ code: 'LB_ABORTED' });
    expect(await stays).toMatchObject({ ok: true });
    expect(await store.read('backup-ns.a')).toEqual([]);
    await store.close();
  });
});

describe('a commit that fails', () => {
  const poisoned = async (trigger: string): Promise<void> => {
    await openSqliteEventStore(path).close();
    tamper((db) => db.exec(trigger));
    const store = openSqliteEventStore(path);
    const woken: unknown[] = [];
    const leave = new AbortController();
    const subscriber = store.subscribe({ signal: leave.signal })[Symbol.asyncIterator]();
    const waiting = subscriber.next().then((step) => woken.push(step));
    const group = await Promise.allSettled([
      store.append('backup-ns.a', 'none', [event()]),
      store.append('backup-ns.b', 'none', [event({}, 'Poison')]),
      store.append('backup-ns.c', 'none', [event()]),
    ]);
    for (const outcome of group) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'LB_EVENTSTORE_UNREACHABLE' } });
    }
    expect(await store.readAll({ limit: 10 })).toEqual([]);
    expect(woken).toEqual([]);
    expect(await store.append('backup-ns.a', 'none', [event()])).toMatchObject({ ok: true, revision: 0n });
    await waiting;
    expect(woken).toMatchObject([{ value: { stream: 'backup-ns.a' } }]);
    await store.close();
  };

  it('at COMMIT itself acknowledges nobody, shows nothing, and the next one goes well', () =>
    poisoned(`
      CREATE TABLE creditor (id INTEGER PRIMARY KEY);
      CREATE TABLE owed (id INTEGER REFERENCES creditor (id) DEFERRABLE INITIALLY DEFERRED);
      CREATE TRIGGER poison AFTER INSERT ON events WHEN NEW.type = 'Poison'
        BEGIN INSERT INTO owed VALUES (1); END;
    `));

  it('in the middle of the group acknowledges nobody either', () =>
    poisoned(`
      CREATE TRIGGER poison BEFORE INSERT ON events WHEN NEW.type = 'Poison'
        BEGIN SELECT RAISE(FAIL, 'disk on fire'); END;
    `));
});

describe('a file', () => {
  it('that another holds is a clear fault, and free again when the other closes', async () => {
    const store = openSqliteEventStore(path);
    const refused = faultOf(() => openSqliteEventStore(path, { busyTimeout: 0 }));
    expect(refused).toMatchObject({
      code: 'LB_EVENTSTORE_UNREACHABLE',
      detail: `another process holds ${path}`,
    });
    expect(await store.append('backup-ns.a', 'none', [event()])).toMatchObject({ ok: true });
    await store.close();
    await openSqliteEventStore(path, { busyTimeout: 0 }).close();
  });

  it('of a newer Lifeboat is refused with its schema named, and left alone', async () => {
    await openSqliteEventStore(path).close();
    tamper((db) => db.exec("UPDATE meta SET value = '7' WHERE key = 'schema'"));
    const refused = faultOf(() => openSqliteEventStore(path));
    expect(refused).toMatchObject({ code: 'LB_EVENTSTORE_DAMAGED' });
    expect(String(refused)).toContain('schema 7');
  });

  it('that is a database of somebody else is refused and left as it was', () => {
    tamper((db) => db.exec('CREATE TABLE invoices (id INTEGER)'));
    expect(faultOf(() => openSqliteEventStore(path))).toMatchObject({ code: 'LB_EVENTSTORE_DAMAGED' });
    tamper((db) => {
      expect(db.pragma('journal_mode', { simple: true })).toBe('delete');
      expect(db.prepare('SELECT name FROM sqlite_schema').pluck().all()).toEqual(['invoices']);
    });
  });

  it('in a folder that does not exist cannot be reached', () => {
    const refused = faultOf(() => openSqliteEventStore(join(folder, 'nowhere', 'events.db')));
    expect(refused).toMatchObject({ code: 'LB_EVENTSTORE_UNREACHABLE' });
  });

  it.each([
    ['data', 'NULL-ish'],
    ['data', '{"torn":'],
    ['meta', '{"torn":'],
    ['meta', '{"actor":"nobody"}'],
  ])('whose %s was damaged to %s names the stream and the revision', async (column, text) => {
    const store = openSqliteEventStore(path);
    await store.append('backup-ns.a', 'none', [event(), event()]);
    await store.close();
    tamper((db) => db.prepare(`UPDATE events SET ${column} = ? WHERE revision = 1`).run(text));
    const reopened = openSqliteEventStore(path);
    const damaged = {
      code: 'LB_EVENTSTORE_DAMAGED',
      detail: expect.stringContaining('backup-ns.a, revision 1') as string,
    };
    await expect(reopened.read('backup-ns.a')).rejects.toMatchObject(damaged);
    await expect(reopened.readAll({ limit: 2 })).rejects.toMatchObject(damaged);
    const subscriber = reopened.subscribe({ signal: new AbortController().signal })[Symbol.asyncIterator]();
    await expect(subscriber.next()).rejects.toMatchObject(damaged);
    expect(await subscriber.next()).toEqual({ done: true, value: undefined });
    await reopened.close();
  });

  it('is written by the clock it is given', async () => {
    const store = openSqliteEventStore(path, { now: () => new Date('2024-05-06T07:08:09.010Z') });
    await store.append('backup-ns.a', 'none', [event()]);
    expect(await store.read('backup-ns.a')).toMatchObject([{ recordedAt: '2024-05-06T07:08:09.010Z' }]);
    await store.close();
  });
});

it('a hundred waiting subscribers leave nothing on a signal they share', async () => {
  const store = openSqliteEventStore(':memory:');
  const { signal } = new AbortController();
  const iterators = Array.from({ length: 100 }, () => store.subscribe({ signal })[Symbol.asyncIterator]());
  const waiting = iterators.map((iterator) => iterator.next());
  await store.append('backup-ns.a', 'none', [event()]);
  await Promise.all(waiting);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  const again = iterators.map((iterator) => iterator.next());
  for (const iterator of iterators) await iterator.return?.();
  await Promise.all(again);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  await store.close();
});
