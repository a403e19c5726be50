import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/faults.js';
import { namespaceOf } from '../builders.js';
import { applyEbsDisks, diskOf, snapshotLocation, ZONE } from './ebs-disks.js';
import type { Outside } from './life.js';
import { createCluster, createRunningWorld, type World, type WorldOptions } from './world.js';

const SHOP = { includedNamespaces: ['shop'] };

/** A disk that is backed up as `b1`. */
const backedUp = async (options: WorldOptions = {}): Promise<World> => {
  const world = await createRunningWorld(options);
  await world.apply(namespaceOf('shop'), snapshotLocation('default'));
  await applyEbsDisks(world, 'shop', 'db');
  const backup = await world.backup('b1', SHOP);
  expect(backup.status?.phase).toBe('Completed');
  return world;
};

const lose = async (world: World): Promise<void> => {
  await world.remove('namespaces', 'shop');
  await world.remove('persistentvolumes', 'pv-db');
};

const madeOf = (world: World) => [...world.provider.volumes].filter(([, { from }]) => from !== undefined);
const errorsOf = async (world: World) => JSON.stringify(await world.json(world.layout.restoreResults('r1')));

describe('A restore of a volume whose provider has a snapshot of it', () => {
  it('behaviour 102: makes a disk like the old one of the snapshot, and the volume and its claim name it', async () => {
    const world = await backedUp();
    await lose(world);
    const restore = await world.restore('r1', { backupName: 'b1' });
    expect(restore.status).toMatchObject({ phase: 'Completed' });
    expect(restore.status?.warnings).toBeUndefined();
    const [[id, disk] = [], ...more] = madeOf(world);
    expect(more).toEqual([]);
    expect(disk).toMatchObject({ type: 'io1', iops: 300, zone: ZONE, from: 'snap-made-1' });
    expect(await diskOf(world, 'pv-db')).toBe(id);
    const claim = await world.find('persistentvolumeclaims', 'db', 'shop');
    expect(claim?.['spec']).toMatchObject({ volumeName: 'pv-db' });
    expect(await world.json(world.layout.restoreVolumeInfo('r1'))).toEqual([
      {
        pvcName: 'db',
        pvcNamespace: 'shop',
        pvName: 'pv-db',
        restoreMethod: 'NativeSnapshot',
        snapshotDataMoved: false,
        nativeSnapshotInfo: {
          snapshotHandle: 'snap-made-1',
          volumeType: 'io1',
          volumeAZ: ZONE,
          iops: '300',
          Phase: 'Completed',
        },
      },
    ]);
  });

  /** A server whose API server lets nobody create volumes. */
  const refusingVolumes = (world: World): Partial<Outside> => ({
    cluster: {
      ...world.cluster,
      create: async (type, namespace, body, options) =>
        type.kind === 'PersistentVolume'
          ? { ok: false, status: 403, reason: 'Forbidden', message: 'no volumes here', causes: [] }
          : world.cluster.create(type, namespace, body, options),
    },
  });

  it('removes the disk again if the volume cannot be created', async () => {
    const world = await backedUp();
    await lose(world);
    await world.restart(refusingVolumes(world));
    const restore = await world.restore('r1', { backupName: 'b1' });
    expect(restore.status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect(await errorsOf(world)).toContain('no volumes here');
    expect(madeOf(world)).toEqual([]);
    expect(await world.json(world.layout.restoreVolumeInfo('r1'))).toEqual([]);
  });

  it('names the disk if it cannot be removed', async () => {
    const world = await backedUp();
    await lose(world);
    const deleteVolume = () => Promise.reject(new Fault('LB_SNAPSHOTTER_DENIED', 'not you'));
    const openSnapshotter = () => Promise.resolve({ ...world.provider.open(), deleteVolume });
    await world.restart({ ...refusingVolumes(world), openSnapshotter });
    const restore = await world.restore('r1', { backupName: 'b1' });
    expect(restore.status).toMatchObject({ phase: 'PartiallyFailed', errors: 2 });
    const [[id] = []] = madeOf(world);
    expect(await errorsOf(world)).toContain(`the disk ${id}, made for volume pv-db`);
  });

  it('behaviour 103: makes none while the volume is there and in use', async () => {
    const world = await backedUp();
    const restore = await world.restore('r1', { backupName: 'b1' });
    expect(restore.status?.phase).toBe('Completed');
    expect(madeOf(world)).toEqual([]);
    expect(await diskOf(world, 'pv-db')).toBe('vol-db');
  });

  it('behaviour 104: makes a clone beside a volume that is in use, for the claim of another namespace', async () => {
    const world = await backedUp();
    const restore = await world.restore('r1', { backupName: 'b1', namespaceMapping: { shop: 'copy' } });
    expect(restore.status?.phase).toBe('Completed');
    expect(await diskOf(world, 'pv-db')).toBe('vol-db');
    const clone = (await world.all('persistentvolumes')).find(({ metadata }) => metadata.name !== 'pv-db');
    const name = clone?.metadata.name ?? '';
    expect(name).toMatch(/^velero-clone-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(clone?.metadata.annotations).toMatchObject({ 'velero.io/original-pv-name': 'pv-db' });
    expect(clone?.['spec']).toMatchObject({ claimRef: { namespace: 'copy', name: 'db' } });
    const claim = await world.find('persistentvolumeclaims', 'db', 'copy');
    expect(claim?.['spec']).toMatchObject({ volumeName: name });
    expect(madeOf(world).map(([id]) => id)).toEqual([await diskOf(world, name)]);
    const list = (await world.json(world.layout.restoreResourceList('r1'))) as Record<string, string[]>;
    expect(list['v1/PersistentVolume']).toEqual([`${name}(created)`]);
    const again = await world.restore('r2', { backupName: 'b1', namespaceMapping: { shop: 'other' } });
    expect(again.status?.phase).toBe('Completed');
    expect(madeOf(world)).toHaveLength(2);
  });

  it('keeps the name for another namespace if the old volume is gone', async () => {
    const world = await backedUp();
    await lose(world);
    await world.restore('r1', { backupName: 'b1', namespaceMapping: { shop: 'copy' } });
    const claim = await world.find('persistentvolumeclaims', 'db', 'copy');
    expect(claim?.['spec']).toMatchObject({ volumeName: 'pv-db' });
    expect(await diskOf(world, 'pv-db')).toBe(madeOf(world)[0]?.[0]);
  });

  it('behaviour 105: makes none with restorePVs false; the volume comes back with the disk it had', async () => {
    const world = await backedUp();
    await lose(world);
    const restore = await world.restore('r1', { backupName: 'b1', restorePVs: false });
    expect(restore.status?.phase).toBe('Completed');
    expect(madeOf(world)).toEqual([]);
    expect(await diskOf(world, 'pv-db')).toBe('vol-db');
    expect((await world.find('persistentvolumes', 'pv-db'))?.['spec']).not.toMatchObject({
      claimRef: { uid: 'claim-uid' },
    });
    expect(await world.json(world.layout.restoreVolumeInfo('r1'))).toEqual([]);
  });

  it('makes no second volume for one disk with restorePVs false, also for another namespace', async () => {
    const world = await backedUp();
    await world.restore('r1', { backupName: 'b1', restorePVs: false, namespaceMapping: { shop: 'copy' } });
    expect((await world.all('persistentvolumes')).map(({ metadata }) => metadata.name)).toEqual(['pv-db']);
  });

  it('behaviour 113: makes none if volumes are left out; the claim still names the old one', async () => {
    const world = await backedUp();
    await lose(world);
    await world.restore('r1', { backupName: 'b1', excludedResources: ['persistentvolumes'] });
    expect(madeOf(world)).toEqual([]);
    const claim = await world.find('persistentvolumeclaims', 'db', 'shop');
    expect(claim?.['spec']).toMatchObject({ volumeName: 'pv-db' });
  });

  it('waits for a volume whose claim is gone until it is gone, too', async () => {
    const world = await backedUp();
    await world.remove('namespaces', 'shop');
    await world.request('Restore', 'r1', { backupName: 'b1' });
    await world.until('Restore', 'r1', ({ status }) => status?.phase === 'InProgress');
    expect(madeOf(world)).toEqual([]);
    await world.remove('persistentvolumes', 'pv-db');
    expect((await world.ended('Restore', 'r1')).status?.phase).toBe('Completed');
    expect(await diskOf(world, 'pv-db')).toBe(madeOf(world)[0]?.[0]);
  });

  it('waits no longer than the terminating timeout, and then takes it as it is', async () => {
    const world = await backedUp({ config: { terminatingResourceTimeout: 10 } });
    await world.remove('namespaces', 'shop');
    expect((await world.restore('r1', { backupName: 'b1' })).status?.phase).toBe('Completed');
    expect(madeOf(world)).toEqual([]);
    expect(await diskOf(world, 'pv-db')).toBe('vol-db');
  });

  it('goes by the list of snapshots if the backup is so old that it has no other information', async () => {
    const world = await backedUp();
    await world.store.delete(world.layout.volumeInfo('b1'));
    await lose(world);
    expect((await world.restore('r1', { backupName: 'b1' })).status?.phase).toBe('Completed');
    expect(await diskOf(world, 'pv-db')).toBe(madeOf(world)[0]?.[0]);
  });

  it('is an error for the volume if its location is gone, and says what to do', async () => {
    const world = await backedUp();
    await lose(world);
    await world.remove('volumesnapshotlocations.velero.io', 'default', 'velero');
    const restore = await world.restore('r1', { backupName: 'b1' });
    expect(restore.status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect(await errorsOf(world)).toContain('location \\"default\\" does not exist; create it again');
    expect(await world.find('persistentvolumes', 'pv-db')).toBeUndefined();
  });

  it('is an error for the volume if the snapshot is gone', async () => {
    const world = await backedUp();
    await lose(world);
    world.provider.snapshots.clear();
    const restore = await world.restore('r1', { backupName: 'b1' });
    expect(restore.status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect(await errorsOf(world)).toContain('there is no snapshot snap-made-1');
  });

  it('binds the claim to the new volume', async () => {
    const world = await backedUp({ cluster: await createCluster({ controllers: true }) });
    await lose(world);
    await world.restore('r1', { backupName: 'b1' });
    expect(await world.find('persistentvolumeclaims', 'db', 'shop')).toMatchObject({
      status: { phase: 'Bound' },
    });
  });
});
