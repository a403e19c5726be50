import { describe, expect, it } from 'vitest';
import { encodePodVolumeBackups } from '../../src/archive/sidecars.js';
import { shop } from '../builders.js';
import { NAMESPACE } from './life.js';
import { bucketsOf, copyBackup, untilGone } from './two-clusters.js';
import { createRunningWorld, createWorld, soon, type World } from './world.js';

const SPEC = { includedNamespaces: ['shop'], ttl: '100h' };
const OFTEN = { backupSyncPeriod: 5 };

/** A bucket that another cluster filled with these backups. */
const filled = async (...names: readonly string[]): Promise<World> => {
  const world = await createRunningWorld();
  await world.apply(...shop());
  await world.backup('b1', SPEC);
  for (const name of names) await copyBackup(world, 'b1', name);
  await world.stop();
  return world;
};

const isSynced = ({ status }: { readonly status?: { readonly lastSyncedTime?: unknown } }) =>
  status?.lastSyncedTime !== undefined;

/** What is asked of the store, round by round; a round begins with a look at the names of all backups. */
const counting = (world: World) => {
  const rounds: string[][] = [];
  const waiting: { readonly at: number; readonly wake: () => void }[] = [];
  const openLocation: World['openLocation'] = async (spec) => {
    const { store, layout } = await world.openLocation(spec);
    const counted: typeof store = {
      ...store,
      list: (prefix, options) => {
        if (prefix === layout.backupsDir()) {
          rounds.push([`list ${prefix}`]);
          for (const one of waiting) if (one.at <= rounds.length) one.wake();
        }
        return store.list(prefix, options);
      },
      get: (key, signal) => {
        rounds.at(-1)?.push(`get ${key}`);
        return store.get(key, signal);
      },
      head: (key, signal) => {
        rounds.at(-1)?.push(`head ${key}`);
        return store.head(key, signal);
      },
    };
    return { store: counted, layout };
  };
  const begun = (n: number) =>
    new Promise<void>((wake) => {
      waiting.push({ at: n, wake });
    });
  return { openLocation, rounds, begun };
};

describe('A sync that finds nothing new', () => {
  it('asks the store for the names alone, however many backups there are', async () => {
    const others = Array.from({ length: 30 }, (_, i) => `copy-${i}`);
    const first = await filled(...others);
    const second = await createWorld({ store: first.store, config: OFTEN });
    const { openLocation, rounds, begun } = counting(second);
    const fourth = begun(4);
    await second.start({ openLocation });
    await fourth;
    expect((await second.resources.list('Backup', soon())).length).toBe(31);
    // Of each backup its mark and its PodVolumeBackups, once.
    expect(rounds[0]?.filter((call) => call.startsWith('get')).length).toBe(62);
    expect(rounds.slice(1, 3)).toEqual([['list backups/'], ['list backups/']]);
  });

  it('looks at what it could not use, and reads it again only when it has changed', async () => {
    const first = await filled('half', 'broken');
    const { store, layout } = first;
    const whole = await first.bytes(layout.backupMetadata('half'));
    await store.put(
      layout.backupMetadata('half'),
      Buffer.from(whole.toString().replace('Completed', 'Finalizing')),
    );
    await store.put(layout.backupMetadata('broken'), Buffer.from('{"apiVersion":'));
    await store.put('backups/unmarked/unmarked.tar.gz', Buffer.from('x'));
    const second = await createWorld({ store, config: OFTEN });
    const { openLocation, rounds, begun } = counting(second);
    const third = begun(4);
    await second.start({ openLocation });
    await third;
    const heads = ['broken', 'half', 'unmarked'].map((name) => `head ${layout.backupMetadata(name)}`);
    expect(rounds.slice(1, 3).map(([list, ...rest]) => [list, ...rest.toSorted()])).toEqual([
      ['list backups/', ...heads],
      ['list backups/', ...heads],
    ]);
    await store.put(layout.backupMetadata('half'), whole);
    await second.until('Backup', 'half', ({ status }) => status?.phase === 'Completed');
  });
});

describe('A backup in the bucket that cannot be used', () => {
  it('is told once, in the story of its location, and no more when it is mended', async () => {
    const first = await filled('broken');
    const { store, layout } = first;
    const whole = await first.bytes(layout.backupMetadata('broken'));
    await store.put(layout.backupMetadata('broken'), Buffer.from('{"apiVersion":'));
    const second = await createWorld({ store, config: OFTEN });
    const { openLocation, begun } = counting(second);
    const third = begun(4);
    await second.start({ openLocation });
    await third;
    await second.restart({ openLocation });
    const passedOver = () =>
      second
        .facts('location', 'default')
        .then((facts) => facts.filter(({ type }) => type.startsWith('LocationBackups')));
    expect((await passedOver()).map(({ type, data }) => [type, data])).toEqual([
      [
        'LocationBackupsPassedOver',
        {
          backups: [
            {
              name: 'broken',
              because: 'Unusable',
              message: expect.stringContaining('backups/broken/velero-backup.json: it is not JSON') as string,
            },
          ],
          at: expect.any(String) as string,
        },
      ],
    ]);
    await store.put(layout.backupMetadata('broken'), whole);
    await second.until('Backup', 'broken', ({ status }) => status?.phase === 'Completed');
    await second.until('BackupStorageLocation', 'default', isSynced);
    await begun(12);
    expect((await second.story('location', 'default')).at(-1)).toBe(
      'No longer passed over in the storage location: broken.',
    );
  });

  it('is one whose mark is that of another backup', async () => {
    const first = await filled();
    const { store, layout } = first;
    await store.put(layout.backupMetadata('stranger'), await first.bytes(layout.backupMetadata('b1')));
    const second = await createRunningWorld({ store });
    await second.until('BackupStorageLocation', 'default', isSynced);
    expect((await second.resources.list('Backup', soon())).map(({ metadata }) => metadata.name)).toEqual([
      'b1',
    ]);
    expect((await second.story('location', 'default')).at(-1)).toContain('the mark of another backup, "b1"');
  });
});

describe('Two backups of one name in two locations', () => {
  const twoPlaces = async () => {
    const [one, other] = [await filled('only-here'), await filled('only-there')];
    const world = await createWorld({ location: false, config: OFTEN });
    const openLocation = bucketsOf({ one: one.store, other: other.store });
    // The other one is older, and would be looked at first if it were not for the default.
    await world.location('other', { objectStorage: { bucket: 'other' } });
    await world.location('one', { objectStorage: { bucket: 'one' }, default: true });
    await world.start({ openLocation });
    await world.until('BackupStorageLocation', 'other', isSynced);
    await world.idle();
    return { world, openLocation };
  };

  it('show the one of the default location, and the other location says that it was passed over, once', async () => {
    const { world, openLocation } = await twoPlaces();
    const shown = await world.resources.list('Backup', soon());
    expect(shown.map(({ metadata, spec }) => [metadata.name, spec?.storageLocation]).toSorted()).toEqual([
      ['b1', 'one'],
      ['only-here', 'one'],
      ['only-there', 'other'],
    ]);
    await world.restart({ openLocation });
    await world.idle();
    const story = await world.story('location', 'other');
    expect(story.filter((sentence) => sentence.includes('b1'))).toEqual([
      'Cannot show what lies in the storage location: backup b1, since this cluster has a backup of that name in the storage location "one".',
    ]);
    expect((await world.story('location', 'one')).join()).not.toContain('Cannot show');
  });

  it('show the other one when the first is gone', async () => {
    const { world } = await twoPlaces();
    await world.resources.patch('BackupStorageLocation', 'one', { spec: { backupSyncPeriod: '0s' } }, soon());
    await world.until('BackupStorageLocation', 'one', ({ spec }) => spec?.backupSyncPeriod === '0s');
    await world.idle();
    const before = await world.resources.read('Backup', 'b1', soon());
    await world.remove('backups.velero.io', 'b1', NAMESPACE);
    await world.until(
      'Backup',
      'b1',
      ({ metadata, spec }) => metadata.uid !== before?.metadata.uid && spec?.storageLocation === 'other',
    );
  });
});

describe('The PodVolumeBackups of a backup in the bucket', () => {
  const withVolumes = async (): Promise<World> => {
    const first = await filled();
    const owner = { apiVersion: 'velero.io/v1', kind: 'Backup', name: 'b1', uid: 'old', controller: true };
    const labels = { 'velero.io/backup-name': 'b1', 'velero.io/backup-uid': 'old' };
    const volume = (name: string) => ({
      metadata: {
        name,
        namespace: 'elsewhere',
        uid: `uid-${name}`,
        resourceVersion: '7',
        labels,
        ownerReferences: [owner],
      },
      spec: {
        backupStorageLocation: 'theirs',
        node: 'n',
        pod: { name: 'web' },
        repoIdentifier: '',
        volume: 'data',
      },
      status: { phase: 'Completed', snapshotID: 'k1' },
    });
    await first.store.put(
      first.layout.podVolumeBackups('b1'),
      await encodePodVolumeBackups([volume('b1-abc'), volume('b1-def')]),
    );
    return first;
  };

  it('behaviour 146: come in with it, owned by it, under the name of the location here', async () => {
    const first = await withVolumes();
    const second = await createRunningWorld({ store: first.store });
    const backup = await second.until(
      'Backup',
      'b1',
      ({ metadata }) => metadata.annotations?.['lifeboat.io/pod-volume-backups'] === undefined,
    );
    const uid = backup.metadata.uid;
    expect(
      (await second.resources.list('PodVolumeBackup', soon())).map(({ metadata }) => metadata.name),
    ).toEqual(['b1-abc', 'b1-def']);
    expect(await second.resources.read('PodVolumeBackup', 'b1-abc', soon())).toMatchObject({
      metadata: {
        namespace: NAMESPACE,
        labels: { 'velero.io/backup-name': 'b1', 'velero.io/backup-uid': uid },
        ownerReferences: [{ kind: 'Backup', name: 'b1', uid }],
      },
      spec: { backupStorageLocation: 'default', volume: 'data' },
      status: { phase: 'Completed', snapshotID: 'k1' },
    });
  });

  it('stay as they are if they are here already', async () => {
    const first = await withVolumes();
    const second = await createWorld({ store: first.store });
    await second.apply({
      apiVersion: 'velero.io/v1',
      kind: 'PodVolumeBackup',
      metadata: { name: 'b1-abc', namespace: NAMESPACE },
      spec: { backupStorageLocation: 'mine', node: 'n', pod: {}, repoIdentifier: '', volume: 'v' },
    });
    await second.start();
    await second.until('PodVolumeBackup', 'b1-def', () => true);
    await second.idle();
    expect(
      (await second.resources.read('PodVolumeBackup', 'b1-abc', soon()))?.spec?.backupStorageLocation,
    ).toBe('mine');
  });
});

describe('A location that is read-only', () => {
  it('is synced both ways', async () => {
    const first = await filled('b2');
    const second = await createWorld({ store: first.store, location: false, config: OFTEN });
    await second.location('default', { accessMode: 'ReadOnly' });
    await second.start();
    await second.until('Backup', 'b2', ({ status }) => status?.phase === 'Completed');
    for (const key of await second.keys('backups/b2/')) await second.store.delete(key);
    await untilGone(second, 'Backup', 'b2');
  });
});
