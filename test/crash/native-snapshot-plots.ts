import { expect } from 'vitest';
import { namespaceOf } from '../builders.js';
import { applyEbsDisks, diskOf, disksOf, snapshotLocation } from '../scenarios/ebs-disks.js';
import { available, checkBackup, checkFacts, isOver, once, type Plot } from './plots.js';

const SHOP = 'shop';

/** Two volumes; however often they are snapshotted on the way, the provider holds one snapshot of each in the end. */
export const nativeSnapshotPlot: Plot = {
  prepare: async (world) => {
    await available(world);
    await world.apply(namespaceOf(SHOP), snapshotLocation('default'));
    await applyEbsDisks(world, SHOP, 'db', 'wal');
  },
  act: async (world) => {
    await world.request('Backup', 'b1', { includedNamespaces: [SHOP] });
    await world.until('Backup', 'b1', isOver);
  },
  check: async (world, seen) => {
    await checkBackup(world, seen, 'b1');
    expect((await world.ended('Backup', 'b1')).status).toMatchObject({
      volumeSnapshotsAttempted: 2,
      volumeSnapshotsCompleted: 2,
    });
    expect(disksOf(world)).toEqual(['vol-db', 'vol-wal']);
    const records = (await world.json(world.layout.volumeSnapshots('b1'))) as readonly {
      readonly status: { readonly providerSnapshotID: string };
    }[];
    expect(records.map(({ status }) => status.providerSnapshotID).sort()).toEqual(
      [...world.provider.snapshots.keys()].sort(),
    );
  },
};

/** The same two volumes, lost and restored: each gets one new disk. */
export const nativeRestorePlot: Plot = {
  prepare: async (world) => {
    await nativeSnapshotPlot.prepare(world);
    await world.backup('b1', { includedNamespaces: [SHOP] });
    await world.remove('namespaces', SHOP);
    for (const name of ['pv-db', 'pv-wal']) await world.remove('persistentvolumes', name);
  },
  act: async (world) => {
    await world.request('Restore', 'r1', { backupName: 'b1' });
    await world.until('Restore', 'r1', isOver);
  },
  check: async (world, seen) => {
    const { status } = await world.ended('Restore', 'r1');
    expect([status?.phase, status?.warnings, status?.errors]).toEqual(['Completed', undefined, undefined]);
    await checkFacts(world, seen, 'restore', 'r1');
    once(seen.created);
    const made = [...world.provider.volumes].filter(([, { from }]) => from !== undefined).map(([id]) => id);
    expect([await diskOf(world, 'pv-db'), await diskOf(world, 'pv-wal')].sort()).toEqual(made.sort());
  },
};

/** The volumes are in use, and are cloned beside themselves. */
export const nativeClonePlot: Plot = {
  prepare: async (world) => {
    await nativeSnapshotPlot.prepare(world);
    await world.backup('b1', { includedNamespaces: [SHOP] });
  },
  act: async (world) => {
    await world.request('Restore', 'r1', { backupName: 'b1', namespaceMapping: { [SHOP]: 'copy' } });
    await world.until('Restore', 'r1', isOver);
  },
  check: async (world, seen) => {
    expect((await world.ended('Restore', 'r1')).status?.phase).toBe('Completed');
    await checkFacts(world, seen, 'restore', 'r1');
    once(seen.created);
    const volumes = (await world.all('persistentvolumes')).map(({ metadata }) => metadata.name);
    const disks = await Promise.all(volumes.map((name) => diskOf(world, name)));
    expect(disks.sort()).toEqual([...world.provider.volumes.keys()].sort());
    expect(disks).toHaveLength(4);
  },
};

/** A backup is deleted: of its snapshots none is left, of the other backup’s all. */
export const nativeDeletionPlot: Plot = {
  prepare: async (world) => {
    await nativeSnapshotPlot.prepare(world);
    for (const name of ['b1', 'b2']) await world.backup(name, { includedNamespaces: [SHOP] });
  },
  act: async (world) => {
    await world.apply({
      apiVersion: 'velero.io/v1',
      kind: 'DeleteBackupRequest',
      metadata: { name: 'd1', namespace: 'velero' },
      spec: { backupName: 'b1' },
    });
    await expect
      .poll(async () => (await world.find('backups.velero.io', 'b1', 'velero'))?.metadata.name, {
        timeout: 10_000,
      })
      .toBeUndefined();
  },
  check: async (world) => {
    expect(await world.keys(world.layout.backupDir('b1'))).toEqual([]);
    const of = [...world.provider.snapshots.values()].map(({ tags }) => tags['velero.io/backup']);
    expect(of).toEqual(['b2', 'b2']);
  },
};
