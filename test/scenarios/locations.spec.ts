import { describe, expect, it } from 'vitest';
import { namespaceOf, shop } from '../builders.js';
import { createMemoryObjectStore } from '../../src/objectstore/memory.js';
import { NAMESPACE } from './life.js';
import { bucketsOf, untilGone } from './two-clusters.js';
import { createCluster, createRunningWorld, createWorld, soon, type World } from './world.js';

const SPEC = { includedNamespaces: ['shop'], ttl: '100h' };

const namesOf = async (world: World): Promise<readonly string[]> =>
  (await world.resources.list('Backup', soon())).map(({ metadata }) => metadata.name);

const synced = async (world: World, location = 'default'): Promise<void> => {
  await world.until('BackupStorageLocation', location, ({ status }) => status?.lastSyncedTime !== undefined);
  await world.idle();
};

/** A backup that is whole in the bucket, with another phase and end of life. */
const storedAs = async (world: World, name: string, status: object): Promise<void> => {
  const key = world.layout.backupMetadata(name);
  const stored = (await world.json(key)) as { readonly status: object };
  await world.store.put(
    key,
    Buffer.from(JSON.stringify({ ...stored, status: { ...stored.status, ...status } })),
  );
};

describe('Backups that the bucket has and the cluster lacks', () => {
  it('behaviour 146: appear again after their resource was deleted, as they were', async () => {
    const world = await createRunningWorld();
    await world.apply(...shop());
    const made = await world.backup('b1', SPEC);
    await world.remove('backups.velero.io', 'b1', NAMESPACE);
    await world.idle();
    expect(await namesOf(world)).toEqual([]);
    await world.restart(); // a server syncs first of all
    const found = await world.ended('Backup', 'b1');
    expect(found.metadata.uid).not.toBe(made.metadata.uid);
    expect(found).toMatchObject({
      status: { ...made.status },
      spec: { ...made.spec },
      metadata: { labels: made.metadata.labels },
    });
  });

  it('behaviour 147: appear under the name that this cluster has for the location', async () => {
    const first = await createRunningWorld();
    await first.apply(...shop());
    await first.backup('b1', SPEC);
    const second = await createWorld({ store: first.store, location: false });
    await second.location('theirs', { default: true });
    await second.start();
    await synced(second, 'theirs');
    const found = await second.ended('Backup', 'b1');
    expect(found.status?.phase).toBe('Completed');
    expect(found.spec?.storageLocation).toBe('theirs');
    expect(found.metadata.labels).toMatchObject({ 'velero.io/storage-location': 'theirs' });
    expect((await second.restore('r1', { backupName: 'b1' })).status?.phase).toBe('Completed');
  });

  it('behaviour 148: do not appear while they are unfinished, but once they have expired', async () => {
    const first = await createRunningWorld();
    await first.apply(...shop());
    for (const name of ['whole', 'finalizing', 'waiting', 'expired']) await first.backup(name, SPEC);
    await first.stop();
    await storedAs(first, 'finalizing', { phase: 'Finalizing' });
    await storedAs(first, 'waiting', { phase: 'WaitingForPluginOperations' });
    await storedAs(first, 'expired', { phase: 'Finalizing', expiration: '2020-01-01T00:00:00Z' });
    const second = await createRunningWorld({ store: first.store });
    await synced(second);
    // In the cluster it is what every expired backup is: on its way out.
    await untilGone(second, 'Backup', 'expired');
    await second.idle();
    expect(await namesOf(second)).toEqual(['whole']);
    const facts = await second.facts('backup', 'expired');
    expect(facts.find(({ type }) => type === 'BackupDiscovered')?.data).toMatchObject({
      found: { phase: 'PartiallyFailed' },
    });
    expect(facts.at(-1)?.type).toBe('BackupDeleted');
  });

  it('behaviour 150: never appear from a location that is not to be synced', async () => {
    const first = await createRunningWorld();
    await first.apply(...shop());
    await first.backup('b1', SPEC);
    const second = await createWorld({ store: first.store, location: false });
    await second.location('default', { backupSyncPeriod: '0s' });
    await second.start();
    const location = await second.until(
      'BackupStorageLocation',
      'default',
      ({ status }) => status?.phase === 'Available',
    );
    await second.idle();
    expect(location.status?.lastSyncedTime).toBeUndefined();
    expect(await namesOf(second)).toEqual([]);
  });
});

describe('A storage location', () => {
  it('behaviour 152: with a stranger at its top is unavailable, names it, and comes back once it is gone', async () => {
    const world = await createWorld({ config: { storeValidationFrequency: 20 } });
    await world.store.put('photos/cat.jpg', Buffer.from('cat'));
    await world.start();
    const bad = await world.until(
      'BackupStorageLocation',
      'default',
      ({ status }) => status?.phase === 'Unavailable',
    );
    expect(bad.status?.message).toContain('photos');
    await world.store.delete('photos/cat.jpg');
    const good = await world.until(
      'BackupStorageLocation',
      'default',
      ({ status }) => status?.phase === 'Available',
    );
    expect(good.status?.message).toBeUndefined();
  });
});

describe('Of several storage locations that are the default,', () => {
  it('behaviour 151: the youngest stays it, backups go there, and the others say that they changed', async () => {
    // Times of creation are whole seconds: a clock that goes on makes one younger than the other.
    let seconds = 0;
    const cluster = await createCluster({ now: () => new Date(Date.UTC(2026, 0, 1) + (seconds += 1_000)) });
    const world = await createWorld({ cluster, location: false });
    await world.location('old', { default: true });
    await world.location('young', { default: true });
    await world.location('plain');
    await world.start();
    await world.until('BackupStorageLocation', 'old', ({ spec }) => spec?.default === false);
    await world.until('BackupStorageLocation', 'young', ({ status }) => status?.phase === 'Available');
    await world.idle();
    const marks = (await world.resources.list('BackupStorageLocation', soon())).map(({ metadata, spec }) => [
      metadata.name,
      spec?.default,
    ]);
    expect(marks.toSorted()).toEqual([
      ['old', false],
      ['plain', undefined],
      ['young', true],
    ]);
    await world.apply(...shop());
    expect((await world.backup('b1', SPEC)).spec?.storageLocation).toBe('young');
    const last = (await world.facts('location', 'old')).findLast(({ type }) =>
      /Registered|Changed/.test(type),
    );
    expect(last?.data).toMatchObject({ location: { isDefault: false } });
  });

  it('behaviour 151: one that is made the default later by hand gives way, too, if it is older', async () => {
    const world = await createWorld({ location: false });
    await world.location('a-old', {});
    await world.location('b-young', { default: true });
    await world.start();
    await world.until('BackupStorageLocation', 'b-young', ({ status }) => status?.phase === 'Available');
    await world.idle();
    await world.resources.patch('BackupStorageLocation', 'a-old', { spec: { default: true } }, soon());
    await world.until('BackupStorageLocation', 'a-old', ({ spec }) => spec?.default === false);
    expect((await world.resources.read('BackupStorageLocation', 'b-young', soon()))?.spec?.default).toBe(
      true,
    );
  });
});

describe('A storage location that becomes read-only in the middle of the day', () => {
  it('refuses new backups with the reason, restores go on, and its story tells it', async () => {
    const world = await createRunningWorld();
    await world.apply(...shop());
    await world.backup('b1', SPEC);
    await world.resources.patch(
      'BackupStorageLocation',
      'default',
      { spec: { accessMode: 'ReadOnly' } },
      soon(),
    );
    await world.idle();
    const refused = await world.backup('b2', SPEC);
    expect(refused.status).toMatchObject({
      phase: 'FailedValidation',
      validationErrors: [expect.stringContaining('the storage location "default" is read-only') as string],
    });
    expect(await world.keys(world.layout.backupDir('b2'))).toEqual([]);
    await world.remove('namespaces', 'shop');
    expect((await world.restore('r1', { backupName: 'b1' })).status?.phase).toBe('Completed');
    await world.until('BackupStorageLocation', 'default', ({ spec }) => spec?.accessMode === 'ReadOnly');
    await world.idle();
    expect(await world.story('location', 'default')).toContain(
      'Storage location changed: bucket bucket, ReadOnly.',
    );
    await world.resources.patch(
      'BackupStorageLocation',
      'default',
      { spec: { accessMode: 'ReadWrite' } },
      soon(),
    );
    await world.idle();
    expect((await world.backup('b3', SPEC)).status?.phase).toBe('Completed');
  });
});

describe('A storage location that is pointed to another bucket while a backup runs', () => {
  it('makes the backup fail with the reason, and no bucket gets a mark', async () => {
    const world = await createWorld();
    await world.apply(...shop());
    const elsewhere = createMemoryObjectStore();
    const opener = bucketsOf({ bucket: world.store, elsewhere });
    const openLocation: World['openLocation'] = async (spec) => {
      const { store, layout } = await opener(spec);
      const put: typeof store.put = async (key, body, options) => {
        const answer = await store.put(key, body, options);
        if (key === layout.backupContents('b1')) {
          const moved = { spec: { objectStorage: { bucket: 'elsewhere' } } };
          await world.resources.patch('BackupStorageLocation', 'default', moved, soon());
        }
        return answer;
      };
      return { store: { ...store, put }, layout };
    };
    await world.start({ openLocation });
    await world.until('BackupStorageLocation', 'default', ({ status }) => status?.phase === 'Available');
    const backup = await world.backup('b1', SPEC);
    expect(backup.status?.phase).toBe('Failed');
    expect(backup.status?.failureReason).toContain('was it changed while the backup ran?');
    const mark = world.layout.backupMetadata('b1');
    expect(await world.store.head(mark)).toBeUndefined();
    expect(await elsewhere.head(mark)).toBeUndefined();
  });
});

describe('The places for snapshots', () => {
  const place = (name: string) => ({
    apiVersion: 'velero.io/v1',
    kind: 'VolumeSnapshotLocation',
    metadata: { name, namespace: NAMESPACE },
    spec: { provider: 'aws' },
  });
  const placesWorld = async (...names: readonly string[]): Promise<World> => {
    const world = await createRunningWorld({ cluster: await createCluster() });
    await world.apply(namespaceOf('shop'), ...names.map(place));
    return world;
  };

  it('behaviour 106: are chosen if each provider has one, and written to the spec', async () => {
    const world = await placesWorld('only');
    const backup = await world.backup('b1', SPEC);
    expect(backup.status?.phase).toBe('Completed');
    expect(backup.spec?.volumeSnapshotLocations).toEqual(['only']);
  });

  it('behaviour 106: refuse the backup if a provider has two and nobody chose, even without snapshots', async () => {
    const world = await placesWorld('one', 'two');
    const backup = await world.backup('b1', { ...SPEC, snapshotVolumes: false });
    expect(backup.status?.phase).toBe('FailedValidation');
    expect(backup.status?.validationErrors?.join()).toContain('aws');
    const chosen = await world.backup('b2', { ...SPEC, volumeSnapshotLocations: ['two'] });
    expect(chosen.status?.phase).toBe('Completed');
  });
});
