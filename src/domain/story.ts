import type { BackupEvent } from './backup-facts.js';
import type { DeletionStep } from './backup-deletion.js';
import type { AccessEvent } from './access.js';
import type { LifeboatEvent } from './events.js';
import type { LocationEvent, PassedOver } from './location.js';
import type { RestoreEvent } from './restore-facts.js';
import type { ScheduleEvent } from './schedule-facts.js';
import { isFillEvent, type RestoreFillEvent } from './volumes/restore-fills.js';
import { isMoveEvent, type BackupMoveEvent } from './volumes/backup-moves.js';
import { isCopyEvent, type BackupCopyEvent } from './volumes/backup-copies.js';
import { isProviderSnapshotEvent, type ProviderSnapshotEvent } from './volumes/provider-snapshots.js';

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

const troubles = (tally: { warnings: number; errors: number }): string =>
  `${count(tally.warnings, 'warning')} and ${count(tally.errors, 'error')}`;

const mib = (bytes: number): string =>
  bytes < 1 << 20 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`;

const ended = (outcome: string, reason: string | undefined): string =>
  reason === undefined ? outcome : `${outcome}: ${reason}`;

const namespaces = (list: readonly string[] | null | undefined): string =>
  !list || list.length === 0 || list.includes('*') ? 'all namespaces' : `namespaces ${list.join(', ')}`;

/** The first few; a sentence with hundreds of names tells nobody anything. */
const some = (names: readonly string[]): string => {
  const more = names.length - SOME;
  return names.slice(0, SOME).join(', ') + (more > 0 ? ` and ${more} more` : '');
};
const SOME = 5;

const passedOver = (backups: readonly PassedOver[]): string => {
  const more = backups.length - SOME;
  const told = backups.slice(0, SOME).map(({ name, message }) => `backup ${name}, since ${message}`);
  return told.join('; ') + (more > 0 ? `; and ${count(more, 'backup')} more` : '');
};

const GONE: Readonly<Record<DeletionStep, string>> = {
  VolumeData: 'No volume data of the backup is left.',
  Restores: 'No restore of the backup is left.',
  Files: 'No file of the backup is left in object storage.',
};

const copySentence = ({ type, data }: BackupCopyEvent): string => {
  switch (type) {
    case 'BackupCopiesBegun':
      return 'Copies of volumes began.';
    case 'BackupVolumeCopied': {
      const { namespace, pod, volume, snapshot, bytes } = data.copy;
      const size = snapshot === '' ? 'it was empty' : mib(bytes);
      return `Volume ${volume} of pod ${namespace}/${pod} copied: ${size}.`;
    }
    case 'BackupVolumeCopyFailed': {
      const { namespace, pod, volume } = data.copy;
      return `Copy of volume ${volume} of pod ${namespace}/${pod} failed: ${data.reason}.`;
    }
    case 'BackupCopiesDiscarded':
      return 'Copies that no backup holds were removed.';
  }
};

const providerSnapshotSentence = ({ type, data }: ProviderSnapshotEvent): string => {
  switch (type) {
    case 'BackupVolumeSnapshotsBegun':
      return `Snapshots by providers of volumes began (${data.locations.join(', ')}).`;
    case 'BackupVolumeSnapshotTaken': {
      const { volume, snapshotId, location } = data.snapshot;
      return `Volume ${volume} snapshotted as ${snapshotId} in ${location}.`;
    }
    case 'BackupVolumeSnapshotFailed':
      return `Snapshot of volume ${data.volume} in ${data.location} failed: ${data.reason}.`;
    case 'BackupVolumeSnapshotsDiscarded':
      return data.left.length === 0
        ? 'Snapshots of providers that no backup holds were deleted.'
        : `Snapshots of providers that no backup holds were deleted; left: ${some(data.left)}.`;
  }
};

const moveSentence = ({ type, data }: BackupMoveEvent): string => {
  switch (type) {
    case 'BackupVolumeHandedOver':
      return `Data of claim ${data.volume.namespace}/${data.volume.claim} is to be moved into the bucket, by DataUpload ${data.volume.upload}.`;
    case 'BackupVolumeMoved':
      return `Data of claim ${data.claim.namespace}/${data.claim.claim} moved into the bucket: ${mib(data.bytes)}, of which ${mib(data.incrementalBytes)} were new.`;
    case 'BackupVolumeMoveFailed':
      return `Data of claim ${data.claim.namespace}/${data.claim.claim} could not be moved into the bucket: ${data.reason}.`;
    case 'BackupContentsCompleted':
      return `Contents completed with how the moves of volume data ended: ${mib(data.bytes)}.`;
  }
};

const backupSentence = (event: BackupEvent): string => {
  if (isCopyEvent(event)) return copySentence(event);
  if (isMoveEvent(event)) return moveSentence(event);
  if (isProviderSnapshotEvent(event)) return providerSnapshotSentence(event);
  const { type, data } = event;
  switch (type) {
    case 'BackupRequested':
      return `Backup of ${namespaces(data.spec.includedNamespaces)} requested.`;
    case 'BackupRejected':
      return `Backup refused: ${data.reasons.join('; ')}.`;
    case 'BackupStarted':
      return data.attempt === 1
        ? `Collecting of the contents began; the backup is kept until ${data.prepared.expiresAt}.`
        : `Collecting began again from the start, attempt ${data.attempt}.`;
    case 'BackupPostHooksOwed':
      return `Hooks of pod ${data.pod.namespace}/${data.pod.name} began; its post hooks are owed.`;
    case 'BackupPostHooksSettled':
      return data.ran
        ? `Post hooks of pod ${data.pod.namespace}/${data.pod.name} were run.`
        : `Post hooks of pod ${data.pod.namespace}/${data.pod.name} were not due, since a pre hook failed.`;
    case 'BackupInterrupted':
      return `Attempt ${data.attempt} was interrupted: the server stopped while it ran.`;
    case 'BackupCancelRequested':
      return 'Cancellation of the backup was requested.';
    case 'BackupContentsStored':
      return `Contents stored: ${count(data.tally.items, 'item')}, ${mib(data.bytes)}, ${troubles(data.tally)}.`;
    case 'BackupFinished':
      return `Backup ended ${ended(data.outcome, data.reason)}.`;
    case 'BackupDiscovered':
      return `Found a backup made before this record began; it is ${data.found.phase}.`;
    case 'BackupDeletionStarted':
      return data.because === 'Expired'
        ? 'Deletion began, since the backup has expired.'
        : `Deletion began, asked for by request ${data.request.name}.`;
    case 'BackupDeletionStepDone':
      return data.kept === undefined ? GONE[data.step] : `${GONE[data.step]} Kept: ${data.kept}.`;
    case 'BackupDeletionFailed':
      return `Deletion failed: ${data.errors.join('; ')}. It can be asked for again.`;
    case 'BackupDeleted':
      return 'Backup deleted.';
    case 'BackupVanished':
      return `The files of the backup are gone from the storage location ${data.location}; its resource goes, too.`;
    case 'BackupSnapshotsBegun':
      return 'Snapshots of volumes began.';
    case 'BackupSnapshotTaken': {
      const { namespace, claim, driver, ready } = data.snapshot;
      return `Volume of claim ${namespace}/${claim} snapshotted by ${driver}${ready ? '' : '; the snapshot is not ready yet'}.`;
    }
    case 'BackupSnapshotFailed':
      return `Snapshot of the volume of claim ${data.claim.namespace}/${data.claim.claim} failed: ${data.reason}.`;
    case 'BackupSnapshotReady':
      return `Snapshot of the volume of claim ${data.claim.namespace}/${data.claim.claim} is ready.`;
    case 'BackupSnapshotsDiscarded':
      return 'Snapshots that no backup holds were removed.';
  }
};

const fillSentence = ({ type, data }: RestoreFillEvent): string => {
  const { namespace, pod, volume } = data.fill;
  return type === 'RestoreVolumeFilled'
    ? `Volume ${volume} of the restored pod ${namespace}/${pod} has its data back: ${mib(data.bytes)}.`
    : `Volume ${volume} of the restored pod ${namespace}/${pod} does not have its data back: ${data.reason}.`;
};

const restoreSentence = (event: RestoreEvent): string => {
  if (isFillEvent(event)) return fillSentence(event);
  const { type, data } = event;
  switch (type) {
    case 'RestoreRequested':
      return data.spec.backupName
        ? `Restore of ${namespaces(data.spec.includedNamespaces)} from backup ${data.spec.backupName} requested.`
        : `Restore from schedule ${data.spec.scheduleName ?? '(none named)'} requested.`;
    case 'RestoreRejected':
      return `Restore refused: ${data.reasons.join('; ')}.`;
    case 'RestoreStarted':
      return data.attempt === 1
        ? 'Restoring of the items began.'
        : `Restoring began again, attempt ${data.attempt}.`;
    case 'RestoreHooksRun':
      return `Hooks of the restored pod ${data.pod.namespace}/${data.pod.name} were run: ${data.hooksAttempted} in all, ${data.hooksFailed} failed.`;
    case 'RestoreInterrupted':
      return `Attempt ${data.attempt} was interrupted: the server stopped while it ran.`;
    case 'RestoreCancelRequested':
      return 'Cancellation of the restore was requested.';
    case 'RestoreItemsApplied': {
      const { tally } = data;
      return (
        `Items applied: ${tally.created} created, ${tally.updated} updated, ${tally.skipped} left alone, ` +
        `${tally.failed} not restored; ${troubles(tally)}.`
      );
    }
    case 'RestoreVolumesSettled': {
      if (data.errors === 0) return 'The new volumes have labels and reclaim policy of the old ones.';
      const shown = data.failed.slice(0, 5).map(({ reason }) => reason);
      return `Labels and reclaim policy of the old volumes were not given to ${count(data.errors, 'new one')}: ${shown.join('; ')}.`;
    }
    case 'RestoreFinished':
      return data.tally === undefined
        ? `Restore ended ${ended(data.outcome, data.reason)}.`
        : `Restore ended ${ended(data.outcome, data.reason)}; until then ${count(data.tally.created, 'item')} had been created.`;
    case 'RestoreDiscovered':
      return `Found a restore made before this record began; it is ${data.found.phase}.`;
    case 'RestoreDeleted':
      return 'Restore deleted.';
    case 'RestoreVolumeHandedOver':
      return `The volume of claim ${data.volume.namespace}/${data.volume.claim} is to be filled from the bucket, by DataDownload ${data.volume.download}.`;
    case 'RestoreVolumeMoved':
      return `The volume of claim ${data.claim.namespace}/${data.claim.claim} was filled from the bucket: ${mib(data.bytes)}.`;
    case 'RestoreVolumeMoveFailed':
      return `The volume of claim ${data.claim.namespace}/${data.claim.claim} could not be filled from the bucket: ${data.reason}.`;
  }
};

const SKIPPED = {
  missed: 'passed while no server was there',
  paused: 'passed while the schedule was paused',
  'backup-unfinished': 'found an earlier backup unfinished',
  'skip-immediately': 'passed by, as was asked',
  'name-taken': 'found the name of its backup taken by another one',
} as const;

type Skipped = Extract<ScheduleEvent, { type: 'ScheduleSkipped' }>['data'];

const skippedSentence = ({ from, to, count: ticks, because, backup }: Skipped): string => {
  if (ticks === 0) return 'Backups due by now were to be skipped; none was.';
  const which = ticks === 1 ? `The tick ${to}` : `${ticks} ticks from ${from} to ${to}`;
  return `${which} ${SKIPPED[because]}${backup === undefined ? '' : ` (${backup})`}.`;
};

const FIRED = {
  created: 'the first one, since the schedule is new',
  due: 'its time has come',
  'caught-up': 'made up for, later than its time',
  asked: 'asked for now',
} as const;

const scheduleSentence = ({ type, data }: ScheduleEvent): string => {
  switch (type) {
    case 'ScheduleRegistered':
      return `Schedule registered: ${data.spec.schedule}${data.spec.paused === true ? ', paused' : ''}.`;
    case 'ScheduleChanged':
      return `Schedule changed: ${data.spec.schedule}.`;
    case 'ScheduleAccepted':
      return 'Schedule in use.';
    case 'ScheduleRejected':
      return `Schedule refused: ${data.reasons.join('; ')}.`;
    case 'SchedulePaused':
      return 'Schedule paused.';
    case 'ScheduleResumed':
      return 'Schedule no longer paused.';
    case 'ScheduleFired':
      return `Backup ${data.backup} is to be made for the tick ${data.tick}: ${FIRED[data.because]}.`;
    case 'ScheduleBackupCreated':
      return `Backup ${data.backup} was created.`;
    case 'ScheduleSkipped':
      return skippedSentence(data);
    case 'ScheduleCarriedForward':
      return `Carried forward: everything up to ${data.facts.cursor} is accounted for.`;
    case 'ScheduleRemoved':
      return 'Schedule removed.';
  }
};

const locationSentence = ({ type, data }: LocationEvent): string => {
  switch (type) {
    case 'LocationRegistered':
      return `Storage location registered: bucket ${data.location.bucket}, ${data.location.accessMode}.`;
    case 'LocationChanged':
      return `Storage location changed: bucket ${data.location.bucket}, ${data.location.accessMode}.`;
    case 'LocationBecameAvailable':
      return 'Storage location became available.';
    case 'LocationBecameUnavailable':
      return `Storage location became unavailable: ${data.message}.`;
    case 'LocationRemoved':
      return 'Storage location removed.';
    case 'LocationFoundInUse':
      return 'Backups were found in the storage location.';
    case 'LocationBackupsPassedOver':
      return `Cannot show what lies in the storage location: ${passedOver(data.backups)}.`;
    case 'LocationBackupsCleared':
      return `No longer passed over in the storage location: ${some(data.names)}.`;
  }
};

const accessSentence = ({ type, data }: AccessEvent): string => {
  switch (type) {
    case 'MutationReceived':
      return `${data.mutation} of ${data.target} was asked for.`;
    case 'MutationAnswered':
      return `${data.mutation} of ${data.target} was answered: ${data.answer}.`;
    case 'DownloadLinkMade':
      return `A link to the ${data.file} of ${data.target} was made; it is good until ${data.expiresAt}.`;
  }
};

type Aggregate = 'Backup' | 'Restore' | 'Schedule' | 'Location';

/** Every event bears the name of its aggregate in front; one that is left over without a sentence does not compile. */
const isAbout = <A extends Aggregate>(
  aggregate: A,
  event: LifeboatEvent,
): event is Extract<LifeboatEvent, { type: `${A}${string}` }> => event.type.startsWith(aggregate);

/** One plain English sentence for each fact. A new event without a sentence does not compile. */
export const sentenceOf = (event: LifeboatEvent): string => {
  if (isAbout('Backup', event)) return backupSentence(event);
  if (isAbout('Restore', event)) return restoreSentence(event);
  if (isAbout('Schedule', event)) return scheduleSentence(event);
  return isAbout('Location', event) ? locationSentence(event) : accessSentence(event);
};
