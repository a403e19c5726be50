import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { namespaceOf } from '../builders.js';
import {
  csiDisk,
  snapshotClass,
  SNAPSHOT_DEFINITIONS,
  startCsiDriver,
  type CsiDriver,
} from './csi-driver.js';
import { startDataMover, type DataMover, type MoverConduct } from './data-mover.js';
import { createCluster, createRunningWorld, soon, type World, type WorldOptions } from './world.js';

export const MOVING = { includedNamespaces: ['shop'], snapshotMoveData: true };

export interface Stage {
  readonly world: World;
  readonly driver: CsiDriver;
  readonly mover: DataMover;
}

interface StageOptions extends WorldOptions {
  /** The mover puts a copy of each volume into the repository, and not only a name for it into its answer. */
  readonly copies?: boolean;
}

/** One file, copied into the repository of the namespace; answers the id of the copy. */
const copyInto = async (world: World, claim: string): Promise<string> => {
  const location = (await world.resources.read('BackupStorageLocation', 'default', soon()))?.spec;
  const place = { location: location ?? expect.fail('no location'), volumeNamespace: 'shop' };
  const folder = join(world.config.scratch, `volume-${claim}`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'file'), claim);
  await world.repositories.ensure(place, soon());
  const requester = 'snapshot-data-upload-download';
  const request = { folder, requester, source: `shop/${claim}`, tags: {} } as const;
  return (await world.repositories.copy(place, request, soon())).snapshotId;
};

/** A server, a CSI driver and a data mover, and claims of the namespace `shop`. */
export const stageMove = async (
  claims: readonly string[],
  conduct: (claim: string) => MoverConduct = () => 'done',
  { copies = false, ...options }: StageOptions = {},
): Promise<Stage> => {
  const cluster = await createCluster();
  const world = await createRunningWorld({ ...options, cluster });
  await world.apply(...SNAPSHOT_DEFINITIONS, snapshotClass('fast'));
  const driver = await startCsiDriver(cluster);
  const mover = await startDataMover(
    cluster,
    conduct,
    copies ? (claim) => copyInto(world, claim) : undefined,
  );
  await world.apply(namespaceOf('shop'), ...claims.flatMap((claim) => csiDisk('shop', claim)));
  return { world, driver, mover };
};

/** Of the snapshots nothing is left, neither in the cluster nor with the driver. */
export const nothingLeft = async ({ world, driver }: Stage): Promise<void> => {
  await expect.poll(() => world.all('volumesnapshots.snapshot.storage.k8s.io')).toEqual([]);
  await expect.poll(() => world.all('volumesnapshotcontents.snapshot.storage.k8s.io')).toEqual([]);
  expect([...driver.snapshots.keys()]).toEqual([]);
};

export const isWaiting = ({ status }: { readonly status?: { readonly phase?: string } }) =>
  status?.phase === 'WaitingForPluginOperations';
