import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ExecRequest } from '../../src/cluster/port.js';
import { apiVersionOf } from '../../src/cluster/port.js';
import { Fault } from '../../src/faults.js';
import { configMap, namespaceOf, pod, type KubeObject } from '../builders.js';
import { createCluster, createRunningWorld, createWorld, soon, type World } from './world.js';

type Annotations = Readonly<Record<string, string>>;

const annotated = (name: string, annotations: Annotations): KubeObject => {
  const plain = pod('shop', name);
  return { ...plain, metadata: { ...plain.metadata, annotations } };
};

const BOTH: Annotations = {
  'pre.hook.backup.velero.io/command': '["/bin/freeze"]',
  'post.hook.backup.velero.io/command': '["/bin/thaw"]',
};
const SHOP = { includedNamespaces: ['shop'] };

/** Writes down every command, and lets a test say how one ends. */
const commands = (
  end: (command: string, request: ExecRequest) => Promise<number> = () => Promise.resolve(0),
) => {
  const ran: string[] = [];
  let begin: () => void = () => undefined;
  /** Kept when the first command begins. */
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const runCommand = async (object: object, request: ExecRequest) => {
    const { metadata } = object as KubeObject;
    begin();
    ran.push(`${metadata.name}: ${request.command.join(' ')}`);
    return { exitCode: await end(request.command.join(' '), request), stdout: '', stderr: '' };
  };
  return { ran, begun, runCommand };
};

/** On a node, with the hooks of both phases, and a claim. */
const mounting = (name: string, claimName: string): KubeObject => ({
  ...annotated(name, BOTH),
  spec: {
    nodeName: 'n1',
    containers: [{ name: 'main', image: 'registry.example/app:1' }],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }],
  },
});

const worldWith = async (
  runner: ReturnType<typeof commands>,
  ...objects: readonly KubeObject[]
): Promise<World> => {
  const world = await createRunningWorld({
    cluster: await createCluster({ runCommand: runner.runCommand }),
  });
  await world.apply(namespaceOf('shop'), ...objects);
  return world;
};

const podsIn = async (world: World, backup: string): Promise<readonly string[]> =>
  [...(await world.archive(backup)).keys()]
    .filter((path) => path.startsWith('resources/pods/namespaces/'))
    .map((path) => path.replace(/^.*\/|\.json$/g, ''));

describe('A backup of pods with hooks', () => {
  it('behaviour 114: runs pre hooks before and post hooks after, and counts both', async () => {
    const runner = commands();
    const world = await worldWith(runner, annotated('db', BOTH), pod('shop', 'web'));
    const backup = await world.backup('b1', SHOP);
    expect(runner.ran).toEqual(['db: /bin/freeze', 'db: /bin/thaw']);
    expect(backup.status).toMatchObject({ phase: 'Completed', hookStatus: { hooksAttempted: 2 } });
    expect(await podsIn(world, 'b1')).toEqual(['web', 'db']);
    expect(await world.story('backup', 'b1')).toEqual(
      expect.arrayContaining([
        'Hooks of pod shop/db began; its post hooks are owed.',
        'Post hooks of pod shop/db were run.',
      ]),
    );
  });

  it('behaviour 115: leaves a pod out whose pre hook fails with Fail, and runs no post hook for it', async () => {
    const runner = commands((command) => Promise.resolve(command === '/bin/freeze' ? 1 : 0));
    const world = await worldWith(
      runner,
      annotated('db', { ...BOTH, 'pre.hook.backup.velero.io/on-error': 'Fail' }),
      configMap('shop', 'settings'),
    );
    const backup = await world.backup('b1', SHOP);
    expect(runner.ran).toEqual(['db: /bin/freeze']);
    expect(backup.status).toMatchObject({
      phase: 'PartiallyFailed',
      hookStatus: { hooksAttempted: 1, hooksFailed: 1 },
    });
    expect(await podsIn(world, 'b1')).toEqual([]);
    expect(await world.json(world.layout.resourceList('b1'))).toMatchObject({ 'v1/Pod': ['shop/db'] });
  });

  it.each([
    ['unset', {}],
    ['Continue', { 'pre.hook.backup.velero.io/on-error': 'Continue' }],
  ])('behaviour 116: archives a pod whose pre hook fails with on-error %s', async (_mode, more) => {
    const runner = commands((command) => Promise.resolve(command === '/bin/freeze' ? 1 : 0));
    const world = await worldWith(runner, annotated('db', { ...BOTH, ...more }));
    const backup = await world.backup('b1', SHOP);
    expect(backup.status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect(await podsIn(world, 'b1')).toEqual(['db']);
    expect(runner.ran).toEqual(['db: /bin/freeze', 'db: /bin/thaw']);
  });

  it('behaviour 120: gives up a hook after its limit, and never hangs', async () => {
    const runner = commands(() => new Promise<number>(() => undefined));
    const world = await worldWith(
      runner,
      annotated('db', {
        'pre.hook.backup.velero.io/command': '/bin/sleep',
        'pre.hook.backup.velero.io/timeout': '5ms',
      }),
    );
    const backup = await world.backup('b1', SHOP);
    expect(backup.status).toMatchObject({ phase: 'PartiallyFailed', hookStatus: { hooksFailed: 1 } });
    expect(JSON.stringify(await world.json(world.layout.backupResults('b1')))).toContain('within 5ms');
  });

  it('freezes all pods that share a volume before the first is archived, and thaws them after the last', async () => {
    const runner = commands();
    const world = await worldWith(runner, mounting('a', 'shared'), mounting('b', 'shared'));
    await world.backup('b1', SHOP);
    expect(runner.ran).toEqual(['a: /bin/freeze', 'b: /bin/freeze', 'a: /bin/thaw', 'b: /bin/thaw']);
  });

  it('freezes pods that share a volume together, though an order is asked for, and in that order', async () => {
    const runner = commands();
    const world = await worldWith(runner, mounting('a', 'shared'), pod('shop', 'b'), mounting('c', 'shared'));
    await world.backup('b1', { ...SHOP, orderedResources: { pods: 'shop/c,shop/b,shop/a' } });
    expect(runner.ran).toEqual(['c: /bin/freeze', 'a: /bin/freeze', 'c: /bin/thaw', 'a: /bin/thaw']);
    expect(await podsIn(world, 'b1')).toEqual(['c', 'a', 'b']);
  });

  it('freezes pods together that a claim brings in, however long one of them takes', async () => {
    const ended: string[] = [];
    const runner = commands(async (command) => {
      const isSlow = command === '/bin/freeze slowly';
      for (let turn = 0; isSlow && turn < 5_000 && !runner.ran.includes('b: /bin/thaw'); turn += 1)
        await nextTurn();
      ended.push(command.split(' ')[0] ?? '');
      return 0;
    });
    const plain = mounting('a', 'shared');
    const command = { 'pre.hook.backup.velero.io/command': '["/bin/freeze", "slowly"]' };
    const slow = {
      ...plain,
      metadata: { ...plain.metadata, annotations: { ...plain.metadata.annotations, ...command } },
    };
    const claim: KubeObject = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'shared', namespace: 'shop', labels: { app: 'shop' } },
      spec: { volumeName: 'disk', storageClassName: 'fast' },
      status: { phase: 'Bound' },
    };
    const world = await worldWith(runner, claim, slow, mounting('b', 'shared'));
    const labelSelector = { matchLabels: { app: 'shop' } };
    await world.backup('b1', { ...SHOP, labelSelector, snapshotVolumes: false });
    expect(ended).toEqual(['/bin/freeze', '/bin/freeze', '/bin/thaw', '/bin/thaw']);
  });

  it('freezes a pod once, though two selectors choose it', async () => {
    const runner = commands();
    const plain = mounting('db', 'data');
    const labelled = { ...plain, metadata: { ...plain.metadata, labels: { app: 'shop', tier: 'back' } } };
    const world = await worldWith(runner, labelled);
    const orLabelSelectors = [{ matchLabels: { app: 'shop' } }, { matchLabels: { tier: 'back' } }];
    const backup = await world.backup('b1', { ...SHOP, orLabelSelectors });
    expect(runner.ran).toEqual(['db: /bin/freeze', 'db: /bin/thaw']);
    expect(backup.status?.hookStatus).toEqual({ hooksAttempted: 2 });
  });

  it('runs the hooks of its spec for the pods they choose', async () => {
    const runner = commands();
    const world = await worldWith(runner, pod('shop', 'web'), pod('shop', 'db'));
    const exec = { command: ['/bin/sync'], container: 'main' };
    await world.backup('b1', {
      ...SHOP,
      hooks: { resources: [{ name: 'quiet', includedNamespaces: ['sh*'], pre: [{ exec }] }] },
    });
    expect([...runner.ran].sort()).toEqual(['db: /bin/sync', 'web: /bin/sync']);
  });

  it('behaviour 119: leaves the hooks of its spec to pods without annotations of that phase', async () => {
    const runner = commands();
    const plain = annotated('db', { 'pre.hook.backup.velero.io/command': '/bin/freeze' });
    const world = await worldWith(runner, plain);
    const exec = (command: string) => ({ exec: { command: [command], container: 'main' } });
    const backup = await world.backup('b1', {
      ...SHOP,
      hooks: { resources: [{ name: 'own', pre: [exec('/bin/sync')], post: [exec('/bin/done')] }] },
    });
    expect(runner.ran).toEqual(['db: /bin/freeze', 'db: /bin/done']);
    expect(backup.status).toMatchObject({ phase: 'Completed', hookStatus: { hooksAttempted: 2 } });
  });

  it('is refused if a hook of its spec cannot be run, with the field and the way out', async () => {
    const world = await createRunningWorld();
    const backup = await world.backup('b1', {
      hooks: {
        resources: [{ name: 'quiet', labelSelector: { matchExpressions: [{ key: 'a', operator: 'Is' }] } }],
      },
    });
    expect(backup.status?.phase).toBe('FailedValidation');
    expect(backup.status?.validationErrors?.join()).toContain('spec.hooks.resources.0.labelSelector');
  });

  it('thaws a pod first when the server died while it was frozen', async () => {
    const stuck = new AbortController();
    const runner = commands((command, { signal }) =>
      command === '/bin/freeze' && !stuck.signal.aborted
        ? new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('died'))))
        : Promise.resolve(0),
    );
    const world = await worldWith(runner, annotated('db', BOTH));
    await world.request('Backup', 'b1', SHOP);
    await runner.begun;
    await world.stop();
    stuck.abort();
    await world.start();
    const backup = await world.ended('Backup', 'b1');
    expect(backup.status).toMatchObject({ phase: 'Completed' });
    expect(runner.ran).toEqual(['db: /bin/freeze', 'db: /bin/thaw', 'db: /bin/freeze', 'db: /bin/thaw']);
    const story = await world.story('backup', 'b1');
    const interrupted = story.findIndex((sentence) => sentence.includes('was interrupted'));
    expect(story.indexOf('Post hooks of pod shop/db were run.')).toBeLessThan(interrupted);
  });
});

describe('A backup whose server died while a pod was frozen', () => {
  it('is not held up for good by a pod that the server may not read any more', async () => {
    const runner = commands(() => new Promise<number>(() => undefined));
    const world = await worldWith(runner, annotated('db', BOTH));
    await world.request('Backup', 'b1', SHOP);
    await runner.begun;
    await world.stop();
    await world.start({
      cluster: {
        ...world.cluster,
        get: (type, ref, options) =>
          type.resource === 'pods'
            ? Promise.reject(new Fault('LB_CLUSTER_DENIED', 'get pods'))
            : world.cluster.get(type, ref, options),
      },
    });
    const backup = await world.ended('Backup', 'b1');
    expect(backup.status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
  });
});

describe('A restore of pods with hooks', () => {
  const POST: Annotations = { 'post.hook.restore.velero.io/command': '["/bin/warm"]' };

  /** As a kubelet would: the pod's container is up. */
  const comesUp = async (world: World, name: string): Promise<void> => {
    const { resources } = await world.cluster.discover(soon());
    const type = resources.find((one) => apiVersionOf(one) === 'v1' && one.kind === 'Pod')!;
    const ref = { namespace: 'copy', name };
    for await (const event of world.cluster.watch(type, { namespace: 'copy', signal: soon() })) {
      const objects = event.type === 'SYNCED' ? event.items : [event.object];
      const found = objects
        .map((bytes) => JSON.parse(bytes.toString('utf8')) as KubeObject)
        .find(({ metadata }) => metadata.name === name);
      if (!found) continue;
      const state = { running: { startedAt: '2026-01-02T10:00:00Z' } };
      const status = { phase: 'Running', containerStatuses: [{ name: 'main', ready: true, state }] };
      await world.cluster.replace(type, ref, JSON.stringify({ ...found, status }), {
        signal: soon(),
        subresource: 'status',
      });
      return;
    }
  };

  const MAPPED = { backupName: 'b1', namespaceMapping: { shop: 'copy' } };

  it('behaviour 123: ends only after the hook ran, which waits for its container, and counts it', async () => {
    const runner = commands();
    const world = await worldWith(runner, annotated('web', POST));
    await world.backup('b1', SHOP);
    await world.request('Restore', 'r1', MAPPED);
    await comesUp(world, 'web');
    const restore = await world.ended('Restore', 'r1');
    expect(runner.ran).toEqual(['web: /bin/warm']);
    expect(restore.status).toMatchObject({ phase: 'Completed', hookStatus: { hooksAttempted: 1 } });
    expect(await world.story('restore', 'r1')).toContain(
      'Hooks of the restored pod copy/web were run: 1 in all, 0 failed.',
    );
  });

  it('behaviour 122: is partially failed when the pod never comes up, after the limit', async () => {
    const runner = commands();
    const never = annotated('web', { ...POST, 'post.hook.restore.velero.io/wait-timeout': '5ms' });
    const world = await worldWith(runner, never);
    await world.backup('b1', SHOP);
    const restore = await world.restore('r1', MAPPED);
    expect(runner.ran).toEqual([]);
    expect(restore.status).toMatchObject({
      phase: 'PartiallyFailed',
      hookStatus: { hooksAttempted: 1, hooksFailed: 1 },
    });
  });

  it('10280: never waits without end, even for a hook that names no limit', async () => {
    const runner = commands();
    const world = await createWorld({
      cluster: await createCluster({ runCommand: runner.runCommand }),
      config: { resourceTimeout: 20 },
    });
    await world.start();
    await world.until('BackupStorageLocation', 'default', ({ status }) => status?.phase === 'Available');
    await world.apply(namespaceOf('shop'), annotated('web', POST));
    await world.backup('b1', SHOP);
    const restore = await world.restore('r1', MAPPED);
    expect(restore.status).toMatchObject({ phase: 'PartiallyFailed', hookStatus: { hooksFailed: 1 } });
  });

  it('behaviour 121: puts the init container of an annotation first', async () => {
    const world = await worldWith(
      commands(),
      annotated('web', {
        'init.hook.restore.velero.io/container-image': 'registry.example/init:1',
        'init.hook.restore.velero.io/container-name': 'fill',
        'init.hook.restore.velero.io/command': '["/bin/fill"]',
      }),
    );
    await world.backup('b1', SHOP);
    await world.restore('r1', MAPPED);
    const restored = await world.find('pods', 'web', 'copy');
    expect(restored).toMatchObject({
      spec: {
        initContainers: [{ name: 'fill', image: 'registry.example/init:1', command: ['/bin/fill'] }],
      },
    });
  });

  it('runs no hook for a pod that was there before', async () => {
    const runner = commands();
    const world = await worldWith(runner, annotated('web', POST));
    await world.backup('b1', SHOP);
    const restore = await world.restore('r1', { backupName: 'b1' });
    expect(restore.status?.phase).toBe('Completed');
    expect(runner.ran).toEqual([]);
  });
});
