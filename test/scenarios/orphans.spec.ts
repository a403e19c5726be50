import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/faults.js';
import { shop } from '../builders.js';
import { bucketsOf, removeFiles, untilGone } from './two-clusters.js';
import { createRunningWorld, soon, type World, type WorldOptions } from './world.js';

const SPEC = { includedNamespaces: ['shop'], ttl: '100h' };
/** Milliseconds: a round begins as soon as the one before is over. */
const OFTEN = { backupSyncPeriod: 5 };

const worldWith = async (names: readonly string[], options: WorldOptions = {}): Promise<World> => {
  const world = await createRunningWorld({ config: OFTEN, ...options });
  await world.apply(...shop());
  for (const name of names) await world.backup(name, SPEC);
  return world;
};

const namesOf = async (world: World): Promise<readonly string[]> =>
  (await world.resources.list('Backup', soon())).map(({ metadata }) => metadata.name).toSorted();

/** A round that begins after this was called has ended: two ends follow, and the second began after the first. */
const roundsOf = (world: World) => {
  let listings = 0;
  const waiting: { readonly at: number; readonly wake: () => void }[] = [];
  const opener: World['openLocation'] = async (spec) => {
    const { store, layout } = await world.openLocation(spec);
    const list: typeof store.list = (prefix, options) => {
      if (prefix === layout.backupsDir()) {
        listings += 1;
        for (const one of waiting) if (one.at <= listings) one.wake();
      }
      return store.list(prefix, options);
    };
    return { store: { ...store, list }, layout };
  };
  const twoMore = () =>
    new Promise<void>((resolve) => {
      waiting.push({ at: listings + 3, wake: resolve });
    });
  return { opener, twoMore };
};

describe('A backup whose files were taken out of the bucket', () => {
  it('behaviour 149: loses its resource with the next sync, and its story says why; its restore stays', async () => {
    const world = await worldWith(['b1', 'b2']);
    await world.remove('namespaces', 'shop');
    await world.restore('r1', { backupName: 'b1' });
    await removeFiles(world, 'b1');
    await untilGone(world, 'Backup', 'b1');
    await world.until('Restore', 'r1', ({ status }) => status?.phase === 'Completed');
    await world.idle();
    expect(await namesOf(world)).toEqual(['b2']);
    expect((await world.story('backup', 'b1')).slice(-2)).toEqual([
      'The files of the backup are gone from the storage location default; its resource goes, too.',
      'Backup deleted.',
    ]);
  });

  it('behaviour 149: goes also if it was the last one there', async () => {
    const world = await worldWith(['b1']);
    // An empty place where nothing was ever seen takes no resource away.
    await expect
      .poll(async () => (await world.facts('location', 'default')).map(({ type }) => type))
      .toContain('LocationFoundInUse');
    await world.restart();
    await removeFiles(world, 'b1');
    await untilGone(world, 'Backup', 'b1');
  });

  it('behaviour 149, Q21: keeps its resource if it had failed, since it never had files', async () => {
    const world = await worldWith(['b1', 'b2', 'b3']);
    await world.stop();
    await world.resources.patch('Backup', 'b2', { status: { phase: 'Failed' } }, soon());
    world.loseEvents();
    await removeFiles(world, 'b1');
    await removeFiles(world, 'b2');
    const rounds = roundsOf(world);
    await world.start({ openLocation: rounds.opener });
    await rounds.twoMore();
    expect(await namesOf(world)).toEqual(['b2', 'b3']);
  });

  it('comes back as soon as the files are back', async () => {
    const world = await worldWith(['b1', 'b2']);
    const kept = new Map<string, Buffer>();
    for (const key of await world.keys(world.layout.backupDir('b1'))) kept.set(key, await world.bytes(key));
    await removeFiles(world, 'b1');
    await untilGone(world, 'Backup', 'b1');
    for (const [key, bytes] of kept) await world.store.put(key, bytes);
    const back = await world.until('Backup', 'b1', ({ status }) => status?.phase === 'Completed');
    expect(back.status?.phase).toBe('Completed');
  });
});

describe('No resource goes', () => {
  it('while only some of the files are gone', async () => {
    const world = await worldWith(['b1', 'b2']);
    await world.store.delete(world.layout.backupMetadata('b1'));
    const rounds = roundsOf(world);
    await world.restart({ openLocation: rounds.opener });
    await rounds.twoMore();
    expect(await namesOf(world)).toEqual(['b1', 'b2']);
  });

  it('when the location is made to point to an empty place by mistake', async () => {
    const world = await worldWith(['b1', 'b2']);
    const openLocation = bucketsOf({ bucket: world.store });
    await world.restart({ openLocation });
    await world.idle();
    const before = await world.resources.read('BackupStorageLocation', 'default', soon());
    await world.resources.patch(
      'BackupStorageLocation',
      'default',
      { spec: { objectStorage: { prefix: 'slip' } }, status: { lastSyncedTime: '2020-01-01T00:00:00Z' } },
      soon(),
    );
    expect(before?.spec?.objectStorage.prefix).toBeUndefined();
    await world.until(
      'BackupStorageLocation',
      'default',
      ({ spec, status }) =>
        spec?.objectStorage.prefix === 'slip' && !status?.lastSyncedTime?.startsWith('2020'),
    );
    expect(await namesOf(world)).toEqual(['b1', 'b2']);
  });

  it.each([
    ['does not answer', 'LB_STORE_UNREACHABLE'],
    ['refuses the access', 'LB_STORE_DENIED'],
    ['has lost the bucket', 'LB_STORE_BUCKET_MISSING'],
  ] as const)('when the store %s in the middle of the listing', async (_how, code) => {
    const world = await worldWith(['b1', 'b2', 'b3']);
    await world.stop();
    await removeFiles(world, 'b3');
    let tried = 0;
    const failed: { at: number; wake: () => void }[] = [];
    const openLocation: World['openLocation'] = async (spec) => {
      const { store, layout } = await world.openLocation(spec);
      const list: typeof store.list = async function* (prefix, options) {
        let given = 0;
        for await (const entry of store.list(prefix, options)) {
          if (prefix === layout.backupsDir() && given === 1) {
            tried += 1;
            for (const one of failed) if (one.at <= tried) one.wake();
            throw new Fault(code, 'half of it');
          }
          given += 1;
          yield entry;
        }
      };
      return { store: { ...store, list }, layout };
    };
    const twice = new Promise<void>((resolve) => {
      failed.push({ at: 2, wake: resolve });
    });
    await world.start({ openLocation });
    await twice;
    expect(await namesOf(world)).toEqual(['b1', 'b2', 'b3']);
  });

  it('when a backup ends between the look at the resources and the look into the bucket', async () => {
    const world = await worldWith(['b1']);
    let made = false;
    const openLocation: World['openLocation'] = async (spec) => {
      const { store, layout } = await world.openLocation(spec);
      const list: typeof store.list = async function* (prefix, options) {
        yield* store.list(prefix, options);
        if (prefix !== layout.backupsDir() || made) return;
        made = true;
        await world.request('Backup', 'b2', SPEC);
        await world.until('Backup', 'b2', ({ status }) => status?.phase === 'Completed');
      };
      return { store: { ...store, list }, layout };
    };
    const rounds = roundsOf({ ...world, openLocation });
    await world.restart({ openLocation: rounds.opener });
    await rounds.twoMore();
    expect(made).toBe(true);
    expect(await namesOf(world)).toEqual(['b1', 'b2']);
    expect((await world.story('backup', 'b2')).join()).not.toContain('gone');
  });
});
