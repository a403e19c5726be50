import { refuse, type Decider, type Refusal } from './decider.js';
import { sameJson, without } from './json.js';
import { evolveSchedule } from './schedule-evolve.js';
import type {
  DueTicks,
  FoundSchedule,
  ScheduleEvent,
  ScheduleFacts,
  ScheduleState,
  SkippedBecause,
} from './schedule-facts.js';
import type { ScheduleSpec } from './velero.gen.js';

// Commands
export type ScheduleCommand =
  | {
      type: 'ObserveSchedule';
      uid: string;
      spec: ScheduleSpec;
      createdAt: string;
      found?: FoundSchedule;
      problems: readonly string[];
      now: string;
    }
  | { type: 'SkipDueTicks'; due?: DueTicks; resourceVersion: string; now: string }
  | { type: 'TakeDueTicks'; name: string; due?: DueTicks; unfinished?: string; now: string }
  | { type: 'RecordBackup'; now: string }
  | { type: 'RefuseName'; now: string }
  | { type: 'RecordRun'; tick: string; backup: string; now: string }
  | { type: 'RemoveSchedule'; now: string };

/** After so many ticks the facts are carried forward, and what lies before need not be read to decide. */
const CARRY_AFTER = 500;
/** A backup that is made later than this after its tick counts as caught up; Velero looks once a minute. */
const LATE_MS = 60_000;

const event = <T extends ScheduleEvent['type']>(
  type: T,
  data: Extract<ScheduleEvent, { type: T }>['data'],
): ScheduleEvent => ({ type, v: 1, data }) as ScheduleEvent;

/** `<schedule>-<YYYYMMDDhhmmss>` of the tick in UTC: the tick, not the clock, names the backup, so that one tick is one backup. */
export const backupNameOf = (schedule: string, tick: string): string =>
  `${schedule}-${tick.replaceAll(/\D/g, '').slice(0, 14)}`;

/** The parts of a spec that are told by facts of their own. */
const APART = ['paused', 'skipImmediately'];
const sameSpec = (a: ScheduleSpec, b: ScheduleSpec): boolean =>
  sameJson(without({ ...a }, APART), without({ ...b }, APART));

type Observe = Extract<ScheduleCommand, { type: 'ObserveSchedule' }>;

const judged = ({ problems, now: at }: Observe, state: ScheduleFacts): readonly ScheduleEvent[] => {
  if (problems.length > 0)
    return state.phase === 'FailedValidation' && sameJson(state.reasons, problems)
      ? []
      : [event('ScheduleRejected', { reasons: problems, at })];
  return state.phase === 'Enabled' ? [] : [event('ScheduleAccepted', { at })];
};

const observe = (command: Observe, state: ScheduleState): readonly ScheduleEvent[] => {
  const { uid, spec, createdAt, found, now: at } = command;
  const events: ScheduleEvent[] = [];
  const known = state.phase !== 'Absent' && state.uid === uid ? state : undefined;
  if (!known) {
    if (state.phase !== 'Absent') events.push(event('ScheduleRemoved', { at }));
    events.push(event('ScheduleRegistered', { uid, spec, createdAt, ...(found && { found }), at }));
  } else {
    if (!sameSpec(known.spec, spec)) events.push(event('ScheduleChanged', { spec, at }));
    if (spec.paused === true && !known.paused) events.push(event('SchedulePaused', { at }));
    if (spec.paused !== true && known.paused) events.push(event('ScheduleResumed', { at }));
  }
  if (spec.paused === true) return events; // a paused one is not even validated
  const next = events.reduce(evolveSchedule, state);
  return next.phase === 'Absent' ? events : [...events, ...judged(command, next)];
};

const carried = (events: readonly ScheduleEvent[], state: ScheduleFacts, at: string) => {
  const facts = events.reduce(evolveSchedule, state);
  return facts.phase === 'Absent' || facts.told < CARRY_AFTER || facts.pending
    ? events
    : [...events, event('ScheduleCarriedForward', { facts: { ...facts, told: 0 }, at })];
};

/** The ticks to be looked at: those of the clock, and before them that of the creation. */
const withFirst = (due: DueTicks | undefined, first: string | undefined): DueTicks | undefined => {
  if (first === undefined) return due;
  if (!due) return { from: first, to: first, count: 1 };
  return { ...due, from: first, count: due.count + 1, before: due.before ?? first };
};

const skip = (
  command: Extract<ScheduleCommand, { type: 'SkipDueTicks' }>,
  state: ScheduleFacts,
): readonly ScheduleEvent[] => {
  const { resourceVersion, now: at } = command;
  if (state.paused || state.pending || state.skipGranted === resourceVersion) return [];
  const due = withFirst(command.due, state.first) ?? { from: at, to: at, count: 0 };
  const { from, to, count } = due;
  const skipped = { from, to, count, because: 'skip-immediately', resourceVersion, at } as const;
  return carried([event('ScheduleSkipped', skipped)], state, at);
};

const whyPassed = (from: string, { blockedBy, resumed }: ScheduleFacts): SkippedBecause => {
  if (resumed !== undefined && from <= resumed) return 'paused';
  return blockedBy === undefined ? 'missed' : 'backup-unfinished';
};

/** The earlier of several due ticks pass by; only the latest is caught up (`pkg/controller/schedule_controller.go` makes one as well). */
const passed = (due: DueTicks, state: ScheduleFacts, at: string): readonly ScheduleEvent[] => {
  if (due.count < 2) return [];
  const because = whyPassed(due.from, state);
  const backup = because === 'backup-unfinished' ? state.blockedBy : undefined;
  const range = { from: due.from, to: due.before ?? due.from, count: due.count - 1 };
  return [event('ScheduleSkipped', { ...range, because, ...(backup !== undefined && { backup }), at })];
};

const whyFired = (tick: string, due: DueTicks | undefined, state: ScheduleFacts, now: string) => {
  if (!due || due.count > 1) return 'caught-up';
  if (tick === state.first) return 'created';
  return Date.parse(now) - Date.parse(tick) > LATE_MS ? 'caught-up' : 'due';
};

const take = (
  command: Extract<ScheduleCommand, { type: 'TakeDueTicks' }>,
  state: ScheduleFacts,
): readonly ScheduleEvent[] => {
  const { name, unfinished, now: at } = command;
  if (state.phase !== 'Enabled' || state.paused || state.pending) return [];
  const due = withFirst(command.due, state.first);
  if (unfinished !== undefined) {
    // Said once for each backup that is in the way; what else passes behind it is told together when it has ended.
    if (!due || state.blockedBy === unfinished) return [];
    const { from, to, count } = due;
    const put = { from, to, count, because: 'backup-unfinished', backup: unfinished, at } as const;
    return carried([event('ScheduleSkipped', put)], state, at);
  }
  const tick = due?.to ?? state.owed;
  if (tick === undefined) return [];
  const because = whyFired(tick, due, state, at);
  return [
    ...(due ? passed(due, state, at) : []),
    event('ScheduleFired', { tick, backup: backupNameOf(name, tick), because, at }),
  ];
};

const present = (
  command: Exclude<ScheduleCommand, { type: 'ObserveSchedule' }>,
  state: ScheduleFacts,
): readonly ScheduleEvent[] | Refusal => {
  const at = command.now;
  switch (command.type) {
    case 'SkipDueTicks':
      return skip(command, state);
    case 'TakeDueTicks':
      return take(command, state);
    case 'RecordBackup':
      return state.pending
        ? carried([event('ScheduleBackupCreated', { ...state.pending, at })], state, at)
        : [];
    case 'RefuseName': {
      if (!state.pending) return [];
      const { tick, backup } = state.pending;
      const skipped = { from: tick, to: tick, count: 1, because: 'name-taken', backup, at } as const;
      return carried([event('ScheduleSkipped', skipped)], state, at);
    }
    case 'RecordRun': {
      const { tick, backup } = command;
      return [event('ScheduleFired', { tick, backup, because: 'asked', at })];
    }
    case 'RemoveSchedule':
      return [event('ScheduleRemoved', { at })];
  }
};

const decide: Decider<ScheduleState, ScheduleCommand, ScheduleEvent>['decide'] = (command, state) => {
  if (command.type === 'ObserveSchedule') return observe(command, state);
  if (state.phase === 'Absent')
    return command.type === 'RemoveSchedule' ? [] : refuse('NOT_FOUND', 'there is no such schedule');
  return present(command, state);
};

/** The life of one schedule. Ticks come in as data: this knows no clock and no cron. */
export const schedule: Decider<ScheduleState, ScheduleCommand, ScheduleEvent> = {
  initial: { phase: 'Absent' },
  decide,
  evolve: evolveSchedule,
};
