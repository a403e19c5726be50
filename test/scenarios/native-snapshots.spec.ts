import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/faults.js';
import { openSnapshotLocation } from '../../src/snapshotters/location.js';
import type { VolumeSnapshotter } from '../../src/snapshotters/port.js';
import { namespaceOf } from '../builders.js';
import { deleteBackup } from './deleting.js';
import { csiDisk, snapshotClass, SNAPSHOT_DEFINITIONS, startCsiDriver } from './csi-driver.js';
import { applyEbsDisks, disksOf, snapshotLocation, ZONE } from './ebs-disks.js';
import { createCluster, createRunningWorld, type World, type WorldOptions } from './world.js';

const SHOP = { includedNamespaces: ['shop'] };

const stage = async (
  names: readonly string[],
  locations: readonly string[] = ['default'],
  options: WorldOptions = {},
): Promise<World> => {
  const world = await createRunningWorld(options);
  await world.apply(namespaceOf('shop'), ...locations.map((name) => snapshotLocation(name)));
  await applyEbsDisks(world, 'shop', ...names);
  return world;
};

/** The provider of a world with something of it replaced. */
const spoiled = (world: World, over: Partial<VolumeSnapshotter>) => ({
  openSnapshotter: () => Promise.resolve({ ...world.provider.open(), ...over }),
});

const resultsOf = async (world: World, backup: string) =>
  JSON.stringify(await world.json(world.layout.backupResults(backup)));

describe('A backup of volumes whose provider takes snapshots', () => {
  it('behaviour 102: has a snapshot of each, with tags, and its files tell of them', async () => {
    const world = await stage(['db', 'wal']);
    const backup = await world.backup('b1', SHOP);
    expect(backup.status).toMatchObject({
      phase: 'Completed',
      volumeSnapshotsAttempted: 2,
      volumeSnapshotsCompleted: 2,
    });
    expect(backup.status?.warnings).toBeUndefined();
    expect(disksOf(world)).toEqual(['vol-db', 'vol-wal']);
    const [id, snapshot] = [...world.provider.snapshots].find(([, one]) => one.volumeId === 'vol-db') ?? [];
    expect(snapshot?.tags).toMatchObject({
      'velero.io/backup': 'b1',
      'velero.io/pv': 'pv-db',
      'velero.io/storage-location': 'default',
    });
    expect(await world.json(world.layout.volumeSnapshots('b1'))).toContainEqual({
      spec: {
        backupName: 'b1',
        backupUID: backup.metadata.uid,
        location: 'default',
        persistentVolumeName: 'pv-db',
        providerVolumeID: 'vol-db',
        volumeType: 'io1',
        volumeAZ: ZONE,
        volumeIOPS: 300,
      },
      status: { providerSnapshotID: id, phase: 'Completed' },
    });
    const info = (await world.json(world.layout.volumeInfo('b1'))) as { pvName: string }[];
    expect(info.find(({ pvName }) => pvName === 'pv-db')).toEqual({
      pvcName: 'db',
      pvcNamespace: 'shop',
      pvName: 'pv-db',
      backupMethod: 'NativeSnapshot',
      snapshotDataMoved: false,
      preserveLocalSnapshot: false,
      skipped: false,
      result: 'succeeded',
      nativeSnapshotInfo: {
        snapshotHandle: id,
        volumeType: 'io1',
        volumeAZ: ZONE,
        iops: '300',
        Phase: 'Completed',
      },
      pvInfo: { reclaimPolicy: 'Delete', labels: { 'topology.kubernetes.io/zone': ZONE } },
    });
  });

  it('loses the snapshots when it is deleted, also one of which no file tells, and no other ones', async () => {
    const world = await stage(['db']);
    const backup = await world.backup('b1', SHOP);
    await world.backup('b2', SHOP);
    const tags = { 'velero.io/backup-uid': backup.metadata.uid ?? '' };
    world.provider.snapshots.set('snap-lost', { volumeId: 'vol-db', tags });
    await deleteBackup(world, 'b1');
    expect(await world.keys(world.layout.backupDir('b1'))).toEqual([]);
    expect([...world.provider.snapshots.values()].map(({ tags: left }) => left['velero.io/backup'])).toEqual([
      'b2',
    ]);
  });

  it('is not deleted while the location of its snapshots is missing, and says so', async () => {
    const world = await stage(['db']);
    await world.backup('b1', SHOP);
    await world.remove('volumesnapshotlocations.velero.io', 'default', 'velero');
    await world.apply({
      apiVersion: 'velero.io/v1',
      kind: 'DeleteBackupRequest',
      metadata: { name: 'd1', namespace: 'velero' },
      spec: { backupName: 'b1' },
    });
    const request = await world.until(
      'DeleteBackupRequest',
      'd1',
      ({ status }) => status?.phase === 'Processed',
    );
    expect(request.status?.errors?.join()).toMatch(
      /snapshot snap-made-1 of volume pv-db stays: .*location "default" does not exist; create it again/,
    );
    expect(disksOf(world)).toEqual(['vol-db']);
  });

  it('behaviour 88: takes none where nobody wants one, and says why', async () => {
    const world = await stage(['db']);
    const backup = await world.backup('b1', { ...SHOP, snapshotVolumes: false });
    expect(backup.status?.phase).toBe('Completed');
    expect(disksOf(world)).toEqual([]);
    expect(await world.json(world.layout.volumeInfo('b1'))).toMatchObject([
      { pvName: 'pv-db', skipped: true, skippedReason: 'volumeSnapshot: the backup takes no snapshots;' },
    ]);
  });

  it('has a volume that no location fits skipped, which is no error', async () => {
    const world = await stage(['db'], []);
    const backup = await world.backup('b1', SHOP);
    expect(backup.status).toMatchObject({ phase: 'Completed', warnings: 1 });
    expect(await world.json(world.layout.volumeInfo('b1'))).toMatchObject([
      { skipped: true, skippedReason: 'volumeSnapshot: no volume snapshot location fits it;' },
    ]);
    expect(await world.json(world.layout.volumeSnapshots('b1'))).toBeNull();
  });

  it('behaviour 108: goes by volume policies: one that says snapshot beats snapshotVolumes, skip of a claim counts', async () => {
    const world = await stage(['db', 'wal']);
    const policy = (name: string, conditions: string, type: string) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'velero' },
      data: {
        'p.yaml': `version: v1\nvolumePolicies:\n- conditions: {${conditions}}\n  action: {type: ${type}}\n`,
      },
    });
    await world.apply(
      policy('wanted', 'storageClass: [gp2]', 'snapshot'),
      policy('spared', 'pvcLabels: {data: scratch}', 'skip'),
    );
    const by = (name: string) => ({ ...SHOP, resourcePolicy: { kind: 'configmap', name } });
    await world.backup('b1', { ...by('wanted'), snapshotVolumes: false });
    expect(disksOf(world)).toEqual(['vol-db', 'vol-wal']);
    world.provider.snapshots.clear();
    await world.remove('persistentvolumeclaims', 'wal', 'shop');
    await world.apply({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'wal', namespace: 'shop', labels: { data: 'scratch' } },
      spec: {
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '1Gi' } },
        volumeName: 'pv-wal',
      },
      status: { phase: 'Bound' },
    });
    await world.backup('b2', by('spared'));
    expect(disksOf(world)).toEqual(['vol-db']);
  });

  it('is an error for a volume whose snapshot fails, which is not archived; the others are', async () => {
    const world = await stage(['db', 'wal']);
    const { createSnapshot } = world.provider.open();
    const refusing = spoiled(world, {
      createSnapshot: (request, signal) =>
        request.volumeId === 'vol-db'
          ? Promise.reject(new Fault('LB_SNAPSHOTTER_REFUSED', 'SnapshotLimitExceeded'))
          : createSnapshot(request, signal),
    });
    await world.restart(refusing);
    const backup = await world.backup('b1', SHOP);
    expect(backup.status).toMatchObject({
      phase: 'PartiallyFailed',
      errors: 1,
      volumeSnapshotsAttempted: 2,
      volumeSnapshotsCompleted: 1,
    });
    expect(await resultsOf(world, 'b1')).toContain('SnapshotLimitExceeded');
    const paths = [...(await world.archive('b1')).keys()].join('\n');
    expect(paths).toContain('persistentvolumes/cluster/pv-wal.json');
    expect(paths).not.toContain('persistentvolumes/cluster/pv-db.json');
    expect(await world.json(world.layout.volumeSnapshots('b1'))).toContainEqual(
      expect.objectContaining({ status: { phase: 'Failed' } }),
    );
  });

  it('is an error, and no end, if a location cannot be used: the next one is asked', async () => {
    const world = await stage(['db'], []);
    await world.apply(snapshotLocation('a-gcp', 'gcp'), snapshotLocation('b-aws'));
    const readSecret = () => Promise.resolve(undefined);
    await world.restart({
      openSnapshotter: ({ provider }) =>
        provider === 'aws'
          ? Promise.resolve(world.provider.open())
          : openSnapshotLocation({ provider }, { readSecret }),
    });
    const backup = await world.backup('b1', { ...SHOP, volumeSnapshotLocations: ['a-gcp', 'b-aws'] });
    expect(backup.status).toMatchObject({ phase: 'PartiallyFailed', volumeSnapshotsCompleted: 1 });
    expect(await resultsOf(world, 'b1')).toContain(
      'takes no snapshots in this version; the one that does is aws',
    );
  });

  it('leaves volumes of CSI drivers to the cluster where that takes snapshots', async () => {
    const cluster = await createCluster();
    const world = await stage(['db'], ['default'], { cluster });
    await world.apply(...SNAPSHOT_DEFINITIONS, snapshotClass('fast'), ...csiDisk('shop', 'log'));
    const driver = await startCsiDriver(cluster);
    const backup = await world.backup('b1', SHOP);
    expect(backup.status).toMatchObject({
      phase: 'Completed',
      csiVolumeSnapshotsCompleted: 1,
      volumeSnapshotsCompleted: 1,
    });
    expect([...driver.snapshots.values()]).toEqual(['disk-log']);
    expect(disksOf(world)).toEqual(['vol-db']);
    const info = (await world.json(world.layout.volumeInfo('b1'))) as {
      pvName: string;
      backupMethod: string;
    }[];
    expect(info.map(({ pvName, backupMethod }) => `${pvName} ${backupMethod}`).sort()).toEqual([
      'pv-db NativeSnapshot',
      'pv-log CSISnapshot',
    ]);
  });

  it('warns that the data of such a volume is not moved, and takes the snapshot', async () => {
    const world = await stage(['db']);
    const backup = await world.backup('b1', { ...SHOP, snapshotMoveData: true });
    expect(backup.status).toMatchObject({ phase: 'Completed', volumeSnapshotsCompleted: 1 });
    expect(await resultsOf(world, 'b1')).toContain('The data of the volume is not moved');
  });

  it('keeps none if it fails, and names what it had to leave', async () => {
    const world = await stage(['db', 'wal']);
    let kept = true;
    const { deleteSnapshot } = world.provider.open();
    const failing: Partial<typeof world> = {
      ...spoiled(world, {
        deleteSnapshot: (id, signal) =>
          world.provider.snapshots.get(id)?.volumeId === 'vol-wal'
            ? Promise.reject(new Fault('LB_SNAPSHOTTER_REFUSED', 'InvalidSnapshot.InUse'))
            : deleteSnapshot(id, signal),
      }),
      openLocation: async (spec) => {
        const opened = await world.openLocation(spec);
        return {
          ...opened,
          store: {
            ...opened.store,
            put: (key, body, options) =>
              kept && key.endsWith('b1.tar.gz')
                ? Promise.reject(new Fault('LB_STORE_DENIED', 'no right to write'))
                : opened.store.put(key, body, options),
          },
        };
      },
    };
    await world.restart(failing);
    const backup = await world.backup('b1', SHOP);
    kept = false;
    expect(backup.status?.phase).toBe('Failed');
    expect(disksOf(world)).toEqual(['vol-wal']);
    expect((await world.story('backup', 'b1')).at(-1)).toMatch(
      /^Snapshots of providers that no backup holds were deleted; left: snapshot snap-made-\d of volume pv-wal cannot be deleted: .*InUse\.$/,
    );
  });

  it('behaviour 106: is refused where a provider has two locations and nobody says which', async () => {
    const world = await stage(['db'], ['a', 'b']);
    const refused = await world.backup('b1', { ...SHOP, snapshotVolumes: false });
    expect(refused.status).toMatchObject({
      phase: 'FailedValidation',
      validationErrors: [expect.stringContaining('has several locations (a, b) and no default') as string],
    });
    await world.restart({}, { defaultVolumeSnapshotLocations: { aws: 'b' } });
    const backup = await world.backup('b2', SHOP);
    expect(backup.status?.phase).toBe('Completed');
    expect(backup.spec?.volumeSnapshotLocations).toEqual(['b']);
  });
});
