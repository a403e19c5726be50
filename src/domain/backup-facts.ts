import type { BackupDeletionCommand, BackupDeletionEvent, Deletion } from './backup-deletion.js';
import type { Event } from './decider.js';
import type { BackupPhase, BackupSpec } from './velero.gen.js';
import {
  NO_COPIES,
  type BackupCopies,
  type BackupCopyCommand,
  type BackupCopyEvent,
} from './volumes/backup-copies.js';
import {
  NO_SNAPSHOTS,
  type BackupSnapshotCommand,
  type BackupSnapshotEvent,
  type BackupSnapshots,
} from './volumes/backup-snapshots.js';
import type { BackupMoveCommand, BackupMoveEvent } from './volumes/backup-moves.js';
import type { ProviderSnapshotCommand, ProviderSnapshotEvent } from './volumes/provider-snapshots.js';

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
  | BackupMoveEvent
  | BackupCopyEvent
  | ProviderSnapshotEvent
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
  | BackupMoveCommand
  | BackupCopyCommand
  | ProviderSnapshotCommand
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
      copies?: BackupCopies;
    }
  | {
      phase: 'Stored';
      uid: string;
      attempt: number;
      errors: number;
      owed: readonly HookedPod[];
      snapshots?: BackupSnapshots;
      /** Somebody wants it to end: no move of volume data is awaited any more. */
      cancelled?: boolean;
      /** The archive holds the DataUploads as they ended. */
      completed?: true;
      copies?: BackupCopies;
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
      copies?: BackupCopies;
    }
  | {
      phase: 'Deleting';
      uid: string;
      deletion: Deletion;
      owed: readonly HookedPod[];
      snapshots?: BackupSnapshots;
      copies?: BackupCopies;
    };

/** Pods that wait for their post hooks. They come before everything else, whatever becomes of the backup. */
export const owedPostHooks = (state: BackupState): readonly HookedPod[] =>
  'owed' in state ? state.owed : [];

/** The snapshots of the attempt that runs or ran last; none of a backup that succeeded, since they are part of it now. */
export const snapshotsOf = (state: BackupState): BackupSnapshots =>
  ('snapshots' in state ? state.snapshots : undefined) ?? NO_SNAPSHOTS;

/** The copies of the attempt that runs or ran last; none of a backup that succeeded. */
export const copiesOf = (state: BackupState): BackupCopies =>
  ('copies' in state ? state.copies : undefined) ?? NO_COPIES;

/** No backup will hold what this attempt has taken of volumes: it broke off, or the backup failed. */
const isGivenUp = (state: BackupState): boolean =>
  state.phase === 'Ended' || state.phase === 'Deleting' || (state.phase === 'InProgress' && !state.running);

/** Snapshots that no backup will hold: those of an attempt that broke off, and of a backup that failed. */
export const owesDiscard = (state: BackupState): boolean =>
  (snapshotsOf(state).begun || snapshotsOf(state).provider !== undefined) && isGivenUp(state);

/** The same of copies, and of the resources that ask for them. */
export const owesCopyDiscard = (state: BackupState): boolean => copiesOf(state).begun && isGivenUp(state);
