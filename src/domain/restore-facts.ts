import type { Event } from './decider.js';
import type { RestorePhase, RestoreSpec } from './velero.gen.js';
import type { RestoreMoveCommand, RestoreMoveEvent, VolumeDownload } from './volumes/restore-moves.js';
import type { RestoreFillCommand, RestoreFillEvent, SettledFill } from './volumes/restore-fills.js';

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
      downloads?: readonly VolumeDownload[];
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
      downloads?: readonly VolumeDownload[];
    }
  | { phase: 'Ended'; uid: string; outcome: RestorePhase };

/** Claims whose volumes are filled from the bucket, also those that are. */
export const downloadsOf = (state: RestoreState): readonly VolumeDownload[] =>
  ('downloads' in state ? state.downloads : undefined) ?? [];
