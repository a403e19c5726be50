import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createResources } from '../../src/controllers/resources.js';
import { hasMoveEnded } from '../../src/domain/phases.js';
import type { Copying } from '../../src/node-agent/next-step.js';
import { createAgentWorld, NODE, nodeOf, OTHER_NODE, type AgentWorld } from '../scenarios/agent-world.js';
import { backupOf, restoreOf, waiting } from '../scenarios/copy-requests.js';
import { NAMESPACE } from '../scenarios/life.js';
import { createRunningWorld, type World } from '../scenarios/world.js';
import { withCrash } from './crashes.js';
import type { Performance } from './plots.js';

/** What one agent is asked for, which has to end the same way wherever it dies on the way. The server lives all the time. */
export interface AgentPlot {
  /** What was before; an agent that does not die was there for it. */
  readonly prepare: (world: World, node: AgentWorld) => Promise<void>;
  /** What is asked for and waited for, whichever agent answers. */
  readonly act: (world: World) => Promise<void>;
  readonly check: (world: World) => Promise<void>;
}

/**
 * Plays a plot once with an agent that dies where `dies` says, and goes on with one that does not. With `loseNode` the node dies with it, and
 * the next agent is that of another one.
 */
export const performOnNode = async (
  plot: AgentPlot,
  dies: Parameters<typeof withCrash>[1],
  loseNode?: (world: World) => Promise<void>,
): Promise<Performance> => {
  const world = await createRunningWorld();
  await world.apply(nodeOf(NODE), nodeOf(OTHER_NODE));
  const node = createAgentWorld(world);
  await plot.prepare(world, node);
  const crashing = withCrash(world, dies);
  const { cluster, repositories = world.repositories } = crashing.outside;
  const resources = createResources(cluster, NAMESPACE);
  const end = await node.startAgent({ cluster, resources, repositories }, { life: crashing.life });
  try {
    const acted = plot.act(world);
    acted.catch(() => undefined);
    const crashed = await Promise.race([acted.then(() => false), crashing.crashed.then(() => true)]);
    if (!crashed) await end();
    await loseNode?.(world);
    const endNext = await node.startAgent({}, { node: loseNode ? OTHER_NODE : NODE });
    await acted;
    await plot.check(world);
    await endNext();
    return { effects: crashing.effects, crashed };
  } finally {
    crashing.bury();
    await world.stop();
  }
};

/** Ended, and nobody holds it any more. */
const letGo = ({ metadata, status }: Copying): boolean =>
  hasMoveEnded(status?.phase) && !metadata.finalizers?.length;

const copied = async (world: World) => {
  const found = await world.until('PodVolumeBackup', 'nightly-1', letGo);
  expect(found.metadata.labels?.['velero.io/expose-on-going']).toBeUndefined();
  return found.status;
};

const filled = async (world: World) => {
  const found = await world.until('PodVolumeRestore', 'again-1', letGo);
  expect(found.metadata.labels?.['velero.io/expose-on-going']).toBeUndefined();
  return found.status;
};

const fill = async (folder: string): Promise<void> => {
  await mkdir(join(folder, 'below'));
  await writeFile(join(folder, 'below', 'file'), 'contents');
};

const refs = new WeakMap<World, object>();
const folders = new WeakMap<World, string>();
const refOf = (world: World): object => refs.get(world) ?? expect.fail('the plot has no pod');

/** One volume: however often it is copied on the way, one copy is left, and the resource names it. */
export const volumeBackupPlot: AgentPlot = {
  prepare: async (world, node) => {
    await world.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    const { ref, folder } = await node.pod('web');
    await fill(folder);
    refs.set(world, ref);
  },
  act: async (world) => {
    await world.apply(backupOf(refOf(world)));
    await copied(world);
  },
  check: async (world) => {
    const status = await copied(world);
    expect(status).toMatchObject({ phase: 'Completed', progress: { totalBytes: 8, bytesDone: 8 } });
    for (const time of ['acceptedTimestamp', 'startTimestamp', 'completionTimestamp'] as const)
      expect(status?.[time]).toMatch(/Z$/);
    expect(world.repositories.copiesOf('shop')).toEqual([status?.snapshotID]);
  },
};

/** The same volume, put back into another pod: it is filled, and only then may the pod start. */
export const volumeRestorePlot: AgentPlot = {
  prepare: async (world, node) => {
    await volumeBackupPlot.prepare(world, node);
    const end = await node.startAgent();
    await volumeBackupPlot.act(world);
    await end();
    const again = await node.pod('web-again', waiting);
    refs.set(world, again.ref);
    folders.set(world, again.folder);
  },
  act: async (world) => {
    const status = await copied(world);
    await world.apply(restoreOf(refOf(world), status?.snapshotID ?? ''));
    await filled(world);
  },
  check: async (world) => {
    const status = await filled(world);
    expect(status).toMatchObject({ phase: 'Completed', progress: { totalBytes: 8, bytesDone: 8 } });
    const folder = folders.get(world) ?? expect.fail('the plot has no folder');
    expect(await readFile(join(folder, 'below', 'file'), 'utf8')).toBe('contents');
    expect(await readdir(join(folder, '.velero'))).toEqual(['the-restore']);
    expect(world.repositories.copiesOf('shop')).toHaveLength(1);
  },
};
