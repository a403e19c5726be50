import { describe, expect, it } from 'vitest';
import { configMap, namespaceOf, pod, type KubeObject } from '../builders.js';
import { tarballOf } from '../unit/archive/archives.js';
import { createRunningWorld, type World } from './world.js';

const worldWith = async (...objects: readonly KubeObject[]): Promise<World> => {
  const world = await createRunningWorld();
  await world.apply(...objects);
  return world;
};

const textsOf = async (world: World, restore: string) =>
  world.json(world.layout.restoreResults(restore)) as Promise<{
    readonly errors: {
      readonly velero?: readonly string[];
      readonly cluster?: readonly string[];
      readonly namespaces?: object;
    };
    readonly warnings: { readonly cluster?: readonly string[]; readonly namespaces?: object };
  }>;

describe('A restore, as the real Velero does it,', () => {
  it('makes a namespace that has nothing in it', async () => {
    const world = await worldWith(namespaceOf('full'), configMap('full', 'a'), namespaceOf('empty'));
    await world.backup('b1', { includedNamespaces: ['full', 'empty'] });
    await world.remove('namespaces', 'empty');
    const restore = await world.restore('r1', { backupName: 'b1' });
    expect(restore.status?.phase).toBe('Completed');
    expect(await world.find('namespaces', 'empty')).toBeDefined();
    expect(await world.json(world.layout.restoreResourceList('r1'))).toMatchObject({
      'v1/Namespace': ['empty(created)'],
    });
  });

  it('makes no namespace it does not take', async () => {
    const world = await worldWith(namespaceOf('full'), configMap('full', 'a'), namespaceOf('empty'));
    await world.backup('b1', { includedNamespaces: ['full', 'empty'] });
    await world.remove('namespaces', 'empty');
    await world.restore('r1', { backupName: 'b1', includedNamespaces: ['full'] });
    await world.restore('r2', { backupName: 'b1', excludedResources: ['namespaces'] });
    expect(await world.find('namespaces', 'empty')).toBeUndefined();
  });

  it('makes the namespace of pods that have ended, and not the pods', async () => {
    const ended = pod('once', 'ended', 'Succeeded');
    const world = await worldWith(namespaceOf('once'), ended);
    await world.backup('b1', { includedNamespaces: ['once'] });
    const restore = await world.restore('r1', { backupName: 'b1', namespaceMapping: { once: 'twice' } });
    expect(restore.status?.progress).toEqual({ totalItems: 1, itemsRestored: 1 });
    expect(await world.find('namespaces', 'twice')).toBeDefined();
    expect(await world.all('pods', 'twice')).toEqual([]);
  });

  it('names what an item asks for and the backup lacks where it would have been, before any mapping', async () => {
    const asking = pod('shop', 'asking');
    const spec = {
      ...(asking['spec'] as object),
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
    };
    const world = await worldWith(namespaceOf('shop'), { ...asking, spec });
    await world.backup('b1', { includedNamespaces: ['shop'], includedResources: ['pods'] });
    await world.restore('r1', { backupName: 'b1', namespaceMapping: { shop: 'copy' } });
    const { warnings } = await textsOf(world, 'r1');
    expect(warnings).toEqual({ namespaces: { shop: [expect.stringContaining('persistentvolumeclaims')] } });
  });

  it('says once for each item that its namespace cannot be used, and does not count it', async () => {
    const world = await worldWith(namespaceOf('shop'), configMap('shop', 'a'), configMap('shop', 'b'));
    await world.backup('b1', { includedNamespaces: ['shop'] });
    const restore = await world.restore('r1', {
      backupName: 'b1',
      includedNamespaces: ['shop'],
      namespaceMapping: { shop: 'Bad_Name' },
    });
    expect(restore.status).toMatchObject({ phase: 'PartiallyFailed', errors: 2 });
    expect((await textsOf(world, 'r1')).errors.velero).toHaveLength(2);
    expect(await world.json(world.layout.restoreResourceList('r1'))).toEqual({});
  });

  it('counts an item that nobody can read as an error, and brings the others', async () => {
    const world = await worldWith(namespaceOf('shop'), configMap('shop', 'a'));
    await world.backup('b1', { includedNamespaces: ['shop'] });
    const item = (name: string, body: string) => ({
      name: `resources/configmaps/namespaces/shop/${name}.json`,
      body,
    });
    const whole = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'whole', namespace: 'shop' } };
    const contents = await tarballOf([
      { name: 'metadata/version', body: '1.1.0\n' },
      item('cut', '{"kind":"ConfigMap","data":{"secret":"text'),
      item('list', '[]'),
      item('nothing', ''),
      { name: 'resources/namespaces/cluster/shop.json', body: '{' },
      item('whole', JSON.stringify(whole)),
    ]);
    await world.store.put(world.layout.backupContents('b1'), contents);
    const restore = await world.restore('r1', { backupName: 'b1', namespaceMapping: { shop: 'copy' } });
    expect(restore.status).toMatchObject({ phase: 'PartiallyFailed', errors: 4 });
    const { errors } = await textsOf(world, 'r1');
    expect(errors.namespaces).toEqual({
      copy: [expect.anything(), expect.anything(), expect.anything()],
    });
    expect(errors.cluster).toHaveLength(1);
    expect(JSON.stringify(errors)).not.toContain('secret');
    expect((await world.all('configmaps', 'copy')).map(({ metadata }) => metadata.name)).toEqual(['whole']);
  });

  /** Refuses pods for their priority class, as an API server whose copy of the classes lags behind, so many times. */
  const laggingWorld = async (classes: readonly KubeObject[], times: number) => {
    const asking = pod('shop', 'asking');
    const spec = { ...(asking['spec'] as object), priorityClassName: 'urgent' };
    const world = await worldWith(namespaceOf('shop'), ...classes, { ...asking, spec });
    await world.backup('b1', { includedNamespaces: ['shop'], includedResources: ['pods'] });
    const message = 'pods "asking" is forbidden: no PriorityClass with name urgent was found';
    let refused = 0;
    await world.restart({
      cluster: {
        ...world.cluster,
        create: (type, namespace, body, options) =>
          type.resource === 'pods' && (refused += 1) <= times
            ? Promise.resolve({ ok: false, status: 403, reason: 'Forbidden', message, causes: [] })
            : world.cluster.create(type, namespace, body, options),
      },
    });
    const restore = await world.restore('r1', { backupName: 'b1', namespaceMapping: { shop: 'copy' } });
    return { world, restore, refused: () => refused };
  };
  const urgent: KubeObject = {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: 'urgent' },
    value: 1000,
  };

  it('creates a pod whose priority class the API server has not seen yet', async () => {
    const { world, restore } = await laggingWorld([urgent], 2);
    expect(restore.status).toMatchObject({ phase: 'Completed' });
    expect(await world.find('pods', 'asking', 'copy')).toBeDefined();
  });

  it('asks once for a pod whose priority class is not there', async () => {
    const { restore, refused } = await laggingWorld([], 1);
    expect(restore.status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect(refused()).toBe(1);
  });
});
