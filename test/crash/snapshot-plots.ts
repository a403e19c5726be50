import { expect } from 'vitest';
import { namespaceOf } from '../builders.js';
import {
  csiDisk,
  snapshotClass,
  SNAPSHOT_DEFINITIONS,
  startCsiDriver,
  type CsiDriver,
} from '../scenarios/csi-driver.js';
import type { World } from '../scenarios/world.js';
import { available, checkBackup, isOver, type Plot } from './plots.js';

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
