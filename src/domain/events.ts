import type { AccessEvent } from './access.js';
import type { BackupEvent } from './backup-facts.js';
import type { LocationEvent } from './location.js';
import type { RestoreEvent } from './restore-facts.js';
import type { ScheduleEvent } from './schedule-facts.js';

/** Every fact this version knows. */
export type LifeboatEvent = BackupEvent | RestoreEvent | LocationEvent | AccessEvent | ScheduleEvent;

/** An event as it was written, possibly by an older or a newer version. */
export interface StoredEvent {
  readonly type: string;
  readonly v: number;
  readonly data: object;
}

/** Lifts one event type from version `v` to `v + 1`. */
type Upcaster = (data: object) => object;

/** Present version of every type. Adding an optional field needs no new version; renaming or splitting does. */
export const EVENT_VERSIONS: Readonly<Record<LifeboatEvent['type'], number>> = {
  BackupRequested: 1,
  BackupRejected: 1,
  BackupStarted: 1,
  BackupPostHooksOwed: 1,
  BackupPostHooksSettled: 1,
  BackupInterrupted: 1,
  BackupCancelRequested: 1,
  BackupContentsStored: 1,
  BackupFinished: 1,
  BackupDiscovered: 1,
  BackupDeletionStarted: 1,
  BackupDeletionStepDone: 1,
  BackupDeletionFailed: 1,
  BackupDeleted: 1,
  BackupVanished: 1,
  BackupSnapshotsBegun: 1,
  BackupSnapshotTaken: 1,
  BackupSnapshotFailed: 1,
  BackupSnapshotReady: 1,
  BackupSnapshotsDiscarded: 1,
  BackupVolumeHandedOver: 1,
  BackupVolumeMoved: 1,
  BackupVolumeMoveFailed: 1,
  BackupContentsCompleted: 1,
  BackupCopiesBegun: 1,
  BackupVolumeCopied: 1,
  BackupVolumeCopyFailed: 1,
  BackupCopiesDiscarded: 1,
  BackupVolumeSnapshotsBegun: 1,
  BackupVolumeSnapshotTaken: 1,
  BackupVolumeSnapshotFailed: 1,
  BackupVolumeSnapshotsDiscarded: 1,
  RestoreRequested: 1,
  RestoreRejected: 1,
  RestoreStarted: 1,
  RestoreHooksRun: 1,
  RestoreVolumeFilled: 1,
  RestoreVolumeNotFilled: 1,
  RestoreInterrupted: 1,
  RestoreCancelRequested: 1,
  RestoreItemsApplied: 1,
  RestoreVolumesSettled: 1,
  RestoreFinished: 1,
  RestoreDiscovered: 1,
  RestoreDeleted: 1,
  RestoreVolumeHandedOver: 1,
  RestoreVolumeMoved: 1,
  RestoreVolumeMoveFailed: 1,
  LocationRegistered: 1,
  LocationChanged: 1,
  LocationBecameAvailable: 1,
  LocationBecameUnavailable: 1,
  LocationRemoved: 1,
  LocationFoundInUse: 1,
  LocationBackupsPassedOver: 1,
  LocationBackupsCleared: 1,
  MutationReceived: 1,
  MutationAnswered: 1,
  DownloadLinkMade: 1,
  ScheduleRegistered: 1,
  ScheduleChanged: 1,
  ScheduleAccepted: 1,
  ScheduleRejected: 1,
  SchedulePaused: 1,
  ScheduleResumed: 1,
  ScheduleFired: 1,
  ScheduleBackupCreated: 1,
  ScheduleSkipped: 1,
  ScheduleCarriedForward: 1,
  ScheduleRemoved: 1,
};

/** Steps by `Type@version they start from`. Applied when an event is read, never written back. */
const STEPS: Readonly<Record<string, Upcaster>> = {};

/** Lifts one stored event through `steps` to `latest`; `undefined` when a step is missing or the event is newer than we are. */
export const lift = (
  event: StoredEvent,
  latest: number | undefined,
  steps: Readonly<Record<string, Upcaster>>,
): StoredEvent | undefined => {
  if (latest === undefined || event.v > latest) return undefined;
  let { v, data } = event;
  while (v < latest) {
    const step = steps[`${event.type}@${v}`];
    if (!step) return undefined;
    data = step(data);
    v += 1;
  }
  return { type: event.type, v, data };
};

/** An event in the form this version folds; `undefined` for one it does not know (written by a newer version). */
export const upcast = (event: StoredEvent): LifeboatEvent | undefined => {
  const known = Object.hasOwn(EVENT_VERSIONS, event.type); // a stored name may also be that of an inherited member
  const latest = known ? EVENT_VERSIONS[event.type as LifeboatEvent['type']] : undefined;
  return lift(event, latest, STEPS) as LifeboatEvent | undefined;
};
