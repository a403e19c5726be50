import { describe, expect, test } from 'vitest';
import { at, textAt, type JsonObject } from '../../src/domain/json.js';
import type { EventStore } from '../../src/eventstore/port.js';
import { finished, requested, started, startWorld, stored } from './api.js';

const BACKUP =
  'subscription ($name: String!, $p: Position) { backupProgress(name: $name, atLeast: $p) { phase progress { itemsDone totalItems } } }';
const EVENTS =
  'subscription ($after: Position, $filter: EventFilter) { events(after: $after, filter: $filter) { position type stream data } }';
const STREAM = 'backup-velero.b';

interface Item {
  readonly data?: JsonObject | null | undefined;
  readonly errors?: readonly object[] | undefined;
}
type Reading = AsyncIterableIterator<Item>;

const nextOf = async (reading: Reading) => {
  const item = await reading.next();
  return item.done === true ? undefined : item.value.data;
};

const errorsOf = async (reading: Reading) => ((await reading.next()).value as Item).errors;

/** A store that tells how many subscriptions are open. */
const counting = (store: EventStore) => {
  const open = new Set<AbortSignal>();
  const counted: EventStore = {
    ...store,
    subscribe: (options) => {
      open.add(options.signal);
      options.signal.addEventListener('abort', () => open.delete(options.signal));
      return store.subscribe(options);
    },
  };
  return { counted, open };
};

const countedWorld = async () => {
  let open: ReadonlySet<AbortSignal> = new Set();
  const store = (memory: EventStore) => {
    const wrapped = counting(memory);
    open = wrapped.open;
    return wrapped.counted;
  };
  const world = await startWorld({ store });
  return { world, open };
};

const until = async (holds: () => boolean) => {
  for (let turns = 0; turns < 5_000 && !holds(); turns++)
    await new Promise((resolve) => setImmediate(resolve));
  expect(holds()).toBe(true);
};

describe('following a backup', () => {
  test('gives the present state, then every change, and ends after the terminal phase with the final counts', async () => {
    const world = await startWorld();
    await world.record(STREAM, requested('u'));
    const reading = world.subscribe(BACKUP, { name: 'b' });
    expect(await nextOf(reading)).toEqual({ backupProgress: { phase: 'NEW', progress: null } });
    await world.record(STREAM, started);
    expect(await nextOf(reading)).toMatchObject({
      backupProgress: { phase: 'IN_PROGRESS', progress: { itemsDone: 0 } },
    });
    world.progress.report(STREAM, { itemsDone: 3, totalItems: 9, bytesWritten: 1 });
    expect(await nextOf(reading)).toMatchObject({
      backupProgress: { progress: { itemsDone: 3, totalItems: 9 } },
    });
    await world.record(STREAM, stored(9), finished);
    world.progress.clear(STREAM);
    expect(await nextOf(reading)).toMatchObject({
      backupProgress: { phase: 'COMPLETED', progress: { itemsDone: 9, totalItems: 9 } },
    });
    expect(await nextOf(reading)).toBeUndefined();
    expect(world.runner.listening()).toBe(0);
  });

  test('a slow reader skips states and sees the newest', async () => {
    const world = await startWorld();
    await world.record(STREAM, requested('u'), started);
    const reading = world.subscribe(BACKUP, { name: 'b' });
    await nextOf(reading);
    for (let n = 1; n <= 5_000; n++)
      world.progress.report(STREAM, { itemsDone: n, totalItems: 5_000, bytesWritten: 0 });
    expect(await nextOf(reading)).toMatchObject({ backupProgress: { progress: { itemsDone: 5_000 } } });
  });

  test('a backup that ended long ago is shown once', async () => {
    const world = await startWorld();
    await world.record(STREAM, requested('u'), started, stored(1), finished);
    const reading = world.subscribe(BACKUP, { name: 'b' });
    expect(await nextOf(reading)).toMatchObject({ backupProgress: { phase: 'COMPLETED' } });
    expect(await nextOf(reading)).toBeUndefined();
  });

  test('a name that nobody has is an error with a code', async () => {
    const world = await startWorld();
    expect(await errorsOf(world.subscribe(BACKUP, { name: 'none' }))).toMatchObject([
      { extensions: { code: 'NOT_FOUND' } },
    ]);
  });

  test('begins where a mutation left off', async () => {
    const world = await startWorld();
    const made = await world.ask('mutation { createBackup(input: {name: "b"}) { position } }');
    const reading = world.subscribe(BACKUP, { name: 'b', p: textAt(made.data, 'createBackup', 'position') });
    expect(await nextOf(reading)).toMatchObject({ backupProgress: { phase: 'NEW' } });
  });

  test('those who leave while nothing happens leave nothing behind', async () => {
    const world = await startWorld();
    await world.record(STREAM, requested('u'));
    const readings = Array.from({ length: 20 }, () => world.subscribe(BACKUP, { name: 'b' }));
    await Promise.all(readings.map(nextOf));
    expect(world.runner.listening()).toBe(20);
    for (const reading of readings) await reading.return?.();
    await until(() => world.runner.listening() === 0);
  });

  test('nor do those whose connection breaks', async () => {
    const world = await startWorld();
    await world.record(STREAM, requested('u'));
    const client = world.connect();
    const reading = world.subscribe(BACKUP, { name: 'b' }, client);
    await nextOf(reading);
    client.terminate();
    await until(() => world.runner.listening() === 0);
  });

  test('a right that is taken away ends it', async () => {
    let time = 0;
    let allowed = true;
    const world = await startWorld({ rights: () => allowed, now: () => new Date(time) });
    await world.record(STREAM, requested('u'));
    const reading = world.subscribe(BACKUP, { name: 'b' });
    await nextOf(reading);
    allowed = false;
    time = 10_001;
    await world.record(STREAM, started);
    await expect(reading.next()).rejects.toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    await until(() => world.runner.listening() === 0);
  });
});

describe('following a restore', () => {
  test('works the same way', async () => {
    const world = await startWorld();
    const at = '2026-01-01T00:00:00Z';
    const tally = { items: 4, created: 3, updated: 0, skipped: 1, failed: 0, warnings: 0, errors: 0 };
    const stream = 'restore-velero.r';
    await world.record(stream, {
      type: 'RestoreRequested',
      v: 1,
      data: { uid: 'u', spec: { backupName: 'b' }, labels: {}, at },
    });
    const reading = world.subscribe(
      'subscription { restoreProgress(name: "r") { phase itemsCreated itemsSkipped progress { itemsDone } } }',
    );
    expect(await nextOf(reading)).toMatchObject({ restoreProgress: { phase: 'NEW' } });
    await world.record(
      stream,
      { type: 'RestoreStarted', v: 1, data: { attempt: 1, spec: { backupName: 'b' }, at } },
      { type: 'RestoreItemsApplied', v: 1, data: { attempt: 1, tally, at } },
      { type: 'RestoreFinished', v: 1, data: { outcome: 'Completed', at } },
    );
    expect(await nextOf(reading)).toEqual({
      restoreProgress: { phase: 'COMPLETED', itemsCreated: 3, itemsSkipped: 1, progress: { itemsDone: 4 } },
    });
    expect(await nextOf(reading)).toBeUndefined();
  });
});

describe('following every fact', () => {
  const numbered = (n: number) => ({ type: 'SomethingNew', v: 1, data: { n } });
  const numberOf = (data: JsonObject | null | undefined) => at(data, 'events', 'data', 'n');

  test('a reader who comes back with the last position misses nothing and sees nothing twice', async () => {
    const world = await startWorld();
    const total = 600;
    const writing = (async () => {
      for (let n = 0; n < total; n++) await world.record(`backup-velero.b${n % 7}`, numbered(n));
    })();
    const seen: unknown[] = [];
    let after = '-1';
    while (seen.length < total) {
      const reading = world.subscribe(EVENTS, { after }, world.connect());
      for (let n = 0; n < 97 && seen.length < total; n++) {
        const data = await nextOf(reading);
        seen.push(numberOf(data));
        after = textAt(data, 'events', 'position');
      }
      await reading.return?.();
    }
    await writing;
    expect(seen).toEqual(Array.from({ length: total }, (_, n) => n));
  });

  test('without a position begins with the next fact', async () => {
    const { world, open } = await countedWorld();
    await world.record(STREAM, numbered(1));
    const reading = world.subscribe(EVENTS);
    const first = nextOf(reading);
    await until(() => open.size === 2); // the runner and the reader
    await world.record(STREAM, numbered(2));
    expect(numberOf(await first)).toBe(2);
  });

  test('gives only what the filter asks for', async () => {
    const world = await startWorld();
    await world.record('backup-velero.a', numbered(1));
    await world.record('backup-velero.b', numbered(2), requested('u'));
    const reading = world.subscribe(EVENTS, {
      after: '-1',
      filter: { stream: 'backup-velero.b', types: ['BackupRequested'] },
    });
    expect(await nextOf(reading)).toMatchObject({
      events: { type: 'BackupRequested', stream: 'backup-velero.b' },
    });
  });

  test('who leaves while nothing happens leaves no subscription on the store', async () => {
    const { world, open } = await countedWorld();
    await world.record(STREAM, numbered(1));
    const readings = Array.from({ length: 10 }, () => world.subscribe(EVENTS, { after: '-1' }));
    await Promise.all(readings.map(nextOf));
    expect(open.size).toBe(11);
    const parked = readings.map(nextOf);
    for (const reading of readings) await reading.return?.();
    await until(() => open.size === 1);
    expect(await Promise.all(parked)).toEqual(readings.map(() => undefined));
  });

  test('needs the right to watch all that it tells of', async () => {
    const world = await startWorld({ rights: (_user, verb) => verb !== 'watch' });
    expect(await errorsOf(world.subscribe(EVENTS))).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });
});
