import { Readable } from 'node:stream';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { createMemoryEventStore } from '../../src/eventstore/memory.js';
import { Fault } from '../../src/faults.js';
import { measureCluster } from '../../src/metrics/measured-cluster.js';
import { measureEventStore } from '../../src/metrics/measured-eventstore.js';
import { measureObjectStore } from '../../src/metrics/measured-objectstore.js';
import { createMeters } from '../../src/metrics/meters.js';
import { createMemoryObjectStore } from '../../src/objectstore/memory.js';
import { clusterContract } from './cluster.js';
import { eventStoreContract } from './eventstore.js';
import { memorySubject } from './memory-subject.js';
import { objectStoreContract } from './objectstore.js';

// Whoever is measured must behave as before: each port's law holds with the meters between.

const meters = () => createMeters(new Registry());

objectStoreContract('a measured store', () =>
  Promise.resolve({
    store: measureObjectStore(createMemoryObjectStore(), meters()),
    prefix: 'contract/',
    cleanUp: () => Promise.resolve(),
  }),
);

eventStoreContract('a measured event store', () => {
  const store = measureEventStore(createMemoryEventStore(), meters());
  return Promise.resolve({ store, dispose: () => store.close() });
});

clusterContract('a measured cluster', () => memorySubject((inner) => measureCluster(inner, meters())));

describe('The meters of the outside', () => {
  const countsOf = async (registry: Registry) =>
    (await registry.metrics()).split('\n').filter((line) => /_(count|total)\{/.test(line));

  it('tell what came of each call to object storage, and how many bytes went', async () => {
    const registry = new Registry();
    const store = measureObjectStore(createMemoryObjectStore(), createMeters(registry));
    await store.put('a', Buffer.from('four'));
    await store.put('b', Readable.from([Buffer.from('five'), Buffer.from('5')]));
    await store.put('a', Buffer.from('again'), { ifAbsent: true });
    for await (const _chunk of (await store.get('b'))?.body ?? []);
    await store.get('none');
    expect((await countsOf(registry)).sort()).toEqual([
      'lifeboat_objectstore_bytes_total{operation="get"} 5',
      'lifeboat_objectstore_bytes_total{operation="put"} 9',
      'lifeboat_objectstore_request_duration_seconds_count{operation="get",outcome="absent"} 1',
      'lifeboat_objectstore_request_duration_seconds_count{operation="get",outcome="ok"} 1',
      'lifeboat_objectstore_request_duration_seconds_count{operation="put",outcome="exists"} 1',
      'lifeboat_objectstore_request_duration_seconds_count{operation="put",outcome="ok"} 2',
    ]);
  });

  it('name the fault of a call that broke', async () => {
    const registry = new Registry();
    const broken = () => Promise.reject(new Fault('LB_STORE_DENIED', 'no'));
    const store = measureObjectStore({ ...createMemoryObjectStore(), head: broken }, createMeters(registry));
    await expect(store.head('a')).rejects.toMatchObject({ code: 'LB_STORE_DENIED' });
    expect(await countsOf(registry)).toEqual([
      'lifeboat_objectstore_request_duration_seconds_count{operation="head",outcome="LB_STORE_DENIED"} 1',
    ]);
  });
});
