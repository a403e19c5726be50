import { gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import type { MemoryClusterOptions } from '../../src/cluster/memory.js';
import { configMap, namespaceOf, pod } from '../builders.js';
import { createCluster, soon, type World } from '../scenarios/world.js';
import { runPods } from './node.js';
import { available, isOver, once, type Plot, type Seen } from './plots.js';
import { CANCEL_ANNOTATION } from '../../src/domain/labels.js';

const SHOP = 'shop';
const COPY = 'copy';

/** A pod whose command `/bin/wait` never ends; `waits` resolves when it has begun for the first time. */
const waitingCommand = () => {
  let begin: () => void = () => undefined;
  const waits = new Promise<void>((resolve) => (begin = resolve));
  const runCommand: MemoryClusterOptions['runCommand'] = (_pod, { command, signal }) => {
    if (command[0] !== '/bin/wait') return Promise.resolve({ exitCode: 0 });
    begin();
    return new Promise((_resolve, reject) =>
      signal.addEventListener('abort', () => reject(new Error('nobody waits for it')), { once: true }),
    );
  };
  return { waits, runCommand };
};

const cancel = async (world: World, kind: 'Backup' | 'Restore', name: string): Promise<void> => {
  const patch = { metadata: { annotations: { [CANCEL_ANNOTATION]: 'true' } } };
  expect(await world.resources.patch(kind, name, patch, soon())).toBe('patched');
};

/** Told once, in one unbroken order, with one wish and one end. */
const checkStory = async (world: World, kind: 'backup' | 'restore', name: string): Promise<void> => {
  const facts = await world.facts(kind, name);
  once(facts.map(({ id }) => id));
  expect(facts.map(({ revision }) => revision)).toEqual(facts.map((_, i) => BigInt(i)));
  for (const type of ['Requested', 'CancelRequested', 'Finished'])
    expect(facts.filter((fact) => fact.type.replace(/^(Backup|Restore)/, '') === type).length).toBe(1);
};

const checkLog = async (world: World, key: string): Promise<void> =>
  expect(gunzipSync(await world.bytes(key)).toString('utf8')).toContain('was cancelled');

/** A backup that waits in the pre hook of a pod, and is cancelled there. */
export const cancelledBackupPlot = async (): Promise<Plot> => {
  const { waits, runCommand } = waitingCommand();
  const frozen = {
    'pre.hook.backup.velero.io/command': '/bin/wait',
    'pre.hook.backup.velero.io/timeout': '1h',
    'post.hook.backup.velero.io/command': '/bin/thaw',
  };
  return {
    options: { cluster: await createCluster({ runCommand }) },
    prepare: async (world) => {
      await available(world);
      const plain = pod(SHOP, 'db');
      await world.apply(namespaceOf(SHOP), configMap(SHOP, 'settings', { a: 'b' }), {
        ...plain,
        metadata: { ...plain.metadata, annotations: frozen },
      });
    },
    act: async (world) => {
      await world.request('Backup', 'b1', { includedNamespaces: [SHOP] });
      await waits;
      await cancel(world, 'Backup', 'b1');
      await world.until('Backup', 'b1', isOver);
    },
    check: async (world: World, seen: Seen) => {
      const { status } = await world.ended('Backup', 'b1');
      expect(status).toMatchObject({ phase: 'Failed', failureReason: 'cancelled while it ran' });
      expect(status?.completionTimestamp).toMatch(/^\d{4}-.*Z$/);
      await checkStory(world, 'backup', 'b1');
      expect(seen.ran.at(-1)).toBe('db: /bin/thaw');
      expect(await world.keys('backups/')).toEqual([world.layout.backupLog('b1')]);
      await checkLog(world, world.layout.backupLog('b1'));
    },
  };
};

/** A restore that waits in a hook of a restored pod, and is cancelled there. */
export const cancelledRestorePlot = async (): Promise<Plot> => {
  const { waits, runCommand } = waitingCommand();
  return {
    options: { cluster: await createCluster({ runCommand }) },
    prepare: async (world) => {
      await available(world);
      await world.apply(namespaceOf(SHOP), configMap(SHOP, 'settings', { a: 'b' }), pod(SHOP, 'db'));
      await world.backup('b1', { includedNamespaces: [SHOP] });
    },
    act: async (world) => {
      const wait = { exec: { command: ['/bin/wait'], execTimeout: '1h' } };
      const hooks = { resources: [{ name: 'wait', postHooks: [wait] }] };
      const node = new AbortController();
      const running = runPods(world, COPY, node.signal);
      running.catch(() => undefined);
      await world.request('Restore', 'r1', { backupName: 'b1', namespaceMapping: { [SHOP]: COPY }, hooks });
      await waits;
      await cancel(world, 'Restore', 'r1');
      await world.until('Restore', 'r1', isOver);
      node.abort();
      await running;
    },
    check: async (world: World, seen: Seen) => {
      const { status } = await world.ended('Restore', 'r1');
      expect(status).toMatchObject({
        phase: 'Failed',
        failureReason: 'cancelled while it ran; what it had restored stays',
      });
      await checkStory(world, 'restore', 'r1');
      once(seen.created);
      expect((await world.all('configmaps', COPY)).length).toBe(1);
      await checkLog(world, world.layout.restoreLog('r1'));
    },
  };
};
