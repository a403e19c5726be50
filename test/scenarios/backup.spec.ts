import { describe, expect, it } from 'vitest';
import {
  clusterRole,
  clusterRoleBinding,
  configMap,
  namespaceOf,
  pod,
  serviceAccount,
  shop,
  widget,
  widgetDefinition,
} from '../builders.js';
import { itemsOf } from './tarball.js';
import { createRunningWorld } from './world.js';

const SHOP_ITEMS = [
  'configmaps|shop|settings',
  'deployments.apps|shop|web',
  'namespaces||shop',
  'secrets|shop|db',
  'serviceaccounts|shop|web',
  'services|shop|web',
];

describe('A backup of a namespace', () => {
  it.each(['memory', 'filesystem'] as const)(
    'ends Completed with exactly the nine files of Velero in a %s bucket',
    async (bucket) => {
      const world = await createRunningWorld({
        bucket,
        events: bucket === 'memory' ? 'memory' : 'sqlite',
        prefix: 'cluster-a',
      });
      await world.apply(...shop());
      const backup = await world.backup('b1', { includedNamespaces: ['shop'] });
      expect(backup.status).toMatchObject({
        phase: 'Completed',
        version: 1,
        formatVersion: '1.1.0',
        progress: { totalItems: 6, itemsBackedUp: 6 },
      });
      expect(await world.keys()).toEqual(
        [
          'b1-itemoperations.json.gz',
          'b1-logs.gz',
          'b1-podvolumebackups.json.gz',
          'b1-resource-list.json.gz',
          'b1-results.gz',
          'b1-volumeinfo.json.gz',
          'b1-volumesnapshots.json.gz',
          'b1.tar.gz',
          'velero-backup.json',
        ].map((file) => `cluster-a/backups/b1/${file}`),
      );
      expect(await world.json(world.layout.resourceList('b1'))).toEqual({
        'apps/v1/Deployment': ['shop/web'],
        'v1/ConfigMap': ['shop/settings'],
        'v1/Namespace': ['shop'],
        'v1/Secret': ['shop/db'],
        'v1/Service': ['shop/web'],
        'v1/ServiceAccount': ['shop/web'],
      });
      expect(await itemsOf(world, 'b1')).toEqual(SHOP_ITEMS);
      expect(await world.json(world.layout.backupResults('b1'))).toEqual({ errors: {}, warnings: {} });
    },
  );

  it('is told the same way by the resource, the file in the bucket and the facts', async () => {
    const world = await createRunningWorld();
    await world.apply(...shop());
    const backup = await world.backup('b1', { includedNamespaces: ['shop'] });
    const stored = (await world.json(world.layout.backupMetadata('b1'))) as typeof backup;
    expect(stored.status).toEqual(backup.status);
    expect(stored.spec).toEqual(backup.spec);
    const finished = (await world.facts('backup', 'b1')).at(-1);
    expect(finished).toMatchObject({
      type: 'BackupFinished',
      data: { outcome: 'Completed', at: backup.status?.completionTimestamp },
    });
    expect(backup.metadata.labels).toMatchObject({ 'velero.io/storage-location': 'default' });
  });

  it('tells its story from the wish to the end', async () => {
    const world = await createRunningWorld();
    await world.apply(...shop());
    const backup = await world.backup('b1', { includedNamespaces: ['shop'] });
    expect(await world.story('backup', 'b1')).toEqual([
      'Backup of namespaces shop requested.',
      `Collecting of the contents began; the backup is kept until ${backup.status?.expiration ?? ''}.`,
      expect.stringMatching(/^Contents stored: 6 items, \d+\.\d KiB, 0 warnings and 0 errors\.$/),
      'Backup ended Completed.',
    ]);
  });

  it('holds each object byte for byte as the cluster answers it', async () => {
    const world = await createRunningWorld();
    await world.apply(...shop());
    await world.backup('b1', { includedNamespaces: ['shop'] });
    const entries = await world.archive('b1');
    const archived = entries.get('resources/configmaps/namespaces/shop/settings.json');
    expect(JSON.parse(archived ?? '')).toEqual(await world.find('configmaps', 'settings', 'shop'));
    expect(entries.get('resources/configmaps/v1-preferredversion/namespaces/shop/settings.json')).toBe(
      archived,
    );
    expect(entries.get('metadata/version')).toBe('1.1.0\n');
  });
});

describe('What a backup takes', () => {
  const twoShops = async () => {
    const world = await createRunningWorld();
    await world.apply(...shop('shop'), ...shop('stall'), configMap('shop', 'other'));
    return world;
  };

  it('behaviour 2: is the included namespaces only', async () => {
    const world = await twoShops();
    await world.backup('b1', { includedNamespaces: ['stall'] });
    expect(await itemsOf(world, 'b1')).toEqual(SHOP_ITEMS.map((item) => item.replace('shop', 'stall')));
  });

  it('is not what it excludes, by kind and by namespace', async () => {
    const world = await twoShops();
    await world.backup('b1', {
      excludedNamespaces: ['stall', 'velero', 'default', 'kube-system', 'kube-public', 'kube-node-lease'],
      excludedResources: ['secrets', 'deployments'],
    });
    const items = await itemsOf(world, 'b1');
    expect(items.filter((item) => /^(secrets|deployments)/.test(item))).toEqual([]);
    expect(items.filter((item) => item.includes('stall'))).toEqual([]);
    expect(items).toContain('services|shop|web');
  });

  it('is the included kinds only', async () => {
    const world = await twoShops();
    await world.backup('b1', { includedNamespaces: ['shop'], includedResources: ['configmaps'] });
    expect(await itemsOf(world, 'b1')).toEqual(['configmaps|shop|other', 'configmaps|shop|settings']);
    await world.backup('b2', {
      includedNamespaces: ['shop'],
      includedNamespaceScopedResources: ['configmaps'],
    });
    expect(await itemsOf(world, 'b2')).toEqual([
      'configmaps|shop|other',
      'configmaps|shop|settings',
      'namespaces||shop',
    ]);
  });

  it('is what a label selector finds', async () => {
    const world = await twoShops();
    await world.backup('b1', {
      includedNamespaces: ['shop'],
      labelSelector: { matchLabels: { tier: 'front' } },
    });
    expect(await itemsOf(world, 'b1')).toEqual([
      'configmaps|shop|settings',
      'deployments.apps|shop|web',
      'namespaces||shop',
    ]);
  });

  it('is what any of several label selectors finds, each object once', async () => {
    const world = await twoShops();
    await world.apply(configMap('shop', 'back', {}, { tier: 'back' }));
    await world.backup('b1', {
      includedNamespaces: ['shop'],
      orLabelSelectors: [
        { matchLabels: { tier: 'front' } },
        { matchLabels: { tier: 'back' } },
        { matchExpressions: [{ key: 'tier', operator: 'Exists' }] },
      ],
    });
    expect(await itemsOf(world, 'b1')).toEqual([
      'configmaps|shop|back',
      'configmaps|shop|settings',
      'deployments.apps|shop|web',
      'namespaces||shop',
    ]);
  });

  it('leaves out what is labelled velero.io/exclude-from-backup, and all of a namespace so labelled', async () => {
    const world = await createRunningWorld();
    const exclude = { 'velero.io/exclude-from-backup': 'true' };
    await world.apply(...shop('shop'), configMap('shop', 'private', {}, exclude));
    await world.apply(namespaceOf('hidden', exclude), configMap('hidden', 'inside'));
    const backup = await world.backup('b1', { includedNamespaces: ['*'], includedResources: ['configmaps'] });
    const items = await itemsOf(world, 'b1');
    expect(items).toContain('configmaps|shop|settings');
    expect(items.filter((item) => /private|hidden/.test(item))).toEqual([]);
    expect(backup.spec?.excludedNamespaces).toEqual(['hidden']);
  });

  it('brings cluster-scoped objects along only where they belong to what is taken, unless told otherwise', async () => {
    const world = await createRunningWorld();
    await world.apply(
      ...shop(),
      clusterRole('reader'),
      clusterRole('stranger'),
      clusterRoleBinding('shop-reader', 'reader', ['shop', 'web']),
    );
    const cluster = (items: readonly string[]) =>
      items
        .filter((item) => /^clusterrole/.test(item))
        .map((item) => item.replace('.rbac.authorization.k8s.io||', ' '));
    await world.backup('usual', { includedNamespaces: ['shop'] });
    await world.backup('all', { includedNamespaces: ['shop'], includeClusterResources: true });
    await world.backup('none', { includedNamespaces: ['shop'], includeClusterResources: false });
    expect(cluster(await itemsOf(world, 'usual'))).toEqual([
      'clusterrolebindings shop-reader',
      'clusterroles reader',
    ]);
    expect(cluster(await itemsOf(world, 'all'))).toEqual([
      'clusterrolebindings shop-reader',
      'clusterroles reader',
      'clusterroles stranger',
    ]);
    expect(cluster(await itemsOf(world, 'none'))).toEqual([]);
    expect(await itemsOf(world, 'none')).toEqual(SHOP_ITEMS.filter((item) => !item.startsWith('namespaces')));
  });

  it('brings the definition of its custom resources', async () => {
    const world = await createRunningWorld();
    await world.apply(widgetDefinition(), ...shop(), widget('shop', 'w1', { size: 3 }));
    await world.backup('b1', { includedNamespaces: ['shop'] });
    expect(await itemsOf(world, 'b1')).toEqual(
      [
        ...SHOP_ITEMS,
        'customresourcedefinitions.apiextensions.k8s.io||widgets.shop.example',
        'widgets.shop.example|shop|w1',
      ].sort(),
    );
  });

  it('keeps completed pods: what is restored is decided later', async () => {
    const world = await createRunningWorld();
    await world.apply(
      namespaceOf('shop'),
      serviceAccount('shop', 'default'),
      pod('shop', 'done', 'Succeeded', 'default'),
    );
    await world.backup('b1', { includedNamespaces: ['shop'] });
    expect(await itemsOf(world, 'b1')).toContain('pods|shop|done');
  });

  it('lists everything though the cluster answers in small pages', async () => {
    const world = await createRunningWorld({ config: { clientPageSize: 3 } });
    await world.apply(
      namespaceOf('shop'),
      ...Array.from({ length: 20 }, (_, i) => configMap('shop', `c${i}`)),
    );
    const backup = await world.backup('b1', { includedNamespaces: ['shop'] });
    expect(backup.status?.progress).toEqual({ totalItems: 21, itemsBackedUp: 21 });
    expect((await itemsOf(world, 'b1')).filter((item) => item.startsWith('configmaps')).length).toBe(20);
  });

  it('is told PartiallyFailed, with the reason in its results, where a named namespace does not exist', async () => {
    const world = await createRunningWorld();
    await world.apply(...shop());
    const backup = await world.backup('b1', { includedNamespaces: ['shop', 'gone'] });
    expect(backup.status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    const results = (await world.json(world.layout.backupResults('b1'))) as { errors: object };
    expect(JSON.stringify(results.errors)).toContain('namespaces \\"gone\\" not found');
    expect(await itemsOf(world, 'b1')).toEqual(SHOP_ITEMS);
  });

  it('warns once, by name, of namespaces that Argo CD manages, as far as they are in the backup', async () => {
    const world = await createRunningWorld();
    const managed = { 'argocd.argoproj.io/managed-by': 'argocd' };
    await world.apply(
      namespaceOf('shop', managed),
      namespaceOf('bank', managed),
      namespaceOf('away', managed),
    );
    const backup = await world.backup('b1', { includedNamespaces: ['shop', 'bank'] });
    expect(backup.status).toMatchObject({ phase: 'Completed', warnings: 1 });
    const { warnings } = (await world.json(world.layout.backupResults('b1'))) as {
      warnings: { velero: readonly string[] };
    };
    expect(warnings.velero).toEqual([expect.stringMatching(/Argo CD.*: bank, shop$/)]);
  });
});
