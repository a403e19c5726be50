import { expect, it } from 'vitest';
import { namespaceOf } from '../builders.js';
import { FINALIZER } from '../../src/node-agent/next-step.js';
import { MOVE_FINALIZER } from '../../src/node-agent/movement.js';
import { createAgentWorld, NODE, nodeOf, OTHER_NODE } from './agent-world.js';
import { backupOf } from './copy-requests.js';
import { uploadOf } from './move-requests.js';
import { createRunningWorld, soon, type World } from './world.js';

/** Two nodes that registered, and an agent on the first. */
const setUp = async (over: (world: World) => object = () => ({})) => {
  const world = await createRunningWorld();
  await world.apply(namespaceOf('shop'), nodeOf(NODE), nodeOf(OTHER_NODE));
  await createAgentWorld(world).startAgent(over(world));
  return world;
};

const POD = { kind: 'Pod', namespace: 'shop', name: 'web', uid: 'the-pod' };

/** What an agent of that node has begun. */
const begunOn = (node: string, name = 'nightly-1', phase = 'InProgress') => {
  const { metadata, ...rest } = backupOf(POD, { node }, name);
  return { ...rest, metadata: { ...metadata, finalizers: [FINALIZER] }, status: { phase } };
};
const movedBy = (node: string, phase: string, spec: object = {}) => {
  const { metadata, ...rest } = uploadOf('data', spec);
  return {
    ...rest,
    metadata: { ...metadata, finalizers: [MOVE_FINALIZER] },
    status: { phase, acceptedByNode: node, node },
  };
};
const isFree = ({ metadata }: { readonly metadata: { readonly finalizers?: readonly string[] } }) =>
  !metadata.finalizers?.length;

it('a copy of a node that is gone has failed, says so, and holds nothing up', async () => {
  const world = await setUp();
  await world.apply(begunOn('node-9'));
  const { status } = await world.until('PodVolumeBackup', 'nightly-1', isFree);
  expect(status).toMatchObject({ phase: 'Failed', message: 'the node node-9 is gone' });
});

it('a copy of a node that is gone, that somebody deletes, goes', async () => {
  const world = await setUp();
  await world.apply(begunOn('node-9'));
  await world.remove('podvolumebackups.velero.io', 'nightly-1', 'velero');
  await expect.poll(() => world.find('podvolumebackups.velero.io', 'nightly-1', 'velero')).toBeUndefined();
});

it('a node that registers anew a moment later keeps its copies; one that does not loses them', async () => {
  let now = new Date();
  const reads: string[] = [];
  const world = await setUp(({ cluster }) => ({
    clock: () => now,
    cluster: {
      ...cluster,
      get: (...of: Parameters<typeof cluster.get>) => {
        if (of[0].kind === 'Node') reads.push(of[1].name);
        return cluster.get(...of);
      },
    },
  }));
  await world.apply(begunOn('node-8', 'nightly-8'), begunOn('node-9', 'nightly-9'));
  await expect.poll(() => new Set(reads)).toEqual(new Set(['node-8', 'node-9']));
  await world.apply(nodeOf('node-9'));
  now = new Date(now.getTime() + 3_600_000);
  await world.until('PodVolumeBackup', 'nightly-8', ({ status }) => status?.phase === 'Failed');
  const kept = await world.resources.read('PodVolumeBackup', 'nightly-9', soon());
  expect(kept?.status?.phase).toBe('InProgress');
});

it('a move of a node that is gone, that somebody cancels, ends and is let go of', async () => {
  const world = await setUp();
  await world.apply(movedBy('node-9', 'InProgress', { cancel: true }));
  const { status } = await world.until(
    'DataUpload',
    'move-data',
    ({ status: now }) => now?.phase === 'Canceled',
  );
  expect(status?.completionTimestamp).toMatch(/Z$/);
});

it('what a node that is there has begun is its own business, whatever it says of its progress', async () => {
  const reads: string[] = [];
  const world = await setUp(({ resources }) => ({
    resources: {
      ...resources,
      read: (kind: never, name: string, signal: AbortSignal) => {
        reads.push(`${String(kind)} ${name}`);
        return resources.read(kind, name, signal);
      },
    },
  }));
  await world.apply(begunOn(OTHER_NODE), movedBy(OTHER_NODE, 'InProgress'));
  for (let bytesDone = 1; bytesDone <= 50; bytesDone++) {
    const patch = { status: { progress: { bytesDone, totalBytes: 50 } } };
    await world.resources.patch('PodVolumeBackup', 'nightly-1', patch, soon());
    await world.resources.patch('DataUpload', 'move-data', patch, soon());
  }
  const own = backupOf({ ...POD, name: 'gone' }, {}, 'own');
  await world.apply(own);
  await world.until('PodVolumeBackup', 'own', ({ status }) => status?.phase === 'Failed');
  // A look now and then, whether the node is there; not one for each of the hundred.
  expect(reads.filter((read) => !read.endsWith(' own')).length).toBeLessThan(10);
  for (const [kind, name] of [
    ['PodVolumeBackup', 'nightly-1'],
    ['DataUpload', 'move-data'],
  ] as const)
    expect((await world.resources.read(kind, name, soon()))?.status?.phase).toBe('InProgress');
});
