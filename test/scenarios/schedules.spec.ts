import { describe, expect, it } from 'vitest';
import type { MemoryCluster } from '../../src/cluster/memory.js';
import type { Backup, Schedule, ScheduleSpec } from '../../src/domain/velero.gen.js';
import { createTestClock, quietOf, type TestClock } from './clock.js';
import { NAMESPACE } from './life.js';
import { createCluster, createWorld, soon, type World, type WorldOptions } from './world.js';

interface Timed {
  readonly world: World;
  readonly time: TestClock;
  /** Lets the clock run to this time, everything that is due on the way being done. */
  readonly at: (time: string) => Promise<void>;
  readonly backups: () => Promise<readonly string[]>;
  readonly create: (name: string, spec?: Partial<ScheduleSpec>, metadata?: object) => Promise<void>;
  readonly edit: (name: string, spec: object) => Promise<void>;
  readonly read: (name: string) => Promise<Schedule>;
}

/** A world whose clock stands still until a test moves it. Nothing but schedules goes by the clock. */
const timed = async (start: string, options: WorldOptions = {}): Promise<Timed> => {
  const time = createTestClock(start);
  const cluster = await createCluster({ now: time.clock });
  const config = { storeValidationFrequency: 0, backupSyncPeriod: 0, ...options.config };
  const world = await createWorld({ cluster, clock: time.clock, timers: time.timers, ...options, config });
  await world.start();
  await world.until('BackupStorageLocation', 'default', ({ status }) => status?.phase === 'Available');
  const quiet = quietOf(() => world.idle());
  await quiet();
  return {
    world,
    time,
    at: (to) => time.advance(to, quiet),
    backups: async () =>
      (await world.all('backups.velero.io', NAMESPACE)).map(({ metadata }) => metadata.name),
    create: async (name, spec = {}, metadata = {}) => {
      await world.apply({
        apiVersion: 'velero.io/v1',
        kind: 'Schedule',
        metadata: { name, namespace: NAMESPACE, ...metadata },
        spec: { schedule: '0 3 * * *', template: {}, ...spec },
      });
      await quiet();
    },
    edit: async (name, spec) => {
      await world.resources.patch('Schedule', name, { spec }, soon());
      await quiet();
    },
    read: async (name) => (await world.resources.read('Schedule', name, soon())) ?? expect.fail(`no ${name}`),
  };
};

/** The cluster as a server sees it that leaves the backup `slow` to somebody else until it has ended. */
const withoutSlow = ({ cluster }: World): MemoryCluster => {
  const hidden = (bytes: Buffer): boolean => {
    const { metadata, status } = JSON.parse(bytes.toString('utf8')) as Backup;
    return metadata.name === 'slow' && status?.phase !== 'Completed';
  };
  return {
    ...cluster,
    watch: async function* (type, options) {
      for await (const event of cluster.watch(type, options))
        if (event.type === 'SYNCED') yield { ...event, items: event.items.filter((item) => !hidden(item)) };
        else if (!hidden(event.object)) yield event;
    },
  };
};

const FIRST = 'nightly-20260110100000';
const START = '2026-01-10T10:00:00Z';

describe('A schedule', () => {
  it('behaviour 132: makes a backup when it is created, unlike Velero, and the next at its time', async () => {
    const { at, backups, create, read, world } = await timed(START);
    await create('nightly');
    expect(await backups()).toEqual([FIRST]);
    await at('2026-01-11T02:59:59Z');
    expect((await backups()).length).toBe(1);
    await at('2026-01-11T03:00:00Z');
    expect(await backups()).toEqual([FIRST, 'nightly-20260111030000']);
    expect((await read('nightly')).status).toEqual({ phase: 'Enabled', lastBackup: '2026-01-11T03:00:00Z' });
    expect(await world.story('schedule', 'nightly')).toEqual([
      'Schedule registered: 0 3 * * *.',
      'Schedule in use.',
      `Backup ${FIRST} is to be made for the tick 2026-01-10T10:00:00Z: the first one, since the schedule is new.`,
      `Backup ${FIRST} was created.`,
      'Backup nightly-20260111030000 is to be made for the tick 2026-01-11T03:00:00Z: its time has come.',
      'Backup nightly-20260111030000 was created.',
    ]);
  });

  it('behaviour 133: with a line that cannot be read makes nothing and says why, until it is put right', async () => {
    const { time, backups, create, edit, read } = await timed(START);
    await create('nightly', { schedule: '0 0 3 * * *' });
    expect((await read('nightly')).status).toMatchObject({
      phase: 'FailedValidation',
      validationErrors: [expect.stringMatching(/^invalid schedule: it has 6 fields and needs 5/)],
    });
    await edit('nightly', { schedule: '' });
    expect((await read('nightly')).status?.validationErrors).toEqual([
      'Schedule must be a non-empty valid Cron expression',
    ]);
    await edit('nightly', { schedule: '@reboot' });
    expect((await read('nightly')).status?.validationErrors?.[0]).toContain('@reboot');
    expect(await backups()).toEqual([]);
    time.set('2026-01-10T12:00:00Z');
    await edit('nightly', { schedule: '@daily' });
    expect((await read('nightly')).status).toMatchObject({ phase: 'Enabled' });
    expect((await read('nightly')).status?.validationErrors).toBeUndefined();
    expect(await backups()).toEqual(['nightly-20260110120000']);
  });

  it('behaviour Q17: for a day that never comes is refused, where Velero fires each minute', async () => {
    const { backups, create, read } = await timed(START);
    await create('never', { schedule: '0 0 31 2 *' });
    expect((await read('never')).status?.validationErrors).toEqual([
      'invalid schedule: the day 31 never comes in month 2, so no backup would ever be made',
    ]);
    expect(await backups()).toEqual([]);
  });

  it('with a name too long for the label of its backups is refused', async () => {
    const { backups, create, read } = await timed(START);
    await create('n'.repeat(64));
    expect((await read('n'.repeat(64))).status?.validationErrors?.[0]).toContain('which holds 63');
    await create('n'.repeat(63));
    expect(await backups()).toEqual([`${'n'.repeat(63)}-20260110100000`]);
  });

  it('behaviour 134: every hour from its beginning, to the second', async () => {
    const { at, backups, create } = await timed('2026-01-10T10:00:07Z');
    await create('hourly', { schedule: '@every 1h' });
    await at('2026-01-10T12:59:59Z');
    expect(await backups()).toEqual([
      'hourly-20260110100007',
      'hourly-20260110110007',
      'hourly-20260110120007',
    ]);
  });

  it('behaviour 135: goes by the time zone it names', async () => {
    const { at, backups, create } = await timed(START);
    await create('york', { schedule: 'CRON_TZ=America/New_York 0 3 * * *', skipImmediately: true });
    await at('2026-01-11T07:59:59Z');
    expect(await backups()).toEqual([]);
    await at('2026-01-11T08:00:00Z');
    expect(await backups()).toEqual(['york-20260111080000']);
  });

  it('behaviour 136: makes nothing while it is paused, and makes up for it once', async () => {
    const { at, backups, create, edit, read, world } = await timed(START);
    await create('nightly');
    const before = (await read('nightly')).status;
    await edit('nightly', { paused: true });
    await at('2026-01-13T10:00:00Z');
    expect(await backups()).toEqual([FIRST]);
    expect((await read('nightly')).status).toEqual(before);
    await edit('nightly', { paused: false });
    expect(await backups()).toEqual([FIRST, 'nightly-20260113030000']);
    expect((await world.story('schedule', 'nightly')).slice(-5)).toEqual([
      'Schedule paused.',
      'Schedule no longer paused.',
      '2 ticks from 2026-01-11T03:00:00Z to 2026-01-12T03:00:00Z passed while the schedule was paused.',
      expect.stringContaining('made up for, later than its time') as string,
      'Backup nightly-20260113030000 was created.',
    ]);
    await at('2026-01-14T02:59:59Z');
    expect((await backups()).length).toBe(2);
  });

  it('behaviour 136: is not even validated while it is paused', async () => {
    const { create, read, backups, edit } = await timed(START);
    await create('nightly', { schedule: 'nonsense', paused: true });
    expect((await read('nightly')).status).toBeUndefined();
    await edit('nightly', { paused: false });
    expect((await read('nightly')).status?.phase).toBe('FailedValidation');
    expect(await backups()).toEqual([]);
  });

  it('behaviour 137: makes one backup for all that was missed while no server was there', async () => {
    const { time, backups, create, world } = await timed(START);
    await create('nightly');
    await world.stop();
    time.set('2026-01-15T12:00:00Z');
    await world.start();
    await quietOf(() => world.idle())();
    expect(await backups()).toEqual([FIRST, 'nightly-20260115030000']);
    expect((await world.story('schedule', 'nightly')).slice(-3)).toEqual([
      '4 ticks from 2026-01-11T03:00:00Z to 2026-01-14T03:00:00Z passed while no server was there.',
      expect.stringContaining('made up for') as string,
      'Backup nightly-20260115030000 was created.',
    ]);
  });

  it('behaviour 138: leaves out the first backup when it is to skip, stamps that, and keeps the next time', async () => {
    const { at, backups, create, read } = await timed(START);
    await create('nightly', { skipImmediately: true });
    expect(await backups()).toEqual([]);
    const { spec, status } = await read('nightly');
    expect(spec?.skipImmediately).toBe(false);
    expect(status).toEqual({ phase: 'Enabled', lastSkipped: START });
    await at('2026-01-11T03:00:00Z');
    expect(await backups()).toEqual(['nightly-20260111030000']);
  });

  it('behaviour 138: skips what was missed in a pause, when it is unpaused that way', async () => {
    const { at, backups, create, edit, read } = await timed(START);
    await create('nightly');
    await edit('nightly', { paused: true });
    await at('2026-01-12T10:00:00Z');
    await edit('nightly', { paused: false, skipImmediately: true });
    expect(await backups()).toEqual([FIRST]);
    expect((await read('nightly')).status?.lastSkipped).toBe('2026-01-12T10:00:00Z');
    await at('2026-01-13T03:00:00Z');
    expect(await backups()).toEqual([FIRST, 'nightly-20260113030000']);
  });

  it('behaviour Q19: takes the default of the server each time, which no schedule changes', async () => {
    const { backups, create, read } = await timed(START, { flags: { 'schedule-skip-immediately': 'true' } });
    await create('a');
    await create('b');
    expect(await backups()).toEqual([]);
    expect((await read('b')).spec?.skipImmediately).toBe(false);
    await create('c', { skipImmediately: false });
    expect(await backups()).toEqual(['c-20260110100000']);
  });

  it('behaviour 139: behaviour Q18: waits for the backup before, also a queued one, and makes up for it once', async () => {
    const { at, backups, create, world } = await timed(START);
    await world.stop();
    await world.apply({
      apiVersion: 'velero.io/v1',
      kind: 'Backup',
      metadata: { name: 'slow', namespace: NAMESPACE, labels: { 'velero.io/schedule-name': 'hourly' } },
      spec: {},
      status: { phase: 'WaitingForPluginOperations' },
    });
    await world.start({ cluster: withoutSlow(world) });
    await create('hourly', { schedule: '@every 1h' });
    await at('2026-01-10T12:30:00Z');
    expect(await backups()).toEqual(['slow']);
    await world.resources.patch('Backup', 'slow', { status: { phase: 'Completed' } }, soon());
    await world.until('Backup', 'hourly-20260110120000', () => true);
    await at('2026-01-10T13:00:00Z');
    expect(await backups()).toEqual(['hourly-20260110120000', 'hourly-20260110130000', 'slow']);
    expect((await world.story('schedule', 'hourly')).slice(2, 5)).toEqual([
      'The tick 2026-01-10T10:00:00Z found an earlier backup unfinished (slow).',
      'The tick 2026-01-10T11:00:00Z found an earlier backup unfinished (slow).',
      'Backup hourly-20260110120000 is to be made for the tick 2026-01-10T12:00:00Z: made up for, later than its time.',
    ]);
  });

  it('behaviour 140: gives its backups its labels, annotations, name and, if asked, ownership', async () => {
    const { create, world, read } = await timed(START);
    await create(
      'nightly',
      { template: { includedNamespaces: ['shop'], ttl: '1h0m0s' }, useOwnerReferencesInBackup: true },
      { labels: { team: 'web' }, annotations: { note: 'x', 'lifeboat.io/requested-by': 'ada' } },
    );
    const backup = await world.ended('Backup', FIRST);
    expect(backup.metadata.labels).toMatchObject({ team: 'web', 'velero.io/schedule-name': 'nightly' });
    expect(backup.metadata.annotations).toMatchObject({ note: 'x' });
    expect(backup.metadata.annotations).not.toHaveProperty(['lifeboat.io/requested-by']);
    expect(backup.metadata).toMatchObject({
      ownerReferences: [
        { kind: 'Schedule', name: 'nightly', uid: (await read('nightly')).metadata.uid, controller: true },
      ],
    });
    expect(backup.spec).toMatchObject({ includedNamespaces: ['shop'], ttl: '1h0m0s' });
    const [requested] = await world.facts('backup', FIRST);
    expect(requested?.meta).toMatchObject({
      actor: { kind: 'SCHEDULE', name: 'nightly', via: 'schedule' },
      correlationId: expect.stringMatching(/@2026-01-10T10:00:00Z$/) as string,
    });
  });
});
