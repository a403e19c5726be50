import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { namespaceOf, type KubeObject } from '../builders.js';
import {
  csiDisk,
  snapshotClass,
  SNAPSHOT_DEFINITIONS,
  startCsiDriver,
  type CsiDriver,
} from '../scenarios/csi-driver.js';
import { startDataMover } from '../scenarios/data-mover.js';
import type { World } from '../scenarios/world.js';
import { available, checkFacts, isOver, once, type Plot } from './plots.js';

const SHOP = 'shop';
const MOVING = { includedNamespaces: [SHOP], snapshotMoveData: true };
const drivers = new WeakMap<World, CsiDriver>();

const prepare = async (world: World): Promise<void> => {
  await available(world);
  await world.apply(...SNAPSHOT_DEFINITIONS, snapshotClass('fast'));
  await world.apply(namespaceOf(SHOP), ...csiDisk(SHOP, 'db'), ...csiDisk(SHOP, 'wal'));
  drivers.set(world, await startCsiDriver(world.cluster));
  await startDataMover(world.cluster);
};

/** Two volumes whose data is moved; in the end each has one upload that counts, and no snapshot is left. */
export const movePlot: Plot = {
  prepare,
  act: async (world) => {
    await world.request('Backup', 'b1', MOVING);
    await world.until('Backup', 'b1', isOver);
  },
  check: async (world, seen) => {
    expect((await world.ended('Backup', 'b1')).status).toMatchObject({ phase: 'Completed' });
    const facts = await checkFacts(world, seen, 'backup', 'b1');
    const completed = facts.findLast(({ type }) => type === 'BackupContentsCompleted')?.data as
      { readonly sha256: string } | undefined;
    const tarball = await world.bytes(world.layout.backupContents('b1'));
    expect(createHash('sha256').update(tarball).digest('hex')).toBe(completed?.sha256);
    const archive = await world.archive('b1');
    for (const claim of ['db', 'wal']) {
      const text = archive.get(`resources/persistentvolumeclaims/namespaces/${SHOP}/${claim}.json`) ?? '{}';
      const { annotations } = (JSON.parse(text) as KubeObject).metadata;
      const [namespace = '', name = ''] = annotations?.['velero.io/data-upload-name']?.split('/') ?? [];
      const upload = archive.get(`resources/datauploads.velero.io/namespaces/${namespace}/${name}.json`);
      expect(JSON.parse(upload ?? '{}')).toMatchObject({ status: { snapshotID: `copy-of-${claim}` } });
    }
    once(seen.created.filter((made) => made.startsWith('datauploads/')));
    await expect.poll(() => world.all('volumesnapshots.snapshot.storage.k8s.io')).toEqual([]);
    await expect.poll(() => [...(drivers.get(world)?.snapshots.keys() ?? [])]).toEqual([]);
  },
};

/** The same two volumes, filled beside the old ones: each claim has one download, whichever attempt asked for it. */
export const downloadPlot: Plot = {
  prepare: async (world) => {
    await prepare(world);
    await world.backup('b1', MOVING);
  },
  act: async (world) => {
    await world.request('Restore', 'r1', { backupName: 'b1', namespaceMapping: { [SHOP]: 'copy' } });
    await world.until('Restore', 'r1', isOver);
  },
  check: async (world, seen) => {
    expect((await world.ended('Restore', 'r1')).status).toMatchObject({
      phase: 'Completed',
      restoreItemOperationsCompleted: 2,
    });
    await checkFacts(world, seen, 'restore', 'r1');
    once(seen.created);
    expect(await world.all('datadownloads.velero.io')).toHaveLength(2);
    for (const claim of ['db', 'wal'])
      expect((await world.find('persistentvolumes', `filled-${claim}`))?.metadata.labels).toEqual({
        zone: 'a',
      });
  },
};
