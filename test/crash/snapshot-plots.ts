import { expect } from 'vitest';
import { namespaceOf } from '../builders.js';
import {
  csiDisk,
  DRIVER,
  snapshotClass,
  SNAPSHOT_DEFINITIONS,
  startCsiDriver,
  type CsiDriver,
} from '../scenarios/csi-driver.js';
import type { World } from '../scenarios/world.js';
import { groupClass, groupDefinitions } from '../scenarios/csi-groups.js';
import { available, checkBackup, checkFacts, isOver, once, type Plot } from './plots.js';

const SHOP = 'shop';
const drivers = new WeakMap<World, CsiDriver>();

const noneLeft = async (world: World): Promise<void> => {
  for (const kind of ['volumesnapshots', 'volumesnapshotcontents'])
    expect(await world.all(`${kind}.snapshot.storage.k8s.io`)).toEqual([]);
};

/** Two volumes; however often they are snapshotted on the way, the driver holds one snapshot of each in the end. */
export const snapshotPlot: Plot = {
  prepare: async (world) => {
    await available(world);
    await world.apply(...SNAPSHOT_DEFINITIONS, snapshotClass('fast'));
    await world.apply(namespaceOf(SHOP), ...csiDisk(SHOP, 'db'), ...csiDisk(SHOP, 'wal'));
    drivers.set(world, await startCsiDriver(world.cluster));
  },
  act: async (world) => {
    await world.request('Backup', 'b1', { includedNamespaces: [SHOP] });
    await world.until('Backup', 'b1', isOver);
  },
  check: async (world, seen) => {
    await checkBackup(world, seen, 'b1');
    await noneLeft(world);
    const held = drivers.get(world)?.snapshots ?? new Map<string, string>();
    expect([...held.values()].sort()).toEqual(['disk-db', 'disk-wal']);
    const infos = (await world.json(world.layout.volumeInfo('b1'))) as readonly {
      readonly csiSnapshotInfo: { readonly snapshotHandle: string };
    }[];
    expect(infos.map(({ csiSnapshotInfo }) => csiSnapshotInfo.snapshotHandle).sort()).toEqual(
      [...held.keys()].sort(),
    );
  },
};

/** The same two volumes, restored beside the old ones: each claim is made from one snapshot object, under names that every attempt knows. */
export const snapshotRestorePlot: Plot = {
  prepare: async (world) => {
    await snapshotPlot.prepare(world);
    await world.backup('b1', { includedNamespaces: [SHOP] });
  },
  act: async (world) => {
    await world.request('Restore', 'r1', { backupName: 'b1', namespaceMapping: { [SHOP]: 'copy' } });
    await world.until('Restore', 'r1', isOver);
  },
  check: async (world, seen) => {
    expect((await world.ended('Restore', 'r1')).status).toMatchObject({ phase: 'Completed' });
    await checkFacts(world, seen, 'restore', 'r1');
    once(seen.created);
    for (const kind of ['volumesnapshots', 'volumesnapshotcontents'])
      expect(await world.all(`${kind}.snapshot.storage.k8s.io`)).toHaveLength(2);
    for (const claim of await world.all('persistentvolumeclaims', 'copy')) {
      const { volumeName } = claim['spec'] as { readonly volumeName: string };
      const volume = await world.find('persistentvolumes', volumeName);
      expect(volume?.metadata.labels).toEqual({ zone: 'a' });
    }
    expect(drivers.get(world)?.snapshots.size).toBe(2);
  },
};

const TOGETHER = { labels: { 'velero.io/volume-group': 'db' } };

/** The same two volumes as one volume group: one group of two snapshots is left in the driver, and nothing in the cluster. */
export const groupPlot: Plot = {
  ...snapshotPlot,
  prepare: async (world) => {
    await available(world);
    await world.apply(...SNAPSHOT_DEFINITIONS, ...groupDefinitions());
    await world.apply(snapshotClass('fast'), groupClass('together', DRIVER), namespaceOf(SHOP));
    await world.apply(...csiDisk(SHOP, 'db', TOGETHER), ...csiDisk(SHOP, 'wal', TOGETHER));
    drivers.set(world, await startCsiDriver(world.cluster));
  },
  check: async (world, seen) => {
    await snapshotPlot.check(world, seen);
    for (const kind of ['volumegroupsnapshots', 'volumegroupsnapshotcontents'])
      expect(await world.all(`${kind}.groupsnapshot.storage.k8s.io`)).toEqual([]);
    const { snapshots, groups } = drivers.get(world) ?? expect.fail('no driver');
    expect(new Set([...snapshots.keys()].map((handle) => groups.get(handle))).size).toBe(1);
  },
};

/** The same group, restored: one stand-in for it at a time, and none in the end. */
export const groupRestorePlot: Plot = {
  ...snapshotRestorePlot,
  prepare: async (world) => {
    await groupPlot.prepare(world);
    await world.backup('b1', { includedNamespaces: [SHOP] });
  },
  check: async (world, seen) => {
    await snapshotRestorePlot.check(world, seen);
    expect(await world.all('volumegroupsnapshotcontents.groupsnapshot.storage.k8s.io')).toEqual([]);
  },
};
