import { describe, expect, it } from 'vitest';
import { namespaceOf, type KubeObject } from '../builders.js';
import {
  csiDisk,
  DRIVER,
  snapshotClass,
  SNAPSHOT_DEFINITIONS,
  startCsiDriver,
  type CsiDriver,
} from './csi-driver.js';
import { deleteBackup } from './deleting.js';
import { podWith } from './disks.js';
import { createCluster, createRunningWorld, type World, type WorldOptions } from './world.js';

const SHOP = { includedNamespaces: ['shop'] };
const LABEL = { labels: { 'velero.io/csi-volumesnapshot-class': 'true' } };

interface Stage {
  readonly world: World;
  readonly driver: CsiDriver;
}

const stage = async (
  disks: readonly (readonly KubeObject[])[],
  more: {
    readonly classes?: readonly KubeObject[];
    readonly conduct?: Parameters<typeof startCsiDriver>[1];
    readonly options?: WorldOptions;
  } = {},
): Promise<Stage> => {
  const cluster = await createCluster();
  const world = await createRunningWorld({ ...more.options, cluster });
  await world.apply(...SNAPSHOT_DEFINITIONS, ...(more.classes ?? [snapshotClass('fast', LABEL)]));
  const driver = await startCsiDriver(cluster, more.conduct);
  await world.apply(namespaceOf('shop'), ...disks.flat());
  return { world, driver };
};

const kindsIn = async (world: World, backup: string): Promise<readonly string[]> => [
  ...new Set([...(await world.archive(backup)).keys()].map((path) => path.split('/')[1] ?? '')),
];

const nothingLeft = async (world: World): Promise<void> => {
  expect(await world.all('volumesnapshots.snapshot.storage.k8s.io')).toEqual([]);
  expect(await world.all('volumesnapshotcontents.snapshot.storage.k8s.io')).toEqual([]);
};

describe('A backup of volumes of a CSI driver', () => {
  it('behaviour 83: has a snapshot of each, in archive and files, and leaves only the physical ones', async () => {
    const { world, driver } = await stage([csiDisk('shop', 'db'), csiDisk('shop', 'wal')]);
    const backup = await world.backup('b1', SHOP);
    expect(backup.status).toMatchObject({
      phase: 'Completed',
      csiVolumeSnapshotsAttempted: 2,
      csiVolumeSnapshotsCompleted: 2,
      backupItemOperationsAttempted: 2,
      backupItemOperationsCompleted: 2,
    });
    expect(await kindsIn(world, 'b1')).toEqual(
      expect.arrayContaining([
        'volumesnapshots.snapshot.storage.k8s.io',
        'volumesnapshotcontents.snapshot.storage.k8s.io',
        'volumesnapshotclasses.snapshot.storage.k8s.io',
      ]),
    );
    expect([...driver.snapshots.values()].sort()).toEqual(['disk-db', 'disk-wal']);
    await nothingLeft(world);
    expect(await world.json(world.layout.volumeInfo('b1'))).toMatchObject([
      { backupMethod: 'CSISnapshot', skipped: false, result: 'succeeded', pvInfo: { labels: { zone: 'a' } } },
      { backupMethod: 'CSISnapshot', skipped: false, result: 'succeeded' },
    ]);
    expect(await world.json(world.layout.itemOperations('b1'))).toMatchObject([
      { status: { phase: 'Completed' } },
      { status: { phase: 'Completed' } },
    ]);
  });

  it('behaviour 141: loses the physical snapshots when it is deleted', async () => {
    const { world, driver } = await stage([csiDisk('shop', 'db'), csiDisk('shop', 'wal')]);
    await world.backup('b1', SHOP);
    await world.backup('b2', SHOP);
    expect(driver.snapshots.size).toBe(4);
    await deleteBackup(world, 'b1');
    expect(driver.snapshots.size).toBe(2);
    await nothingLeft(world);
    expect(await world.keys(world.layout.backupDir('b1'))).toEqual([]);
  });

  it.each(['', 'mounted by pods of a label'])(
    'has all its volumes snapshotted side by side %s',
    async (mounted) => {
      const names = Array.from({ length: 20 }, (_, i) => `disk-${i}`);
      const { world, driver } = await stage(
        names.map((name) => csiDisk('shop', name)),
        { conduct: () => 'held' },
      );
      for (const name of names) await world.apply(podWith('shop', `pod-of-${name}`, name, { app: 'db' }));
      const selector = mounted === '' ? {} : { labelSelector: { matchLabels: { app: 'db' } } };
      await world.request('Backup', 'b1', { ...SHOP, ...selector });
      await driver.holds(20); // none is cut before all are asked for
      await driver.release();
      const backup = await world.ended('Backup', 'b1');
      expect(backup.status).toMatchObject({ phase: 'Completed', csiVolumeSnapshotsCompleted: 20 });
    },
  );

  it('Q24: keeps the information about its volumes, whatever the length of its name', async () => {
    const { world } = await stage([csiDisk('shop', 'db')]);
    const long = 'b'.repeat(100);
    expect((await world.backup(long, SHOP)).status?.phase).toBe('Completed');
    expect(await world.json(world.layout.volumeInfo(long))).toMatchObject([{ backupMethod: 'CSISnapshot' }]);
    const claim = (await world.archive(long)).get('resources/persistentvolumeclaims/namespaces/shop/db.json');
    expect(JSON.parse(claim ?? '')).toMatchObject({
      metadata: {
        labels: { 'velero.io/backup-name': expect.stringMatching(/^b{57}[0-9a-f]{6}$/) as string },
      },
    });
  });

  it('archives the claim with the name of its snapshot, and with room for it', async () => {
    const { world } = await stage([csiDisk('shop', 'db')]);
    await world.backup('b1', SHOP);
    const archive = await world.archive('b1');
    const claim = archive.get('resources/persistentvolumeclaims/namespaces/shop/db.json') ?? '';
    expect(JSON.parse(claim)).toMatchObject({
      metadata: {
        annotations: {
          'velero.io/volume-snapshot-name': expect.stringMatching(/^velero-db-[0-9a-f]{8}$/) as string,
        },
      },
      spec: { resources: { requests: { storage: '2Gi' } } },
    });
  });

  it('behaviour 85: is an error for a claim whose driver has several classes and none preferred', async () => {
    const classes = [snapshotClass('one'), snapshotClass('two')];
    const { world, driver } = await stage([csiDisk('shop', 'db')], { classes });
    const backup = await world.backup('b1', SHOP);
    expect(backup.status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect(JSON.stringify(await world.json(world.layout.backupResults('b1')))).toContain(
      'has several VolumeSnapshotClasses (one, two)',
    );
    expect(driver.cut).toEqual([]);
  });

  it('behaviour 86: passes over a class that the claim names and that is of another driver', async () => {
    const annotations = { 'velero.io/csi-volumesnapshot-class': 'foreign' };
    const classes = [snapshotClass('foreign', {}, 'other.example'), snapshotClass('fast')];
    const { world } = await stage([csiDisk('shop', 'db', { annotations })], { classes });
    expect((await world.backup('b1', SHOP)).status?.phase).toBe('Completed');
    expect([...(await world.archive('b1')).keys()]).toContain(
      'resources/volumesnapshotclasses.snapshot.storage.k8s.io/cluster/fast.json',
    );
  });

  it.each(['silent', 'broken'] as const)(
    'behaviour 87: is an error for a claim whose driver is %s, which is cleaned up; pod and other claims stay',
    async (how) => {
      const { world, driver } = await stage([csiDisk('shop', 'db'), csiDisk('shop', 'wal')], {
        conduct: (claim) => (claim === 'db' ? how : 'ready'),
      });
      await world.apply(podWith('shop', 'app', 'db'));
      const backup = await world.backup('b1', { ...SHOP, csiSnapshotTimeout: '300ms' });
      expect(backup.status).toMatchObject({
        phase: 'PartiallyFailed',
        errors: 1,
        csiVolumeSnapshotsAttempted: 1,
      });
      const paths = [...(await world.archive('b1')).keys()].join('\n');
      expect(paths).toContain('resources/pods/namespaces/shop/app.json');
      expect(paths).toContain('resources/persistentvolumeclaims/namespaces/shop/wal.json');
      expect(paths).not.toContain('resources/persistentvolumeclaims/namespaces/shop/db.json');
      expect([...driver.snapshots.values()]).toEqual(['disk-wal']);
      await nothingLeft(world);
      expect(JSON.stringify(await world.json(world.layout.backupResults('b1')))).toContain(
        'no snapshot was cut within',
      );
    },
  );

  it('behaviour 111: is an error for a claim that is not bound, which is archived; a policy can skip it', async () => {
    const [, claim] = csiDisk('shop', 'db');
    if (!claim) expect.fail('no claim');
    const { volumeName: _none, ...spec } = claim['spec'] as { volumeName: string };
    const options = { flags: { features: 'EnableCSI' } };
    const { world } = await stage([[{ ...claim, spec, status: { phase: 'Pending' } }]], { options });
    const refused = await world.backup('b1', SHOP);
    expect(refused.status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect(await kindsIn(world, 'b1')).toContain('persistentvolumeclaims');
    await world.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'policy', namespace: 'velero' },
      data: {
        'p.yaml':
          'version: v1\nvolumePolicies:\n- conditions: {pvcPhase: [Pending]}\n  action: {type: skip}\n',
      },
    });
    const skipped = await world.backup('b2', {
      ...SHOP,
      resourcePolicy: { kind: 'configmap', name: 'policy' },
    });
    expect(skipped.status?.phase).toBe('Completed');
    expect((await world.backup('b3', { ...SHOP, snapshotVolumes: false })).status?.phase).toBe('Completed');
  });

  it('behaviour 88: takes no snapshot where nobody wants one, and says in its files why', async () => {
    const { world, driver } = await stage([csiDisk('shop', 'db')]);
    const backup = await world.backup('b1', { ...SHOP, snapshotVolumes: false });
    expect(backup.status?.phase).toBe('Completed');
    expect(driver.cut).toEqual([]);
    expect(await world.json(world.layout.volumeInfo('b1'))).toMatchObject([
      { pvName: 'pv-db', skipped: true, skippedReason: 'csiSnapshot: the backup takes no snapshots;' },
    ]);
  });

  it('waits for a snapshot that is cut but not ready, without its place, and then completes', async () => {
    const { world, driver } = await stage([csiDisk('shop', 'db')], { conduct: () => 'late' });
    await world.request('Backup', 'b1', SHOP);
    const waiting = await world.until(
      'Backup',
      'b1',
      ({ status }) => status?.phase === 'WaitingForPluginOperations',
    );
    expect(waiting.status).toMatchObject({ backupItemOperationsAttempted: 1 });
    const other = await world.backup('b2', { includedNamespaces: ['velero'] });
    expect(other.status?.phase).toBe('Completed');
    await driver.finish();
    const backup = await world.ended('Backup', 'b1');
    expect(backup.status).toMatchObject({ phase: 'Completed', csiVolumeSnapshotsCompleted: 1 });
    expect(await world.json(world.layout.volumeInfo('b1'))).toMatchObject([
      { result: 'succeeded', csiSnapshotInfo: { ReadyToUse: true } },
    ]);
    expect(await world.json(world.layout.itemOperations('b1'))).toMatchObject([
      { status: { phase: 'Completed' } },
    ]);
    await nothingLeft(world);
    expect(driver.snapshots.size).toBe(1);
  });

  it('ends PartiallyFailed if such a snapshot breaks, and nothing of it stays', async () => {
    const { world, driver } = await stage([csiDisk('shop', 'db')], { conduct: () => 'late' });
    await world.request('Backup', 'b1', SHOP);
    await world.until('Backup', 'b1', ({ status }) => status?.phase === 'WaitingForPluginOperations');
    await driver.finish('broken');
    const backup = await world.ended('Backup', 'b1');
    expect(backup.status).toMatchObject({
      phase: 'PartiallyFailed',
      errors: 1,
      backupItemOperationsFailed: 1,
    });
    expect(await world.story('backup', 'b1')).toContain(
      'Snapshot of the volume of claim shop/db failed: the driver says: the copy broke off.',
    );
    expect(await world.json(world.layout.itemOperations('b1'))).toMatchObject([
      { status: { phase: 'Failed', error: 'the driver says: the copy broke off' } },
    ]);
    expect(await world.json(world.layout.backupResults('b1'))).toMatchObject({
      errors: { namespaces: { shop: [expect.stringContaining('the copy broke off') as string] } },
    });
    await nothingLeft(world);
    expect(driver.snapshots.size).toBe(0);
  });

  it('behaviour 105: of a restore with restorePVs false brings no volume data', async () => {
    const { world } = await stage([csiDisk('shop', 'db')]);
    await world.backup('b1', SHOP);
    const restore = await world.restore('r1', {
      backupName: 'b1',
      restorePVs: false,
      namespaceMapping: { shop: 'copy' },
    });
    expect(restore.status?.phase).toBe('Completed');
    const spec = (await world.find('persistentvolumeclaims', 'db', 'copy'))?.['spec'];
    expect(spec).not.toHaveProperty('dataSource');
    expect(spec).not.toHaveProperty('volumeName');
    await nothingLeft(world);
  });

  it('behaviour 84: is the source of a restored claim, by names of that restore, in another namespace', async () => {
    const { world, driver } = await stage([csiDisk('shop', 'db')]);
    await world.backup('b1', SHOP);
    const restore = await world.restore('r1', { backupName: 'b1', namespaceMapping: { shop: 'copy' } });
    expect(restore.status).toMatchObject({ phase: 'Completed' });
    const spec = (await world.find('persistentvolumeclaims', 'db', 'copy'))?.['spec'];
    const [snapshot] = await world.all('volumesnapshots.snapshot.storage.k8s.io', 'copy');
    const name = snapshot?.metadata.name ?? '';
    expect(name).toMatch(/^[0-9a-f]{64}$/);
    expect(spec).toMatchObject({ dataSource: { kind: 'VolumeSnapshot', name } });
    expect(spec).not.toMatchObject({ volumeName: 'pv-db' });
    expect(await world.find('volumesnapshotcontents.snapshot.storage.k8s.io', name)).toMatchObject({
      spec: {
        deletionPolicy: 'Retain',
        source: { snapshotHandle: [...driver.snapshots.keys()][0] },
        volumeSnapshotRef: { namespace: 'copy', name },
      },
    });
    expect(await world.json(world.layout.restoreVolumeInfo('r1'))).toMatchObject([
      {
        pvcNamespace: 'copy',
        restoreMethod: 'CSISnapshot',
        csiSnapshotInfo: { vscName: name, ReadyToUse: null },
      },
    ]);
  });

  it('Q15: gives the new volume the labels of the old one, and no others', async () => {
    const { world } = await stage([csiDisk('shop', 'db')]);
    await world.backup('b1', SHOP);
    const restore = await world.restore('r1', { backupName: 'b1', namespaceMapping: { shop: 'copy' } });
    expect(restore.status).toMatchObject({ phase: 'Completed' });
    const spec = (await world.find('persistentvolumeclaims', 'db', 'copy'))?.['spec'] as {
      volumeName: string;
    };
    const volume = await world.find('persistentvolumes', spec.volumeName);
    expect(volume?.metadata.labels).toEqual({ zone: 'a' });
  });

  it('is an error of the restore if its claim gets no volume in time', async () => {
    const { world } = await stage([csiDisk('shop', 'db')], {
      conduct: () => 'stranded',
      options: { config: { resourceTimeout: 200 } },
    });
    await world.backup('b1', SHOP);
    const restore = await world.restore('r1', { backupName: 'b1', namespaceMapping: { shop: 'copy' } });
    expect(restore.status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect(JSON.stringify(await world.json(world.layout.restoreResults('r1')))).toContain(
      'claim db was not bound within 0.2 s',
    );
  });

  it('goes on waiting for its volume after a restart, and holds up no other restore meanwhile', async () => {
    const conduct = { db: 'stranded' as 'stranded' | 'ready' };
    const { world } = await stage([csiDisk('shop', 'db')], { conduct: () => conduct.db });
    await world.backup('b1', SHOP);
    await world.request('Restore', 'r1', { backupName: 'b1', namespaceMapping: { shop: 'copy' } });
    await world.until('Restore', 'r1', ({ status }) => status?.phase === 'Finalizing');
    const other = { backupName: 'b1', restorePVs: false, namespaceMapping: { shop: 'other' } };
    expect((await world.restore('r2', other)).status?.phase).toBe('Completed');
    await world.stop();
    conduct.db = 'ready';
    await world.start();
    const claims = { metadata: { annotations: { 'shop.example/look': 'again' } } };
    const type = (await world.cluster.discover(AbortSignal.timeout(1_000))).resources.find(
      ({ resource }) => resource === 'persistentvolumeclaims',
    );
    if (!type) expect.fail('no claims');
    await world.cluster.patch(type, { namespace: 'copy', name: 'db' }, 'merge', JSON.stringify(claims), {
      signal: AbortSignal.timeout(1_000),
    });
    expect((await world.ended('Restore', 'r1')).status).toMatchObject({ phase: 'Completed' });
    expect((await world.facts('restore', 'r1')).map(({ type: fact }) => fact)).toEqual([
      'RestoreRequested',
      'RestoreStarted',
      'RestoreItemsApplied',
      'RestoreVolumesSettled',
      'RestoreFinished',
    ]);
  });

  it('does not wait for a volume that only a pod would bring', async () => {
    const { world } = await stage([csiDisk('shop', 'db')], { conduct: () => 'stranded' });
    await world.apply({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'fast' },
      provisioner: DRIVER,
      volumeBindingMode: 'WaitForFirstConsumer',
    });
    await world.backup('b1', SHOP);
    const restore = await world.restore('r1', { backupName: 'b1', namespaceMapping: { shop: 'copy' } });
    expect(restore.status).toMatchObject({ phase: 'Completed' });
    expect(restore.status).not.toHaveProperty('errors');
  });

  it('leaves a claim alone that is there already', async () => {
    const { world } = await stage([csiDisk('shop', 'db')]);
    await world.backup('b1', SHOP);
    await world.restore('r1', { backupName: 'b1' });
    expect((await world.find('persistentvolumeclaims', 'db', 'shop'))?.['spec']).toMatchObject({
      volumeName: 'pv-db',
    });
  });
});
