import { expect } from 'vitest';
import { namespaceOf } from '../builders.js';
import { csiDisk } from '../scenarios/csi-driver.js';
import { agentPod, claimed, empty, mounting, playAgents, type PlayedAgent } from '../scenarios/node-agent.js';
import { soon, type World } from '../scenarios/world.js';
import { available, checkFacts, isOver, type Plot } from './plots.js';

const SHOP = 'shop';
const agents = new WeakMap<World, PlayedAgent>();

const settings = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: 'waits',
    namespace: 'velero',
    labels: { 'velero.io/plugin-config': '', 'velero.io/pod-volume-restore': 'RestoreItemAction' },
  },
  data: { image: 'registry.example/lifeboat:1' },
};

/** Two volumes; however often they are copied on the way, one copy of each is left, and one resource that asks for it. */
export const copyPlot: Plot = {
  prepare: async (world) => {
    await available(world);
    const agent = playAgents(world.cluster);
    agents.set(world, agent);
    Object.assign(world, { repositories: agent.repositories });
    await world.apply(agentPod('n1'), settings, namespaceOf(SHOP), ...csiDisk(SHOP, 'db'));
    await world.apply(mounting('web', [claimed('data', 'db'), empty('tmp')]));
  },
  act: async (world) => {
    await world.request('Backup', 'b1', { includedNamespaces: [SHOP], defaultVolumesToFsBackup: true });
    await world.until('Backup', 'b1', isOver);
  },
  check: async (world, seen) => {
    expect((await world.ended('Backup', 'b1')).status).toMatchObject({ phase: 'Completed' });
    await checkFacts(world, seen, 'backup', 'b1');
    const stored = (await world.json(world.layout.podVolumeBackups('b1'))) as readonly {
      readonly metadata: { readonly name: string };
      readonly status: { readonly snapshotID: string };
    }[];
    expect(stored).toHaveLength(2);
    const asked = await world.resources.list('PodVolumeBackup', soon());
    expect(asked.map(({ metadata }) => metadata.name).sort()).toEqual(
      stored.map(({ metadata }) => metadata.name).sort(),
    );
    expect([...(agents.get(world)?.held.keys() ?? [])].sort()).toEqual(
      stored.map(({ status }) => status.snapshotID).sort(),
    );
  },
};

/** Restored beside the old pod: each volume is asked for once, whatever life of the server waits for it. */
export const fillPlot: Plot = {
  prepare: async (world) => {
    await copyPlot.prepare(world);
    await world.backup('b1', { includedNamespaces: [SHOP], defaultVolumesToFsBackup: true });
  },
  act: async (world) => {
    await world.request('Restore', 'r1', { backupName: 'b1', namespaceMapping: { [SHOP]: 'copy' } });
    await world.until('Restore', 'r1', isOver);
  },
  check: async (world, seen) => {
    const restore = await world.ended('Restore', 'r1');
    expect(restore.status).toMatchObject({ phase: 'Completed' });
    await checkFacts(world, seen, 'restore', 'r1');
    expect([...(agents.get(world)?.asked('PodVolumeRestore') ?? [])].sort()).toEqual([
      'copy/web/data',
      'copy/web/tmp',
    ]);
    expect(await world.resources.list('PodVolumeRestore', soon())).toHaveLength(2);
    const filled = (await world.facts('restore', 'r1')).filter(({ type }) => type === 'RestoreVolumeFilled');
    expect(filled).toHaveLength(2);
  },
};
