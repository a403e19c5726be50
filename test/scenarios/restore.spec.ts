import { describe, expect, it } from 'vitest';
import {
  clusterRole,
  clusterRoleBinding,
  configMap,
  deployment,
  job,
  namespaceOf,
  pod,
  service,
  serviceAccount,
  shop,
  widget,
  widgetDefinition,
  type KubeObject,
} from '../builders.js';
import { createRunningWorld, type World } from './world.js';

const SHOP_KINDS = ['configmaps', 'secrets', 'serviceaccounts', 'services', 'deployments.apps'];

/** An object without what a cluster gives it, and without the labels of a restore. */
const essence = ({ metadata, ...object }: KubeObject): object => {
  const { uid: _uid, resourceVersion: _version, creationTimestamp: _time, labels = {}, ...kept } = metadata;
  const { 'velero.io/backup-name': _backup, 'velero.io/restore-name': _restore, ...own } = labels;
  return { ...object, metadata: { ...kept, ...(Object.keys(own).length > 0 && { labels: own }) } };
};

const contentsOf = async (
  world: World,
  namespace: string,
  kinds = SHOP_KINDS,
): Promise<readonly object[]> => {
  const lists = await Promise.all(kinds.map((kind) => world.all(kind, namespace)));
  return lists.flat().map(essence);
};

const shopWorld = async (...more: readonly KubeObject[]): Promise<World> => {
  const world = await createRunningWorld();
  await world.apply(...shop(), ...more);
  const backup = await world.backup('b1', { includedNamespaces: ['shop'] });
  expect(backup.status?.phase).toBe('Completed');
  return world;
};

const results = async (world: World, restore: string) =>
  (await world.json(world.layout.restoreResults(restore))) as Record<
    'errors' | 'warnings',
    { velero?: string[]; cluster?: string[]; namespaces?: Record<string, string[]> }
  >;

describe('A restore', () => {
  it('behaviour 1: brings a deleted namespace back, and leaves Velero’s five files', async () => {
    const world = await shopWorld();
    const before = await contentsOf(world, 'shop');
    await world.remove('namespaces', 'shop');
    expect(await contentsOf(world, 'shop')).toEqual([]);
    const restore = await world.restore('r1', { backupName: 'b1' });
    expect(restore.status).toMatchObject({
      phase: 'Completed',
      progress: { totalItems: 6, itemsRestored: 6 },
    });
    const noAddress = (object: object) =>
      JSON.parse(JSON.stringify(object).replaceAll(/"10\.\d+\.\d+\.\d+"/g, '"address"')) as object;
    expect((await contentsOf(world, 'shop')).map(noAddress)).toEqual(before.map(noAddress));
    expect(await world.keys('restores/')).toEqual(
      [
        'r1-volumeinfo.json.gz',
        'restore-r1-itemoperations.json.gz',
        'restore-r1-logs.gz',
        'restore-r1-resource-list.json.gz',
        'restore-r1-results.gz',
      ].map((file) => `restores/r1/${file}`),
    );
    expect(await world.json(world.layout.restoreResourceList('r1'))).toEqual({
      'apps/v1/Deployment': ['shop/web(created)'],
      'v1/ConfigMap': ['shop/settings(created)'],
      'v1/Namespace': ['shop(created)'],
      'v1/Secret': ['shop/db(created)'],
      'v1/Service': ['shop/web(created)'],
      'v1/ServiceAccount': ['shop/web(created)'],
    });
    expect(await world.story('restore', 'r1')).toEqual([
      'Restore of all namespaces from backup b1 requested.',
      'Restoring of the items began.',
      'Items applied: 6 created, 0 updated, 0 left alone, 0 not restored; 0 warnings and 0 errors.',
      'Restore ended Completed.',
    ]);
  });

  it('behaviour 1: labels what it makes with the names of backup and restore, but not the namespace', async () => {
    const world = await shopWorld();
    await world.remove('namespaces', 'shop');
    await world.restore('r1', { backupName: 'b1' });
    const origin = { 'velero.io/backup-name': 'b1', 'velero.io/restore-name': 'r1' };
    const settings = await world.find('configmaps', 'settings', 'shop');
    expect(settings?.metadata.labels).toEqual({ tier: 'front', ...origin });
    for (const kind of SHOP_KINDS)
      for (const { metadata } of await world.all(kind, 'shop')) expect(metadata.labels).toMatchObject(origin);
    expect((await world.find('namespaces', 'shop'))?.metadata.labels).toEqual({
      team: 'sales',
      'kubernetes.io/metadata.name': 'shop',
    });
  });

  it('behaviour 155: shortens a name that is too long for a label as Velero does', async () => {
    const world = await shopWorld();
    await world.remove('namespaces', 'shop');
    const name = `r${'x'.repeat(99)}`;
    await world.restore(name, { backupName: 'b1' });
    const label = (await world.find('configmaps', 'settings', 'shop'))?.metadata.labels?.[
      'velero.io/restore-name'
    ];
    expect(label).toMatch(/^rx{56}[0-9a-f]{6}$/);
  });

  it('goes into several mapped namespaces at once and leaves the originals alone', async () => {
    const world = await createRunningWorld();
    await world.apply(
      ...shop('shop'),
      ...shop('stall'),
      clusterRole('reader'),
      clusterRoleBinding('shop-reader', 'reader', ['shop', 'web']),
    );
    await world.backup('b1', { includedNamespaces: ['shop', 'stall'] });
    const uid = (await world.find('configmaps', 'settings', 'shop'))?.metadata.uid;
    await world.remove('clusterrolebindings.rbac.authorization.k8s.io', 'shop-reader');
    const restore = await world.restore('r1', {
      backupName: 'b1',
      namespaceMapping: { shop: 'shop-copy', stall: 'stall-copy' },
    });
    expect(restore.status).toMatchObject({ phase: 'Completed' });
    for (const [from, to] of [
      ['shop', 'shop-copy'],
      ['stall', 'stall-copy'],
    ] as const) {
      expect((await world.all('deployments.apps', to)).map(({ metadata }) => metadata.name)).toEqual(['web']);
      expect((await world.find('configmaps', 'settings', to))?.['data']).toEqual(
        (await world.find('configmaps', 'settings', from))?.['data'],
      );
      expect((await world.find('namespaces', to))?.metadata.labels?.['team']).toBe('sales');
    }
    expect((await world.find('configmaps', 'settings', 'shop'))?.metadata.uid).toBe(uid);
    const binding = await world.find('clusterrolebindings.rbac.authorization.k8s.io', 'shop-reader');
    expect(binding?.['subjects']).toEqual([{ kind: 'ServiceAccount', namespace: 'shop-copy', name: 'web' }]);
  });

  it('takes only the namespaces and kinds it is asked for', async () => {
    const world = await createRunningWorld();
    await world.apply(...shop('shop'), ...shop('stall'));
    await world.backup('b1', { includedNamespaces: ['shop', 'stall'] });
    await world.remove('namespaces', 'shop');
    await world.remove('namespaces', 'stall');
    await world.restore('r1', {
      backupName: 'b1',
      includedNamespaces: ['stall'],
      excludedResources: ['secrets'],
      labelSelector: { matchLabels: { tier: 'front' } },
    });
    expect(await world.find('namespaces', 'shop')).toBeUndefined();
    expect((await contentsOf(world, 'stall')).length).toBe(2);
  });

  it('behaviour 71: gives services a new cluster address', async () => {
    const world = await shopWorld(service('shop', 'headless', { clusterIP: 'None' }));
    const address = async (name: string) =>
      ((await world.find('services', name, 'shop'))?.['spec'] as { clusterIP?: string } | undefined)
        ?.clusterIP;
    const before = await address('web');
    await world.remove('namespaces', 'shop');
    await world.apply(namespaceOf('squatter'), service('squatter', 'thief', { clusterIP: before }));
    const restore = await world.restore('r1', { backupName: 'b1' });
    expect(restore.status?.phase).toBe('Completed');
    expect(await address('web')).toMatch(/^10\./);
    expect(await address('web')).not.toBe(before);
    expect(await address('headless')).toBe('None');
  });

  it('makes definitions before the custom resources that need them', async () => {
    const world = await createRunningWorld();
    await world.apply(widgetDefinition(), ...shop(), widget('shop', 'w1', { size: 3 }));
    await world.backup('b1', { includedNamespaces: ['shop'] });
    await world.remove('namespaces', 'shop');
    await world.remove('customresourcedefinitions.apiextensions.k8s.io', 'widgets.shop.example');
    const restore = await world.restore('r1', { backupName: 'b1' });
    expect(restore.status).toMatchObject({ phase: 'Completed' });
    expect((await world.find('widgets.shop.example', 'w1', 'shop'))?.['spec']).toEqual({ size: 3 });
  });

  it('does not start completed work again', async () => {
    const world = await shopWorld(
      pod('shop', 'done', 'Succeeded'),
      pod('shop', 'failed', 'Failed'),
      pod('shop', 'running'),
      job('shop', 'ended', '2026-01-02T03:04:05Z'),
      job('shop', 'open'),
    );
    await world.remove('namespaces', 'shop');
    await world.restore('r1', { backupName: 'b1' });
    expect((await world.all('pods', 'shop')).map(({ metadata }) => metadata.name)).toEqual(['running']);
    expect((await world.all('jobs.batch', 'shop')).map(({ metadata }) => metadata.name)).toEqual(['open']);
  });

  it('makes the namespace even if all in it is completed work', async () => {
    const world = await createRunningWorld();
    await world.apply(namespaceOf('batch', { team: 'data' }), job('batch', 'ended', '2026-01-02T03:04:05Z'));
    await world.backup('b1', { includedNamespaces: ['batch'] });
    await world.remove('namespaces', 'batch');
    const restore = await world.restore('r1', { backupName: 'b1' });
    expect(restore.status).toMatchObject({ phase: 'Completed', progress: { itemsRestored: 1 } });
    expect((await world.find('namespaces', 'batch'))?.metadata.labels).toMatchObject({ team: 'data' });
    expect(await world.all('jobs.batch', 'batch')).toEqual([]);
  });
});

describe('What is in the cluster already', () => {
  it('is left alone, and counts as skipped where it is the same', async () => {
    const world = await shopWorld();
    await world.remove('namespaces', 'shop');
    await world.restore('r1', { backupName: 'b1' });
    await world.backup('b2', { includedNamespaces: ['shop'] });
    const before = await world.all('configmaps', 'shop');
    const restore = await world.restore('r1-again', { backupName: 'b1', includedResources: ['configmaps'] });
    expect(restore.status?.phase).toBe('Completed');
    expect(await world.all('configmaps', 'shop')).toEqual(before);
    expect(await world.json(world.layout.restoreResourceList('r1-again'))).toEqual({
      'v1/ConfigMap': ['shop/settings(skipped)'],
    });
    expect((await results(world, 'r1-again')).warnings).toEqual({});
  });

  it('is left alone with a warning where it differs', async () => {
    const world = await shopWorld();
    await world.remove('configmaps', 'settings', 'shop');
    await world.apply(configMap('shop', 'settings', { greeting: 'changed since' }));
    const before = await world.find('configmaps', 'settings', 'shop');
    const restore = await world.restore('r1', { backupName: 'b1', includedResources: ['configmaps'] });
    expect(restore.status).toMatchObject({ phase: 'Completed', warnings: 1 });
    expect(await world.find('configmaps', 'settings', 'shop')).toEqual(before);
    expect((await results(world, 'r1')).warnings.namespaces?.['shop']?.join()).toContain(
      'ConfigMap "settings" already exists',
    );
  });

  it('becomes what the backup held under the policy update', async () => {
    const world = await shopWorld();
    await world.remove('configmaps', 'settings', 'shop');
    await world.apply(configMap('shop', 'settings', { greeting: 'changed since', more: 'new' }));
    const { uid } = (await world.find('configmaps', 'settings', 'shop'))?.metadata ?? {};
    await world.restore('r1', { backupName: 'b1', existingResourcePolicy: 'update' });
    const after = await world.find('configmaps', 'settings', 'shop');
    expect(after).toMatchObject({
      data: { greeting: 'hello' },
      metadata: { uid, labels: { 'velero.io/restore-name': 'r1' } },
    });
    expect(after?.['data']).not.toHaveProperty('more');
  });

  it('is merged where it is a service account', async () => {
    const world = await createRunningWorld();
    await world.apply(
      namespaceOf('shop'),
      serviceAccount('shop', 'web', { secrets: [{ name: 'old' }], imagePullSecrets: [{ name: 'registry' }] }),
    );
    await world.backup('b1', { includedNamespaces: ['shop'] });
    await world.remove('serviceaccounts', 'web', 'shop');
    await world.apply(serviceAccount('shop', 'web', { secrets: [{ name: 'new' }] }));
    const restore = await world.restore('r1', { backupName: 'b1' });
    expect(restore.status).toMatchObject({ phase: 'Completed' });
    expect(await world.find('serviceaccounts', 'web', 'shop')).toMatchObject({
      secrets: [{ name: 'new' }, { name: 'old' }],
      imagePullSecrets: [{ name: 'registry' }],
    });
  });
});

describe('A restore that cannot be', () => {
  it.each([
    [
      'an unknown backup (behaviour 44)',
      { backupName: 'nothing' },
      /spec\.backupName: the backup "nothing" does not exist/,
    ],
    ['no source at all', {}, /name either a backup or a schedule/],
    ['a schedule without backups', { scheduleName: 'nightly' }, /schedule "nightly" has made no backups/],
    [
      'a kind that is never restored',
      { backupName: 'b1', includedResources: ['nodes'] },
      /"nodes" cannot be restored/,
    ],
    [
      'an unknown policy',
      { backupName: 'b1', existingResourcePolicy: 'replace' },
      /existingResourcePolicy: "replace" is unknown/,
    ],
  ])('is FailedValidation for %s and touches nothing', async (_what, spec, reason) => {
    const world = await shopWorld();
    await world.remove('namespaces', 'shop');
    const restore = await world.restore('r1', spec);
    expect(restore.status?.phase).toBe('FailedValidation');
    expect(restore.status?.validationErrors?.join('\n')).toMatch(reason);
    expect(await world.find('namespaces', 'shop')).toBeUndefined();
    expect(await world.keys('restores/')).toEqual([]);
  });

  it('fails when the contents are gone from the bucket', async () => {
    const world = await shopWorld();
    await world.store.delete(world.layout.backupContents('b1'));
    const restore = await world.restore('r1', { backupName: 'b1' });
    expect(restore.status).toMatchObject({
      phase: 'Failed',
      failureReason: expect.stringContaining('not in object storage') as string,
    });
  });

  it('restores the rest where the cluster refuses one object', async () => {
    const world = await shopWorld(deployment('shop', 'refused'));
    await world.remove('namespaces', 'shop');
    await world.restart({
      cluster: {
        ...world.cluster,
        create: (type, namespace, body, options) =>
          body.toString().includes('"refused"')
            ? Promise.resolve({
                ok: false,
                status: 403,
                reason: 'Forbidden',
                message: 'an admission webhook said no',
                causes: [],
              })
            : world.cluster.create(type, namespace, body, options),
      },
    });
    const restore = await world.restore('r1', { backupName: 'b1' });
    expect(restore.status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect((await results(world, 'r1')).errors.namespaces?.['shop']?.join()).toContain(
      'an admission webhook said no',
    );
    expect((await world.all('deployments.apps', 'shop')).map(({ metadata }) => metadata.name)).toEqual([
      'web',
    ]);
  });
});
