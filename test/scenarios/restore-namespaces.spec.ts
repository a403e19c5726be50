import { describe, expect, it } from 'vitest';
import { intercepted } from '../crash/intercept.js';
import {
  clusterRole,
  clusterRoleBinding,
  configMap,
  namespaceOf,
  shop,
  type KubeObject,
} from '../builders.js';
import { createRunningWorld, type World } from './world.js';

const RBAC = 'rbac.authorization.k8s.io';
const KINDS = ['configmaps', 'secrets', 'serviceaccounts', 'services', 'deployments.apps'];
const allOf = async (world: World, namespace: string): Promise<readonly KubeObject[]> =>
  (await Promise.all(KINDS.map((kind) => world.all(kind, namespace)))).flat();

const backedUp = async (...objects: readonly KubeObject[]): Promise<World> => {
  const world = await createRunningWorld();
  await world.apply(...objects);
  const backup = await world.backup('b1', { includedNamespaces: ['shop'] });
  expect(backup.status?.phase).toBe('Completed');
  return world;
};

const MAPPED = { backupName: 'b1', namespaceMapping: { shop: 'copy' } };

describe('A restore into another namespace', () => {
  it('behaviour 46: makes everything there, and does not touch the one it came from', async () => {
    const world = await backedUp(...shop());
    const before = [await world.find('namespaces', 'shop'), ...(await allOf(world, 'shop'))];
    const restore = await world.restore('r1', MAPPED);
    expect(restore.status?.phase).toBe('Completed');
    expect(await allOf(world, 'copy')).toHaveLength(KINDS.length);
    expect([await world.find('namespaces', 'shop'), ...(await allOf(world, 'shop'))]).toEqual(before);
  });

  it('behaviour 46: does not make the one it came from', async () => {
    const world = await backedUp(...shop());
    await world.remove('namespaces', 'shop');
    await world.restore('r1', MAPPED);
    expect(await allOf(world, 'copy')).toHaveLength(KINDS.length);
    expect(await world.find('namespaces', 'shop')).toBeUndefined();
  });

  it('behaviour 47: gives the rights of its accounts to those of the other namespace', async () => {
    const subject = (namespace: string) => ({ kind: 'ServiceAccount', name: 'web', namespace });
    const roleBinding: KubeObject = {
      apiVersion: `${RBAC}/v1`,
      kind: 'RoleBinding',
      metadata: { name: 'local', namespace: 'shop' },
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'reader' },
      subjects: [subject('shop'), subject('elsewhere')],
    };
    const global = clusterRoleBinding('global', 'reader', ['shop', 'web']);
    const world = await backedUp(...shop(), clusterRole('reader'), roleBinding, global);
    await world.remove(`clusterrolebindings.${RBAC}`, 'global');
    await world.restore('r1', MAPPED);
    expect((await world.find(`rolebindings.${RBAC}`, 'local', 'copy'))?.['subjects']).toEqual([
      subject('copy'),
      subject('elsewhere'),
    ]);
    expect((await world.find(`clusterrolebindings.${RBAC}`, 'global'))?.['subjects']).toEqual([
      subject('copy'),
    ]);
  });
});

describe('The namespace of a restore', () => {
  it('behaviour 48: is made with the labels and annotations it had, and not marked as restored', async () => {
    const home = namespaceOf('shop', { team: 'sales' });
    const annotations = { 'shop.example/owner': 'ada' };
    const world = await backedUp(
      { ...home, metadata: { ...home.metadata, annotations } },
      configMap('shop', 'c'),
    );
    await world.remove('namespaces', 'shop');
    await world.restore('r1', { backupName: 'b1' });
    const { labels, annotations: found } = (await world.find('namespaces', 'shop'))?.metadata ?? {};
    expect(labels).toEqual({ team: 'sales', 'kubernetes.io/metadata.name': 'shop' });
    expect(found).toEqual(annotations);
  });

  it('behaviour 49: stays as it is if it exists, whatever the policy', async () => {
    const world = await backedUp(namespaceOf('shop', { team: 'sales' }), configMap('shop', 'c'));
    await world.remove('namespaces', 'shop');
    await world.apply(namespaceOf('shop', { team: 'marketing', extra: 'yes' }));
    const before = await world.find('namespaces', 'shop');
    await world.restore('r1', { backupName: 'b1', existingResourcePolicy: 'update' });
    expect(await world.find('configmaps', 'c', 'shop')).toBeDefined();
    expect(await world.find('namespaces', 'shop')).toEqual(before);
  });

  /** The namespace is going, but an object holds it; `free` lets it go. */
  const going = async (world: World): Promise<() => Promise<void>> => {
    const held = configMap('shop', 'held');
    await world.apply({ ...held, metadata: { ...held.metadata, finalizers: ['shop.example/hold'] } });
    await world.remove('namespaces', 'shop');
    expect((await world.find('namespaces', 'shop'))?.['status']).toEqual({ phase: 'Terminating' });
    return () => world.release('configmaps', 'held', 'shop');
  };

  it('behaviour 50: is waited for while it is being deleted', async () => {
    const world = await backedUp(namespaceOf('shop'), configMap('shop', 'c'));
    const free = await going(world);
    let looks = 0;
    await world.restart(
      intercepted(world, async (call, make) => {
        const answer = await make();
        if (call.verb === 'get' && call.target === 'namespaces/shop' && (looks += 1) === 1) await free();
        return answer;
      }),
    );
    const restore = await world.restore('r1', { backupName: 'b1' });
    expect(restore.status?.phase).toBe('Completed');
    expect(looks).toBeGreaterThan(1);
    expect(await world.find('configmaps', 'c', 'shop')).toBeDefined();
  });

  it('behaviour 50: is an error of each of its items if it is not gone in time', async () => {
    const world = await backedUp(namespaceOf('shop'), configMap('shop', 'c'), configMap('shop', 'd'));
    await going(world);
    await world.restart({}, { terminatingResourceTimeout: 1 });
    const restore = await world.restore('r1', { backupName: 'b1', includedResources: ['configmaps'] });
    expect(restore.status?.phase).toBe('PartiallyFailed');
    const { errors } = (await world.json(world.layout.restoreResults('r1'))) as {
      errors: { velero: readonly string[] };
    };
    expect(errors.velero).toEqual([
      expect.stringContaining('terminating namespace shop'),
      expect.stringContaining('terminating namespace shop'),
    ]);
    expect(await world.find('configmaps', 'c', 'shop')).toBeUndefined();
  });
});
