import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { shop } from '../builders.js';
import { intercepted } from '../crash/intercept.js';
import { withGate } from './gate.js';
import { createRunningWorld, type World } from './world.js';

const SPEC = { includedNamespaces: ['shop'] };
const phase =
  (wanted: string) =>
  ({ status }: { readonly status?: { readonly phase?: string } }) =>
    status?.phase === wanted;
const queuedAt =
  (place: number) =>
  ({ status }: { readonly status?: { readonly phase?: string; readonly queuePosition?: number } }) =>
    status?.phase === 'Queued' && status.queuePosition === place;

/** A server whose backups get no further than their contents until the gate opens. */
const gatedWorld = async (concurrentBackups = 1) => {
  const world = await createRunningWorld({ config: { concurrentBackups } });
  await world.apply(...shop());
  const gate = withGate(world, ({ verb, target }) => verb === 'put' && target.endsWith('.tar.gz'));
  await world.restart(gate.outside);
  return { world, gate };
};

const inTurn = async (world: World, names: readonly string[], spec: object = SPEC) => {
  for (const name of names) {
    await world.request('Backup', name, spec);
    await world.until('Backup', name, ({ status }) => status?.phase !== undefined && status.phase !== 'New');
  }
};

/** Each of them asks for namespaces of its own choice. */
const inTurnOf = async (world: World, wishes: Readonly<Record<string, readonly string[]>>) => {
  for (const [name, includedNamespaces] of Object.entries(wishes))
    await inTurn(world, [name], { includedNamespaces });
};

describe('Backups asked for at the same time', () => {
  it('behaviour 20: run one after the other; those who wait are told their place', async () => {
    const { world, gate } = await gatedWorld();
    await inTurn(world, ['b1', 'b2', 'b3']);
    await world.until('Backup', 'b1', phase('InProgress'));
    await world.until('Backup', 'b2', queuedAt(1));
    await world.until('Backup', 'b3', queuedAt(2));
    gate.open();
    const ended = await Promise.all(['b1', 'b2', 'b3'].map((name) => world.ended('Backup', name)));
    expect(ended.map(({ status }) => [status?.phase, status?.queuePosition])).toEqual([
      ['Completed', undefined],
      ['Completed', undefined],
      ['Completed', undefined],
    ]);
    const [one, two, three] = ended.map(({ status }) => status?.completionTimestamp ?? '');
    expect([one, two, three]).toEqual([one, two, three].sort());
  });

  it('behaviour 21: run side by side as far as the flag allows, if they share no namespace', async () => {
    const { world, gate } = await gatedWorld(2);
    await world.apply(...shop('stall'), ...shop('kiosk'));
    await inTurnOf(world, { b1: ['shop'], b2: ['stall'], b3: ['kiosk'] });
    await Promise.all([
      world.until('Backup', 'b1', phase('InProgress')),
      world.until('Backup', 'b2', phase('InProgress')),
      world.until('Backup', 'b3', queuedAt(1)),
    ]);
    gate.open();
    for (const name of ['b1', 'b2', 'b3'])
      expect((await world.ended('Backup', name)).status?.phase).toBe('Completed');
  });

  it('behaviour 21: wait for one before them that reads a namespace of theirs, and let others pass', async () => {
    const { world, gate } = await gatedWorld(4);
    await world.apply(...shop('stall'), ...shop('kiosk'));
    await inTurnOf(world, { b1: ['sh*'], all: ['*'], late: ['stall'], free: ['nowhere'] });
    await Promise.all([
      world.until('Backup', 'b1', phase('InProgress')),
      world.until('Backup', 'free', phase('InProgress')),
      world.until('Backup', 'all', queuedAt(1)),
      world.until('Backup', 'late', queuedAt(2)),
    ]);
    gate.open();
    for (const name of ['b1', 'all', 'late'])
      expect((await world.ended('Backup', name)).status?.phase).toBe('Completed');
    const [first, second] = await Promise.all(['all', 'late'].map((name) => world.ended('Backup', name)));
    expect((first?.status?.completionTimestamp ?? '') <= (second?.status?.startTimestamp ?? '')).toBe(true);
  });

  it('behaviour 20: begin in the order in which they were asked for, though one behind is quicker to look at', async () => {
    const world = await createRunningWorld({ config: { concurrentBackups: 2 } });
    await world.apply(...shop());
    const slow = withGate(world, ({ verb, target }) => verb === 'read' && target === 'backup-velero.first');
    await world.restart(slow.outside);
    await world.request('Backup', 'first', SPEC);
    await slow.arrived;
    await world.request('Backup', 'second', SPEC);
    await world.until('Backup', 'second', queuedAt(2));
    slow.open();
    const [first, second] = await Promise.all(['first', 'second'].map((name) => world.ended('Backup', name)));
    expect((first?.status?.completionTimestamp ?? '') <= (second?.status?.startTimestamp ?? '')).toBe(true);
    expect(
      (await world.facts('backup', 'second')).find(({ type }) => type === 'BackupStarted')?.position,
    ).toBeGreaterThan(
      (await world.facts('backup', 'first')).find(({ type }) => type === 'BackupStarted')?.position ?? 0n,
    );
  });

  it('are not held up by one before them that cannot be looked at', async () => {
    const world = await createRunningWorld();
    await world.apply(...shop());
    let broken = true;
    await world.restart(
      intercepted(world, (call, make) => {
        if (broken && call.verb === 'read' && call.target === 'backup-velero.first')
          throw new Error('the disk of the event store hiccups');
        return make();
      }),
    );
    await world.request('Backup', 'first', SPEC);
    await world.request('Backup', 'second', SPEC);
    expect((await world.ended('Backup', 'second')).status?.phase).toBe('Completed');
    broken = false;
    expect((await world.ended('Backup', 'first')).status?.phase).toBe('Completed');
  });

  it('close up when the next one begins, though the others had looked before it', async () => {
    const world = await createRunningWorld();
    await world.apply(...shop());
    let armed = false;
    const first = withGate(world, ({ verb, target }) => verb === 'put' && target.endsWith('b1.tar.gz'));
    const second = withGate(
      first.outside,
      ({ verb, target }) => verb === 'put' && target.endsWith('b2.tar.gz'),
    );
    const slow = withGate(
      second.outside,
      ({ verb, target }) => armed && verb === 'get' && target === 'backups/b2',
    );
    const quick = withGate(
      slow.outside,
      ({ verb, target }) => armed && verb === 'read' && target.endsWith('.b3'),
    );
    await world.restart(quick.outside);
    await inTurn(world, ['b1', 'b2', 'b3']);
    await world.until('Backup', 'b3', queuedAt(2));
    armed = true;
    first.open();
    await Promise.all([slow.arrived, quick.arrived]);
    armed = false;
    quick.open();
    await world.until('Backup', 'b1', phase('Completed'));
    // Every wake-up of the end of b1 has had its look at b3 by then.
    for (let turn = 0; turn < 50; turn += 1) await setImmediate();
    slow.open();
    await second.arrived;
    await world.until('Backup', 'b3', queuedAt(1));
    second.open();
    expect((await world.ended('Backup', 'b3')).status?.phase).toBe('Completed');
  });

  it('close up when one that waits is deleted', async () => {
    const { world, gate } = await gatedWorld();
    await inTurn(world, ['b1', 'b2', 'b3']);
    await world.until('Backup', 'b3', queuedAt(2));
    await world.remove('backups.velero.io', 'b2', 'velero');
    await world.until('Backup', 'b3', queuedAt(1));
    expect((await world.story('backup', 'b2')).slice(1)).toEqual([
      'Backup ended Failed: the Backup resource was deleted before the backup had ended.',
      'Backup deleted.',
    ]);
    gate.open();
    expect((await world.ended('Backup', 'b3')).status?.phase).toBe('Completed');
    expect(await world.keys('backups/b2/')).toEqual([]);
  });

  it('wait on across a restart of the server, in the order they came', async () => {
    const { world, gate } = await gatedWorld();
    await inTurn(world, ['b1', 'b2']);
    await gate.arrived;
    const stopped = world.stop();
    gate.open();
    await stopped;
    await world.start();
    for (const name of ['b1', 'b2'])
      expect((await world.ended('Backup', name)).status).toMatchObject({ phase: 'Completed' });
    expect(
      (await world.story('backup', 'b1')).filter((sentence) => sentence.includes('interrupted')).length,
    ).toBe(1);
  });
});

describe('Backups that wait while the server restarts', () => {
  const startOf = async (world: World, name: string): Promise<bigint> => {
    const facts = await world.facts('backup', name);
    return (
      facts.findLast(({ type }) => type === 'BackupStarted')?.position ?? expect.fail(`${name} never began`)
    );
  };

  it('behaviour 20: keep their places, though one behind them is looked at first', async () => {
    const { world, gate } = await gatedWorld();
    await inTurn(world, ['b1', 'z', 'a', 'm']);
    await world.until('Backup', 'm', queuedAt(3));
    await world.stop();
    gate.open();
    const slow = withGate(world, ({ verb, target }) => verb === 'read' && target === 'backup-velero.z');
    await world.start(slow.outside);
    await slow.arrived;
    // Every wake-up of the start has had its look at the others by then.
    for (let turn = 0; turn < 200; turn += 1) await setImmediate();
    slow.open();
    const order = ['b1', 'z', 'a', 'm'];
    for (const name of order) expect((await world.ended('Backup', name)).status?.phase).toBe('Completed');
    const starts = await Promise.all(order.map((name) => startOf(world, name)));
    expect(starts).toEqual([...starts].sort((a, b) => (a < b ? -1 : 1)));
  });

  it('are not held up by one that is deleted before it is looked at', async () => {
    const { world, gate } = await gatedWorld();
    await inTurn(world, ['b1', 'b2', 'b3']);
    await world.stop();
    gate.open();
    const slow = withGate(world, ({ verb, target }) => verb === 'read' && target === 'backup-velero.b2');
    await world.start(slow.outside);
    await slow.arrived;
    await world.remove('backups.velero.io', 'b2', 'velero');
    slow.open();
    for (const name of ['b1', 'b3'])
      expect((await world.ended('Backup', name)).status?.phase).toBe('Completed');
  });
});

describe('A backup that is deleted', () => {
  it('while it runs ends its story; the name is free again', async () => {
    const { world, gate } = await gatedWorld();
    await inTurn(world, ['b1']);
    await gate.arrived;
    await world.remove('backups.velero.io', 'b1', 'velero');
    gate.open();
    await world.idle();
    expect((await world.story('backup', 'b1')).at(-1)).toBe('Backup deleted.');
    expect(await world.keys()).not.toContain(world.layout.backupMetadata('b1'));
    expect((await world.backup('b1', SPEC)).status?.phase).toBe('Completed');
  });

  it('while no server runs is brought to an end by the next one', async () => {
    const { world, gate } = await gatedWorld();
    await inTurn(world, ['b1']);
    await gate.arrived;
    const stopped = world.stop();
    gate.open();
    await stopped;
    await world.remove('backups.velero.io', 'b1', 'velero');
    await world.start();
    await world.idle();
    expect((await world.story('backup', 'b1')).slice(-2)).toEqual([
      'Backup ended Failed: the Backup resource was deleted before the backup had ended.',
      'Backup deleted.',
    ]);
  });
});

describe('Restores asked for at the same time', () => {
  it('run one after the other', async () => {
    const world = await createRunningWorld();
    await world.apply(...shop());
    await world.backup('b1', SPEC);
    let running = 0;
    let most = 0;
    const gate = withGate(world, ({ verb, target }) => {
      if (verb === 'get' && target.endsWith('b1.tar.gz')) most = Math.max(most, (running += 1));
      if (verb === 'put' && target.endsWith('-logs.gz')) running -= 1;
      return false;
    });
    await world.restart(gate.outside);
    const names = ['r1', 'r2', 'r3'];
    for (const name of names)
      await world.request('Restore', name, { backupName: 'b1', namespaceMapping: { shop: `shop-${name}` } });
    for (const name of names) expect((await world.ended('Restore', name)).status?.phase).toBe('Completed');
    expect(most).toBe(1);
  });
});
