import { refuse, type Decider } from './decider.js';
import { evolveRestore, samePod } from './restore-evolve.js';
import { downloadsOf, type RestoreCommand, type RestoreEvent, type RestoreState } from './restore-facts.js';
import { decideDownloads } from './volumes/decide-downloads.js';
import type { RestoreFillCommand } from './volumes/restore-fills.js';
import { waitingDownloads } from './volumes/restore-moves.js';

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
      if (waitingDownloads(downloadsOf(state)).length > 0) return state.cancelled ? [] : [asked];
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
      if (state.phase !== 'Applied' || waitingDownloads(downloadsOf(state)).length > 0)
        return wrongPhase(command, state);
      return [event('RestoreFinished', { outcome: state.errors > 0 ? 'PartiallyFailed' : 'Completed', at })];
    case 'FailRestore':
      return fail(command, state);
    case 'HandOverClaim':
    case 'RecordDownload':
    case 'FailDownload':
      return decideDownloads(command, state);
    case 'ForgetRestore':
      if (state.phase === 'Absent') return [];
      if (state.phase !== 'Ended') return wrongPhase(command, state);
      return [event('RestoreDeleted', { at })];
  }
};

/** The life of one restore. Applying again is safe: objects that bear this restore's label are its own. */
export const restore: Decider<RestoreState, RestoreCommand, RestoreEvent> = {
  initial: { phase: 'Absent' },
  decide,
  evolve: evolveRestore,
};
