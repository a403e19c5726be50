import { expect } from 'vitest';
import { encodePodVolumeBackups } from '../../src/archive/sidecars.js';
import { shop } from '../builders.js';
import { copyBackup, removeFiles, untilGone } from '../scenarios/two-clusters.js';
import { soon, type World } from '../scenarios/world.js';
import { available, type Plot } from './plots.js';

const SPEC = { includedNamespaces: ['shop'] };
const once = (values: readonly string[]) => expect(new Set(values).size).toBe(values.length);

const withBackups = async (world: World): Promise<void> => {
  await available(world);
  await world.apply(...shop());
  await world.backup('b1', SPEC);
  await world.stop();
};

const typesOf = async (world: World, name: string): Promise<readonly string[]> =>
  (await world.facts('backup', name)).map(({ type }) => type);

const volumeOf = (name: string) => ({
  metadata: {
    name: `${name}-volume`,
    labels: { 'velero.io/backup-uid': 'old' },
    ownerReferences: [{ apiVersion: 'velero.io/v1', kind: 'Backup', name, uid: 'old' }],
  },
  spec: { backupStorageLocation: 'theirs', node: 'n', pod: {}, repoIdentifier: '', volume: 'data' },
});

/** Backups of another cluster lie in the bucket; they have to come in once each, with all their PodVolumeBackups. */
export const adoptingPlot: Plot = {
  prepare: async (world) => {
    await withBackups(world);
    for (const name of ['c1', 'c2']) {
      const volumes = await encodePodVolumeBackups([volumeOf(name)]);
      await world.store.put(world.layout.podVolumeBackups(name), volumes);
      await copyBackup(world, 'b1', name, {}, ['podvolumebackups']);
    }
  },
  act: async (world) => {
    for (const name of ['c1', 'c2']) {
      await world.until('PodVolumeBackup', `${name}-volume`, () => true);
      await world.until(
        'Backup',
        name,
        ({ metadata }) => !JSON.stringify(metadata).includes('to-be-created'),
      );
    }
  },
  check: async (world, { created }) => {
    for (const name of ['c1', 'c2']) {
      const backup = await world.resources.read('Backup', name, soon());
      expect(backup?.status?.phase).toBe('Completed');
      const volume = await world.resources.read('PodVolumeBackup', `${name}-volume`, soon());
      expect(volume?.metadata.ownerReferences).toMatchObject([{ name, uid: backup?.metadata.uid }]);
      expect(await typesOf(world, name)).toEqual(['BackupDiscovered']);
    }
    once(created);
  },
};

/** The files of one backup are gone from the bucket; its resource has to go, and nothing else, and the story says why once. */
export const orphanPlot: Plot = {
  prepare: async (world) => {
    await withBackups(world);
    await copyBackup(world, 'b1', 'c1');
    await world.start();
    await world.until('Backup', 'c1', ({ status }) => status?.phase === 'Completed');
    await world.idle();
    await world.stop();
    await removeFiles(world, 'c1');
  },
  act: (world) => untilGone(world, 'Backup', 'c1'),
  check: async (world, { deleted }) => {
    const names = (await world.resources.list('Backup', soon())).map(({ metadata }) => metadata.name);
    expect(names).toEqual(['b1']);
    expect(await typesOf(world, 'c1')).toEqual(['BackupDiscovered', 'BackupVanished', 'BackupDeleted']);
    expect(deleted.filter((target) => target !== 'backups/c1')).toEqual([]);
  },
};

/** Two locations are the default; the younger one has to stay it, and the record of each says what became of it. */
export const defaultPlot: Plot = {
  prepare: async (world) => {
    await available(world);
    await world.resources.patch('BackupStorageLocation', 'default', { spec: { default: true } }, soon());
    await world.until('BackupStorageLocation', 'default', ({ spec }) => spec?.default === true);
    await world.idle();
    await world.stop();
    await world.location('younger', { default: true });
  },
  act: async (world) => {
    await world.until('BackupStorageLocation', 'default', ({ spec }) => spec?.default === false);
    await world.until('BackupStorageLocation', 'younger', ({ status }) => status?.phase === 'Available');
  },
  check: async (world) => {
    const locations = await world.resources.list('BackupStorageLocation', soon());
    expect(locations.map(({ metadata, spec }) => [metadata.name, spec?.default]).toSorted()).toEqual([
      ['default', false],
      ['younger', true],
    ]);
    const facts = [
      ...(await world.facts('location', 'default')),
      ...(await world.facts('location', 'younger')),
    ];
    once(facts.map(({ id }) => id));
    const last = (await world.facts('location', 'default')).findLast(
      ({ type }) => type === 'LocationChanged',
    );
    expect(last?.data).toMatchObject({ location: { isDefault: false } });
  },
};
