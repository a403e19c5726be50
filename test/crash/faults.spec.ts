import { describe, expect, it, onTestFinished } from 'vitest';
import type { RunCommand } from '../../src/cluster/memory-exec.js';
import { nameOf } from '../../src/domain/item.js';
import { namespaceOf, pod, shop, type KubeObject } from '../builders.js';
import { createCluster, createRunningWorld, type World } from '../scenarios/world.js';
import { UNREACHABLE, withFaults, type Failing } from './faults.js';
import type { Call } from './intercept.js';
import { runPods } from './node.js';

const prepared = async (): Promise<World> => {
  const world = await createRunningWorld();
  await world.apply(...shop());
  await world.idle();
  return world;
};

const SPEC = { includedNamespaces: ['shop'] };

describe('While the object storage has trouble,', () => {
  it('behaviour 40: a backup fails with the reason and without a mark, and the server lives on', async () => {
    const world = await prepared();
    let away = true;
    await world.restart(
      withFaults(world, (call) =>
        away && call.verb === 'put' && call.target.endsWith('.tar.gz')
          ? { side: 'before', code: 'LB_STORE_UNREACHABLE' }
          : undefined,
      ),
    );
    const backup = await world.backup('b1', SPEC);
    expect(backup.status).toMatchObject({
      phase: 'Failed',
      completionTimestamp: expect.any(String) as string,
      failureReason: expect.stringContaining('the object storage does not answer') as string,
    });
    expect(await world.keys()).not.toContain(world.layout.backupMetadata('b1'));
    expect(await world.keys()).not.toContain(world.layout.backupContents('b1'));
    away = false;
    expect((await world.backup('b2', SPEC)).status?.phase).toBe('Completed');
  });

  it('the mark is put again and again until it is there', async () => {
    const world = await prepared();
    let left = 2;
    await world.restart(
      withFaults(world, (call) =>
        call.verb === 'put' && call.target.endsWith('velero-backup.json') && left-- > 0
          ? { side: 'before', code: 'LB_STORE_UNREACHABLE' }
          : undefined,
      ),
    );
    expect((await world.backup('b1', SPEC)).status?.phase).toBe('Completed');
    expect(left).toBeLessThan(0);
  });

  it('a mark that was put but not acknowledged is recognised', async () => {
    const world = await prepared();
    let left = 1;
    await world.restart(
      withFaults(world, (call) =>
        call.verb === 'put' && call.target.endsWith('velero-backup.json') && left-- > 0
          ? { side: 'after', code: 'LB_STORE_UNREACHABLE' }
          : undefined,
      ),
    );
    const backup = await world.backup('b1', SPEC);
    const mark = (await world.json(world.layout.backupMetadata('b1'))) as typeof backup;
    expect(backup.status?.phase).toBe('Completed');
    expect(mark.status).toEqual(backup.status);
  });

  it('a backup whose mark is refused for good fails, and the next one is not held up', async () => {
    const world = await prepared();
    let refuses = true;
    await world.restart(
      withFaults(world, (call) =>
        refuses && call.verb === 'put' && call.target.endsWith('velero-backup.json')
          ? { side: 'before', code: 'LB_STORE_DENIED' }
          : undefined,
      ),
    );
    const backup = await world.backup('b1', SPEC);
    expect(backup.status).toMatchObject({
      phase: 'Failed',
      failureReason: expect.stringContaining('refuses the credentials') as string,
    });
    refuses = false;
    expect((await world.backup('b2', SPEC)).status?.phase).toBe('Completed');
  });

  it('a backup is not lost because its log cannot be stored', async () => {
    const world = await prepared();
    await world.restart(
      withFaults(world, (call) =>
        call.verb === 'put' && call.target.endsWith('-logs.gz')
          ? { side: 'before', code: 'LB_STORE_UNREACHABLE' }
          : undefined,
      ),
    );
    expect((await world.backup('b1', SPEC)).status?.phase).toBe('Completed');
  });

  it('a restore fails with the reason', async () => {
    const world = await prepared();
    await world.backup('b1', SPEC);
    await world.remove('namespaces', 'shop');
    await world.restart(
      withFaults(world, (call) =>
        call.verb === 'get' && call.target.endsWith('.tar.gz')
          ? { side: 'before', code: 'LB_STORE_UNREACHABLE' }
          : undefined,
      ),
    );
    const restore = await world.restore('r1', { backupName: 'b1' });
    expect(restore.status).toMatchObject({
      phase: 'Failed',
      failureReason: expect.stringContaining('the object storage does not answer') as string,
    });
    expect(await world.find('namespaces', 'shop')).toBeUndefined();
  });
});

/** One port fails for a few calls in a row, from its n-th on: a blip in the middle of everything. */
const blip =
  (port: Call['port'], from: number, calls: number, side: Failing['side']) =>
  (call: Call, n: number): Failing | undefined =>
    call.port === port && n >= from && n < from + calls && (call.effect || side === 'before')
      ? { side, code: UNREACHABLE[port] }
      : undefined;

/** A backup and a restore beside a blip that begins at the n-th call after the server is up. */
const liveThrough = async (fails: (call: Call, n: number) => Failing | undefined) => {
  const world = await prepared();
  await world.stop();
  let trouble = 0;
  const starting = world.start(
    withFaults(world, (call, n) => {
      const failing = fails(call, n);
      if (failing) trouble += 1;
      return failing;
    }),
  );
  await starting;
  const backup = await world.backup('b1', SPEC);
  await world.remove('namespaces', 'shop');
  const restore = await world.restore('r1', { backupName: 'b1' });
  const facts = [...(await world.facts('backup', 'b1')), ...(await world.facts('restore', 'r1'))].map(
    ({ type }) => type,
  );
  const objects = await world.all('configmaps', 'shop');
  await world.stop();
  return { backup, restore, trouble, facts, objects };
};

const FROM = Array.from({ length: 12 }, (_, i) => i * 4 + 1);

const FACTS = [
  'BackupRequested',
  'BackupStarted',
  'BackupContentsStored',
  'BackupFinished',
  'RestoreRequested',
  'RestoreStarted',
  'RestoreItemsApplied',
  'RestoreFinished',
];

describe('While the event store has trouble with one fact,', () => {
  it.each(FACTS)('%s is told in the end, once, and nothing fails for it', async (fact) => {
    for (const side of ['before', 'after'] as const) {
      let left = 1;
      const once = ({ verb, target }: Call): Failing | undefined =>
        verb === 'append' && target.endsWith(fact) && left-- > 0
          ? { side, code: 'LB_EVENTSTORE_UNREACHABLE' }
          : undefined;
      const { backup, restore, trouble, facts } = await liveThrough(once);
      expect(trouble).toBe(1);
      expect([backup.status?.phase, restore.status?.phase]).toEqual(['Completed', 'Completed']);
      expect(facts).toEqual(FACTS);
    }
  });
});

describe('While the event store has trouble,', () => {
  it.each(['before', 'after'] as const)(
    'nothing is lost, whether it fails %s a fact is written',
    { timeout: 30_000 },
    async (side) => {
      await Promise.all(
        FROM.map(async (from, i) => {
          const calls = (i % 2) + 1;
          const { backup, restore, objects } = await liveThrough(blip('events', from, calls, side));
          expect({
            from,
            backup: backup.status?.phase,
            restore: restore.status?.phase,
            objects: objects.length,
          }).toEqual({ from, backup: 'Completed', restore: 'Completed', objects: 1 });
        }),
      );
    },
  );
});

/** A cluster with these pods in the namespace shop, whose containers are up as soon as they are made. */
const worldOfPods = async (...pods: readonly KubeObject[]) => {
  const ran = new Map<string, string[]>();
  const runCommand: RunCommand = (object, { command }) => {
    const name = nameOf(object);
    ran.set(name, [...(ran.get(name) ?? []), ...command]);
    return Promise.resolve({ exitCode: 0 });
  };
  const world = await createRunningWorld({ cluster: await createCluster({ runCommand }) });
  await world.apply(namespaceOf('shop'), ...pods);
  const node = new AbortController();
  onTestFinished(() => node.abort());
  runPods(world, 'shop', node.signal).catch(() => undefined);
  return { world, ran };
};

const HOOKS = {
  'pre.hook.backup.velero.io/command': '/bin/freeze',
  'post.hook.backup.velero.io/command': '/bin/thaw',
  'post.hook.restore.velero.io/command': '/bin/warm',
};

const hooked = (name: string): KubeObject => {
  const plain = pod('shop', name);
  return { ...plain, metadata: { ...plain.metadata, annotations: HOOKS } };
};

describe('While the event store has trouble with one fact about hooks,', () => {
  it.each(['BackupPostHooksOwed', 'BackupPostHooksSettled', 'RestoreHooksRun'])(
    '%s is told all the same, and nothing fails for it',
    async (fact) => {
      for (const side of ['before', 'after'] as const) {
        const { world, ran } = await worldOfPods(hooked('a'), hooked('b'));
        let left = 1;
        await world.restart(
          withFaults(world, ({ verb, target }) =>
            verb === 'append' && target.endsWith(fact) && left-- > 0
              ? { side, code: 'LB_EVENTSTORE_UNREACHABLE' }
              : undefined,
          ),
        );
        const backup = await world.backup('b1', SPEC);
        await world.remove('pods', 'a', 'shop');
        await world.remove('pods', 'b', 'shop');
        const restore = await world.restore('r1', { backupName: 'b1' });
        expect(left).toBeLessThan(1);
        expect([backup.status?.phase, restore.status?.phase]).toEqual(['Completed', 'Completed']);
        expect(restore.status?.hookStatus).toEqual({ hooksAttempted: 2 });
        const inOrder = ['/bin/freeze', '/bin/thaw', '/bin/warm'];
        for (const name of ['a', 'b']) expect(ran.get(name)).toEqual(inOrder);
      }
    },
  );
});

describe('While the API server has trouble,', () => {
  it('a pod with hooks that cannot be read again is an error, and the other one is in the backup', async () => {
    const { world } = await worldOfPods(hooked('a'), hooked('b'));
    await world.restart(
      withFaults(world, ({ verb, target }) =>
        verb === 'get' && target === 'pods/a' ? { side: 'before', code: 'LB_CLUSTER_REFUSED' } : undefined,
      ),
    );
    const backup = await world.backup('b1', SPEC);
    expect(backup.status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect([...(await world.archive('b1')).keys()]).toContain('resources/pods/namespaces/shop/b.json');
  });

  it.each(['before', 'after'] as const)(
    'every operation comes to an end and says why it failed, if it did (it fails %s a call)',
    { timeout: 30_000 },
    async (side) => {
      let troubles = 0;
      await Promise.all(
        FROM.map(async (from) => {
          // The very first call marks the default location; a server that cannot make it does not start.
          const { backup, restore, trouble } = await liveThrough(blip('cluster', from * 3, 3, side));
          troubles += trouble;
          for (const { status } of [backup, restore]) {
            expect(status?.phase).toMatch(/^(Completed|PartiallyFailed|Failed|FailedValidation)$/);
            // Of a backup that failed nothing can be restored.
            if (status?.phase === 'Failed')
              expect(status.failureReason).toMatch(
                /the API server does not answer|are not in object storage/,
              );
          }
        }),
      );
      expect(troubles).toBeGreaterThan(0);
    },
  );
});
