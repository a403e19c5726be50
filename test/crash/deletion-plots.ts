import { expect } from 'vitest';
import { restore } from '../../src/domain/restore.js';
import { upcast } from '../../src/domain/events.js';
import type { RestoreEvent } from '../../src/domain/restore-facts.js';
import { namespaceOf, configMap } from '../builders.js';
import { ask, gone } from '../scenarios/deleting.js';
import { NAMESPACE } from '../scenarios/life.js';
import type { World } from '../scenarios/world.js';
import { available, once, type Plot } from './plots.js';

const SHOP = 'shop';
const SPEC = { includedNamespaces: [SHOP] };

const withBackupAndRestore = async (world: World, spec: object): Promise<void> => {
  await available(world);
  await world.apply(namespaceOf(SHOP), configMap(SHOP, 'settings', { a: 'b' }));
  await world.backup('b1', { ...SPEC, ...spec });
  await world.restore('r1', { backupName: 'b1', namespaceMapping: { [SHOP]: 'copy' } });
};

/** Nothing of it is anywhere, what it restored is there, and the record tells each step once. */
const checkGone = async (world: World): Promise<void> => {
  for (const kind of ['backups', 'restores', 'deletebackuprequests'])
    expect(await world.all(`${kind}.velero.io`)).toEqual([]);
  expect(await world.keys()).toEqual([]);
  expect(await world.find('configmaps', 'settings', 'copy')).toBeDefined();
  const facts = await world.facts('backup', 'b1');
  once(facts.map(({ id }) => id));
  expect(facts.map(({ type }) => type).slice(-5)).toEqual([
    'BackupDeletionStarted',
    'BackupDeletionStepDone',
    'BackupDeletionStepDone',
    'BackupDeletionStepDone',
    'BackupDeleted',
  ]);
  const restored = (await world.facts('restore', 'r1')).flatMap((fact) => {
    const event = upcast(fact);
    return event ? [event as RestoreEvent] : [];
  });
  expect(restored.reduce(restore.evolve, restore.initial)).toEqual({ phase: 'Absent' });
};

const allGone = async (world: World): Promise<void> => {
  await gone(world, 'Backup', 'b1');
  await gone(world, 'Restore', 'r1');
};

/** Somebody asks for the deletion of a backup that was restored. */
export const deletionPlot: Plot = {
  prepare: (world) => withBackupAndRestore(world, {}),
  act: async (world) => {
    await ask(world, 'b1');
    await allGone(world);
    await gone(world, 'DeleteBackupRequest', 'delete-it');
  },
  check: checkGone,
};

/** A backup that was restored turns out to have expired. */
export const expiryPlot: Plot = {
  prepare: (world) => withBackupAndRestore(world, {}),
  act: async (world) => {
    const status = { expiration: '2020-01-01T00:00:00Z' };
    await world.resources.patch('Backup', 'b1', { status }, AbortSignal.timeout(5_000));
    await allGone(world);
  },
  check: checkGone,
};

/** Somebody deletes a restore. */
export const restoreDeletionPlot: Plot = {
  prepare: (world) => withBackupAndRestore(world, {}),
  act: async (world) => {
    await world.remove('restores.velero.io', 'r1', NAMESPACE);
    await gone(world, 'Restore', 'r1');
  },
  check: async (world) => {
    expect(await world.keys(world.layout.restoreDir('r1'))).toEqual([]);
    expect((await world.keys()).length).toBe(9);
    expect((await world.story('restore', 'r1')).filter((line) => line === 'Restore deleted.')).toHaveLength(
      1,
    );
  },
};
