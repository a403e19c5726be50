import { describe, expect, it } from 'vitest';
import { apiVersionOf, groupResource } from '../../src/cluster/port.js';
import {
  clusterRole,
  clusterRoleBinding,
  configMap,
  namespaceOf,
  serviceAccount,
  type KubeObject,
} from '../builders.js';
import { disk, podWith, priorityClass, storageClass } from './disks.js';
import { itemsOf } from './tarball.js';
import { createRunningWorld, soon, type World } from './world.js';

const SHOP = { includedNamespaces: ['shop'] };
const POD = 'pods|shop|db';
const CLAIM = 'persistentvolumeclaims|shop|data';
const VOLUME = 'persistentvolumes||disk-data';
const CLASS = 'priorityclasses.scheduling.k8s.io||high';
const NAMESPACE = 'namespaces||shop';

/** A pod with a disk and a priority in `shop`, and cluster-scoped objects that belong to nothing. */
const diskWorld = async (): Promise<World> => {
  const world = await createRunningWorld();
  const db = podWith('shop', 'db', 'data');
  await world.apply(
    namespaceOf('shop'),
    ...disk('shop', 'data'),
    { ...db, spec: { ...(db['spec'] as object), priorityClassName: 'high' } },
    priorityClass('high'),
    priorityClass('low'),
    storageClass('fast'),
    clusterRole('stranger'),
  );
  return world;
};

const taken = async (spec: object): Promise<readonly string[]> => {
  const world = await diskWorld();
  const backup = await world.backup('b1', { snapshotVolumes: false, ...spec });
  expect(backup.status?.phase).toBe('Completed');
  return itemsOf(world, 'b1');
};

/** One object of every namespaced kind that can be backed up, as far as the cluster lets it be made from nothing. */
const oneOfEach = async (world: World, namespace: string): Promise<readonly string[]> => {
  const { resources } = await world.cluster.discover(soon());
  const made = ['list', 'create', 'get', 'delete'];
  const types = resources.filter(
    (type) => type.namespaced && made.every((verb) => type.verbs.includes(verb)),
  );
  const own = types.filter(({ group }) => group !== 'velero.io');
  for (const type of own) {
    const object: KubeObject = {
      apiVersion: apiVersionOf(type),
      kind: type.kind,
      metadata: { name: 'one', namespace },
    };
    const created = await world.cluster.create(type, namespace, JSON.stringify(object), { signal: soon() });
    if (!created.ok && created.reason !== 'AlreadyExists') expect.fail(`${type.kind}: ${created.message}`);
  }
  return own.map((type) => `${groupResource(type)}|${namespace}|one`);
};

describe('What a backup takes of a cluster', () => {
  it('behaviour 3: is, without filters, every namespaced kind of every namespace and no cluster-scoped stranger', async () => {
    const world = await diskWorld();
    await world.apply(namespaceOf('stall'));
    // Both groups that serve events hold the same ones; the first is taken.
    const wanted = (await oneOfEach(world, 'stall')).filter((item) => !item.startsWith('events.events'));
    expect(wanted.length).toBeGreaterThan(20);
    const backup = await world.backup('b1', { snapshotVolumes: false });
    expect(backup.status?.phase).toBe('Completed');
    const items = await itemsOf(world, 'b1');
    expect(items).toEqual(expect.arrayContaining([...wanted, POD, CLAIM, NAMESPACE, 'namespaces||stall']));
    expect(items.filter((item) => /^(storageclasses|clusterroles)/.test(item))).toEqual([]);
    expect(items).not.toContain('priorityclasses.scheduling.k8s.io||low');
  });

  it('behaviour 4: is all that is cluster-scoped, if it is asked for', async () => {
    const items = await taken({ ...SHOP, includeClusterResources: true });
    expect(items).toEqual(
      expect.arrayContaining([
        'storageclasses.storage.k8s.io||fast',
        'clusterroles.rbac.authorization.k8s.io||stranger',
        'priorityclasses.scheduling.k8s.io||low',
        VOLUME,
        POD,
      ]),
    );
  });

  it('behaviour 5: is nothing cluster-scoped at all, if none is wanted, not even what pods need', async () => {
    expect(await taken({ ...SHOP, includeClusterResources: false })).toEqual([CLAIM, POD]);
  });

  it('behaviour 6: is one kind alone, if the old filter names it: neither its Namespace nor its claims', async () => {
    expect(await taken({ ...SHOP, includedResources: ['pods'] })).toEqual([POD]);
  });

  it('behaviour 7: is one kind with its Namespace, if the scoped filter names it', async () => {
    expect(await taken({ ...SHOP, includedNamespaceScopedResources: ['pods'] })).toEqual([
      NAMESPACE,
      POD,
      CLASS,
    ]);
  });

  it('behaviour 8: is a pod with its claim and the volume of that, and its priority class', async () => {
    expect(await taken(SHOP)).toEqual([NAMESPACE, CLAIM, VOLUME, POD, CLASS]);
  });

  it('behaviour 9: is a claim without its volume, if volumes are excluded', async () => {
    expect(await taken({ ...SHOP, excludedResources: ['persistentvolumes'] })).toEqual([
      NAMESPACE,
      CLAIM,
      POD,
      CLASS,
    ]);
  });

  it('behaviour 32: is a service account with what gives it rights, and no other right', async () => {
    const world = await createRunningWorld();
    await world.apply(
      namespaceOf('shop'),
      serviceAccount('shop', 'web'),
      clusterRole('reader'),
      clusterRole('writer'),
      clusterRoleBinding('web-reads', 'reader', ['shop', 'web']),
      clusterRoleBinding('other-writes', 'writer', ['other', 'web']),
    );
    await world.backup('b1', SHOP);
    expect(await itemsOf(world, 'b1')).toEqual([
      'clusterrolebindings.rbac.authorization.k8s.io||web-reads',
      'clusterroles.rbac.authorization.k8s.io||reader',
      NAMESPACE,
      'serviceaccounts|shop|web',
    ]);
  });

  it('behaviour 22: is counted, each object once, whatever way it came in', async () => {
    const world = await diskWorld();
    await world.apply(podWith('shop', 'second', 'data'), configMap('shop', 'settings'));
    const backup = await world.backup('b1', { ...SHOP, snapshotVolumes: false });
    const { length } = await itemsOf(world, 'b1');
    expect(length).toBe(7);
    expect(backup.status?.progress).toEqual({ totalItems: length, itemsBackedUp: length });
  });
});
