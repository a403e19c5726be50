import { refuse, type Decider, type Event } from './decider.js';
import type { RestorePhase, RestoreSpec } from './velero.gen.js';
import { decideFillings } from './volumes/decide-fillings.js';
import {
  evolveFillings,
  isFillingEvent,
  waitingFillings,
  type Filling,
  type RestoreMoveCommand,
  type RestoreMoveEvent,
} from './volumes/restore-moves.js';
import {
  isFillEvent,
  settledFill,
  type RestoreFillCommand,
  type RestoreFillEvent,
  type SettledFill,
} from './volumes/restore-fills.js';

export type RestoreOutcome = 'Completed' | 'PartiallyFailed' | 'Failed';

/** Counts of one attempt. `items` are all items handled: created, updated, skipped and failed ones. */
export interface RestoreTally {
  readonly items: number;
  readonly created: number;
  readonly updated: number;
  readonly skipped: number;
  readonly failed: number;
  readonly warnings: number;
  readonly errors: number;
  /** Hooks as `status.hookStatus` counts them; absent in facts from before hooks were run. */
  readonly hooksAttempted?: number;
  readonly hooksFailed?: number;
}

/** A restored pod by its place in the cluster, after any mapping of namespaces. */
export interface RestoredPod {
  readonly namespace: string;
  readonly name: string;
}

/** A pod whose hooks are through. What they printed is in the log of the restore and not here: it may hold anything. */
export interface RestoredPodHooks {
  readonly pod: RestoredPod;
  readonly hooksAttempted: number;
  readonly hooksFailed: number;
}

/** A claim whose new volume did not get the labels and the reclaim policy of the old one. */
export interface UnsettledVolume {
  /** Of the claim in the cluster, after any mapping; empty if it is about all claims of the restore. */
  readonly namespace: string;
  readonly claim: string;
  /** A sentence for the results of the restore. */
  readonly reason: string;
}

/** A restore that ended before this event store knew of it, read from its custom resource. */
export interface FoundRestore {
  readonly phase: RestorePhase;
  readonly spec: RestoreSpec;
  readonly labels: Readonly<Record<string, string>>;
  readonly items: number;
  readonly warnings: number;
  readonly errors: number;
  readonly startedAt?: string;
  readonly completedAt?: string;
  readonly failureReason?: string;
  readonly validationErrors?: readonly string[];
}

// Events
export type RestoreEvent =
  | Event<
      'RestoreRequested',
      { uid: string; spec: RestoreSpec; labels: Readonly<Record<string, string>>; at: string }
    >
  | Event<'RestoreRejected', { reasons: readonly string[]; spec: RestoreSpec; at: string }>
  | Event<'RestoreStarted', { attempt: number; spec: RestoreSpec; at: string }>
  | Event<'RestoreHooksRun', RestoredPodHooks & { attempt: number; at: string }>
  | RestoreFillEvent
  | Event<'RestoreInterrupted', { attempt: number; at: string }>
  | Event<'RestoreCancelRequested', { at: string }>
  | Event<
      'RestoreItemsApplied',
      /** `settling`: so many claims have new volumes that may have to be made like the old ones, or groups of volumes are awaited; absent if none. */
      { attempt: number; tally: RestoreTally; settling?: number; at: string }
    >
  | Event<
      'RestoreVolumesSettled',
      /** `errors` are as many as claims failed; `failed` are the first of them. */
      { attempt: number; errors: number; failed: readonly UnsettledVolume[]; at: string }
    >
  | Event<
      'RestoreFinished',
      /** `tally`: what a restore that was cancelled had done by then, if that is known. */
      { outcome: RestoreOutcome; reason?: string; tally?: RestoreTally; at: string }
    >
  | Event<'RestoreDiscovered', { uid: string; found: FoundRestore; at: string }>
  | RestoreMoveEvent
  | Event<'RestoreDeleted', { at: string }>;

// Commands
export type RestoreCommand =
  | {
      type: 'RequestRestore';
      uid: string;
      spec: RestoreSpec;
      labels: Readonly<Record<string, string>>;
      now: string;
    }
  | { type: 'DiscoverRestore'; uid: string; found: FoundRestore; now: string }
  | { type: 'StartRestore'; spec: RestoreSpec; problems: readonly string[]; now: string }
  | (RestoredPodHooks & { type: 'RecordHooksRun'; attempt: number; now: string })
  | RestoreFillCommand
  | { type: 'RecoverRestore'; policy: 'restart' | 'fail'; maxAttempts: number; now: string }
  | { type: 'RecordItems'; attempt: number; tally: RestoreTally; settling?: number; now: string }
  | { type: 'SettleVolumes'; attempt: number; failed: readonly UnsettledVolume[]; now: string }
  | { type: 'CancelRestore'; now: string }
  | { type: 'FinishRestore'; now: string }
  | { type: 'FailRestore'; reason: string; tally?: RestoreTally; now: string }
  | RestoreMoveCommand
  | { type: 'ForgetRestore'; now: string };

// State
export type RestoreState =
  | { phase: 'Absent' }
  | { phase: 'New'; uid: string }
  | {
      phase: 'InProgress';
      uid: string;
      attempt: number;
      running: boolean;
      spec: RestoreSpec;
      /** Pods whose hooks have run in this or an earlier attempt: they do not run again. */
      hooksRun: readonly RestoredPodHooks[];
      /** Volumes whose data came back, or will not: nobody waits for them again. */
      fills?: readonly SettledFill[];
      /** Somebody wants it to end: no attempt begins or goes on. */
      cancelled?: boolean;
      fillings?: readonly Filling[];
    }
  | {
      phase: 'Applied';
      uid: string;
      attempt: number;
      errors: number;
      spec: RestoreSpec;
      /** Since when new volumes wait to be made like the old ones; absent if none does. */
      settlingSince?: string;
      /** What the results do not hold yet. */
      unsettled?: readonly UnsettledVolume[];
      /** Somebody wants it to end: no volume is awaited any more. */
      cancelled?: boolean;
      fillings?: readonly Filling[];
    }
  | { phase: 'Ended'; uid: string; outcome: RestorePhase };

/** Claims whose volumes are filled from the bucket, also those that are. */
export const fillingsOf = (state: RestoreState): readonly Filling[] =>
  ('fillings' in state ? state.fillings : undefined) ?? [];

const event = <T extends RestoreEvent['type']>(
  type: T,
  data: Extract<RestoreEvent, { type: T }>['data'],
): RestoreEvent => ({ type, v: 1, data }) as RestoreEvent;

const wrongPhase = (command: RestoreCommand, state: RestoreState) =>
  refuse('WRONG_PHASE', `${command.type} is not possible while the restore is ${state.phase}`);

/** Velero's words for a run that a restart of the server ended (`pkg/cmd/server/server.go`). */
export const INTERRUPTED_RESTORE_REASON =
  'found a restore with status "InProgress" during the server starting, mark it as "Failed"';

/** Why a restore ended that was cancelled before anything was restored. */
export const CANCELLED_BEFORE_RESTORE = 'cancelled before it started';

type CommandOf<T extends RestoreCommand['type']> = Extract<RestoreCommand, { type: T }>;

const request = (command: CommandOf<'RequestRestore'>, state: RestoreState) => {
  const { uid, spec, labels, now: at } = command;
  const fresh = [event('RestoreRequested', { uid, spec, labels, at })];
  if (state.phase === 'Absent') return fresh;
  if (state.uid !== uid)
    return state.phase === 'Ended' ? fresh : refuse('NAME_TAKEN', 'a restore of this name is running');
  return [];
};

const start = (command: CommandOf<'StartRestore'>, state: RestoreState) => {
  const { spec, problems, now: at } = command;
  if (state.phase === 'New')
    return problems.length > 0
      ? [event('RestoreRejected', { reasons: problems, spec, at })]
      : [event('RestoreStarted', { attempt: 1, spec, at })];
  if (state.phase === 'InProgress' && !state.running && !state.cancelled)
    return [event('RestoreStarted', { attempt: state.attempt + 1, spec: state.spec, at })];
  return wrongPhase(command, state);
};

const samePod = (one: RestoredPod, other: RestoredPod): boolean =>
  one.name === other.name && one.namespace === other.namespace;

const recordHooks = (command: CommandOf<'RecordHooksRun'>, state: RestoreState) => {
  const { attempt, pod, hooksAttempted, hooksFailed, now: at } = command;
  if (state.phase !== 'InProgress' || state.attempt !== attempt) return wrongPhase(command, state);
  if (state.hooksRun.some((one) => samePod(one.pod, pod))) return [];
  return [event('RestoreHooksRun', { attempt, pod, hooksAttempted, hooksFailed, at })];
};

const recordFill = (command: RestoreFillCommand, state: RestoreState) => {
  const { attempt, fill, now: at } = command;
  if (state.phase !== 'InProgress' || state.attempt !== attempt) return wrongPhase(command, state);
  if (state.fills?.some((one) => one.fill.name === fill.name)) return [];
  return command.type === 'RecordFill'
    ? [event('RestoreVolumeFilled', { attempt, fill, bytes: command.bytes, at })]
    : [event('RestoreVolumeNotFilled', { attempt, fill, reason: command.reason, at })];
};

const recover = (command: CommandOf<'RecoverRestore'>, state: RestoreState) => {
  if (state.phase !== 'InProgress' || !state.running) return [];
  const { now: at, policy, maxAttempts } = command;
  const interrupted = event('RestoreInterrupted', { attempt: state.attempt, at });
  if (policy === 'fail')
    return [
      interrupted,
      event('RestoreFinished', { outcome: 'Failed', reason: INTERRUPTED_RESTORE_REASON, at }),
    ];
  if (state.attempt < maxAttempts) return [interrupted];
  const reason = `interrupted ${state.attempt} times, given up; look at why the server restarts, then create the restore again`;
  return [interrupted, event('RestoreFinished', { outcome: 'Failed', reason, at })];
};

/** Possible until every item was tried and every volume filled; the same rules as for a backup. Objects that were restored stay. */
const cancel = (command: CommandOf<'CancelRestore'>, state: RestoreState) => {
  const { now: at } = command;
  const asked = event('RestoreCancelRequested', { at });
  switch (state.phase) {
    case 'New':
      return [asked, event('RestoreFinished', { outcome: 'Failed', reason: CANCELLED_BEFORE_RESTORE, at })];
    case 'InProgress':
      return state.cancelled ? [] : [asked];
    case 'Applied':
      if (waitingFillings(fillingsOf(state)).length > 0) return state.cancelled ? [] : [asked];
      return refuse('WRONG_PHASE', 'every item was tried already, so the restore is about to end');
    case 'Ended':
      return refuse('WRONG_PHASE', `the restore has ended: it is ${state.outcome}`);
    case 'Absent':
      return wrongPhase(command, state);
  }
};

/** Facts stay short; the count tells of all. */
const MOST_UNSETTLED = 200;

const settleVolumes = (command: CommandOf<'SettleVolumes'>, state: RestoreState) => {
  const { attempt, failed, now: at } = command;
  if (state.phase !== 'Applied' || state.attempt !== attempt) return wrongPhase(command, state);
  if (state.settlingSince === undefined) return [];
  const told = { errors: failed.length, failed: failed.slice(0, MOST_UNSETTLED) };
  return [event('RestoreVolumesSettled', { attempt, ...told, at })];
};

const fail = (command: CommandOf<'FailRestore'>, state: RestoreState) => {
  if (state.phase === 'Ended') return [];
  if (state.phase === 'Absent') return wrongPhase(command, state);
  const { reason, tally, now: at } = command;
  return [event('RestoreFinished', { outcome: 'Failed', reason, ...(tally && { tally }), at })];
};

const decide: Decider<RestoreState, RestoreCommand, RestoreEvent>['decide'] = (command, state) => {
  const at = command.now;
  switch (command.type) {
    case 'RequestRestore':
      return request(command, state);
    case 'DiscoverRestore': {
      if (state.phase !== 'Absent' && (state.phase !== 'Ended' || state.uid === command.uid)) return [];
      return [event('RestoreDiscovered', { uid: command.uid, found: command.found, at })];
    }
    case 'StartRestore':
      return start(command, state);
    case 'RecordHooksRun':
      return recordHooks(command, state);
    case 'RecordFill':
    case 'FailFill':
      return recordFill(command, state);
    case 'RecoverRestore':
      return recover(command, state);
    case 'RecordItems': {
      if (state.phase !== 'InProgress' || state.attempt !== command.attempt || state.cancelled)
        return wrongPhase(command, state);
      const { attempt, tally, settling } = command;
      return [event('RestoreItemsApplied', { attempt, tally, ...(settling && { settling }), at })];
    }
    case 'SettleVolumes':
      return settleVolumes(command, state);
    case 'CancelRestore':
      return cancel(command, state);
    case 'FinishRestore':
      if (state.phase !== 'Applied' || waitingFillings(fillingsOf(state)).length > 0)
        return wrongPhase(command, state);
      return [event('RestoreFinished', { outcome: state.errors > 0 ? 'PartiallyFailed' : 'Completed', at })];
    case 'FailRestore':
      return fail(command, state);
    case 'HandOverClaim':
    case 'RecordFilling':
    case 'FailFilling':
      return decideFillings(command, state);
    case 'ForgetRestore':
      if (state.phase === 'Absent') return [];
      if (state.phase !== 'Ended') return wrongPhase(command, state);
      return [event('RestoreDeleted', { at })];
  }
};

const withFillings = (state: RestoreState, fact: RestoreMoveEvent): RestoreState => {
  if (state.phase !== 'InProgress' && state.phase !== 'Applied') return state;
  const changed = { ...state, fillings: evolveFillings(fillingsOf(state), fact) };
  if (changed.phase !== 'Applied') return changed;
  // A claim is bound when it is filled: until then the time that its new volume has to come does not run.
  const since = changed.settlingSince === undefined ? {} : { settlingSince: fact.data.at };
  const failed = fact.type === 'RestoreVolumeMoveFailed' ? 1 : 0;
  return { ...changed, ...since, errors: changed.errors + failed };
};

const withFill = (state: RestoreState, fact: RestoreFillEvent): RestoreState =>
  state.phase === 'InProgress' ? { ...state, fills: [...(state.fills ?? []), settledFill(fact)] } : state;

const evolve = (state: RestoreState, fact: RestoreEvent): RestoreState => {
  if (isFillEvent(fact)) return withFill(state, fact);
  if (isFillingEvent(fact)) return withFillings(state, fact);
  const { type, data } = fact;
  const fillings = fillingsOf(state);
  const uid = 'uid' in state ? state.uid : '';
  switch (type) {
    case 'RestoreRequested':
      return { phase: 'New', uid: data.uid };
    case 'RestoreRejected':
      return { phase: 'Ended', uid, outcome: 'FailedValidation' };
    case 'RestoreStarted':
      return {
        phase: 'InProgress',
        uid,
        attempt: data.attempt,
        running: true,
        spec: data.spec,
        hooksRun: state.phase === 'InProgress' ? state.hooksRun : [],
        fillings,
        ...(state.phase === 'InProgress' && state.fills && { fills: state.fills }),
      };
    case 'RestoreHooksRun': {
      const { pod, hooksAttempted, hooksFailed } = data;
      const run = { pod, hooksAttempted, hooksFailed };
      return state.phase === 'InProgress' ? { ...state, hooksRun: [...state.hooksRun, run] } : state;
    }
    case 'RestoreInterrupted':
      return state.phase === 'InProgress' ? { ...state, running: false } : state;
    case 'RestoreCancelRequested':
      return state.phase === 'InProgress' || state.phase === 'Applied'
        ? { ...state, cancelled: true }
        : state;
    case 'RestoreItemsApplied':
      return state.phase === 'InProgress'
        ? {
            phase: 'Applied',
            uid,
            attempt: data.attempt,
            errors: data.tally.errors,
            spec: state.spec,
            fillings,
            ...(data.settling && { settlingSince: data.at }),
          }
        : state;
    case 'RestoreVolumesSettled': {
      if (state.phase !== 'Applied') return state;
      const { settlingSince: _since, ...settled } = state;
      return { ...settled, errors: state.errors + data.errors, unsettled: data.failed };
    }
    case 'RestoreFinished':
      return { phase: 'Ended', uid, outcome: data.outcome };
    case 'RestoreDiscovered':
      return { phase: 'Ended', uid: data.uid, outcome: data.found.phase };
    case 'RestoreDeleted':
      return { phase: 'Absent' };
  }
};

/** The life of one restore. Applying again is safe: objects that bear this restore's label are its own. */
export const restore: Decider<RestoreState, RestoreCommand, RestoreEvent> = {
  initial: { phase: 'Absent' },
  decide,
  evolve,
};
