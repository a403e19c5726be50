/**
 * Faults of Velero 1.18 that its development branch has fixed since, by the number of the pull request. Each is a kind of
 * fault that can come back in any program of this sort, so each has a test here that goes in by the front door.
 */
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { BackupDefaults, BackupEnvironment } from '../../src/domain/prepare-backup.js';
import { prepareBackup } from '../../src/domain/prepare-backup.js';
import type { Backup, BackupPhase, BackupSpec } from '../../src/domain/velero.gen.js';
import { configMap, namespaceOf, shop, type KubeObject } from '../builders.js';
import { withFaults } from '../crash/faults.js';
import type { Call } from '../crash/intercept.js';
import { withGate } from '../scenarios/gate.js';
import { itemsOf } from '../scenarios/tarball.js';
import { createRunningWorld, soon, type World } from '../scenarios/world.js';
import { tarballOf } from '../unit/archive/archives.js';

const SHOP = { includedNamespaces: ['shop'] };

const withBackup = async (): Promise<World> => {
  const world = await createRunningWorld();
  await world.apply(...shop());
  await world.backup('b1', SHOP);
  return world;
};

const isCall = (verb: string, target: string) => (call: Call) =>
  call.port === 'cluster' && call.verb === verb && call.target === target;

describe('10159: of an excluded namespace nothing gets into a backup, not even its Namespace object,', () => {
  const app = { app: 'web' };
  const world = async () => {
    const made = await createRunningWorld();
    await made.apply(
      namespaceOf('ns-1'),
      namespaceOf('ns-2'),
      namespaceOf('ns-3', { 'velero.io/exclude-from-backup': 'true' }),
      ...['ns-1', 'ns-2', 'ns-3'].map((namespace) => configMap(namespace, 'settings', {}, app)),
    );
    return made;
  };
  const labelSelector = { matchLabels: app };
  const others = ['velero', 'default', 'kube-*'];

  it.each<readonly [string, BackupSpec]>([
    ['though all others are taken', { includedNamespaces: ['*'], excludedNamespaces: ['ns-2', ...others] }],
    ['excluded by a pattern', { excludedNamespaces: ['*-2', ...others] }],
    ['though a pattern includes it', { includedNamespaces: ['ns-*'], excludedNamespaces: ['ns-2'] }],
    ['though a selector finds its objects', { labelSelector, excludedNamespaces: ['ns-2', ...others] }],
    [
      'though one of several selectors does',
      {
        orLabelSelectors: [{ matchLabels: { app: 'none' } }, labelSelector],
        excludedNamespaces: ['ns-[2-9]', ...others],
      },
    ],
  ])('%s', async (_how, spec) => {
    const here = await world();
    expect((await here.backup('b1', spec)).status?.phase).toBe('Completed');
    expect(await itemsOf(here, 'b1')).toEqual(['configmaps|ns-1|settings', 'namespaces||ns-1']);
  });
});

describe('10033: a namespace that is named means that one and no other,', () => {
  const world = async () => {
    const made = await createRunningWorld();
    for (const namespace of ['prod', 'prod-2', 'stage-1', 'stage-2'])
      await made.apply(namespaceOf(namespace), configMap(namespace, 'settings', { of: namespace }));
    await made.backup('b1', { includedNamespaces: ['prod*', 'stage-?'] });
    for (const namespace of ['prod', 'prod-2', 'stage-1', 'stage-2'])
      await made.remove('namespaces', namespace);
    return made;
  };
  const restored = async (here: World) =>
    (await here.all('configmaps'))
      .map(({ metadata, ...rest }) =>
        [metadata.namespace, (rest['data'] as { of: string }).of].join(' from '),
      )
      .sort();

  it.each([
    ['before', ['prod', 'stage-*'], ['stage-2', 'prod-?']],
    ['behind', ['stage-*', 'prod'], ['prod-?', 'stage-2']],
  ])('%s patterns in the lists of a restore', async (_place, includedNamespaces, excludedNamespaces) => {
    const here = await world();
    const restore = await here.restore('r1', { backupName: 'b1', includedNamespaces, excludedNamespaces });
    expect(restore.status?.phase).toBe('Completed');
    expect(await restored(here)).toEqual(['prod from prod', 'stage-1 from stage-1']);
  });

  it('when it is mapped to another', async () => {
    const here = await world();
    const namespaceMapping = { prod: 'live', 'stage-*': 'wrong', 'prod-': 'wrong' };
    await here.restore('r1', { backupName: 'b1', namespaceMapping });
    expect(await restored(here)).toEqual([
      'live from prod',
      'prod-2 from prod-2',
      'stage-1 from stage-1',
      'stage-2 from stage-2',
    ]);
  });
});

describe('10343: a backup that is not finished', () => {
  const UNFINISHED: readonly BackupPhase[] = [
    'New',
    'Queued',
    'ReadyToStart',
    'InProgress',
    'WaitingForPluginOperations',
    'WaitingForPluginOperationsPartiallyFailed',
    'Finalizing',
    'FinalizingPartiallyFailed',
    'Deleting',
  ];

  it('does not come from the bucket into another cluster, whatever it says of itself', async () => {
    const first = await withBackup();
    const finished = (await first.json(first.layout.backupMetadata('b1'))) as Backup;
    for (const phase of UNFINISHED) {
      const name = `half-${phase.toLowerCase()}`;
      const metadata = { ...finished.metadata, name };
      const half = { ...finished, metadata, status: { ...finished.status, phase } };
      await first.store.put(first.layout.backupMetadata(name), Buffer.from(JSON.stringify(half)));
    }
    await first.store.put(first.layout.backupContents('unmarked'), Buffer.from('half an archive'));
    await first.stop();
    const second = await createRunningWorld({ store: first.store });
    const isSynced = ({ status }: { readonly status?: { readonly lastSyncedTime?: unknown } }) =>
      status?.lastSyncedTime !== undefined;
    await second.until('BackupStorageLocation', 'default', isSynced);
    const names = (await second.resources.list('Backup', soon())).map(({ metadata }) => metadata.name);
    expect(names).toEqual(['b1']);
  });
});

describe('9792: from a backup that is not finished', () => {
  it('nothing is restored while it runs, and everything once it has ended', async () => {
    const world = await createRunningWorld();
    await world.apply(...shop());
    const gate = withGate(world, ({ verb, target }) => verb === 'put' && target.endsWith('.tar.gz'));
    onTestFinished(gate.open);
    await world.restart(gate.outside);
    await world.request('Backup', 'b1', SHOP);
    await gate.arrived;
    await world.until('Backup', 'b1', ({ status }) => status?.phase === 'InProgress');
    const copy = { backupName: 'b1', namespaceMapping: { shop: 'copy' } };
    await world.request('Restore', 'early', copy);
    const early = await world.until('Restore', 'early', ({ status }) => status?.phase !== undefined);
    expect(early.status).toMatchObject({
      phase: 'FailedValidation',
      validationErrors: [expect.stringMatching(/"b1" is InProgress; restore one that is Completed/)],
    });
    expect(await world.find('namespaces', 'copy')).toBeUndefined();
    gate.open();
    expect((await world.ended('Backup', 'b1')).status?.phase).toBe('Completed');
    const late = await world.restore('late', copy);
    expect(late.status?.phase).toBe('Completed');
  });
});

/** Restores from contents that somebody put into the bucket; nothing of them may reach the cluster. */
const refuses = async (contents: Buffer, reason: RegExp): Promise<void> => {
  const world = await withBackup();
  await world.remove('namespaces', 'shop');
  await world.store.put(world.layout.backupContents('b1'), contents);
  const restore = await world.restore('r1', { backupName: 'b1' });
  expect(restore.status?.phase).toBe('Failed');
  expect(restore.status?.failureReason).toMatch(reason);
  expect(await world.find('namespaces', 'shop')).toBeUndefined();
};

const SETTINGS = JSON.stringify(configMap('shop', 'settings'));
const GOOD = { name: 'resources/configmaps/namespaces/shop/settings.json', body: SETTINGS };

describe('10102: an archive whose paths lead out of it', () => {
  it.each([
    'resources/configmaps/namespaces/shop/../../../../../evil.json',
    'resources/configmaps/namespaces/../../../evil.json',
    '../evil.json',
    '/etc/evil.json',
    'resources\\..\\..\\evil.json',
  ])('is not restored: %s', async (name) => {
    await refuses(await tarballOf([GOOD, { name, body: SETTINGS }]), /holds something no backup may hold/);
  });
});

describe('10258, 10260, 10270: what unpacks to more than there is room for', () => {
  const air = gzipSync(Buffer.alloc(16 << 20));
  /** Some 16 KiB for every 16 MiB. */
  const airOf = (mebibytes: number) => Buffer.concat(Array.from({ length: mebibytes / 16 }, () => air));

  it('is not restored when it is the contents of a backup', async () => {
    const body = Buffer.alloc(160 << 20);
    await refuses(await tarballOf([GOOD, { ...GOOD, body }]), /unpacks to more than is allowed/);
  });

  it('is refused when it is a file beside them', async () => {
    const world = await withBackup();
    await world.store.put(world.layout.volumeInfo('b1'), airOf(320));
    const restore = await world.restore('r1', { backupName: 'b1' });
    expect(restore.status?.phase).toBe('Failed');
    expect(restore.status?.failureReason).toMatch(/a file of the backup cannot be read/);
  });
});

describe('10250: many items that end badly at the same time', () => {
  const N = 300;
  const names = Array.from({ length: N }, (_, i) => `c${i}`);

  it('never stall a restore, and every warning and error is told', async () => {
    const world = await createRunningWorld({ config: { restoreConcurrency: 32 } });
    await world.apply(
      namespaceOf('shop'),
      ...names.map((name) => configMap('shop', name, { is: 'archived' })),
    );
    await world.backup('b1', SHOP);
    await world.remove('namespaces', 'shop');
    // Every other one is there already and differs; the others are refused.
    const present = names.filter((_, i) => i % 2 === 0);
    await world.apply(
      namespaceOf('shop'),
      ...present.map((name) => configMap('shop', name, { is: 'another' })),
    );
    const outside = withFaults(world, ({ verb, target }) =>
      verb === 'create' && target.startsWith('configmaps/') && !present.includes(target.slice(11))
        ? { side: 'before', code: 'LB_CLUSTER_DENIED' }
        : undefined,
    );
    await world.restart(outside);
    const { status } = await world.restore('r1', { backupName: 'b1', includedResources: ['configmaps'] });
    expect(status).toMatchObject({ phase: 'PartiallyFailed', warnings: N / 2, errors: N / 2 });
    const results = (await world.json(world.layout.restoreResults('r1'))) as Record<
      'warnings' | 'errors',
      { readonly namespaces: { readonly shop: readonly string[] } }
    >;
    expect(results.warnings.namespaces.shop).toHaveLength(N / 2);
    expect(results.errors.namespaces.shop).toHaveLength(N / 2);
  });

  it('never stall a backup', async () => {
    const world = await createRunningWorld();
    await world.apply(...shop());
    const kinds = new Set<string>();
    const outside = withFaults(world, ({ port, verb, target }) => {
      if (port !== 'cluster' || verb !== 'list' || ['namespaces', 'clusterrolebindings'].includes(target))
        return undefined;
      if (/^(backup|restore|schedule|volumesnapshotlocation|deletebackup|server|download)/.test(target))
        return undefined;
      kinds.add(target);
      return { side: 'before', code: 'LB_CLUSTER_DENIED' };
    });
    await world.restart(outside);
    const { status } = await world.backup('b1', SHOP);
    expect(kinds.size).toBeGreaterThan(20);
    expect(status).toMatchObject({ phase: 'PartiallyFailed', progress: { itemsBackedUp: 1 } });
    expect(status?.errors).toBeGreaterThanOrEqual(kinds.size);
  });
});

describe('10161: an API server that does not answer', () => {
  it('does not make a backup forget the schedule that owns it', async () => {
    const first = await withBackup();
    await first.stop();
    const second = await createRunningWorld({ store: first.store, location: false });
    await second.apply({
      apiVersion: 'velero.io/v1',
      kind: 'Schedule',
      metadata: { name: 'nightly', namespace: 'velero' },
      spec: { schedule: '0 0 1 1 *', template: {} },
    });
    const schedule = await second.find('schedules.velero.io', 'nightly', 'velero');
    const owner = {
      apiVersion: 'velero.io/v1',
      kind: 'Schedule',
      name: 'nightly',
      uid: schedule?.metadata.uid ?? '',
    };
    const key = first.layout.backupMetadata('b1');
    const stored = (await first.json(key)) as Backup;
    const metadata = { ...stored.metadata, ownerReferences: [owner] };
    await first.store.put(key, Buffer.from(JSON.stringify({ ...stored, metadata })));
    let left = 2;
    await second.restart(
      withFaults(second, (call) =>
        isCall('list', 'schedules')(call) && left-- > 0
          ? { side: 'before', code: 'LB_CLUSTER_UNREACHABLE' }
          : undefined,
      ),
    );
    await second.location('default');
    const found = await second.until('Backup', 'b1', ({ status }) => status?.phase === 'Completed');
    expect(left).toBeLessThan(0);
    expect(found.metadata.ownerReferences).toEqual([owner]);
  });

  it('does not make a restore think that its backup is gone', async () => {
    const world = await withBackup();
    await world.remove('namespaces', 'shop');
    let left = 2;
    await world.restart(
      withFaults(world, (call) =>
        isCall('get', 'backups/b1')(call) && left-- > 0
          ? { side: 'before', code: 'LB_CLUSTER_UNREACHABLE' }
          : undefined,
      ),
    );
    const restore = await world.restore('r1', { backupName: 'b1' });
    expect(left).toBeLessThan(0);
    expect(restore.status).toMatchObject({ phase: 'Completed' });
  });

  it.each(['LB_CLUSTER_DENIED', 'LB_CLUSTER_UNREACHABLE'] as const)(
    'does not make a restore create a namespace that may be there (%s)',
    async (code) => {
      const world = await withBackup();
      await world.remove('namespaces', 'shop');
      const creates: string[] = [];
      await world.restart(
        withFaults(world, (call) => {
          if (call.verb === 'create') creates.push(call.target);
          return isCall('get', 'namespaces/shop')(call) ? { side: 'before', code } : undefined;
        }),
      );
      const restore = await world.restore('r1', { backupName: 'b1' });
      expect(restore.status?.phase).toBe(code === 'LB_CLUSTER_DENIED' ? 'PartiallyFailed' : 'Failed');
      expect(creates).toEqual([]);
      expect(await world.find('namespaces', 'shop')).toBeUndefined();
    },
  );

  it('does not make a backup leave out as missing what it could not read', async () => {
    const world = await createRunningWorld();
    const pod: KubeObject = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: 'shop' },
      spec: { priorityClassName: 'high', containers: [{ name: 'main', image: 'registry.example/app:1' }] },
    };
    const high = {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name: 'high' },
      value: 7,
    };
    await world.apply(...shop(), high, pod);
    await world.restart(
      withFaults(world, (call) =>
        isCall('get', 'priorityclasses/high')(call)
          ? { side: 'before', code: 'LB_CLUSTER_DENIED' }
          : undefined,
      ),
    );
    const { status } = await world.backup('b1', SHOP);
    expect(status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect(status?.warnings ?? 0).toBe(0);
  });
});

describe("10242: what one backup asks for is not the next one's default", () => {
  const wish = {
    ...SHOP,
    ttl: '1h0m0s',
    csiSnapshotTimeout: '1m0s',
    itemOperationTimeout: '2m0s',
    defaultVolumesToFsBackup: true,
    snapshotMoveData: true,
    volumeGroupSnapshotLabelKey: 'shop.example/group',
    excludedNamespaces: ['other'],
    excludedNamespaceScopedResources: ['events'],
  };

  it('as two backups of one server show', async () => {
    const world = await createRunningWorld();
    await world.apply(...shop());
    const before = await world.backup('before', SHOP);
    const wishful = await world.backup('wishful', wish);
    const after = await world.backup('after', SHOP);
    expect(wishful.spec).toMatchObject({ ttl: '1h0m0s', defaultVolumesToFsBackup: true });
    expect(after.spec).toEqual(before.spec);
    expect(after.spec?.ttl).toBe('720h0m0s');
  });

  it('since the defaults of the server cannot be changed by preparing one', () => {
    const defaults: BackupDefaults = Object.freeze({
      ttlMs: 720 * 3_600_000,
      csiSnapshotTimeoutMs: 600_000,
      itemOperationTimeoutMs: 14_400_000,
      resourceTimeoutMs: 600_000,
      volumeGroupSnapshotLabelKey: 'velero.io/volume-group',
      defaultVolumesToFsBackup: false,
      snapshotMoveData: false,
    });
    const env: BackupEnvironment = Object.freeze({
      defaults,
      storageLocation: 'default',
      storageLocationLabel: 'default',
      version: Object.freeze({ gitVersion: 'v1.34.0', major: '1', minor: '34' }),
      namespacesExcludedByLabel: Object.freeze(['hidden']),
    });
    const plain = prepareBackup({}, env);
    const asked = Object.freeze({ ...wish, excludedNamespaces: Object.freeze(['other']) });
    expect(prepareBackup(asked, env).spec).toMatchObject({ ttl: '1h0m0s', snapshotMoveData: true });
    expect(prepareBackup({}, env)).toEqual(plain);
  });
});
