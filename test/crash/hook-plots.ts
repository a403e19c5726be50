import { expect } from 'vitest';
import { namespaceOf, pod, type KubeObject } from '../builders.js';
import { runPods } from './node.js';
import { available, checkBackup, checkFacts, isOver, once, type Plot } from './plots.js';

const SHOP = 'shop';

type Annotations = Readonly<Record<string, string>>;

/** A pod that mounts a claim, if one is named. */
const annotated = (name: string, annotations: Annotations, claimName?: string): KubeObject => {
  const plain = pod(SHOP, name);
  const volumes = claimName === undefined ? [] : [{ name: 'data', persistentVolumeClaim: { claimName } }];
  return {
    ...plain,
    metadata: { ...plain.metadata, annotations },
    spec: { ...(plain['spec'] as object), volumes },
  };
};

const claim = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: SHOP },
  spec: { volumeName: `disk-${name}`, storageClassName: 'fast' },
  status: { phase: 'Bound' },
});

const BOTH: Annotations = {
  'pre.hook.backup.velero.io/command': '/bin/freeze',
  'post.hook.backup.velero.io/command': '/bin/thaw',
};

const ranIn = (ran: readonly string[], name: string): readonly string[] =>
  ran.filter((entry) => entry.startsWith(`${name}: `)).map((entry) => entry.slice(name.length + 2));

/** Two pods that are frozen together, and one by itself. */
export const hookedBackupPlot: Plot = {
  prepare: async (world) => {
    await available(world);
    await world.apply(
      namespaceOf(SHOP),
      claim('shared'),
      annotated('a', BOTH, 'shared'),
      annotated('b', BOTH, 'shared'),
      annotated('c', BOTH),
    );
  },
  act: async (world) => {
    await world.request('Backup', 'b1', { includedNamespaces: [SHOP], snapshotVolumes: false });
    await world.until('Backup', 'b1', isOver);
  },
  check: async (world, seen) => {
    await checkBackup(world, seen, 'b1', { hooksAttempted: 6 });
    const pods = [...(await world.archive('b1')).keys()].filter((path) =>
      path.startsWith('resources/pods/namespaces/'),
    );
    expect(pods.length).toBe(3);
    const facts = await world.facts('backup', 'b1');
    const of = (type: string) =>
      facts.filter((fact) => fact.type === type).map(({ data }) => (data as { pod: object }).pod);
    expect(of('BackupPostHooksSettled').length).toBe(of('BackupPostHooksOwed').length);
    for (const name of ['a', 'b', 'c']) {
      const commands = ranIn(seen.ran, name).join(' ');
      // Those of the run that survived come last. What a dead run left frozen was thawed before it was frozen again.
      expect(commands).toMatch(/\/bin\/freeze \/bin\/thaw$/);
      expect(commands).not.toContain('/bin/freeze /bin/freeze');
      expect(commands.split('/bin/freeze').length).toBeLessThanOrEqual(3);
    }
  },
};

const COPY = 'copy';
/** Commands of each pod, in order. */
const HOOKS: Readonly<Record<string, readonly string[]>> = {
  a: ['/bin/warm'],
  b: ['/bin/first', '/bin/second'],
};

/** A pod with one command, and one with two. */
export const hookedRestorePlot: Plot = {
  prepare: async (world) => {
    await available(world);
    await world.apply(
      namespaceOf(SHOP),
      annotated('a', { 'post.hook.restore.velero.io/command': '/bin/warm' }),
      pod(SHOP, 'b'),
    );
    await world.backup('b1', { includedNamespaces: [SHOP] });
  },
  act: async (world) => {
    const exec = (program: string) => ({ exec: { command: [program] } });
    const hooks = { resources: [{ name: 'two', postHooks: [exec('/bin/first'), exec('/bin/second')] }] };
    const node = new AbortController();
    const running = runPods(world, COPY, node.signal);
    running.catch(() => undefined);
    await world.request('Restore', 'r1', { backupName: 'b1', namespaceMapping: { [SHOP]: COPY }, hooks });
    await world.until('Restore', 'r1', isOver);
    node.abort();
    await running;
  },
  check: async (world, seen) => {
    const resource = await world.ended('Restore', 'r1');
    expect(resource.status).toMatchObject({ phase: 'Completed' });
    expect(resource.status?.hookStatus).toEqual({ hooksAttempted: 3 });
    once(seen.created);
    const facts = await checkFacts(world, seen, 'restore', 'r1');
    const recorded = facts
      .filter(({ type }) => type === 'RestoreHooksRun')
      .map(({ data }) => data as { pod: { name: string }; attempt: number });
    expect(recorded.map((one) => one.pod.name).sort()).toEqual(Object.keys(HOOKS));
    const attempts = facts.filter(({ type }) => type === 'RestoreStarted').length;
    for (const { pod: one, attempt } of recorded) {
      const commands = ranIn(seen.ran, one.name);
      const wanted = HOOKS[one.name] ?? [];
      expect(commands.slice(-wanted.length)).toEqual(wanted);
      // A pod is recorded when its last hook has run: if the server died before that, all of them run again.
      const before = commands.slice(0, -wanted.length);
      expect(before).toEqual(wanted.slice(0, before.length));
      if (attempts === 1 || attempt < attempts) expect(before).toEqual([]);
    }
  },
};
