import type { Event } from './decider.js';
import type { ScheduleSpec } from './velero.gen.js';

/**
 * Ticks whose time has come: first, last and how many (counted up to some thousand). `before` is the one before the last.
 * All times are RFC 3339 in UTC, to the second, so that their order as texts is their order in time.
 */
export interface DueTicks {
  readonly from: string;
  readonly to: string;
  readonly count: number;
  readonly before?: string;
}

/** Why a backup is made: the first one, at its tick, later than its tick, or because somebody asked now. */
export type FiredBecause = 'created' | 'due' | 'caught-up' | 'asked';

/**
 * Why ticks passed without a backup. `missed`: nobody was there to act. The latest of ticks that were missed, slept through
 * while paused, or put off behind an unfinished backup is caught up.
 */
export type SkippedBecause = 'missed' | 'paused' | 'backup-unfinished' | 'skip-immediately' | 'name-taken';

/** What a schedule that another server looked after brings along. */
export interface FoundSchedule {
  readonly lastBackup?: string;
  readonly lastSkipped?: string;
}

/** Everything decisions are made of; it is also what `ScheduleCarriedForward` holds. */
export interface ScheduleFacts {
  readonly uid: string;
  readonly spec: ScheduleSpec;
  readonly phase: 'New' | 'Enabled' | 'FailedValidation';
  readonly reasons: readonly string[];
  readonly paused: boolean;
  /** Every tick up to and including this moment is accounted for. */
  readonly cursor: string;
  /** The tick of the creation, as long as nothing came of it. */
  readonly first?: string;
  /** The latest tick that was put off behind an unfinished backup, and which one that is. */
  readonly owed?: string;
  readonly blockedBy?: string;
  /** When it was last unpaused: ticks up to then passed because of the pause. */
  readonly resumed?: string;
  /** Fired, and its backup not yet known to exist. */
  readonly pending?: { readonly tick: string; readonly backup: string };
  readonly lastBackup?: string;
  readonly lastSkipped?: string;
  /** The version of the resource whose wish to skip was granted. */
  readonly skipGranted?: string;
  /** Ticks written down since facts were last carried forward. */
  readonly told: number;
}

// Events
export type ScheduleEvent =
  | Event<
      'ScheduleRegistered',
      { uid: string; spec: ScheduleSpec; createdAt: string; found?: FoundSchedule; at: string }
    >
  | Event<'ScheduleChanged', { spec: ScheduleSpec; at: string }>
  | Event<'ScheduleAccepted', { at: string }>
  | Event<'ScheduleRejected', { reasons: readonly string[]; at: string }>
  | Event<'SchedulePaused', { at: string }>
  | Event<'ScheduleResumed', { at: string }>
  | Event<'ScheduleFired', { tick: string; backup: string; because: FiredBecause; at: string }>
  | Event<'ScheduleBackupCreated', { tick: string; backup: string; at: string }>
  | Event<
      'ScheduleSkipped',
      {
        from: string;
        to: string;
        count: number;
        because: SkippedBecause;
        backup?: string;
        resourceVersion?: string;
        at: string;
      }
    >
  | Event<'ScheduleCarriedForward', { facts: ScheduleFacts; at: string }>
  | Event<'ScheduleRemoved', { at: string }>;

// State
export type ScheduleState = { readonly phase: 'Absent' } | ScheduleFacts;
