import { Cron } from 'croner';
import { parseCronExpression, type CronExpression } from '../../domain/cron-expression.js';
import { shown } from '../../domain/shown.js';
import type { DueTicks } from '../../domain/schedule-facts.js';
import { timestamp } from '../../domain/timestamp.js';

/** The moments a schedule names, to the second. */
export interface Ticks {
  /** The first one strictly after a moment; undefined if there is none in the years that can be looked at. */
  next(after: Date): Date | undefined;
  /** Those after one moment and up to another one, both to the second; undefined if there is none. */
  due(after: Date, until: Date): DueTicks | undefined;
}

export type ReadCron =
  { readonly ok: true; readonly ticks: Ticks } | { readonly ok: false; readonly problem: string };

/** Beyond it ticks are not counted one by one: after years of standing still the number would be all there is to know. */
const MOST_COUNTED = 1_000;
const WINDOWS_MS = [3_600_000, 86_400_000, 32 * 86_400_000, 400 * 86_400_000, Number.POSITIVE_INFINITY];

const wholeSecond = (date: Date): Date => new Date(Math.floor(date.getTime() / 1_000) * 1_000);

/** The latest tick in `(after, until]`, looked for in ever longer stretches of time before `until`. */
const latest = (next: Ticks['next'], after: Date, until: Date): Date | undefined => {
  for (const window of WINDOWS_MS) {
    const start = Math.max(after.getTime(), until.getTime() - window);
    let last: Date | undefined;
    for (let tick = next(new Date(start)); tick && tick <= until; tick = next(tick)) last = tick;
    if (last || start === after.getTime()) return last;
  }
  return undefined;
};

const dueOf = (next: Ticks['next'], after: Date, until: Date): DueTicks | undefined => {
  const found: Date[] = [];
  for (let tick = next(after); tick && tick <= until && found.length < MOST_COUNTED; tick = next(tick))
    found.push(tick);
  const first = found[0];
  if (!first) return undefined;
  const last =
    (found.length < MOST_COUNTED ? undefined : latest(next, after, until)) ?? found.at(-1) ?? first;
  const before =
    found.length < MOST_COUNTED ? found.at(-2) : latest(next, after, new Date(last.getTime() - 1_000));
  return {
    from: timestamp(first),
    to: timestamp(last),
    count: found.length,
    ...(before && { before: timestamp(before) }),
  };
};

const every = (seconds: number): Ticks => {
  const step = seconds * 1_000;
  const next = (after: Date) => new Date(wholeSecond(after).getTime() + step);
  return {
    next,
    due: (after, until) => {
      const base = wholeSecond(after).getTime();
      const count = Math.floor((until.getTime() - base) / step);
      if (count < 1) return undefined;
      const at = (n: number) => timestamp(new Date(base + n * step));
      return { from: at(1), to: at(count), count, ...(count > 1 && { before: at(count - 1) }) };
    },
  };
};

/**
 * A zone as Go would take it: a name of the IANA database, not a distance from UTC. The process's own zone counts where
 * none is named, as in Velero; in a container that is UTC unless `TZ` says otherwise.
 */
const zoneOf = (named: string | undefined): string | undefined => {
  const local = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (named === undefined || named === 'Local') return local;
  if (named === '') return 'UTC';
  if (!/^[A-Za-z]/.test(named)) return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: named }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
};

const ticksOf = (expression: CronExpression): Ticks | undefined => {
  if (expression.kind === 'every') return every(expression.seconds);
  const timezone = zoneOf(expression.zone);
  if (timezone === undefined) return undefined;
  // A job at named hours and minutes comes once a day also when clocks change: after a gap, and only in the first pass of an
  // hour that comes twice. One at intervals (`*`, steps) follows the clock through both.
  const times = new Cron(expression.fields.join(' '), {
    timezone,
    mode: '5-part',
    paused: true,
    fixedTimeRule: 'no-wildcard',
  });
  const next = (after: Date) => times.nextRun(after) ?? undefined;
  return { next, due: (after, until) => dueOf(next, after, until) };
};

const read = (text: string): ReadCron => {
  if (text === '') return { ok: false, problem: 'Schedule must be a non-empty valid Cron expression' };
  const expression = parseCronExpression(text);
  if ('problem' in expression) return { ok: false, problem: `invalid schedule: ${expression.problem}` };
  const ticks = ticksOf(expression);
  if (ticks) return { ok: true, ticks };
  const zone = expression.kind === 'fields' ? (expression.zone ?? '') : '';
  return {
    ok: false,
    problem: `invalid schedule: there is no time zone "${shown(zone)}"; write a name such as Europe/Berlin`,
  };
};

/** Making a clock for a zone is the dear part, and the same few lines are looked at again and again. */
const MOST_KNOWN = 1_000;
const known = new Map<string, ReadCron>();

/**
 * Reads `spec.schedule`. The problem of one that cannot be read begins as Velero's does (`ParseCronSchedule` in
 * `pkg/controller/schedule_controller.go`).
 */
export const readCron = (text: string): ReadCron => {
  const found = known.get(text) ?? read(text);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(text, found);
  return found;
};

/** The same for those who only ask: what is wrong with a line, and when its next time is. */
export const cron = {
  problem: (line: string): string | undefined => {
    const found = readCron(line);
    return found.ok ? undefined : found.problem;
  },
  next: (line: string, after: Date): Date | undefined => {
    const found = readCron(line);
    return found.ok ? found.ticks.next(after) : undefined;
  },
};
