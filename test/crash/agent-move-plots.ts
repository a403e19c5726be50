import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { hasMoveEnded } from '../../src/domain/phases.js';
import type { Moving } from '../../src/node-agent/movement.js';
import { namespaceOf } from '../builders.js';
import { NODE, OTHER_NODE } from '../scenarios/agent-world.js';
import {
  csiDisk,
  snapshotClass,
  SNAPSHOT_DEFINITIONS,
  startCsiDriver,
  type CsiDriver,
} from '../scenarios/csi-driver.js';
import { startHostingNode, type HostingNode } from '../scenarios/hosting-node.js';
import { downloadOf, emptyClaim, snapshotOf, uploadOf } from '../scenarios/move-requests.js';
import { soon, type World } from '../scenarios/world.js';
import type { AgentPlot } from './agent-plots.js';

const drivers = new WeakMap<World, CsiDriver>();
const nodes = new WeakMap<World, HostingNode>();
const copies = new WeakMap<World, string>();

/** Ended, and nobody holds it any more. */
const letGo = ({ metadata, status }: Moving): boolean =>
  hasMoveEnded(status?.phase) && !metadata.finalizers?.length;

/** Whatever was made for a move is gone again. */
const nothingOfOurs = async (world: World): Promise<void> => {
  await expect.poll(() => world.all('pods', 'velero')).toEqual([]);
  await expect.poll(() => world.all('persistentvolumeclaims', 'velero')).toEqual([]);
};

/** A CSI snapshot: its data is in the repository once, and of the snapshot nothing is left. */
export const dataUploadPlot: AgentPlot = {
  prepare: async (world, node) => {
    await world.apply(...SNAPSHOT_DEFINITIONS, snapshotClass('fast'), namespaceOf('shop'));
    drivers.set(world, await startCsiDriver(world.cluster));
    nodes.set(world, startHostingNode(world, node.kubeletRoot, NODE));
    await world.apply(...csiDisk('shop', 'data'), snapshotOf('data'));
  },
  act: async (world) => {
    await world.apply(uploadOf('data'));
    await world.until('DataUpload', 'move-data', letGo);
  },
  check: async (world) => {
    const { status, metadata } = await world.until('DataUpload', 'move-data', letGo);
    expect(status, status?.message).toMatchObject({
      phase: 'Completed',
      node: expect.stringMatching(/^node-[12]$/) as string,
      progress: { totalBytes: 8, bytesDone: 8 },
    });
    expect(metadata.labels?.['velero.io/expose-on-going']).toBeUndefined();
    expect(world.repositories.copiesOf('shop')).toEqual([status?.snapshotID]);
    await nothingOfOurs(world);
    await expect.poll(() => world.all('volumesnapshots.snapshot.storage.k8s.io')).toEqual([]);
    await expect.poll(() => world.all('volumesnapshotcontents.snapshot.storage.k8s.io')).toEqual([]);
    await expect.poll(() => drivers.get(world)?.snapshots.size).toBe(0);
    await expect.poll(async () => (await world.all('persistentvolumes')).length).toBe(1);
  },
};

/** The node is gone for good: its pods are put on another one. */
export const loseNode = async (world: World): Promise<void> => {
  nodes.get(world)?.scheduleTo(OTHER_NODE);
  await world.remove('nodes', NODE);
};

/** A claim that waits for its data: it gets a volume that holds it, and keeps it. */
export const dataDownloadPlot: AgentPlot = {
  prepare: async (world, node) => {
    await world.apply(namespaceOf('shop'));
    const spec = (await world.resources.read('BackupStorageLocation', 'default', soon()))?.spec;
    const place = { location: spec ?? expect.fail('no location'), volumeNamespace: 'shop' };
    const folder = join(world.config.scratch, 'before');
    await mkdir(folder);
    await writeFile(join(folder, 'file'), 'contents');
    await world.repositories.ensure(place, soon());
    const request = {
      folder,
      requester: 'snapshot-data-upload-download',
      source: 'shop/data',
      tags: {},
    } as const;
    copies.set(world, (await world.repositories.copy(place, request, soon())).snapshotId);
    nodes.set(world, startHostingNode(world, node.kubeletRoot, NODE));
    await world.apply(emptyClaim('data'));
  },
  act: async (world) => {
    await world.apply(downloadOf('data', copies.get(world) ?? ''));
    await world.until('DataDownload', 'fill-data', letGo);
  },
  check: async (world) => {
    const { status } = await world.until('DataDownload', 'fill-data', letGo);
    expect(status, status?.message).toMatchObject({
      phase: 'Completed',
      node: expect.stringMatching(/^node-[12]$/) as string,
      progress: { totalBytes: 8, bytesDone: 8 },
    });
    await nothingOfOurs(world);
    const volumes = await world.all('persistentvolumes');
    expect(volumes).toHaveLength(1);
    const [volume] = volumes;
    expect(volume).toMatchObject({
      spec: {
        persistentVolumeReclaimPolicy: 'Delete',
        claimRef: { namespace: 'shop', name: 'data' },
      },
    });
    expect(volume?.metadata.labels ?? {}).toEqual({});
    expect(volume?.metadata.annotations ?? {}).toEqual({});
    const name = volume?.metadata.name ?? '';
    expect(await nodes.get(world)?.filesOf(name)).toEqual(['file']);
    const claim = await world.find('persistentvolumeclaims', 'data', 'shop');
    expect(claim).toMatchObject({ spec: { volumeName: name }, status: { phase: 'Bound' } });
  },
};
