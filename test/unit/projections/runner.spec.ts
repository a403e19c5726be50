import { describe, expect, onTestFinished, test } from 'vitest';
import { createMemoryEventStore } from '../../../src/eventstore/memory.js';
import type { EventStore } from '../../../src/eventstore/port.js';
import { Fault } from '../../../src/faults.js';
import { startRunner, type ViewChange } from '../../../src/projections/runner.js';
import { openViews, type Views } from '../../../src/projections/views.js';
import { backupRequested, recordedAt } from './facts.js';

const soon = () => AbortSignal.timeout(5_000);

const append = async (store: EventStore, name: string) => {
  const {
    stream: _stream,
    revision: _revision,
    position: _position,
    recordedAt: _at,
    ...event
  } = recordedAt(0n, backupRequested(name));
  const result = await store.append(`backup-velero.${name}`, 'none', [{ ...event, id: crypto.randomUUID() }]);
  if (!result.ok) throw new Error('the stream is not new');
  return result.position;
};

const start = (store: EventStore, views: Views = openViews(':memory:')) => {
  const stop = new AbortController();
  const changes: ViewChange[] = [];
  const warnings: string[] = [];
  const runner = startRunner({
    ...{ store, views, signal: stop.signal },
    onChange: (change) => changes.push(change),
    log: { warn: (_fields, message) => void warnings.push(message) },
  });
  const end = async () => {
    stop.abort();
    await runner.done;
  };
  onTestFinished(end);
  return { runner, views, changes, warnings, end };
};

describe('the runner', () => {
  test('reads what was there in large batches, then follows what comes', async () => {
    const store = createMemoryEventStore();
    for (let n = 0; n < 1_200; n++) await append(store, `b${n}`);
    const { runner, views, changes } = start(store);
    expect(await runner.reached(await store.head(), soon())).toBe(true);
    expect(changes.map((change) => change.streams.length)).toEqual([500, 500, 200]);
    const position = await append(store, 'live');
    expect(await runner.reached(position, soon())).toBe(true);
    expect(views.backup({ namespace: 'velero', name: 'live' })).toMatchObject({ phase: 'New' });
    expect(changes.at(-1)).toEqual({ streams: ['backup-velero.live'], position });
  });

  test('goes on where it stopped', async () => {
    const store = createMemoryEventStore();
    const views = openViews(':memory:');
    const first = start(store, views);
    await first.runner.reached(await append(store, 'a'), soon());
    await first.end();
    const position = await append(store, 'b');
    const second = start(store, views);
    await second.runner.reached(position, soon());
    expect(second.changes.flatMap((change) => change.streams)).toEqual(['backup-velero.b']);
  });

  test('notices another event store and begins anew', async () => {
    const views = openViews(':memory:');
    const old = createMemoryEventStore();
    const first = start(old, views);
    await append(old, 'a');
    await first.runner.reached(await append(old, 'b'), soon());
    await first.end();
    const fresh = createMemoryEventStore();
    await append(fresh, 'c');
    await append(fresh, 'd');
    const second = start(fresh, views);
    await second.runner.reached(await append(fresh, 'e'), soon());
    const page = views.backups({ namespace: 'velero', limit: 10, order: { by: 'name', direction: 'ASC' } });
    expect(page.items.map(({ key }) => key.name)).toEqual(['c', 'd', 'e']);
  });

  test('survives a store that does not answer for a while', async () => {
    const store = createMemoryEventStore();
    let failures = 2;
    const flaky: EventStore = {
      ...store,
      readAll: (query) =>
        failures-- > 0
          ? Promise.reject(new Fault('LB_EVENTSTORE_UNREACHABLE', 'unplugged'))
          : store.readAll(query),
    };
    const { runner, warnings } = start(flaky);
    expect(await runner.reached(await append(store, 'a'), soon())).toBe(true);
    expect(warnings).toHaveLength(2);
  });

  test('a wait for what never comes ends with its signal, and at the end of the runner', async () => {
    const { runner, end } = start(createMemoryEventStore());
    expect(await runner.reached(99n, AbortSignal.timeout(10))).toBe(false);
    const waiting = runner.reached(99n, soon());
    await end();
    expect(await waiting).toBe(false);
    expect(await runner.reached(99n, soon())).toBe(false);
    expect(runner.listening()).toBe(0);
  });

  test('wakes those who listen to a stream or to all, until they leave', async () => {
    const store = createMemoryEventStore();
    const { runner } = start(store);
    const woken: string[] = [];
    const stops = [
      runner.listen('backup-velero.a', () => woken.push('a')),
      runner.listen('backup-velero.b', () => woken.push('b')),
      runner.listen('*', () => woken.push('any')),
    ];
    await runner.reached(await append(store, 'a'), soon());
    expect(woken).toEqual(['a', 'any']);
    for (const stop of stops) stop();
    await runner.reached(await append(store, 'b'), soon());
    expect(woken).toEqual(['a', 'any']);
    expect(runner.listening()).toBe(0);
  });
});
