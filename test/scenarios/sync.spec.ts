import { describe, expect, it } from 'vitest';
import { shop } from '../builders.js';
import { createRunningWorld, soon, type World } from './world.js';

const SPEC = { includedNamespaces: ['shop'], ttl: '100h' };

/** A second cluster that uses the same bucket. */
const otherCluster = async (first: World): Promise<World> => {
  const second = await createRunningWorld({ store: first.store });
  await second.until(
    'BackupStorageLocation',
    'default',
    ({ status }) => status?.lastSyncedTime !== undefined,
  );
  await second.idle();
  return second;
};

describe('A backup that another cluster made', () => {
  it('appears with its status, and can be restored here', async () => {
    const first = await createRunningWorld();
    await first.apply(...shop());
    const made = await first.backup('b1', SPEC);
    const second = await otherCluster(first);
    const found = await second.ended('Backup', 'b1');
    expect(found.status).toEqual(made.status);
    expect(found.spec).toEqual(made.spec);
    expect(found.metadata.uid).not.toBe(made.metadata.uid);
    expect(await second.story('backup', 'b1')).toEqual([
      'Found a backup made before this record began; it is Completed.',
    ]);
    const restore = await second.restore('r1', { backupName: 'b1' });
    expect(restore.status).toMatchObject({ phase: 'Completed' });
    expect((await second.find('configmaps', 'settings', 'shop'))?.['data']).toEqual({ greeting: 'hello' });
  });

  it('does not appear while it has no mark, or a damaged one', async () => {
    const first = await createRunningWorld();
    await first.apply(...shop());
    for (const name of ['whole', 'unmarked', 'damaged']) await first.backup(name, SPEC);
    await first.stop();
    await first.store.delete(first.layout.backupMetadata('unmarked'));
    await first.store.put(first.layout.backupMetadata('damaged'), Buffer.from('{"apiVersion":'));
    const second = await otherCluster(first);
    const names = (await second.resources.list('Backup', soon())).map(({ metadata }) => metadata.name);
    expect(names).toEqual(['whole']);
  });
});

describe('When the event store is lost,', () => {
  it('finished backups and restores are found again, and new ones are possible', async () => {
    const world = await createRunningWorld();
    await world.apply(...shop());
    const made = await world.backup('b1', SPEC);
    await world.remove('namespaces', 'shop');
    await world.restore('r1', { backupName: 'b1' });
    await world.stop();
    world.loseEvents();
    await world.start();
    await world.until('BackupStorageLocation', 'default', ({ status }) => status?.phase === 'Available');
    await world.idle();
    expect(await world.story('backup', 'b1')).toEqual([
      'Found a backup made before this record began; it is Completed.',
    ]);
    expect(await world.story('restore', 'r1')).toEqual([
      'Found a restore made before this record began; it is Completed.',
    ]);
    expect((await world.ended('Backup', 'b1')).status).toEqual(made.status);
    expect((await world.backup('b2', SPEC)).status?.phase).toBe('Completed');
    await world.remove('namespaces', 'shop');
    expect((await world.restore('r2', { backupName: 'b1' })).status?.phase).toBe('Completed');
  });

  it('and the cluster with it, the bucket alone brings the backups back', async () => {
    const first = await createRunningWorld();
    await first.apply(...shop());
    for (const name of ['b1', 'b2']) await first.backup(name, SPEC);
    await first.stop();
    const second = await otherCluster(first);
    for (const name of ['b1', 'b2'])
      expect((await second.ended('Backup', name)).status?.phase).toBe('Completed');
  });
});
