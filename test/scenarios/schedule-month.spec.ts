import { expect, it } from 'vitest';
import { createQueue, type Queue } from '../../src/controllers/queue.js';
import { createResources } from '../../src/controllers/resources.js';
import { readCron } from '../../src/controllers/schedule/cron.js';
import { reconcileSchedule } from '../../src/controllers/schedule/reconcile.js';
import { NAMESPACES } from '../../src/domain/known-kinds.js';
import { upcast } from '../../src/domain/events.js';
import type { ScheduleEvent } from '../../src/domain/schedule-facts.js';
import { streamOf } from '../../src/domain/streams.js';
import type { Backup } from '../../src/domain/velero.gen.js';
import { createMemoryEventStore } from '../../src/eventstore/memory.js';
import { silentLog } from '../../src/log.js';
import { createTestClock, quietOf } from './clock.js';
import { NAMESPACE } from './life.js';
import { createCluster, soon } from './world.js';

const START = Date.parse('2026-03-05T12:00:00Z');
const END = Date.parse('2026-04-06T12:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Each changes its clocks in these weeks, but the last. */
const ZONES = ['America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'America/Santiago', 'UTC'];

/** Fifty lines: named times in and around the hours that are lost or come twice, and intervals. */
const LINES: readonly string[] = [
  ...ZONES.flatMap((zone) =>
    [
      '30 2 * * *',
      '30 1 * * *',
      '15 0 * * *',
      '0 3 * * 1-5',
      '0 12 1,15 * 0',
      '45 23 * * *',
      '5 2,14 * * *',
      '0 */6 * * *',
    ].map((line) => `CRON_TZ=${zone} ${line}`),
  ),
  ...[
    '@daily',
    '@weekly',
    '@monthly',
    '@every 7h',
    '@every 25h',
    '@every 36h',
    '@every 9h',
    'TZ=UTC 0 4 * * *',
  ],
  'CRON_TZ=America/New_York @hourly',
  'CRON_TZ=Europe/Berlin 20 */3 * * *',
];

/** The same month each time. */
const dice = (seed: number) => {
  let state = seed;
  return (sides: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
};

const text = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

const createMonth = async () => {
  const time = createTestClock(text(START));
  const cluster = await createCluster({ now: time.clock });
  await cluster.create(
    NAMESPACES,
    undefined,
    JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }),
    { signal: soon() },
  );
  const events = createMemoryEventStore({ now: time.clock });
  const resources = createResources(cluster, NAMESPACE);
  const made = new Map<string, number>();
  const names = LINES.map((_, i) => `s${i}`);
  const ports = {
    events,
    cluster,
    resources: {
      ...resources,
      create: async (...args: Parameters<typeof resources.create>) => {
        const answer = await resources.create(...args);
        const { metadata } = args[1] as Backup;
        if (answer === 'created') made.set(metadata.name, (made.get(metadata.name) ?? 0) + 1);
        return answer;
      },
    },
    intakeBusy: () => false,
    clock: time.clock,
    log: silentLog(),
    appVersion: 'test',
    config: { scheduleSkipImmediately: false },
  };
  const faults: unknown[] = [];
  let life = new AbortController();
  let queue: Queue | undefined;
  const start = () => {
    life = new AbortController();
    queue = createQueue({
      concurrency: 4,
      reconcile: reconcileSchedule(ports, new Set()),
      onError: (_name, error) => faults.push(error),
      signal: life.signal,
      timers: time.timers,
    });
    for (const name of names) queue.add(name);
  };
  const quiet = quietOf(async () => queue?.idle());
  return {
    time,
    resources,
    events,
    made,
    names,
    faults,
    start,
    kill: () => life.abort(),
    quiet,
    look: (name: string) => queue?.add(name),
  };
};

type Month = Awaited<ReturnType<typeof createMonth>>;

const backupsOf = async ({ resources }: Month): Promise<readonly Backup[]> =>
  resources.list('Backup', soon());

/** Ends most backups, leaves some unfinished for long, and lets ended ones expire. */
const moveBackups = async (month: Month, roll: (sides: number) => number): Promise<void> => {
  for (const { metadata, status } of await backupsOf(month)) {
    if (status?.phase === 'Completed') await month.resources.delete('Backup', metadata.name, soon());
    else if (roll(8) > 0) {
      await month.resources.patch('Backup', metadata.name, { status: { phase: 'Completed' } }, soon());
      month.look(metadata.labels?.['velero.io/schedule-name'] ?? '');
    }
  }
};

const factsOf = async ({ events }: Month, name: string): Promise<readonly ScheduleEvent[]> =>
  (await events.read(streamOf('schedule', { namespace: NAMESPACE, name }))).map(
    (fact) => upcast(fact) as ScheduleEvent,
  );

/** Every tick of the month, by the line alone. */
const ticksOf = (line: string): readonly string[] => {
  const read = readCron(line);
  if (!read.ok) return expect.fail(read.problem);
  const found: string[] = [];
  for (let at = read.ticks.next(new Date(START)); at && at.getTime() <= END; at = read.ticks.next(at))
    found.push(text(at.getTime()));
  return found;
};

const account = (line: string, facts: readonly ScheduleEvent[]) => {
  const fired = facts.flatMap((fact) => (fact.type === 'ScheduleFired' ? [fact.data] : []));
  const skipped = facts.flatMap((fact) => (fact.type === 'ScheduleSkipped' ? [fact.data] : []));
  const ticks = [text(START), ...ticksOf(line)];
  const ran = new Set(fired.map(({ tick }) => tick));
  const passed = (tick: string) =>
    skipped.some(({ from, to, count }) => count > 0 && from <= tick && tick <= to);
  const last = facts.findLast(({ type }) => type === 'SchedulePaused' || type === 'ScheduleResumed');
  const pausedSince = last?.type === 'SchedulePaused' ? last.data.at : undefined;
  return {
    fired,
    skipped,
    ticks,
    lost: ticks.filter(
      (tick) => !ran.has(tick) && !passed(tick) && !(pausedSince !== undefined && tick > pausedSince),
    ),
    invented: [...ran].filter((tick) => !ticks.includes(tick)),
  };
};

it(
  'A month of fifty schedules, with clocks that change and servers that die: every tick was run, skipped for a reason, or caught up, and none twice',
  { timeout: 240_000 },
  async () => {
    const roll = dice(8);
    const month = await createMonth();
    const { time, resources, names, quiet } = month;
    for (const [i, name] of names.entries())
      await resources.create(
        'Schedule',
        {
          apiVersion: 'velero.io/v1',
          kind: 'Schedule',
          metadata: { name, namespace: NAMESPACE },
          spec: { schedule: LINES[i], template: {} },
        },
        soon(),
      );
    month.start();
    let deaths = 0;
    while (time.clock().getTime() < END) {
      const now = time.clock().getTime();
      await time.advance(Math.min(END, now + (1 + roll(240)) * MINUTE), quiet);
      await moveBackups(month, roll);
      if (roll(12) === 0) {
        month.kill();
        deaths += 1;
        // Nobody is there for a while, and now and then for days.
        time.set(
          Math.min(END, time.clock().getTime() + (roll(6) === 0 ? roll(48) * HOUR : roll(90) * MINUTE)),
        );
        month.start();
      }
      if (roll(10) === 0) {
        const name = names[roll(names.length)] ?? '';
        const paused = (await resources.read('Schedule', name, soon()))?.spec?.paused === true;
        await resources.patch('Schedule', name, { spec: { paused: !paused } }, soon());
        month.look(name);
      }
      await quiet();
    }
    // What is still in the way ends; what is owed is made.
    for (const { metadata } of await backupsOf(month))
      await resources.patch('Backup', metadata.name, { status: { phase: 'Completed' } }, soon());
    for (const name of names) month.look(name);
    await quiet();
    month.kill();

    expect(month.faults).toEqual([]);
    expect(deaths).toBeGreaterThan(10);
    const reasons = new Set<string>();
    let ran = 0;
    for (const [i, name] of names.entries()) {
      const facts = await factsOf(month, name);
      const { fired, skipped, ticks, lost, invented } = account(LINES[i] ?? '', facts);
      expect({ line: LINES[i], lost, invented }).toEqual({ line: LINES[i], lost: [], invented: [] });
      expect(new Set(fired.map(({ tick }) => tick)).size).toBe(fired.length);
      for (const { backup } of fired) expect([backup, month.made.get(backup)]).toEqual([backup, 1]);
      for (const { because } of [...fired, ...skipped]) reasons.add(because);
      ran += fired.length;
      // The facts of a tick that was put off and then made up for are both true; no other tick is told twice.
      const told = skipped.reduce((sum, { count }) => sum + count, 0) + fired.length;
      const putOff = fired.filter(({ tick }) => skipped.some(({ from, to }) => from <= tick && tick <= to));
      expect(told - putOff.length).toBeLessThanOrEqual(ticks.length);
    }
    expect(month.made.size).toBe(ran);
    expect([...reasons].sort()).toEqual([
      'backup-unfinished',
      'caught-up',
      'created',
      'due',
      'missed',
      'paused',
    ]);
  },
);
