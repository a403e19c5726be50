import {
  decideDeletion,
  deletionFailed,
  evolveDeletion,
  nextDeletionStep,
  type BackupDeletionCommand,
  type BackupDeletionEvent,
  type Deletion,
} from './backup-deletion.js';
import { refuse, type Decider, type Event } from './decider.js';
import type { BackupPhase, BackupSpec } from './velero.gen.js';
import {
  evolveSnapshots,
  NO_SNAPSHOTS,
  takenOf,
  waitingSnapshots,
  type BackupSnapshotCommand,
  type BackupSnapshotEvent,
  type BackupSnapshots,
} from './volumes/backup-snapshots.js';

export type BackupOutcome = 'Completed' | 'PartiallyFailed' | 'Failed';

/** Counts of one attempt: `items` are all items handled, failed ones included, as `status.progress` shows them. */
export interface BackupTally {
  readonly items: number;
  readonly warnings: number;
  readonly errors: number;
  /** Hooks as `status.hookStatus` counts them; absent in facts from before hooks were run. */
  readonly hooksAttempted?: number;
  readonly hooksFailed?: number;
}

/** A pod in the middle of its hooks: its pre hooks may have frozen it, and only its post hooks thaw it. */
export interface HookedPod {
  readonly namespace: string;
  readonly name: string;
  /** A pod that was made anew under the same name owes nothing. */
  readonly uid: string;
}

/** What the server made of the request: the spec with every default filled in, and what it writes beside it. */
export interface PreparedBackup {
  readonly spec: BackupSpec;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly expiresAt: string;
}

/** A backup that ended before this event store knew of it: read from its custom resource or from the bucket. */
export interface FoundBackup {
  readonly phase: BackupPhase;
  readonly spec: BackupSpec;
  readonly labels: Readonly<Record<string, string>>;
  readonly tally: BackupTally;
  readonly startedAt?: string;
  readonly completedAt?: string;
  readonly expiresAt?: string;
  readonly failureReason?: string;
  readonly validationErrors?: readonly string[];
}

// Events: what happened. Times are RFC 3339 in UTC, to the second, as in the custom resources.
export type BackupEvent =
  | Event<
      'BackupRequested',
      { uid: string; spec: BackupSpec; labels: Readonly<Record<string, string>>; at: string }
    >
  | Event<'BackupRejected', { reasons: readonly string[]; prepared: PreparedBackup; at: string }>
  | Event<'BackupStarted', { attempt: number; prepared: PreparedBackup; at: string }>
  | Event<'BackupPostHooksOwed', { attempt: number; pod: HookedPod; at: string }>
  | Event<
      'BackupPostHooksSettled',
      /** `ran` is false if they were not due, because a pre hook failed whose failure matters. */
      { attempt: number; pod: HookedPod; ran: boolean; at: string }
    >
  | Event<'BackupInterrupted', { attempt: number; at: string }>
  | Event<'BackupCancelRequested', { at: string }>
  | Event<
      'BackupContentsStored',
      { attempt: number; tally: BackupTally; bytes: number; sha256: string; at: string }
    >
  | Event<'BackupFinished', { outcome: BackupOutcome; reason?: string; at: string }>
  | Event<'BackupDiscovered', { uid: string; found: FoundBackup; at: string }>
  | BackupDeletionEvent
  | Event<'BackupDeleted', { at: string }>
  | BackupSnapshotEvent
  /** Its files are gone from its location, by whatever hand; its resource follows them. */
  | Event<'BackupVanished', { location: string; at: string }>;

// Commands: what somebody wants. They carry `now`, so that nothing here needs a clock.
export type BackupCommand =
  | {
      type: 'RequestBackup';
      uid: string;
      spec: BackupSpec;
      labels: Readonly<Record<string, string>>;
      now: string;
    }
  | { type: 'DiscoverBackup'; uid: string; found: FoundBackup; now: string }
  | { type: 'StartBackup'; prepared: PreparedBackup; problems: readonly string[]; now: string }
  | { type: 'OwePostHooks'; attempt: number; pod: HookedPod; now: string }
  | { type: 'SettlePostHooks'; pod: HookedPod; ran: boolean; now: string }
  | { type: 'RecoverBackup'; policy: 'restart' | 'fail'; maxAttempts: number; now: string }
  | {
      type: 'RecordContents';
      attempt: number;
      tally: BackupTally;
      bytes: number;
      sha256: string;
      now: string;
    }
  | { type: 'CancelBackup'; now: string }
  | { type: 'FinishBackup'; now: string }
  | { type: 'FailBackup'; reason: string; now: string }
  | BackupDeletionCommand
  | BackupSnapshotCommand
  | { type: 'ForgetBackup'; now: string }
  | { type: 'MissBackup'; uid: string; location: string; now: string };

// State: only what decisions need. What is shown to people lives in projections/backups.ts.
export type BackupState =
  | { phase: 'Absent' }
  | { phase: 'New'; uid: string }
  | {
      phase: 'InProgress';
      uid: string;
      attempt: number;
      running: boolean;
      prepared: PreparedBackup;
      owed: readonly HookedPod[];
      /** Somebody wants it to end: no attempt begins or goes on. */
      cancelled?: boolean;
      snapshots?: BackupSnapshots;
    }
  | {
      phase: 'Stored';
      uid: string;
      attempt: number;
      errors: number;
      owed: readonly HookedPod[];
      snapshots?: BackupSnapshots;
    }
  | {
      phase: 'Ended';
      uid: string;
      outcome: BackupPhase;
      owed: readonly HookedPod[];
      /** Its files were seen to be gone. */
      vanished?: true;
      /** Of a backup that failed: nobody can restore from them, and they cost money. */
      snapshots?: BackupSnapshots;
    }
  | {
      phase: 'Deleting';
      uid: string;
      deletion: Deletion;
      owed: readonly HookedPod[];
      snapshots?: BackupSnapshots;
    };

/** Pods that wait for their post hooks. They come before everything else, whatever becomes of the backup. */
export const owedPostHooks = (state: BackupState): readonly HookedPod[] =>
  'owed' in state ? state.owed : [];

/** The snapshots of the attempt that runs or ran last; none of a backup that succeeded, since they are part of it now. */
export const snapshotsOf = (state: BackupState): BackupSnapshots =>
  ('snapshots' in state ? state.snapshots : undefined) ?? NO_SNAPSHOTS;

/** Snapshots that no backup will hold: those of an attempt that broke off, and of a backup that failed. */
export const owesDiscard = (state: BackupState): boolean =>
  snapshotsOf(state).begun &&
  (state.phase === 'Ended' || state.phase === 'Deleting' || (state.phase === 'InProgress' && !state.running));

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

const samePod = (one: HookedPod, other: HookedPod): boolean =>
  one.uid === other.uid && one.name === other.name && one.namespace === other.namespace;

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
    return owesDiscard(state)
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
 * Possible until the contents are stored: then only the mark is missing, and it may be in the bucket already. What has not begun ends
 * at once; what runs has to be stopped first, and `FailBackup` follows.
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
      return refuse('WRONG_PHASE', 'its contents are stored already, so the backup is about to end');
    case 'Ended':
      return refuse('WRONG_PHASE', `the backup has ended: it is ${state.outcome}`);
    case 'Deleting':
    case 'Absent':
      return wrongPhase(command, state);
  }
};

const decide: Decider<BackupState, BackupCommand, BackupEvent>['decide'] = (command, state) => {
  const at = command.now;
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
  }
};

const withDeletion = (state: BackupState, fact: BackupDeletionEvent): BackupState => {
  const deletion = evolveDeletion(state.phase === 'Deleting' ? state.deletion : undefined, fact);
  if (!deletion) return state;
  const uid = 'uid' in state ? state.uid : '';
  return {
    phase: 'Deleting',
    uid,
    deletion,
    owed: owedPostHooks(state),
    snapshots: snapshotsOf(state),
  };
};

const withSnapshots = (state: BackupState, fact: BackupSnapshotEvent): BackupState => {
  if (!('owed' in state)) return state;
  const changed = { ...state, snapshots: evolveSnapshots(snapshotsOf(state), fact) };
  const late = fact.type === 'BackupSnapshotFailed' && fact.data.afterwards && changed.phase === 'Stored';
  return late ? { ...changed, errors: changed.errors + 1 } : changed;
};

const evolve = (state: BackupState, fact: BackupEvent): BackupState => {
  const { type, data } = fact;
  const uid = 'uid' in state ? state.uid : '';
  const owed = owedPostHooks(state);
  const snapshots = snapshotsOf(state);
  switch (type) {
    case 'BackupRequested':
      return { phase: 'New', uid: data.uid };
    case 'BackupRejected':
      return { phase: 'Ended', uid, outcome: 'FailedValidation', owed: [] };
    case 'BackupStarted':
      return {
        phase: 'InProgress',
        uid,
        attempt: data.attempt,
        running: true,
        prepared: data.prepared,
        owed,
        snapshots,
      };
    case 'BackupPostHooksOwed':
      return state.phase === 'InProgress' ? { ...state, owed: [...owed, data.pod] } : state;
    case 'BackupPostHooksSettled':
      return 'owed' in state ? { ...state, owed: owed.filter((pod) => !samePod(pod, data.pod)) } : state;
    case 'BackupInterrupted':
      return state.phase === 'InProgress' ? { ...state, running: false } : state;
    case 'BackupCancelRequested':
      return state.phase === 'InProgress' ? { ...state, cancelled: true } : state;
    case 'BackupContentsStored':
      return {
        phase: 'Stored',
        uid,
        attempt: data.attempt,
        errors: data.tally.errors,
        owed,
        snapshots,
      };
    case 'BackupFinished': {
      const kept = data.outcome !== 'Failed';
      return { phase: 'Ended', uid, outcome: data.outcome, owed, snapshots: kept ? NO_SNAPSHOTS : snapshots };
    }
    case 'BackupDiscovered':
      return { phase: 'Ended', uid: data.uid, outcome: data.found.phase, owed: [] };
    case 'BackupDeletionStarted':
    case 'BackupDeletionStepDone':
    case 'BackupDeletionFailed':
      return withDeletion(state, fact);
    case 'BackupDeleted':
      return { phase: 'Absent' };
    case 'BackupVanished':
      return state.phase === 'Ended' ? { ...state, vanished: true } : state;
    case 'BackupSnapshotsBegun':
    case 'BackupSnapshotTaken':
    case 'BackupSnapshotFailed':
    case 'BackupSnapshotReady':
    case 'BackupSnapshotsDiscarded':
      return withSnapshots(state, fact);
  }
};

/** The life of one backup. The custom resource asks, this decides, the stream remembers. */
export const backup: Decider<BackupState, BackupCommand, BackupEvent> = {
  initial: { phase: 'Absent' },
  decide,
  evolve,
};
