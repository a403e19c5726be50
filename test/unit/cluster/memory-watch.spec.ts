import { describe, expect, test } from 'vitest';
import { createMemoryCluster } from '../../../src/cluster/memory.js';
import { type WatchEvent } from '../../../src/cluster/port.js';
import {
  accepted,
  body,
  customKind,
  definitions,
  names,
  parse,
  secrets,
  soon,
} from '../../contract/cluster-fixture.js';

const told = (event: WatchEvent | undefined): string => {
  if (event === undefined) return 'the end';
  return event.type === 'SYNCED'
    ? `SYNCED ${names(event.items).join(',')}`
    : `${event.type} ${parse(event.object).metadata.name}`;
};

const watched = (options: { watchLog?: number } = {}) => {
  const cluster = createMemoryCluster(options);
  const abort = new AbortController();
  const events = cluster
    .watch(secrets, { namespace: 'default', signal: abort.signal })
    [Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const step = await events.next();
    return told(step.done === true ? undefined : step.value);
  };
  const create = async (name: string) =>
    accepted(await cluster.create(secrets, 'default', body(secrets, name), { signal: soon() }));
  return { cluster, abort, next, create };
};

describe('a watch of the simulated cluster', () => {
  test('that lags further behind than the log reaches begins anew', async () => {
    const { next, create } = watched({ watchLog: 2 });
    expect(await next()).toBe('SYNCED ');
    for (const name of ['a', 'b', 'c', 'd', 'e']) await create(name);
    expect(await next()).toBe('SYNCED a,b,c,d,e');
    await create('f');
    expect(await next()).toBe('ADDED f');
  });

  test('that lags behind a little is told every change', async () => {
    const { next, create } = watched({ watchLog: 10 });
    expect(await next()).toBe('SYNCED ');
    for (const name of ['a', 'b', 'c']) await create(name);
    expect([await next(), await next(), await next()]).toEqual(['ADDED a', 'ADDED b', 'ADDED c']);
  });

  test('begins anew when a test expires it, while it waits', async () => {
    const { cluster, next, create } = watched();
    await create('a');
    expect(await next()).toBe('SYNCED a');
    const waiting = next();
    cluster.expireWatches();
    expect(await waiting).toBe('SYNCED a');
  });

  test('ends when the cluster is closed', async () => {
    const { cluster, next } = watched();
    expect(await next()).toBe('SYNCED ');
    const waiting = next();
    await cluster.close();
    expect(await waiting).toBe('the end');
  });

  test('of a kind that does not exist yet begins when it does', async () => {
    const cluster = createMemoryCluster();
    const { custom, crd } = customKind({ statusSubresource: false });
    const events = cluster.watch(custom, { signal: soon() })[Symbol.asyncIterator]();
    const first = events.next();
    accepted(await cluster.create(definitions, undefined, crd, { signal: soon() }));
    const step = await first;
    expect(told(step.done === true ? undefined : step.value)).toBe('SYNCED ');
  });
});
