import { describe, expect, it } from 'vitest';
import { namespaceOf } from '../builders.js';
import { disk, podWith } from './disks.js';
import { createCluster, createRunningWorld, type World } from './world.js';

/** A pod with a disk, backed up without its data and lost. */
const lost = async (policy: 'Delete' | 'Retain'): Promise<World> => {
  const world = await createRunningWorld({ cluster: await createCluster({ controllers: true }) });
  const [claim, { status: _bound, ...volume }] = disk('shop', 'data', policy); // the controllers of this cluster bind
  await world.apply(namespaceOf('shop'), claim, volume, podWith('shop', 'db', 'data'));
  const backup = await world.backup('b1', { includedNamespaces: ['shop'], snapshotVolumes: false });
  expect(backup.status?.phase).toBe('Completed');
  await world.remove('namespaces', 'shop');
  await world.remove('persistentvolumes', 'disk-data');
  return world;
};

const claimOf = async (world: World, namespace = 'shop') =>
  (await world.find('persistentvolumeclaims', 'data', namespace)) ?? expect.fail('the claim is gone');

describe('A volume whose data is not in the backup', () => {
  it('behaviour 88: is not restored if it went with its claim: the claim gets an empty one', async () => {
    const world = await lost('Delete');
    expect(await world.json(world.layout.volumeSnapshots('b1'))).toBeNull(); // no list at all, as Velero writes it
    const restore = await world.restore('r1', { backupName: 'b1' });
    expect(restore.status).toMatchObject({ phase: 'Completed', warnings: 1 });
    expect(await world.find('persistentvolumes', 'disk-data')).toBeUndefined();
    expect((await claimOf(world))['spec']).not.toHaveProperty('volumeName');
    expect(JSON.stringify(await world.json(world.layout.restoreResults('r1')))).toContain('empty volume');
  });

  it('behaviour 89: comes back as it was if it outlives its claim, and the claim is bound to it', async () => {
    const world = await lost('Retain');
    const restore = await world.restore('r1', { backupName: 'b1', namespaceMapping: { shop: 'copy' } });
    expect(restore.status?.phase).toBe('Completed');
    expect((await world.find('persistentvolumes', 'disk-data'))?.['spec']).toMatchObject({
      hostPath: { path: '/disks/data' },
      claimRef: { kind: 'PersistentVolumeClaim', namespace: 'copy', name: 'data' },
    });
    expect(await claimOf(world, 'copy')).toMatchObject({
      spec: { volumeName: 'disk-data' },
      status: { phase: 'Bound' },
    });
  });

  it('behaviour 113: is still named by its claim if volumes are left out of the restore', async () => {
    const world = await lost('Delete');
    await world.restore('r1', { backupName: 'b1', excludedResources: ['persistentvolumes'] });
    expect(await world.find('persistentvolumes', 'disk-data')).toBeUndefined();
    expect((await claimOf(world))['spec']).toMatchObject({ volumeName: 'disk-data' });
  });
});
