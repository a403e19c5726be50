import { describe, expect, test } from 'vitest';
import { createMemoryCluster } from '../../../src/cluster/memory.js';
import { seedSampleApps } from '../../../src/cluster/sample-apps.js';
import { groupResource, type Cluster } from '../../../src/cluster/port.js';
import { listed, parse, soon } from '../../contract/cluster-fixture.js';

const inventory = async (cluster: Cluster): Promise<Map<string, string[]>> => {
  const { resources } = await cluster.discover(soon());
  const all = new Map<string, string[]>();
  for (const type of resources.filter((known) => known.verbs.includes('list'))) {
    const items = (await listed(cluster, type, {})).map(parse);
    const told = items.map((item) =>
      JSON.stringify([item.metadata.namespace, item.metadata.name, item.spec, item.data, item.status]),
    );
    if (told.length > 0) all.set(groupResource(type), told);
  }
  return all;
};

describe('the sample apps', () => {
  const options = { namespaces: ['team-a', 'team-b'], objects: 200 };

  test('are as many as were asked for, of many kinds, in all namespaces', async () => {
    const cluster = createMemoryCluster();
    const before = cluster.size();
    expect(await seedSampleApps(cluster, options, soon())).toEqual({ created: 200 });
    expect(cluster.size()).toBe(before + 200);
    const kinds = await inventory(cluster);
    for (const kind of [
      'pods',
      'persistentvolumes',
      'secrets',
      'ingresses.networking.k8s.io',
      'caches.samples.lifeboat.dev',
    ]) {
      const found = kinds.get(kind)?.join('') ?? '';
      for (const namespace of options.namespaces) expect(found).toContain(namespace);
    }
  });

  test('are the same every time', async () => {
    const now = () => new Date('2026-01-01T00:00:00Z');
    const [one, two] = [createMemoryCluster({ now }), createMemoryCluster({ now })];
    await seedSampleApps(one, { ...options, namespaces: ['a'] }, soon());
    await seedSampleApps(two, { ...options, namespaces: ['a'] }, soon());
    const [left, right] = [await inventory(one), await inventory(two)];
    // Addresses are given out in the order of arrival, which is not part of the samples.
    left.delete('services');
    right.delete('services');
    expect(left).toEqual(right);
  });

  test('can be made twice: the second time nothing is new', async () => {
    const cluster = createMemoryCluster();
    await seedSampleApps(cluster, options, soon());
    const size = cluster.size();
    expect(await seedSampleApps(cluster, options, soon())).toEqual({ created: 0 });
    expect(cluster.size()).toBe(size);
  });
});
