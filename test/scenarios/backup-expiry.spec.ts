import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { shop } from '../builders.js';
import { withGate } from './gate.js';
import { ask, errorsOf, gone } from './deleting.js';
import { NAMESPACE } from './life.js';
import { createRunningWorld, locationSpec, type World, type WorldOptions } from './world.js';

const SPEC = { includedNamespaces: ['shop'] };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const PAST = '2020-01-01T00:00:00Z';

// Timers and the clock go on by themselves, and can be sent ahead.
beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
    shouldAdvanceTime: true,
  });
});
afterEach(() => {
  vi.useRealTimers();
});

const later = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

const prepared = async (options: WorldOptions = {}): Promise<World> => {
  const world = await createRunningWorld(options);
  await world.apply(...shop());
  return world;
};

const putExpired = (world: World, name: string, storageLocation: string, status: object = {}) =>
  world.apply({
    apiVersion: 'velero.io/v1',
    kind: 'Backup',
    metadata: { name, namespace: NAMESPACE },
    spec: { storageLocation },
    status: { phase: 'Failed', expiration: PAST, ...status },
  });

const requests = (world: World) => world.all('deletebackuprequests.velero.io', NAMESPACE);
const failureOf = async (world: World, backup: string) =>
  (await world.find('backups.velero.io', backup, NAMESPACE))?.metadata.labels?.['velero.io/gc-failure'];

describe('behaviour 141: a backup that has expired', () => {
  it('goes at that moment with its files, its restores and the request, and the story tells it', async () => {
    const world = await prepared();
    await world.backup('brief', { ...SPEC, ttl: '1m' });
    await world.backup('kept', SPEC);
    const kept = await world.keys(world.layout.backupDir('kept'));
    await world.restore('r1', { backupName: 'brief' });
    await world.restore('r2', { backupName: 'brief', namespaceMapping: { shop: 'copy' } });
    await later(50_000);
    await world.idle();
    expect(await requests(world)).toEqual([]);
    await later(11_000);
    await gone(world, 'Backup', 'brief');
    for (const name of ['r1', 'r2']) await gone(world, 'Restore', name);
    expect(await world.keys()).toEqual(kept);
    expect(await requests(world)).toEqual([]);
    expect(await world.find('configmaps', 'settings', 'copy')).toBeDefined();
    expect((await world.story('backup', 'brief')).slice(4)).toEqual([
      'Deletion began, since the backup has expired.',
      'No volume data of the backup is left.',
      'No restore of the backup is left.',
      'No file of the backup is left in object storage.',
      'Backup deleted.',
    ]);
    const facts = await world.facts('backup', 'brief');
    expect(facts.find(({ type }) => type === 'BackupDeletionStarted')?.meta.actor).toEqual({
      kind: 'SYSTEM',
      name: 'expiry',
      via: 'server',
    });
  });

  it.each(['Completed', 'PartiallyFailed', 'Failed', 'FailedValidation', 'Deleting'])(
    'goes, though it is %s',
    async (phase) => {
      const world = await prepared();
      await putExpired(world, 'old', 'default', { phase });
      await gone(world, 'Backup', 'old');
      expect(await requests(world)).toEqual([]);
    },
  );

  it('goes after thirty days, which is more than a timer can wait', async () => {
    // Without the checks that come every minute, of which there would be many.
    const world = await prepared({ config: { storeValidationFrequency: 0, backupSyncPeriod: 0 } });
    await world.backup('b1', SPEC);
    for (let day = 0; day < 29; day += 1) await later(24 * HOUR);
    await world.idle();
    expect(await requests(world)).toEqual([]);
    await later(25 * HOUR);
    await gone(world, 'Backup', 'b1');
  });

  it('goes when the server comes back, if it was away at the moment', async () => {
    const world = await prepared();
    await world.backup('brief', { ...SPEC, ttl: '1m' });
    await world.stop();
    await later(2 * MINUTE);
    await world.start();
    await gone(world, 'Backup', 'brief');
    expect(await world.keys()).toEqual([]);
  });

  it('goes by the time in its status: whoever changes that keeps it', async () => {
    const world = await prepared();
    await world.backup('brief', { ...SPEC, ttl: '1m' });
    const expiration = new Date(Date.now() + HOUR).toISOString().replace(/\.\d+/, '');
    await world.resources.patch('Backup', 'brief', { status: { expiration } }, AbortSignal.timeout(5_000));
    await world.idle();
    await later(2 * MINUTE);
    await world.idle();
    expect(await world.find('backups.velero.io', 'brief', NAMESPACE)).toBeDefined();
  });

  it('is asked for once, by a request with the labels that the CLI looks for', async () => {
    const world = await prepared();
    const { outside, open, arrived } = withGate(
      world,
      ({ verb, target }) => verb === 'delete' && target.startsWith('backups/'),
    );
    await world.restart(outside);
    await putExpired(world, 'old', 'default');
    await arrived;
    await later(3 * HOUR);
    const all = await requests(world);
    const uid = (await world.find('backups.velero.io', 'old', NAMESPACE))?.metadata.uid;
    expect(all.map(({ metadata, spec }) => ({ labels: metadata.labels, spec }))).toEqual([
      {
        labels: { 'velero.io/backup-name': 'old', 'velero.io/backup-uid': uid },
        spec: { backupName: 'old' },
      },
    ]);
    expect(all[0]?.metadata.name).toMatch(/^old-\w+/);
    open();
    await gone(world, 'Backup', 'old');
  });

  it('while it runs goes when it has ended', async () => {
    const world = await prepared();
    const { outside, open, arrived } = withGate(
      world,
      ({ verb, target }) => verb === 'put' && target.endsWith('.tar.gz'),
    );
    await world.restart(outside);
    await world.request('Backup', 'brief', { ...SPEC, ttl: '1m' });
    await arrived;
    await later(2 * MINUTE);
    expect(await requests(world)).toEqual([]);
    open();
    await gone(world, 'Backup', 'brief');
    expect(await world.keys()).toEqual([]);
  });

  it('is asked for again after the frequency of the flag, if its volume data could not be deleted', async () => {
    let errors: readonly string[] = ['snap-1 is in use'];
    let tries = 0;
    const world = await prepared({ flags: { 'garbage-collection-frequency': '10m' } });
    await world.restart({
      deleteBackupVolumes: () => {
        tries += 1;
        return Promise.resolve(errors);
      },
    });
    await putExpired(world, 'old', 'default');
    await world.until('Backup', 'old', ({ status }) => status?.phase === 'Deleting');
    await world.idle();
    await later(9 * MINUTE);
    await world.idle();
    expect(tries).toBe(1);
    errors = [];
    await later(2 * MINUTE);
    await gone(world, 'Backup', 'old');
    expect(tries).toBe(2);
    expect(await requests(world)).toEqual([]);
  });
});

describe('behaviour 142: an expired backup in a location that may only be read', () => {
  it('stays, without a request and with a label that says so, until the location may be written', async () => {
    const world = await prepared();
    await world.location('reading', locationSpec({ accessMode: 'ReadOnly' }));
    await world.until('BackupStorageLocation', 'reading', ({ status }) => status?.phase === 'Available');
    await putExpired(world, 'old', 'reading');
    await world.until(
      'Backup',
      'old',
      ({ metadata }) => metadata.labels?.['velero.io/gc-failure'] !== undefined,
    );
    await world.idle();
    expect(await failureOf(world, 'old')).toBe('BSLReadOnly');
    expect(await requests(world)).toEqual([]);
    await world.resources.patch(
      'BackupStorageLocation',
      'reading',
      { spec: { accessMode: 'ReadWrite' } },
      AbortSignal.timeout(5_000),
    );
    await later(61 * MINUTE);
    await gone(world, 'Backup', 'old');
  });

  it('as one whose location is gone says that', async () => {
    const world = await prepared();
    await putExpired(world, 'old', 'nowhere');
    await world.until(
      'Backup',
      'old',
      ({ metadata }) => metadata.labels?.['velero.io/gc-failure'] !== undefined,
    );
    expect(await failureOf(world, 'old')).toBe('BSLNotFound');
    expect(await requests(world)).toEqual([]);
  });
});

describe('behaviour 145: a request that was answered', () => {
  it('goes a day after it was made, and not before', async () => {
    const world = await prepared();
    await ask(world, 'never-was');
    expect(await errorsOf(world)).toEqual(['backup not found']);
    await later(23 * HOUR);
    await world.idle();
    expect(await requests(world)).toHaveLength(1);
    await later(HOUR + MINUTE);
    await gone(world, 'DeleteBackupRequest', 'delete-it');
  });

  it('goes when the server comes back, if it was away at the time', async () => {
    const world = await prepared();
    await ask(world, 'never-was');
    await errorsOf(world);
    await world.stop();
    await later(25 * HOUR);
    await world.start();
    await gone(world, 'DeleteBackupRequest', 'delete-it');
  });
});
