import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Call } from '../crash/intercept.js';
import { namespaceOf, pod, shop } from '../builders.js';
import { withGate } from './gate.js';
import { createCluster, createRunningWorld, soon, type World } from './world.js';
import { CANCEL_ANNOTATION } from '../../src/domain/labels.js';

const SPEC = { includedNamespaces: ['shop'] };
const phase =
  (wanted: string) =>
  ({ status }: { readonly status?: { readonly phase?: string } }) =>
    status?.phase === wanted;

/** As `kubectl annotate backups.velero.io NAME lifeboat.io/cancel=true` does. */
const cancel = async (world: World, kind: 'Backup' | 'Restore', name: string): Promise<void> => {
  const patch = { metadata: { annotations: { [CANCEL_ANNOTATION]: 'true' } } };
  expect(await world.resources.patch(kind, name, patch, soon())).toBe('patched');
};

const putting =
  (suffix: string) =>
  ({ verb, target }: Call): boolean =>
    verb === 'put' && target.endsWith(suffix);

/** A running server that gets no further than the calls that `holds` names. */
const heldWorld = async (holds: (call: Call) => boolean, concurrentBackups = 1) => {
  const world = await createRunningWorld({ config: { concurrentBackups } });
  await world.apply(...shop());
  const gate = withGate(world, holds);
  await world.restart(gate.outside);
  return { world, gate };
};

const promised = () => {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve: () => resolve() };
};

const logOf = async (world: World, key: string): Promise<string> =>
  gunzipSync(await world.bytes(key)).toString('utf8');

const REQUESTED = 'Cancellation of the backup was requested.';
const ENDED = 'Backup ended Failed: cancelled while it ran.';

describe('A backup that is cancelled', () => {
  it.each([
    ['lists a kind', ({ verb, target }: Call) => verb === 'list' && target === 'configmaps'],
    ['stores its archive', putting('.tar.gz')],
    ['stores its small files', putting('b1-resource-list.json.gz')],
  ])('while it %s ends at once as Failed, and only its log stays in the bucket', async (_when, holds) => {
    const { world, gate } = await heldWorld(holds);
    await world.request('Backup', 'b1', SPEC);
    await gate.arrived;
    await cancel(world, 'Backup', 'b1');
    const backup = await world.ended('Backup', 'b1');
    expect(backup.status).toMatchObject({
      phase: 'Failed',
      failureReason: 'cancelled while it ran',
      completionTimestamp: expect.any(String) as string,
    });
    expect((await world.story('backup', 'b1')).slice(-2)).toEqual([REQUESTED, ENDED]);
    expect(await world.keys('backups/')).toEqual([world.layout.backupLog('b1')]);
    expect(await logOf(world, world.layout.backupLog('b1'))).toContain('The backup was cancelled');
  });

  it('tells by which hand it was asked for, as far as Kubernetes knows', async () => {
    const { world, gate } = await heldWorld(putting('.tar.gz'));
    await world.request('Backup', 'b1', SPEC);
    await gate.arrived;
    await cancel(world, 'Backup', 'b1');
    await world.ended('Backup', 'b1');
    const asked = (await world.facts('backup', 'b1')).find(({ type }) => type === 'BackupCancelRequested');
    expect(asked?.meta.actor).toMatchObject({ kind: 'CLUSTER', via: 'kubernetes' });
  });

  it('leaves no application frozen: the post hooks that are owed run before it ends', async () => {
    const ran: string[] = [];
    const frozen = promised();
    const cluster = await createCluster({
      runCommand: (_pod, { command, signal }) => {
        ran.push(command.join(' '));
        if (command[0] !== '/bin/freeze') return Promise.resolve({ exitCode: 0 });
        frozen.resolve();
        return new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new Error('left'))),
        );
      },
    });
    const world = await createRunningWorld({ cluster });
    const annotations = {
      'pre.hook.backup.velero.io/command': '/bin/freeze',
      'pre.hook.backup.velero.io/timeout': '1h',
      'post.hook.backup.velero.io/command': '/bin/thaw',
    };
    const plain = pod('shop', 'db');
    await world.apply(namespaceOf('shop'), { ...plain, metadata: { ...plain.metadata, annotations } });
    await world.request('Backup', 'b1', SPEC);
    await frozen.promise;
    await cancel(world, 'Backup', 'b1');
    expect((await world.ended('Backup', 'b1')).status?.phase).toBe('Failed');
    expect(ran).toEqual(['/bin/freeze', '/bin/thaw']);
    expect((await world.story('backup', 'b1')).slice(-3)).toEqual([
      'Post hooks of pod shop/db were run.',
      REQUESTED,
      ENDED,
    ]);
  });

  it('while it waits for its turn leaves the line; those behind it move up (behaviour 20)', async () => {
    const { world, gate } = await heldWorld(putting('b1.tar.gz'));
    for (const name of ['b1', 'b2', 'b3']) {
      await world.request('Backup', name, SPEC);
      await world.until('Backup', name, ({ status }) => (status?.phase ?? 'New') !== 'New');
    }
    await world.until('Backup', 'b3', ({ status }) => status?.queuePosition === 2);
    await cancel(world, 'Backup', 'b2');
    const backup = await world.until('Backup', 'b2', phase('Failed'));
    expect(backup.status?.failureReason).toBe('cancelled before it started');
    expect(backup.status?.queuePosition).toBeUndefined();
    expect(backup.status?.startTimestamp).toBeUndefined();
    await world.until('Backup', 'b3', ({ status }) => status?.queuePosition === 1);
    gate.open();
    expect((await world.ended('Backup', 'b3')).status?.phase).toBe('Completed');
    expect(await world.keys('backups/b2/')).toEqual([]);
  });

  it('gives its place to the next in line', async () => {
    const { world, gate } = await heldWorld(putting('b1.tar.gz'));
    await world.request('Backup', 'b1', SPEC);
    await gate.arrived;
    await world.request('Backup', 'b2', SPEC);
    await world.until('Backup', 'b2', phase('Queued'));
    await cancel(world, 'Backup', 'b1');
    expect((await world.ended('Backup', 'b2')).status?.phase).toBe('Completed');
    expect((await world.ended('Backup', 'b1')).status?.phase).toBe('Failed');
  });

  it.each(['restart', 'fail'] as const)(
    'while no server runs is ended as cancelled by the next one, and not begun again (%s)',
    async (onInterruption) => {
      const { world, gate } = await heldWorld(putting('.tar.gz'));
      await world.request('Backup', 'b1', SPEC);
      await gate.arrived;
      await world.stop();
      await cancel(world, 'Backup', 'b1');
      await world.start({}, { onInterruption });
      expect((await world.ended('Backup', 'b1')).status).toMatchObject({
        phase: 'Failed',
        failureReason: 'cancelled while it ran',
      });
      expect((await world.story('backup', 'b1')).slice(2)).toEqual([REQUESTED, ENDED]);
      expect(await world.keys('backups/')).toEqual([world.layout.backupLog('b1')]);
    },
  );

  it('touches nothing of another backup that has the name in the bucket', async () => {
    const { world, gate } = await heldWorld(({ verb, target }) => verb === 'list' && target === 'configmaps');
    await world.request('Backup', 'b1', SPEC);
    await gate.arrived;
    await world.store.put(world.layout.backupMetadata('b1'), Buffer.from('{}'));
    await world.store.put(world.layout.backupContents('b1'), Buffer.from('theirs'));
    await cancel(world, 'Backup', 'b1');
    await world.ended('Backup', 'b1');
    expect((await world.bytes(world.layout.backupContents('b1'))).toString()).toBe('theirs');
  });

  it('ends though its files cannot be removed, and says so', async () => {
    const { world, gate } = await heldWorld(putting('.tar.gz'));
    const broken = withGate(world, putting('.tar.gz'));
    const openLocation: World['openLocation'] = async (spec) => {
      const opened = await broken.outside.openLocation(spec);
      const refuse = () => Promise.reject(new Error('the bucket is locked'));
      return { ...opened, store: { ...opened.store, delete: refuse } };
    };
    gate.open();
    await world.restart({ ...broken.outside, openLocation });
    await world.request('Backup', 'b1', SPEC);
    await broken.arrived;
    await cancel(world, 'Backup', 'b1');
    expect((await world.ended('Backup', 'b1')).status?.failureReason).toBe(
      'cancelled while it ran; its files could not be removed from object storage: the bucket is locked',
    );
  });

  it('when it has ended already stays as it is', async () => {
    const world = await createRunningWorld();
    await world.apply(...shop());
    await world.backup('b1', SPEC);
    const before = await world.story('backup', 'b1');
    await cancel(world, 'Backup', 'b1');
    await world.restart();
    await world.idle();
    expect(await world.story('backup', 'b1')).toEqual(before);
    expect((await world.ended('Backup', 'b1')).status?.phase).toBe('Completed');
  });

  it('is not cancelled by any other value', async () => {
    const { world, gate } = await heldWorld(putting('.tar.gz'));
    await world.request('Backup', 'b1', SPEC);
    await gate.arrived;
    const patch = { metadata: { annotations: { [CANCEL_ANNOTATION]: 'false' } } };
    await world.resources.patch('Backup', 'b1', patch, soon());
    gate.open();
    expect((await world.ended('Backup', 'b1')).status?.phase).toBe('Completed');
  });
});

describe('A backup that is deleted while it runs', () => {
  it('breaks off, and does not collect what nobody wants', async () => {
    const { world, gate } = await heldWorld(putting('.tar.gz'));
    await world.request('Backup', 'b1', SPEC);
    await gate.arrived;
    await world.remove('backups.velero.io', 'b1', 'velero');
    await world.idle();
    expect((await world.story('backup', 'b1')).at(-1)).toBe('Backup deleted.');
    expect(await world.keys()).not.toContain(world.layout.backupContents('b1'));
  });
});

describe('A restore that is cancelled', () => {
  const creating =
    (kind: string) =>
    ({ verb, target }: Call) =>
      verb === 'create' && target.startsWith(kind);

  const restoreHeld = async (holds: (call: Call) => boolean) => {
    const world = await createRunningWorld();
    await world.apply(...shop());
    await world.backup('b1', SPEC);
    const gate = withGate(world, holds);
    await world.restart(gate.outside);
    await world.request('Restore', 'r1', { backupName: 'b1', namespaceMapping: { shop: 'copy' } });
    await gate.arrived;
    return { world, gate };
  };

  it('applies no more; what it had restored stays, and its log and results tell of it', async () => {
    const { world } = await restoreHeld(creating('deployments/'));
    await cancel(world, 'Restore', 'r1');
    const restore = await world.ended('Restore', 'r1');
    expect(restore.status).toMatchObject({
      phase: 'Failed',
      failureReason: 'cancelled while it ran; what it had restored stays',
      completionTimestamp: expect.any(String) as string,
    });
    expect(await world.all('deployments.apps', 'copy')).toEqual([]);
    expect((await world.all('configmaps', 'copy')).length).toBe(1);
    expect((await world.story('restore', 'r1')).slice(-2)).toEqual([
      'Cancellation of the restore was requested.',
      expect.stringMatching(
        /^Restore ended Failed: cancelled while it ran; what it had restored stays; until then \d items had been created\.$/,
      ),
    ]);
    const list = await world.json(world.layout.restoreResourceList('r1'));
    expect(list).toMatchObject({ 'v1/ConfigMap': ['copy/settings(created)'] });
    expect(list).not.toHaveProperty('apps/v1/Deployment');
    expect(await world.keys('restores/r1/')).toContain(world.layout.restoreResults('r1'));
    expect(await logOf(world, world.layout.restoreLog('r1'))).toContain('The restore was cancelled');
  });

  it('before its turn ends without having begun', async () => {
    const { world, gate } = await restoreHeld(creating('deployments/'));
    await world.request('Restore', 'r2', { backupName: 'b1', namespaceMapping: { shop: 'other' } });
    await cancel(world, 'Restore', 'r2');
    const restore = await world.until('Restore', 'r2', phase('Failed'));
    expect(restore.status?.failureReason).toBe('cancelled before it started');
    gate.open();
    expect((await world.ended('Restore', 'r1')).status?.phase).toBe('Completed');
    expect(await world.find('namespaces', 'other')).toBeUndefined();
  });

  it('while no server runs is ended as cancelled by the next one, and not applied again', async () => {
    const { world } = await restoreHeld(creating('deployments/'));
    await world.stop();
    await cancel(world, 'Restore', 'r1');
    await world.start();
    expect((await world.ended('Restore', 'r1')).status).toMatchObject({ phase: 'Failed' });
    expect(await world.all('deployments.apps', 'copy')).toEqual([]);
    expect(await logOf(world, world.layout.restoreLog('r1'))).toContain('The restore was cancelled');
  });

  it('while a hook of a restored pod runs begins no further hook', async () => {
    const ran: string[] = [];
    const begun = promised();
    const cluster = await createCluster({
      runCommand: (_pod, { command, signal }) => {
        ran.push(command.join(' '));
        begun.resolve();
        return new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new Error('left'))),
        );
      },
    });
    const world = await createRunningWorld({ cluster });
    const running = {
      phase: 'Running',
      containerStatuses: [{ name: 'main', ready: true, state: { running: {} } }],
    };
    await world.apply(namespaceOf('shop'), { ...pod('shop', 'db'), status: running });
    await world.backup('b1', SPEC);
    const exec = (program: string) => ({
      exec: { container: 'main', command: [program], execTimeout: '1h' },
    });
    const hooks = { resources: [{ name: 'warm', postHooks: [exec('/bin/first'), exec('/bin/second')] }] };
    await world.request('Restore', 'r1', { backupName: 'b1', namespaceMapping: { shop: 'copy' }, hooks });
    await world.until('Restore', 'r1', phase('InProgress'));
    const made = async (): Promise<void> => {
      while (!(await world.find('pods', 'db', 'copy'))) await new Promise((resolve) => setImmediate(resolve));
    };
    await made();
    const { resources } = await world.cluster.discover(soon());
    const type = resources.find(({ resource, group }) => resource === 'pods' && group === '');
    if (!type) expect.fail('no pods');
    const body = JSON.stringify({ ...(await world.find('pods', 'db', 'copy')), status: running });
    await world.cluster.replace(type, { namespace: 'copy', name: 'db' }, body, {
      signal: soon(),
      subresource: 'status',
    });
    await begun.promise;
    await cancel(world, 'Restore', 'r1');
    expect((await world.ended('Restore', 'r1')).status?.phase).toBe('Failed');
    expect(ran).toEqual(['/bin/first']);
  });
});
