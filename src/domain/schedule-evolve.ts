import type { ScheduleEvent, ScheduleFacts, ScheduleState } from './schedule-facts.js';

const later = (a: string, b: string | undefined): string => (b !== undefined && b > a ? b : a);

const registered = (data: Extract<ScheduleEvent, { type: 'ScheduleRegistered' }>['data']): ScheduleFacts => {
  const { uid, spec, createdAt, found } = data;
  return {
    uid,
    spec,
    phase: 'New',
    reasons: [],
    paused: spec.paused === true,
    cursor: later(found?.lastBackup ?? createdAt, found?.lastSkipped),
    // One that another server looked after has had its beginning.
    ...(!found && { first: createdAt }),
    ...(found?.lastBackup !== undefined && { lastBackup: found.lastBackup }),
    ...(found?.lastSkipped !== undefined && { lastSkipped: found.lastSkipped }),
    told: 0,
  };
};

/** Ticks up to `to` are accounted for. */
const settled = (state: ScheduleFacts, to: string): ScheduleFacts => {
  const { first: _first, owed: _owed, blockedBy: _blockedBy, resumed: _resumed, ...rest } = state;
  return { ...rest, cursor: later(state.cursor, to), told: state.told + 1 };
};

const skipped = (
  state: ScheduleFacts,
  data: Extract<ScheduleEvent, { type: 'ScheduleSkipped' }>['data'],
): ScheduleFacts => {
  const { because, to, at, backup, resourceVersion } = data;
  switch (because) {
    case 'backup-unfinished': {
      const { first: _first, resumed: _resumed, ...rest } = state;
      const facts = { ...rest, cursor: later(state.cursor, to), owed: to, told: state.told + 1 };
      return { ...facts, ...(backup !== undefined && { blockedBy: backup }) };
    }
    case 'skip-immediately':
      return {
        ...settled(state, later(to, at)),
        lastSkipped: at,
        ...(resourceVersion !== undefined && { skipGranted: resourceVersion }),
      };
    case 'name-taken': {
      const { pending: _pending, ...rest } = state;
      return { ...rest, told: state.told + 1 };
    }
    case 'missed':
    case 'paused':
      return { ...state, cursor: later(state.cursor, to), told: state.told + 1 };
  }
};

const accepted = (state: ScheduleFacts, at: string): ScheduleFacts => ({
  ...state,
  phase: 'Enabled',
  reasons: [],
  // One that could not be used when it was made begins when it can be.
  ...(state.phase === 'FailedValidation' &&
    state.first !== undefined && { first: at, cursor: later(state.cursor, at) }),
});

/** What a schedule is after one more fact. */
export const evolveSchedule = (state: ScheduleState, { type, data }: ScheduleEvent): ScheduleState => {
  if (type === 'ScheduleRegistered') return registered(data);
  if (type === 'ScheduleCarriedForward') return data.facts;
  if (type === 'ScheduleRemoved') return { phase: 'Absent' };
  if (state.phase === 'Absent') return state;
  switch (type) {
    case 'ScheduleChanged':
      return { ...state, spec: data.spec };
    case 'ScheduleAccepted':
      return accepted(state, data.at);
    case 'ScheduleRejected':
      return { ...state, phase: 'FailedValidation', reasons: data.reasons };
    case 'SchedulePaused':
      return { ...state, paused: true };
    case 'ScheduleResumed':
      return { ...state, paused: false, resumed: data.at };
    case 'ScheduleFired': {
      const { tick, backup, because } = data;
      return because === 'asked' ? state : { ...settled(state, tick), pending: { tick, backup } };
    }
    case 'ScheduleBackupCreated': {
      const { pending: _pending, ...rest } = state;
      return { ...rest, lastBackup: data.at };
    }
    case 'ScheduleSkipped':
      return skipped(state, data);
  }
};
