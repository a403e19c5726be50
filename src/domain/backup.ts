import { decideDeletion, deletionFailed, nextDeletionStep } from './backup-deletion.js';
import { evolveBackup, samePod } from './backup-evolve.js';
import {
  copiesOf,
  owedPostHooks,
  owesCopyDiscard,
  owesDiscard,
  snapshotsOf,
  type BackupCommand,
  type BackupEvent,
  type BackupState,
} from './backup-facts.js';
import { refuse, type Decider } from './decider.js';
import { isMoveCommand, waitingMoves } from './volumes/backup-moves.js';
import { isCopySettled, type BackupCopyCommand } from './volumes/backup-copies.js';
import { takenOf, waitingSnapshots, type BackupSnapshotCommand } from './volumes/backup-snapshots.js';
import { decideMoves } from './volumes/decide-moves.js';
import { decideProviderSnapshots, isProviderSnapshotCommand } from './volumes/provider-snapshots.js';

const event = <T extends BackupEvent['type']>(
  type: T,
  data: Extract<BackupEvent, { type: T }>['data'],
): BackupEvent => ({ type, v: 1, data }) as BackupEvent;

const wrongPhase = (command: BackupCommand, state: BackupState) =>
  refuse('WRONG_PHASE', `${command.type} is not possible while the backup is ${state.phase}`);

/** Velero's words for a run that a restart of the server ended (`pkg/cmd/server/server.go`); scripts match on them. */
export const INTERRUPTED_REASON =
  'found a backup with status "InProgress" during the server starting, mark it as "Failed"';

/** Why a backup ended that was cancelled before anything was collected. */
export const CANCELLED_BEFORE_START = 'cancelled before it started';

type CommandOf<T extends BackupCommand['type']> = Extract<BackupCommand, { type: T }>;

const request = (command: CommandOf<'RequestBackup'>, state: BackupState) => {
  const { uid, spec, labels, now } = command;
  const fresh = [event('BackupRequested', { uid, spec, labels, at: now })];
  if (state.phase === 'Absent') return fresh;
  // The API server keeps names unique: a resource with another uid means that the former one was deleted.
  if (state.uid !== uid)
    return isOver(state) ? fresh : refuse('NAME_TAKEN', 'a backup of this name is running or being deleted');
  return [];
};

/** Nothing more happens to it by itself, so that its name may go to another one. */
const isOver = (state: BackupState): boolean =>
  state.phase === 'Ended' || (state.phase === 'Deleting' && deletionFailed(state.deletion));

const forget = (command: CommandOf<'ForgetBackup'>, state: BackupState) => {
  if (state.phase === 'Absent') return [];
  const gone = state.phase === 'Deleting' && nextDeletionStep(state.deletion) === undefined;
  if (!isOver(state) && !gone) return wrongPhase(command, state);
  return [event('BackupDeleted', { at: command.now })];
};

const start = (command: CommandOf<'StartBackup'>, state: BackupState) => {
  const { prepared, problems, now: at } = command;
  if (state.phase === 'New')
    return problems.length > 0
      ? [event('BackupRejected', { reasons: problems, prepared, at })]
      : [event('BackupStarted', { attempt: 1, prepared, at })];
  // A further attempt keeps what the first one was told to do, whatever the cluster's defaults say by now.
  if (state.phase === 'InProgress' && !state.running && !state.cancelled)
    return [event('BackupStarted', { attempt: state.attempt + 1, prepared: state.prepared, at })];
  return wrongPhase(command, state);
};

/** Told before the first pre hook runs, so that a crash between the two cannot leave an application frozen for good. */
const owe = (command: CommandOf<'OwePostHooks'>, state: BackupState) => {
  const { attempt, pod, now: at } = command;
  if (state.phase !== 'InProgress' || !state.running || state.cancelled || state.attempt !== attempt)
    return wrongPhase(command, state);
  if (state.owed.some((one) => samePod(one, pod))) return [];
  return [event('BackupPostHooksOwed', { attempt, pod, at })];
};

const settle = ({ pod, ran, now: at }: CommandOf<'SettlePostHooks'>, state: BackupState) =>
  owedPostHooks(state).some((one) => samePod(one, pod))
    ? [event('BackupPostHooksSettled', { attempt: 'attempt' in state ? state.attempt : 0, pod, ran, at })]
    : [];

const ofAttempt = (state: BackupState, attempt: number): boolean =>
  state.phase === 'Stored'
    ? state.attempt === attempt
    : state.phase === 'InProgress' && state.running && state.attempt === attempt;

/** Snapshots as they begin, are cut, get ready or fail. They belong to one attempt; one that lost its turn takes none. */
const decideSnapshots = (command: BackupSnapshotCommand, state: BackupState) => {
  const at = command.now;
  const snapshots = snapshotsOf(state);
  if (command.type === 'DiscardSnapshots')
    return owesDiscard(state) && snapshots.begun
      ? [event('BackupSnapshotsDiscarded', { attempt: 'attempt' in state ? state.attempt : 0, at })]
      : [];
  const { attempt } = command;
  if (!ofAttempt(state, attempt)) return wrongPhase(command, state);
  switch (command.type) {
    case 'BeginSnapshots':
      if (state.phase === 'Stored') return wrongPhase(command, state);
      return snapshots.begun ? [] : [event('BackupSnapshotsBegun', { attempt, at })];
    case 'RecordSnapshot': {
      if (!snapshots.begun || state.phase === 'Stored') return wrongPhase(command, state);
      const { snapshot } = command;
      return takenOf(snapshots, snapshot) ? [] : [event('BackupSnapshotTaken', { attempt, snapshot, at })];
    }
    case 'FailSnapshot': {
      const { claim, reason } = command;
      const afterwards = state.phase === 'Stored';
      // One that is unknown by now has failed before: told twice is once.
      if (afterwards && !takenOf(snapshots, claim)) return [];
      return [event('BackupSnapshotFailed', { attempt, claim, afterwards, reason, at })];
    }
    case 'SettleSnapshot': {
      const { claim } = command;
      if (takenOf(snapshots, claim)?.ready !== false) return [];
      return [event('BackupSnapshotReady', { attempt, claim, at })];
    }
  }
};

/** Copies as they begin and end. All of them end before the contents are stored. */
const decideCopies = (command: BackupCopyCommand, state: BackupState) => {
  const at = command.now;
  if (command.type === 'DiscardCopies')
    return owesCopyDiscard(state)
      ? [event('BackupCopiesDiscarded', { attempt: 'attempt' in state ? state.attempt : 0, at })]
      : [];
  const { attempt } = command;
  const copies = copiesOf(state);
  if (state.phase !== 'InProgress' || !ofAttempt(state, attempt)) return wrongPhase(command, state);
  switch (command.type) {
    case 'BeginCopies':
      return copies.begun ? [] : [event('BackupCopiesBegun', { attempt, at })];
    case 'RecordCopy': {
      const { copy } = command;
      if (!copies.begun) return wrongPhase(command, state);
      return isCopySettled(copies, copy.name) ? [] : [event('BackupVolumeCopied', { attempt, copy, at })];
    }
    case 'FailCopy': {
      const { copy, reason } = command;
      return isCopySettled(copies, copy.name)
        ? []
        : [event('BackupVolumeCopyFailed', { attempt, copy, reason, at })];
    }
  }
};

const recover = (command: CommandOf<'RecoverBackup'>, state: BackupState) => {
  if (state.phase !== 'InProgress' || !state.running) return [];
  const { now: at, policy, maxAttempts } = command;
  const interrupted = event('BackupInterrupted', { attempt: state.attempt, at });
  if (policy === 'fail')
    return [interrupted, event('BackupFinished', { outcome: 'Failed', reason: INTERRUPTED_REASON, at })];
  if (state.attempt < maxAttempts) return [interrupted];
  const reason = `interrupted ${state.attempt} times, given up; look at why the server restarts, then create the backup again`;
  return [interrupted, event('BackupFinished', { outcome: 'Failed', reason, at })];
};

/**
 * Possible until the contents are stored and all volume data is moved: then only the mark is missing, and it may be in the bucket already.
 * What has not begun ends at once; what runs has to be stopped first, and `FailBackup` follows.
 */
const cancel = (command: CommandOf<'CancelBackup'>, state: BackupState) => {
  const { now: at } = command;
  const asked = event('BackupCancelRequested', { at });
  switch (state.phase) {
    case 'New':
      return [asked, event('BackupFinished', { outcome: 'Failed', reason: CANCELLED_BEFORE_START, at })];
    case 'InProgress':
      return state.cancelled ? [] : [asked];
    case 'Stored':
      // Moves of volume data may take hours: until they have ended there is something to stop.
      if (waitingMoves(snapshotsOf(state).moves).length > 0) return state.cancelled ? [] : [asked];
      return refuse('WRONG_PHASE', 'its contents are stored already, so the backup is about to end');
    case 'Ended':
      return refuse('WRONG_PHASE', `the backup has ended: it is ${state.outcome}`);
    case 'Deleting':
    case 'Absent':
      return wrongPhase(command, state);
  }
};

const lifeOf = (state: BackupState) => ({
  phase: state.phase,
  collecting: state.phase === 'InProgress' && state.running ? state.attempt : undefined,
  attempt: 'attempt' in state ? state.attempt : 0,
  owesDiscard: owesDiscard(state),
  snapshots: snapshotsOf(state).provider,
});

const decide: Decider<BackupState, BackupCommand, BackupEvent>['decide'] = (command, state) => {
  const at = command.now;
  if (isProviderSnapshotCommand(command)) return decideProviderSnapshots(command, lifeOf(state));
  if (isMoveCommand(command)) return decideMoves(command, state);
  switch (command.type) {
    case 'RequestBackup':
      return request(command, state);
    case 'DiscoverBackup': {
      if (state.phase !== 'Absent' && (!isOver(state) || state.uid === command.uid)) return [];
      return [event('BackupDiscovered', { uid: command.uid, found: command.found, at })];
    }
    case 'StartBackup':
      return start(command, state);
    case 'OwePostHooks':
      return owe(command, state);
    case 'SettlePostHooks':
      return settle(command, state);
    case 'RecoverBackup':
      return recover(command, state);
    case 'RecordContents': {
      // An attempt that lost its turn comes back with an old number: this is the fence against it.
      if (state.phase !== 'InProgress' || state.attempt !== command.attempt || state.cancelled)
        return wrongPhase(command, state);
      const { attempt, tally, bytes, sha256 } = command;
      return [event('BackupContentsStored', { attempt, tally, bytes, sha256, at })];
    }
    case 'CancelBackup':
      return cancel(command, state);
    case 'FinishBackup':
      if (state.phase !== 'Stored' || waitingSnapshots(snapshotsOf(state)).length > 0)
        return wrongPhase(command, state);
      if (snapshotsOf(state).moves.length > 0 && !state.completed) return wrongPhase(command, state);
      return [event('BackupFinished', { outcome: state.errors > 0 ? 'PartiallyFailed' : 'Completed', at })];
    case 'FailBackup':
      if (state.phase === 'Ended') return [];
      if (state.phase === 'Absent' || state.phase === 'Deleting') return wrongPhase(command, state);
      return [event('BackupFinished', { outcome: 'Failed', reason: command.reason, at })];
    case 'DeleteBackup':
    case 'AcknowledgeDeletionStep':
    case 'FailDeletion':
      return decideDeletion(command, state);
    case 'ForgetBackup':
      return forget(command, state);
    case 'MissBackup':
      // Whoever runs, or has another uid, is not the one that was seen without its files.
      if (state.phase !== 'Ended' || state.uid !== command.uid) return wrongPhase(command, state);
      return state.vanished ? [] : [event('BackupVanished', { location: command.location, at })];
    case 'BeginSnapshots':
    case 'RecordSnapshot':
    case 'FailSnapshot':
    case 'SettleSnapshot':
    case 'DiscardSnapshots':
      return decideSnapshots(command, state);
    case 'BeginCopies':
    case 'RecordCopy':
    case 'FailCopy':
    case 'DiscardCopies':
      return decideCopies(command, state);
  }
};

/** The life of one backup. The custom resource asks, this decides, the stream remembers. */
export const backup: Decider<BackupState, BackupCommand, BackupEvent> = {
  initial: { phase: 'Absent' },
  decide,
  evolve: evolveBackup,
};
