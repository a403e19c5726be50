import { describe, expect, it } from 'vitest';
import { shop } from '../builders.js';
import { withFaults } from '../crash/faults.js';
import { gone } from './deleting.js';
import { withGate } from './gate.js';
import { NAMESPACE } from './life.js';
import { createRunningWorld, type World } from './world.js';

const FINALIZER = 'restores.velero.io/external-resources-finalizer';

const withBackup = async (): Promise<World> => {
  const world = await createRunningWorld();
  await world.apply(...shop());
  await world.backup('b1', { includedNamespaces: ['shop'] });
  return world;
};

const intoCopy = { backupName: 'b1', namespaceMapping: { shop: 'copy' } };
const removed = async (world: World, name: string) => {
  await world.remove('restores.velero.io', name, NAMESPACE);
  await gone(world, 'Restore', name);
};

describe('behaviour 154: a Restore that somebody deletes', () => {
  it('loses its files before it goes; what it restored stays', async () => {
    const world = await withBackup();
    const files = await world.keys();
    const { metadata } = await world.restore('r1', intoCopy);
    expect(metadata.finalizers).toEqual([FINALIZER]);
    await world.restore('r10', { ...intoCopy, namespaceMapping: { shop: 'copy-2' } });
    const others = await world.keys(world.layout.restoreDir('r10'));
    const { outside, open, arrived } = withGate(
      world,
      ({ verb, target }) => verb === 'delete' && target.includes('/r1/'),
    );
    await world.restart(outside);
    await world.remove('restores.velero.io', 'r1', NAMESPACE);
    await arrived;
    expect((await world.find('restores.velero.io', 'r1', NAMESPACE))?.metadata).toMatchObject({
      deletionTimestamp: expect.any(String) as string,
    });
    open();
    await gone(world, 'Restore', 'r1');
    expect(await world.keys()).toEqual([...files, ...others]);
    expect(await world.find('configmaps', 'settings', 'copy')).toBeDefined();
    expect((await world.story('restore', 'r1')).at(-1)).toBe('Restore deleted.');
  });

  it('is held for its files even if it was refused', async () => {
    const world = await withBackup();
    const { metadata, status } = await world.restore('r1', { backupName: 'never-was' });
    expect([status?.phase, metadata.finalizers]).toEqual(['FailedValidation', [FINALIZER]]);
    await removed(world, 'r1');
  });

  it.each([
    ['the backup', 'backups.velero.io', 'b1'],
    ['the location', 'backupstoragelocations.velero.io', 'default'],
  ])('goes though %s is gone, and its files stay where they are', async (_what, kind, name) => {
    const world = await withBackup();
    await world.restore('r1', intoCopy);
    await world.stop();
    await world.remove(kind, name, NAMESPACE);
    await world.remove('restores.velero.io', 'r1', NAMESPACE);
    await world.start({}, { backupSyncPeriod: 0 });
    await gone(world, 'Restore', 'r1');
    expect((await world.keys(world.layout.restoreDir('r1'))).length).toBeGreaterThan(0);
  });

  it('stays, ending, while the object storage does not answer, and goes when it does', async () => {
    const world = await withBackup();
    await world.restore('r1', intoCopy);
    let tries = 0;
    await world.restart(
      withFaults(world, ({ port, verb }) => {
        if (port !== 'store' || verb !== 'delete') return undefined;
        tries += 1;
        return tries <= 3 ? { side: 'before', code: 'LB_STORE_UNREACHABLE' } : undefined;
      }),
    );
    await removed(world, 'r1');
    expect(tries).toBeGreaterThan(3);
    expect(await world.keys(world.layout.restoreDir('r1'))).toEqual([]);
  });

  it('keeps the finalizers of others', async () => {
    const world = await withBackup();
    await world.restore('r1', intoCopy);
    const finalizers = ['example.com/mine', FINALIZER];
    await world.resources.patch('Restore', 'r1', { metadata: { finalizers } }, AbortSignal.timeout(5_000));
    await world.remove('restores.velero.io', 'r1', NAMESPACE);
    const { metadata } = await world.until('Restore', 'r1', (one) => one.metadata.finalizers?.length === 1);
    expect(metadata.finalizers).toEqual(['example.com/mine']);
    await world.idle();
    await world.release('restores.velero.io', 'r1', NAMESPACE);
    await gone(world, 'Restore', 'r1');
  });

  it('while it runs stops, says so, and leaves no files', async () => {
    const world = await withBackup();
    await world.remove('namespaces', 'shop');
    const { outside, open, arrived } = withGate(
      world,
      ({ verb, target }) => verb === 'create' && target.startsWith('configmaps/'),
    );
    await world.restart(outside);
    await world.request('Restore', 'r1', { backupName: 'b1' });
    await world.request('Restore', 'next', { ...intoCopy, includedResources: ['secrets'] });
    await arrived;
    await world.remove('restores.velero.io', 'r1', NAMESPACE);
    // The run is told beside the queue that it holds: nothing has to be waited for but its own last call.
    await world.until('Restore', 'r1', ({ metadata }) => metadata.deletionTimestamp !== undefined);
    open();
    await gone(world, 'Restore', 'r1');
    expect((await world.story('restore', 'r1')).slice(-2)).toEqual([
      'Restore ended Failed: the Restore resource was deleted before the restore had ended.',
      'Restore deleted.',
    ]);
    expect(await world.keys(world.layout.restoreDir('r1'))).toEqual([]);
    expect((await world.ended('Restore', 'next')).status?.phase).toBe('Completed');
  });

  it('and that nobody took in leaves no trace', async () => {
    const world = await withBackup();
    await world.stop();
    await world.apply({
      apiVersion: 'velero.io/v1',
      kind: 'Restore',
      metadata: { name: 'r1', namespace: NAMESPACE, finalizers: [FINALIZER] },
      spec: { backupName: 'b1' },
    });
    await world.remove('restores.velero.io', 'r1', NAMESPACE);
    await world.start();
    await gone(world, 'Restore', 'r1');
    expect(await world.facts('restore', 'r1')).toEqual([]);
  });
});
