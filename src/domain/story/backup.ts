import type { DeletionStep } from '../backup-deletion.js';
import type { BackupEvent } from '../backup-facts.js';
import { isCopyEvent } from '../volumes/backup-copies.js';
import { isMoveEvent } from '../volumes/backup-moves.js';
import { isProviderSnapshotEvent } from '../volumes/provider-snapshots.js';
import { copySentence, moveSentence, providerSnapshotSentence } from './backup-volumes.js';
import { count, ended, mib, namespaces, troubles } from './words.js';

const GONE: Readonly<Record<DeletionStep, string>> = {
  VolumeData: 'No volume data of the backup is left.',
  Restores: 'No restore of the backup is left.',
  Files: 'No file of the backup is left in object storage.',
};

export const backupSentence = (event: BackupEvent): string => {
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
