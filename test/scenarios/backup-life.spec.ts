import { describe, expect, it } from 'vitest';
import { withFaults } from '../crash/faults.js';
import { configMap, namespaceOf, shop } from '../builders.js';
import { itemsOf } from './tarball.js';
import { createRunningWorld, createWorld } from './world.js';

const SPEC = { includedNamespaces: ['shop'] };
const IN_ORDER = ['New', 'Queued', 'ReadyToStart', 'InProgress', 'Finalizing', 'Completed'];
const TTL_MS = 720 * 3_600_000;

describe('A backup', () => {
  it('behaviour 16: goes to the location that is the default, and says so in spec and label', async () => {
    const world = await createWorld({ location: false });
    await world.location('archive');
    await world.location('main', { default: true });
    await world.start();
    await world.until('BackupStorageLocation', 'main', ({ status }) => status?.phase === 'Available');
    const backup = await world.backup('b1', {});
    expect(backup.status?.phase).toBe('Completed');
    expect(backup.spec?.storageLocation).toBe('main');
    expect(backup.metadata.labels).toMatchObject({ 'velero.io/storage-location': 'main' });
  });

  it('behaviour 17: is kept for thirty days if nobody says how long', async () => {
    const world = await createRunningWorld();
    const backup = await world.backup('b1', {});
    expect(backup.spec?.ttl).toBe('720h0m0s');
    const { startTimestamp, expiration } = backup.status ?? {};
    const kept = Date.parse(expiration ?? '') - Date.parse(startTimestamp ?? '');
    expect(Math.abs(kept - TTL_MS)).toBeLessThanOrEqual(1_000); // times are told in whole seconds
  });

  it('behaviour 18: fails if its name is in the bucket from a backup whose resource was deleted', async () => {
    const world = await createRunningWorld({ config: { backupSyncPeriod: 0 } });
    await world.apply(...shop());
    expect((await world.backup('b1', SPEC)).status?.phase).toBe('Completed');
    const files = await world.keys('backups/b1/');
    const contents = async () => Promise.all(files.map(async (file) => world.bytes(file)));
    const before = await contents();
    await world.remove('backups.velero.io', 'b1', 'velero');
    await world.idle();
    await world.apply(configMap('shop', 'new'));
    const again = await world.backup('b1', SPEC);
    expect(again.status).toMatchObject({
      phase: 'Failed',
      failureReason: expect.stringContaining('already exists') as string,
    });
    expect(await world.keys('backups/b1/')).toEqual(files);
    expect(await contents()).toEqual(before);
  });

  it('behaviour 19: shows its phases in order, and its end only at the end', async () => {
    const world = await createRunningWorld();
    await world.apply(...shop());
    const seen: { readonly phase: string; readonly ended: boolean }[] = [];
    const watched = world.until('Backup', 'b1', ({ status = {} }) => {
      const { phase = 'New', completionTimestamp } = status;
      seen.push({ phase, ended: completionTimestamp !== undefined });
      return phase === 'Completed';
    });
    await world.backup('b1', SPEC);
    await watched;
    const phases = [...new Set(seen.map(({ phase }) => phase))];
    expect(phases).toEqual(IN_ORDER.filter((phase) => phases.includes(phase)));
    expect(phases).toEqual(expect.arrayContaining(['New', 'InProgress', 'Completed']));
    for (const { phase, ended } of seen) expect(ended).toBe(phase === 'Completed');
  });

  it('behaviour 36: has everything but the kind that cannot be listed, which is an error', async () => {
    const world = await createRunningWorld();
    await world.apply(...shop());
    await world.restart(
      withFaults(world, ({ verb, target }) =>
        verb === 'list' && target === 'secrets' ? { side: 'before', code: 'LB_CLUSTER_DENIED' } : undefined,
      ),
    );
    const backup = await world.backup('b1', SPEC);
    expect(backup.status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect(await itemsOf(world, 'b1')).toEqual([
      'configmaps|shop|settings',
      'deployments.apps|shop|web',
      'namespaces||shop',
      'serviceaccounts|shop|web',
      'services|shop|web',
    ]);
    expect(JSON.stringify(await world.json(world.layout.backupResults('b1')))).toContain('secrets');
  });

  it('has everything but the kind whose lists the API server refuses while it answers all else', async () => {
    const world = await createRunningWorld();
    await world.apply(...shop());
    await world.restart(
      withFaults(world, ({ verb, target }) =>
        verb === 'list' && target === 'secrets'
          ? { side: 'before', code: 'LB_CLUSTER_UNREACHABLE' }
          : undefined,
      ),
    );
    const backup = await world.backup('b1', SPEC);
    expect(backup.status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect(await itemsOf(world, 'b1')).toContain('configmaps|shop|settings');
  });

  it('behaviour 37: is Completed whatever the number of warnings', async () => {
    const world = await createRunningWorld();
    await world.apply(namespaceOf('shop'), configMap('shop', 'settings'));
    const backup = await world.backup('b1', { ...SPEC, orderedResources: { configmaps: 'shop/x,shop/y' } });
    expect(backup.status).toMatchObject({ phase: 'Completed', warnings: 2 });
    expect(backup.status?.errors).toBeUndefined();
  });
});
