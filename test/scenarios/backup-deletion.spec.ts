import { describe, expect, it } from 'vitest';
import { shop } from '../builders.js';
import { createRunningWorld, type World } from './world.js';

const SPEC = { includedNamespaces: ['shop'] };

const prepared = async (): Promise<World> => {
  const world = await createRunningWorld();
  await world.apply(...shop());
  return world;
};

const ask = (world: World, backupName: string, name = `delete-${backupName}`) =>
  world.apply({
    apiVersion: 'velero.io/v1',
    kind: 'DeleteBackupRequest',
    metadata: { name, namespace: 'velero' },
    spec: { backupName },
  });

describe('A backup that somebody asks to delete', () => {
  it('goes with its files, its restores and the request', async () => {
    const world = await prepared();
    await world.backup('b1', SPEC);
    await world.remove('namespaces', 'shop');
    await world.restore('r1', { backupName: 'b1' });
    await ask(world, 'b1');
    await expect.poll(() => world.all('deletebackuprequests.velero.io'), { timeout: 5000 }).toEqual([]);
    await world.idle();
    expect(await world.all('backups.velero.io')).toEqual([]);
    expect(await world.all('restores.velero.io')).toEqual([]);
    expect(await world.keys()).toEqual([]);
  });
});
