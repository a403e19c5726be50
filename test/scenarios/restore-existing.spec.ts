import { describe, expect, it } from 'vitest';
import type { Written } from '../../src/cluster/port.js';
import { configMap, namespaceOf, service, serviceAccount, type KubeObject } from '../builders.js';
import { createRunningWorld, type World } from './world.js';

interface Results {
  readonly errors: { readonly namespaces?: Readonly<Record<string, readonly string[]>> };
  readonly warnings: { readonly namespaces?: Readonly<Record<string, readonly string[]>> };
}

const resultsOf = (world: World): Promise<Results> =>
  world.json(world.layout.restoreResults('r1')) as Promise<Results>;
const listOf = (world: World): Promise<unknown> => world.json(world.layout.restoreResourceList('r1'));

/** What is in the backup `b1` of the namespace `shop`; the objects are still there. */
const backedUp = async (...objects: readonly KubeObject[]): Promise<World> => {
  const world = await createRunningWorld();
  await world.apply(namespaceOf('shop'), ...objects);
  await world.backup('b1', { includedNamespaces: ['shop'] });
  return world;
};

const find = async (world: World): Promise<KubeObject> =>
  (await world.find('configmaps', 'settings', 'shop')) ?? expect.fail('the ConfigMap is gone');

const OLD = configMap('shop', 'settings', { greeting: 'hello' }, { tier: 'front' });

/** The ConfigMap has changed since the backup: one key differs, one is new. */
const changed = async (): Promise<World> => {
  const world = await backedUp(OLD);
  await world.remove('configmaps', 'settings', 'shop');
  await world.apply(configMap('shop', 'settings', { greeting: 'changed', more: 'new' }, { tier: 'back' }));
  return world;
};

const LABELS = { 'velero.io/backup-name': 'b1', 'velero.io/restore-name': 'r1' };

describe('An object that is there already', () => {
  it('behaviour 62: and is the same is left alone without a word', async () => {
    const world = await backedUp(OLD);
    const before = await find(world);
    const restore = await world.restore('r1', { backupName: 'b1' });
    expect(restore.status?.phase).toBe('Completed');
    expect(restore.status?.warnings).toBeUndefined();
    expect(await find(world)).toEqual(before);
    expect(await listOf(world)).toEqual({ 'v1/ConfigMap': ['shop/settings(skipped)'] });
  });

  it.each([
    ['63: without a policy', {}],
    ['64: under the policy none', { existingResourcePolicy: 'none' }],
  ])('behaviour %s: and differs is left alone with one warning', async (_what, policy) => {
    const world = await changed();
    const before = await find(world);
    const restore = await world.restore('r1', { backupName: 'b1', ...policy });
    expect(restore.status).toMatchObject({ phase: 'Completed', warnings: 1 });
    expect(await find(world)).toEqual(before);
    expect(await listOf(world)).toEqual({ 'v1/ConfigMap': ['shop/settings(failed)'] });
    expect((await resultsOf(world)).warnings.namespaces?.['shop']).toEqual([
      expect.stringMatching(/^could not restore, ConfigMap "settings" already exists/),
    ]);
  });

  it('behaviour 65: and differs becomes what the backup held under the policy update, with nothing more', async () => {
    const world = await changed();
    const { uid } = (await find(world)).metadata;
    const restore = await world.restore('r1', { backupName: 'b1', existingResourcePolicy: 'update' });
    expect(restore.status?.phase).toBe('Completed');
    expect(restore.status?.warnings).toBeUndefined();
    const after = await find(world);
    expect(after['data']).toEqual({ greeting: 'hello' });
    expect(after.metadata).toMatchObject({ uid, labels: { tier: 'front', ...LABELS } });
    expect(await listOf(world)).toEqual({ 'v1/ConfigMap': ['shop/settings(updated)'] });
  });

  it('behaviour 66: and is the same gets the two labels under the policy update, and nothing else', async () => {
    const world = await backedUp(OLD);
    const before = await find(world);
    const restore = await world.restore('r1', { backupName: 'b1', existingResourcePolicy: 'update' });
    expect(restore.status?.warnings).toBeUndefined();
    const after = await find(world);
    expect(after.metadata.labels).toEqual({ tier: 'front', ...LABELS });
    const bare = ({
      metadata: { labels: _labels, resourceVersion: _version, ...kept },
      ...rest
    }: KubeObject) => ({
      ...rest,
      metadata: kept,
    });
    expect(bare(after)).toEqual(bare(before));
    expect(await listOf(world)).toEqual({ 'v1/ConfigMap': ['shop/settings(skipped)'] });
  });

  it('behaviour 67: and cannot become what the backup held is a warning, and gets the two labels alone', async () => {
    const world = await changed();
    const immutable: Written = {
      ok: false,
      status: 422,
      reason: 'Invalid',
      message: 'data: field is immutable when `immutable` is set',
      causes: [],
    };
    await world.restart({
      cluster: {
        ...world.cluster,
        patch: async (type, ref, kind, body, options) =>
          type.resource === 'configmaps' && body.toString().includes('greeting')
            ? immutable
            : world.cluster.patch(type, ref, kind, body, options),
      },
    });
    const restore = await world.restore('r1', { backupName: 'b1', existingResourcePolicy: 'update' });
    expect(restore.status).toMatchObject({ phase: 'Completed', warnings: 1 });
    expect((await resultsOf(world)).warnings.namespaces?.['shop']).toEqual([
      expect.stringContaining('field is immutable'),
    ]);
    const after = await find(world);
    expect(after['data']).toEqual({ greeting: 'changed', more: 'new' });
    expect(after.metadata.labels).toEqual({ tier: 'back', ...LABELS });
  });

  it.each([[undefined], ['none'], ['update']])(
    'behaviour 68: and is a service account gains what it lacks and keeps what it has, under the policy %s',
    async (existingResourcePolicy) => {
      const account = (labels: object, annotations: object, rest: object): KubeObject => {
        const plain = serviceAccount('shop', 'web', rest);
        return {
          ...plain,
          metadata: { ...plain.metadata, labels: { ...labels }, annotations: { ...annotations } },
        };
      };
      const world = await backedUp(
        account(
          { tier: 'front', team: 'sales' },
          { note: 'old', owner: 'ada' },
          { secrets: [{ name: 'old' }, { name: 'both' }], imagePullSecrets: [{ name: 'registry' }] },
        ),
      );
      await world.remove('serviceaccounts', 'web', 'shop');
      await world.apply(
        account({ tier: 'back' }, { note: 'new' }, { secrets: [{ name: 'new' }, { name: 'both' }] }),
      );
      const restore = await world.restore('r1', {
        backupName: 'b1',
        ...(existingResourcePolicy !== undefined && { existingResourcePolicy }),
      });
      expect(restore.status?.phase).toBe('Completed');
      expect(restore.status?.warnings).toBeUndefined();
      expect(await world.find('serviceaccounts', 'web', 'shop')).toMatchObject({
        metadata: {
          labels: { tier: 'back', team: 'sales' },
          annotations: { note: 'new', owner: 'ada' },
        },
        secrets: [{ name: 'new' }, { name: 'both' }, { name: 'old' }],
        imagePullSecrets: [{ name: 'registry' }],
      });
    },
  );

  it('behaviour 69: cannot be dealt with by a policy that nobody knows', async () => {
    const world = await backedUp(OLD);
    const restore = await world.restore('r1', { backupName: 'b1', existingResourcePolicy: 'replace' });
    expect(restore.status?.phase).toBe('FailedValidation');
  });

  /** As an API server does, which gives the node port before it sees that the name is taken. */
  const portTaken: Written = {
    ok: false,
    status: 422,
    reason: 'Invalid',
    message:
      'Service "web" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
    causes: [
      {
        reason: 'FieldValueInvalid',
        field: 'spec.ports[0].nodePort',
        message: 'Invalid value: 30080: provided port is already allocated',
      },
    ],
  };
  const portsTaken = async (): Promise<World> => {
    const ports = [{ port: 80, protocol: 'TCP', nodePort: 30080 }];
    const world = await backedUp(service('shop', 'web', { type: 'NodePort', ports }));
    await world.restart({
      cluster: {
        ...world.cluster,
        create: async (type, namespace, body, options) =>
          type.resource === 'services' ? portTaken : world.cluster.create(type, namespace, body, options),
      },
    });
    return world;
  };
  const KEEP = { backupName: 'b1', preserveNodePorts: true };

  it('behaviour 70: and is a Service with the node port that is asked for is a warning', async () => {
    const world = await portsTaken();
    const before = await world.find('services', 'web', 'shop');
    const restore = await world.restore('r1', KEEP);
    expect(restore.status).toMatchObject({ phase: 'Completed', warnings: 1 });
    expect(restore.status?.errors).toBeUndefined();
    expect(await world.find('services', 'web', 'shop')).toEqual(before);
  });

  it('behaviour 70: and is another Service with that node port is an error', async () => {
    const world = await portsTaken();
    await world.remove('services', 'web', 'shop');
    const restore = await world.restore('r1', KEEP);
    expect(restore.status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect((await resultsOf(world)).errors.namespaces?.['shop']?.join()).toContain('already allocated');
  });
});
