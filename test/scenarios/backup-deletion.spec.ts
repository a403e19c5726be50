import { describe, expect, it } from 'vitest';
import type { BackupOfVolumes } from '../../src/controllers/ports.js';
import { Fault } from '../../src/faults.js';
import { createMemoryObjectStore } from '../../src/objectstore/memory.js';
import { shop } from '../builders.js';
import { withFaults } from '../crash/faults.js';
import { ask, deleteBackup, errorsOf, gone } from './deleting.js';
import { withGate } from './gate.js';
import { NAMESPACE } from './life.js';
import { createRunningWorld, locationSpec, type World, type WorldOptions } from './world.js';

const SPEC = { includedNamespaces: ['shop'] };

const prepared = async (options: WorldOptions = {}): Promise<World> => {
  const world = await createRunningWorld(options);
  await world.apply(...shop());
  return world;
};

const withBackup = async (options: WorldOptions = {}): Promise<World> => {
  const world = await prepared(options);
  await world.backup('b1', SPEC);
  return world;
};

/** A backup that ended elsewhere, in this location. */
const putEnded = (world: World, name: string, storageLocation: string, status: object = {}) =>
  world.apply({
    apiVersion: 'velero.io/v1',
    kind: 'Backup',
    metadata: { name, namespace: NAMESPACE },
    spec: { storageLocation },
    status: { phase: 'Failed', ...status },
  });

const phaseOf = async (world: World, backup: string) =>
  (await world.find('backups.velero.io', backup, NAMESPACE))?.['status'];

const requestNames = async (world: World) =>
  (await world.all('deletebackuprequests.velero.io')).map(({ metadata }) => metadata.name);

describe('A backup whose deletion is asked for', () => {
  it('goes with its files, its restores, their files and the request, and the story tells it', async () => {
    const world = await withBackup();
    await world.backup('b10', SPEC);
    const others = await world.keys();
    await world.backup('b2', SPEC);
    await world.restore('r1', { backupName: 'b2' });
    await world.restore('r2', { backupName: 'b2', namespaceMapping: { shop: 'copy' } });
    await deleteBackup(world, 'b2');
    expect(await world.keys()).toEqual(others);
    expect(await world.all('restores.velero.io')).toEqual([]);
    expect((await world.all('backups.velero.io')).map(({ metadata }) => metadata.name)).toEqual([
      'b1',
      'b10',
    ]);
    expect(await world.find('configmaps', 'settings', 'copy')).toBeDefined();
    expect((await world.story('backup', 'b2')).slice(4)).toEqual([
      'Deletion began, asked for by request delete-it.',
      'No volume data of the backup is left.',
      'No restore of the backup is left.',
      'No file of the backup is left in object storage.',
      'Backup deleted.',
    ]);
    expect((await world.story('restore', 'r1')).at(-1)).toBe('Restore deleted.');
  });

  it('loses its mark before its other files, so that nobody takes what is left for a backup', async () => {
    const world = await withBackup();
    const order: string[] = [];
    await world.restart({
      openLocation: async (spec) => {
        const opened = await world.openLocation(spec);
        const remove: typeof opened.store.delete = (key, signal) => {
          order.push(key);
          return opened.store.delete(key, signal);
        };
        return { ...opened, store: { ...opened.store, delete: remove } };
      },
    });
    await deleteBackup(world, 'b1');
    expect(order[0]).toBe(world.layout.backupMetadata('b1'));
    expect(order.length).toBeGreaterThan(5);
  });

  it('is found by a name that is too long for a label', async () => {
    const world = await prepared();
    const name = `long-${'n'.repeat(80)}`;
    await world.backup(name, SPEC);
    const { outside, open, arrived } = withGate(
      world,
      ({ verb, target }) => verb === 'delete' && target.includes(name),
    );
    await world.restart(outside);
    await ask(world, name);
    await arrived;
    const request = await world.until(
      'DeleteBackupRequest',
      'delete-it',
      ({ status }) => status?.phase === 'InProgress',
    );
    const backup = await world.find('backups.velero.io', name, NAMESPACE);
    expect(request.metadata.labels).toEqual({
      'velero.io/backup-name': expect.stringMatching(/^long-n{52}[0-9a-f]{6}$/) as string,
      'velero.io/backup-uid': backup?.metadata.uid,
    });
    expect(backup?.['status']).toMatchObject({ phase: 'Deleting' });
    open();
    await gone(world, 'DeleteBackupRequest', 'delete-it');
    expect(await world.keys()).toEqual([]);
  });

  it('leaves the line if it waited for its turn, and the next one moves up', async () => {
    const world = await prepared();
    const { outside, open, arrived } = withGate(
      world,
      ({ verb, target }) => verb === 'put' && target.endsWith('b1.tar.gz'),
    );
    await world.restart(outside);
    await world.request('Backup', 'b1', SPEC);
    await arrived;
    await world.request('Backup', 'b2', SPEC);
    await world.until('Backup', 'b2', ({ status }) => status?.phase === 'Queued');
    await world.request('Backup', 'b3', SPEC);
    await world.until('Backup', 'b3', ({ status }) => status?.queuePosition === 2);
    await ask(world, 'b2');
    await world.until('Backup', 'b3', ({ status }) => status?.queuePosition === 1);
    open();
    await gone(world, 'DeleteBackupRequest', 'delete-it');
    await gone(world, 'Backup', 'b2');
    await world.ended('Backup', 'b1');
    expect((await world.ended('Backup', 'b3')).status?.phase).toBe('Completed');
    expect(await world.keys(world.layout.backupDir('b2'))).toEqual([]);
  });

  it('may be a failed one, one that was refused, and one that was found', async () => {
    const world = await prepared();
    await world.backup('refused', { ...SPEC, storageLocation: 'nowhere' });
    await putEnded(world, 'failed', 'default', { startTimestamp: '2026-01-01T00:00:00Z' });
    await putEnded(world, 'stuck', 'default', { phase: 'Deleting' });
    await world.idle();
    for (const name of ['failed', 'stuck']) await deleteBackup(world, name);
    await ask(world, 'refused');
    expect(await errorsOf(world)).toEqual(['backup storage location nowhere not found']);
  });

  it.each(['InProgress', 'WaitingForPluginOperations', 'Finalizing', 'FinalizingPartiallyFailed'])(
    'may be one that another server left %s, once it has ended here',
    async (phase) => {
      const world = await prepared();
      await putEnded(world, 'left', 'default', { phase, startTimestamp: '2026-01-01T00:00:00Z' });
      await world.ended('Backup', 'left');
      await deleteBackup(world, 'left');
      expect(await world.keys()).toEqual([]);
    },
  );

  it('can be made anew under its name', async () => {
    const world = await withBackup();
    await deleteBackup(world, 'b1');
    expect((await world.backup('b1', SPEC)).status?.phase).toBe('Completed');
  });

  it('stays gone after a restart, and no sync brings it back', async () => {
    const world = await withBackup();
    await deleteBackup(world, 'b1');
    await world.restart();
    await world.until('BackupStorageLocation', 'default', ({ status }) => Boolean(status?.lastSyncedTime));
    await world.idle();
    expect(await world.all('backups.velero.io')).toEqual([]);
  });

  it('takes the former requests about it away, and is deleted for the last one', async () => {
    const world = await prepared();
    const labels = { 'velero.io/backup-name': 'b1' };
    await ask(world, 'b1', { name: 'too-early', labels });
    expect(await errorsOf(world, 'too-early')).toEqual(['backup not found']);
    await world.backup('b1', SPEC);
    await ask(world, 'b1', { name: 'now', labels });
    await gone(world, 'Backup', 'b1');
    await gone(world, 'DeleteBackupRequest', 'now');
    expect(await requestNames(world)).toEqual([]);
  });

  it('is deleted once, however many ask at the same time', async () => {
    const world = await withBackup();
    await world.stop();
    for (const name of ['one', 'two', 'three']) await ask(world, 'b1', { name });
    await world.start();
    await gone(world, 'Backup', 'b1');
    expect(
      (await world.story('backup', 'b1')).filter((line) => line.startsWith('Deletion began')),
    ).toHaveLength(1);
  });
});

describe('The files under the name of a backup', () => {
  it('stay, if they are those of another backup that had the name first', async () => {
    const world = await withBackup();
    await world.stop();
    await world.remove('backups.velero.io', 'b1', NAMESPACE);
    await world.request('Backup', 'b1', SPEC);
    await world.start();
    const second = await world.until(
      'Backup',
      'b1',
      ({ status }) => status?.phase === 'FailedValidation' || status?.phase === 'Failed',
    );
    const files = await world.keys(world.layout.backupDir('b1'));
    expect(files.length).toBeGreaterThan(5);
    await ask(world, 'b1');
    await gone(world, 'DeleteBackupRequest', 'delete-it');
    expect(await world.keys(world.layout.backupDir('b1'))).toEqual(files);
    expect((await world.story('backup', 'b1')).find((line) => line.includes('Kept: '))).toContain(
      'those of another backup',
    );
    expect(second.metadata.uid).toBeDefined();
  });

  it('go, if sync brought the backup in from another cluster', async () => {
    const store = createMemoryObjectStore();
    const first = await withBackup({ store });
    await first.stop();
    const second = await createRunningWorld({ store });
    await second.ended('Backup', 'b1');
    await deleteBackup(second, 'b1');
    expect(await second.keys()).toEqual([]);
  });

  it('go, if the mark among them cannot be read', async () => {
    const world = await withBackup();
    await world.store.put(world.layout.backupMetadata('b1'), Buffer.from('{'));
    await deleteBackup(world, 'b1');
    expect(await world.keys()).toEqual([]);
  });
});

describe('behaviour 143: a request to delete what cannot be deleted is answered with one error, and nothing goes:', () => {
  it('a request without a name', async () => {
    const world = await withBackup();
    await ask(world, '');
    expect(await errorsOf(world)).toEqual(['spec.backupName is required']);
  });

  it.each(['never-was', '../backups/b1', 'UPPER'])('the name "%s", which no backup has', async (name) => {
    const world = await withBackup();
    await ask(world, name);
    expect(await errorsOf(world)).toEqual(['backup not found']);
    expect(await world.facts('backup', name)).toEqual([]);
  });

  it('a backup that runs', async () => {
    const world = await prepared();
    const { outside, open, arrived } = withGate(
      world,
      ({ verb, target }) => verb === 'put' && target.endsWith('.tar.gz'),
    );
    await world.restart(outside);
    await world.request('Backup', 'b1', SPEC);
    await arrived;
    await ask(world, 'b1');
    const { status } = await world.until(
      'DeleteBackupRequest',
      'delete-it',
      (request) => request.status?.phase === 'Processed',
    );
    expect(status?.errors).toEqual(['backup is still in progress']);
    open();
    expect((await world.ended('Backup', 'b1')).status?.phase).toBe('Completed');
  });

  it('a backup whose location is gone', async () => {
    const world = await withBackup();
    await world.remove('backupstoragelocations.velero.io', 'default', NAMESPACE);
    await ask(world, 'b1');
    expect(await errorsOf(world)).toEqual(['backup storage location default not found']);
    expect(await phaseOf(world, 'b1')).toMatchObject({ phase: 'Completed' });
  });

  it('a backup whose location may only be read', async () => {
    const world = await withBackup();
    await world.location('reading', locationSpec({ accessMode: 'ReadOnly' }));
    await world.until('BackupStorageLocation', 'reading', ({ status }) => status?.phase === 'Available');
    await putEnded(world, 'old', 'reading');
    await ask(world, 'old');
    expect(await errorsOf(world)).toEqual([
      'cannot delete backup because backup storage location reading is currently in read-only mode',
    ]);
    expect(await phaseOf(world, 'old')).toMatchObject({ phase: 'Failed' });
    expect((await world.keys()).length).toBeGreaterThan(5);
  });

  it('a backup whose location does not answer', async () => {
    const world = await withBackup();
    await world.location('broken', locationSpec({ provider: 'gcp' }));
    await world.apply();
    await world.restart({
      openLocation: (spec) =>
        spec.provider === 'gcp'
          ? Promise.reject(new Fault('LB_STORE_UNREACHABLE', 'nobody there'))
          : world.openLocation(spec),
    });
    await world.until('BackupStorageLocation', 'broken', ({ status }) => status?.phase === 'Unavailable');
    await putEnded(world, 'old', 'broken');
    await ask(world, 'old');
    expect(await errorsOf(world)).toEqual([
      'cannot delete backup because backup storage location broken is currently in Unavailable state',
    ]);
    expect(await phaseOf(world, 'old')).toMatchObject({ phase: 'Failed' });
  });
});

describe('behaviour 144: volume data that cannot be deleted', () => {
  const failing = (world: World) => {
    const trouble = {
      errors: ['snapshot of volume pv-1 (snap-1): the provider refuses'] as readonly string[],
    };
    const asked: BackupOfVolumes[] = [];
    const deleteBackupVolumes = (backup: BackupOfVolumes) => {
      asked.push(backup);
      return Promise.resolve(trouble.errors);
    };
    return { trouble, asked, start: () => world.restart({ deleteBackupVolumes }) };
  };

  it('keeps the backup and its files, the restores go, and a new request may succeed', async () => {
    const world = await withBackup();
    const files = await world.keys(world.layout.backupDir('b1'));
    await world.restore('r1', { backupName: 'b1' });
    const { trouble, asked, start } = failing(world);
    await start();
    await ask(world, 'b1', { name: 'first' });
    expect(await errorsOf(world, 'first')).toEqual(trouble.errors);
    await gone(world, 'Restore', 'r1');
    expect(await world.keys()).toEqual(files);
    expect(await phaseOf(world, 'b1')).toMatchObject({ phase: 'Deleting' });
    const uid = (await world.find('backups.velero.io', 'b1', NAMESPACE))?.metadata.uid;
    expect(asked.map((one) => [one.name, one.uid])).toEqual([['b1', uid]]);
    expect((await world.story('backup', 'b1')).at(-1)).toBe(
      'Deletion failed: snapshot of volume pv-1 (snap-1): the provider refuses. It can be asked for again.',
    );
    trouble.errors = [];
    await ask(world, 'b1', { name: 'second' });
    await gone(world, 'Backup', 'b1');
    await gone(world, 'DeleteBackupRequest', 'first');
    await gone(world, 'DeleteBackupRequest', 'second');
    expect(await world.keys()).toEqual([]);
  });

  it('leaves a way out: without its resource the backup comes back with the next sync', async () => {
    const world = await withBackup();
    await failing(world).start();
    await ask(world, 'b1');
    await errorsOf(world);
    await world.remove('backups.velero.io', 'b1', NAMESPACE);
    await world.restart({}, { backupSyncPeriod: 60_000 });
    expect((await world.ended('Backup', 'b1')).status?.phase).toBe('Completed');
    await ask(world, 'b1', { name: 'again' });
    await gone(world, 'Backup', 'b1');
    expect(await world.keys()).toEqual([]);
  });
});

describe('A deletion that somebody else left', () => {
  it('in progress, with a request that says so, is taken up', async () => {
    const world = await withBackup();
    await world.stop();
    await world.apply({
      apiVersion: 'velero.io/v1',
      kind: 'DeleteBackupRequest',
      metadata: { name: 'left', namespace: NAMESPACE },
      spec: { backupName: 'b1' },
      status: { phase: 'InProgress' },
    });
    await world.start();
    await gone(world, 'Backup', 'b1');
    await gone(world, 'DeleteBackupRequest', 'left');
    expect(await world.keys()).toEqual([]);
  });

  it('goes on though its request was taken away', async () => {
    const world = await withBackup();
    const { outside, open, arrived } = withGate(
      world,
      ({ verb, target }) => verb === 'delete' && target.endsWith('.tar.gz'),
    );
    await world.restart(outside);
    await ask(world, 'b1');
    await arrived;
    await world.remove('deletebackuprequests.velero.io', 'delete-it', NAMESPACE);
    open();
    await gone(world, 'Backup', 'b1');
    expect(await world.keys()).toEqual([]);
  });
});

describe('A deletion that the object storage', () => {
  it('refuses for good ends with the error, and can be asked for again', async () => {
    const world = await withBackup();
    let refuses = true;
    await world.restart(
      withFaults(world, ({ port, verb, target }) =>
        refuses && port === 'store' && verb === 'delete' && target.endsWith('.tar.gz')
          ? { side: 'before', code: 'LB_STORE_DENIED' }
          : undefined,
      ),
    );
    await ask(world, 'b1', { name: 'first' });
    expect(await errorsOf(world, 'first')).toEqual([
      expect.stringContaining('the object storage refuses the credentials or the access') as string,
    ]);
    expect(await phaseOf(world, 'b1')).toMatchObject({ phase: 'Deleting' });
    refuses = false;
    await ask(world, 'b1', { name: 'second' });
    await gone(world, 'Backup', 'b1');
    expect(await world.keys()).toEqual([]);
  });

  it('takes and does not carry out, as a bucket with a retention rule may, ends with an error', async () => {
    const world = await withBackup();
    await world.restart({
      openLocation: async (spec) => {
        const opened = await world.openLocation(spec);
        return { ...opened, store: { ...opened.store, delete: () => Promise.resolve() } };
      },
    });
    await ask(world, 'b1');
    expect(await errorsOf(world)).toEqual([
      expect.stringContaining('is still there after it was deleted') as string,
    ]);
  });
});
