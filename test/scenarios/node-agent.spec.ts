import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FINALIZER } from '../../src/node-agent/next-step.js';
import type { Repositories } from '../../src/repositories/port.js';
import { describeTree } from '../contract/repositories.js';
import { createAgentWorld, NODE, nodeOf, OTHER_NODE, type AgentWorld } from './agent-world.js';
import { backupOf, restoreOf, waiting } from './copy-requests.js';
import { createRunningWorld, soon, type World } from './world.js';

const setUp = async (): Promise<{ readonly world: World; readonly node: AgentWorld }> => {
  const world = await createRunningWorld();
  await world.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }, nodeOf(OTHER_NODE));
  return { world, node: createAgentWorld(world) };
};

const fill = async (folder: string): Promise<void> => {
  await mkdir(join(folder, 'below'));
  await writeFile(join(folder, 'below', 'file'), 'contents');
};

const ended = (world: World, name = 'nightly-1') =>
  world.until('PodVolumeBackup', name, ({ status }) =>
    ['Completed', 'Failed', 'Canceled'].includes(status?.phase ?? ''),
  );

it('the volume of a pod is copied by the agent of its node, and says where, how much and when', async () => {
  const { world, node } = await setUp();
  const { ref, folder } = await node.pod('web');
  await fill(folder);
  await node.startAgent();
  await world.apply(backupOf(ref));
  const { status, metadata } = await ended(world);
  expect(status).toMatchObject({
    phase: 'Completed',
    path: folder,
    incrementalBytes: 8,
    progress: { totalBytes: 8, bytesDone: 8 },
  });
  expect(status?.acceptedTimestamp && status.startTimestamp && status.completionTimestamp).toMatch(/Z$/);
  expect(world.repositories.copiesOf('shop')).toEqual([status?.snapshotID]);
  expect(metadata.labels?.['velero.io/expose-on-going']).toBeUndefined();
  const released = await world.until(
    'PodVolumeBackup',
    'nightly-1',
    (one) => !one.metadata.finalizers?.length,
  );
  expect(released.status?.phase).toBe('Completed');
});

it('a volume without files is completed without a copy, and says so', async () => {
  const { world, node } = await setUp();
  const { ref } = await node.pod('web');
  await node.startAgent();
  await world.apply(backupOf(ref));
  const { status } = await ended(world);
  expect(status).toMatchObject({ phase: 'Completed', message: expect.stringContaining('empty') as string });
  expect(status?.snapshotID ?? '').toBe('');
});

it('the copies of other nodes and of other uploaders are left alone', async () => {
  const { world, node } = await setUp();
  const { ref, folder } = await node.pod('web');
  await fill(folder);
  await node.startAgent();
  await world.apply(
    backupOf(ref, { node: 'node-2' }, 'elsewhere'),
    backupOf(ref, { uploaderType: 'restic' }, 'restic'),
    backupOf(ref, {}, 'ours'),
  );
  await ended(world, 'ours');
  for (const name of ['elsewhere', 'restic']) {
    const other = await world.resources.read('PodVolumeBackup', name, soon());
    expect(other?.status).toBeUndefined();
    expect(other?.metadata.finalizers).toBeUndefined();
  }
});

it('a volume that is never copied, or not there, ends its copy with the reason', async () => {
  const { world, node } = await setUp();
  const { ref } = await node.pod('web');
  await node.startAgent();
  await world.apply(
    backupOf(ref, { volume: 'host' }, 'host'),
    backupOf(ref, { volume: 'nothing' }, 'nothing'),
    backupOf({ ...ref, uid: 'another' }, {}, 'gone'),
  );
  expect((await ended(world, 'host')).status).toMatchObject({
    phase: 'Failed',
    message: 'volumes of kind hostPath are not copied',
  });
  expect((await ended(world, 'nothing')).status?.message).toBe('the pod has no volume "nothing"');
  expect((await ended(world, 'gone')).status?.message).toBe('the pod is gone');
});

/** A repository in which a copy takes until somebody ends it. */
const stuck = (
  repositories: Repositories,
): { readonly begun: Promise<void>; readonly over: Repositories } => {
  let resolve = (): void => undefined;
  const begun = new Promise<void>((done) => {
    resolve = done;
  });
  const copy: Repositories['copy'] = (_place, { onProgress }, signal) =>
    new Promise((_done, reject) => {
      onProgress?.(1, 2);
      resolve();
      signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
    });
  return { begun, over: { ...repositories, copy } };
};

/** A copy has begun, and does not end by itself. */
const underWay = async () => {
  const { world, node } = await setUp();
  const { ref, folder } = await node.pod('web');
  await fill(folder);
  const { begun, over } = stuck(world.repositories);
  const crash = await node.startAgent({ repositories: over });
  await world.apply(backupOf(ref));
  await begun;
  return { world, node, crash };
};

it('a copy under way ends when that is asked for, and shows how far it was', async () => {
  const { world } = await underWay();
  await world.until('PodVolumeBackup', 'nightly-1', ({ status }) => status?.progress?.bytesDone === 1);
  await world.resources.patch('PodVolumeBackup', 'nightly-1', { spec: { cancel: true } }, soon());
  expect((await ended(world)).status).toMatchObject({ phase: 'Canceled' });
});

it('a copy whose resource is deleted ends, and the resource goes', async () => {
  const { world } = await underWay();
  await world.remove('podvolumebackups.velero.io', 'nightly-1', 'velero');
  await expect
    .poll(() => world.find('podvolumebackups.velero.io', 'nightly-1', 'velero'), { timeout: 8_000 })
    .toBeUndefined();
});

it('a copy that was under way when its agent died is made by the next one', async () => {
  const { world, node, crash } = await underWay();
  await crash();
  const left = await world.resources.read('PodVolumeBackup', 'nightly-1', soon());
  expect(left?.status?.phase).toBe('InProgress');
  expect(left?.metadata.finalizers).toContain(FINALIZER);
  await node.startAgent();
  expect((await ended(world)).status?.phase).toBe('Completed');
});

it('a repository that refuses ends the copy with its reason', async () => {
  const { world, node } = await setUp();
  const { ref, folder } = await node.pod('web');
  await fill(folder);
  const copy = () => Promise.reject(new Error('the disk of the bucket is full'));
  await node.startAgent({ repositories: { ...world.repositories, copy } });
  await world.apply(backupOf(ref));
  expect((await ended(world)).status).toMatchObject({
    phase: 'Failed',
    message: 'the disk of the bucket is full',
  });
});

it('a restored pod gets its volume back, and may start then; what older restores left there is gone', async () => {
  const { world, node } = await setUp();
  const { ref, folder } = await node.pod('web');
  await fill(folder);
  await mkdir(join(folder, '.velero'));
  await writeFile(join(folder, '.velero', 'an-older-restore'), '');
  await node.startAgent();
  await world.apply(backupOf(ref));
  const { status } = await ended(world);
  const again = await node.pod('web-again', waiting);
  await world.apply(restoreOf(again.ref, status?.snapshotID ?? ''));
  const restored = await world.until(
    'PodVolumeRestore',
    'again-1',
    (one) => one.status?.phase === 'Completed',
  );
  expect(restored.status).toMatchObject({ node: NODE, progress: { totalBytes: 8, bytesDone: 8 } });
  expect(await readdir(join(again.folder, '.velero'))).toEqual(['the-restore']);
  expect(await readFile(join(again.folder, 'below', 'file'), 'utf8')).toBe('contents');
  expect((await describeTree(again.folder)).filter((line) => line.startsWith('below'))).toEqual(
    (await describeTree(folder)).filter((line) => line.startsWith('below')),
  );
});

it('a volume is not touched before its pod waits for it', async () => {
  const { world, node } = await setUp();
  const { ref, folder } = await node.pod('web');
  await node.startAgent();
  await world.apply(restoreOf(ref, 'ffff'), backupOf(ref));
  await ended(world);
  expect((await world.resources.read('PodVolumeRestore', 'again-1', soon()))?.status).toBeUndefined();
  expect(await readdir(folder)).toEqual([]);
});

it('a copy that is not there ends the restore of the volume with its id, and the pod goes on waiting', async () => {
  const { world, node } = await setUp();
  await world.repositories.ensure(
    { location: { provider: 'aws', objectStorage: { bucket: 'bucket' } }, volumeNamespace: 'shop' },
    soon(),
  );
  const { ref, folder } = await node.pod('web', waiting);
  await node.startAgent();
  await world.apply(restoreOf(ref, 'ffff'));
  const restored = await world.until('PodVolumeRestore', 'again-1', (one) => one.status?.phase === 'Failed');
  expect(restored.status?.message).toContain('ffff');
  expect(await readdir(folder)).toEqual([]);
});

/** The agent has copied, and dies before it can say so. */
const diedAfterCopying = async () => {
  const { world, node } = await setUp();
  const { ref, folder } = await node.pod('web');
  await fill(folder);
  const { repositories } = world;
  let told = (): void => undefined;
  const copied = new Promise<void>((done) => {
    told = done;
  });
  const copy: Repositories['copy'] = async (place, request, signal) => {
    await repositories.copy(place, request, signal);
    told();
    return new Promise((_done, reject) => {
      signal.addEventListener('abort', () => reject(new Error('dead')), { once: true });
    });
  };
  const crash = await node.startAgent({ repositories: { ...repositories, copy } });
  await world.apply(backupOf(ref));
  await copied;
  await crash();
  expect(repositories.copiesOf('shop')).toHaveLength(1);
  return { world, node };
};

it('a copy that was finished when its agent died is taken by the next one, and not made twice', async () => {
  const { world, node } = await diedAfterCopying();
  await node.startAgent();
  const { status } = await ended(world);
  expect(status).toMatchObject({ phase: 'Completed', progress: { totalBytes: 8, bytesDone: 8 } });
  expect(world.repositories.copiesOf('shop')).toEqual([status?.snapshotID]);
});

it('a copy that was finished when its agent died, and that nobody wants any more, is forgotten', async () => {
  const { world, node } = await diedAfterCopying();
  await world.resources.patch('PodVolumeBackup', 'nightly-1', { spec: { cancel: true } }, soon());
  await node.startAgent();
  expect((await ended(world)).status).toMatchObject({ phase: 'Canceled' });
  expect(world.repositories.copiesOf('shop')).toEqual([]);
});

it('a cancelled copy ends although its repository cannot be reached', async () => {
  const { world, node } = await diedAfterCopying();
  await world.resources.patch('PodVolumeBackup', 'nightly-1', { spec: { cancel: true } }, soon());
  const find = () => Promise.reject(new Error('the bucket does not answer'));
  await node.startAgent({ repositories: { ...world.repositories, find } });
  expect((await ended(world)).status).toMatchObject({ phase: 'Canceled' });
});
