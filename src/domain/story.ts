import type { BackupEvent } from './backup.js';
import type { LifeboatEvent } from './events.js';
import type { RestoreEvent } from './restore.js';

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

const troubles = (tally: { warnings: number; errors: number }): string =>
  `${count(tally.warnings, 'warning')} and ${count(tally.errors, 'error')}`;

const mib = (bytes: number): string =>
  bytes < 1 << 20 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`;

const ended = (outcome: string, reason: string | undefined): string =>
  reason === undefined ? outcome : `${outcome}: ${reason}`;

const namespaces = (list: readonly string[] | null | undefined): string =>
  !list || list.length === 0 || list.includes('*') ? 'all namespaces' : `namespaces ${list.join(', ')}`;

const backupSentence = ({ type, data }: BackupEvent): string => {
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
    case 'BackupContentsStored':
      return `Contents stored: ${count(data.tally.items, 'item')}, ${mib(data.bytes)}, ${troubles(data.tally)}.`;
    case 'BackupFinished':
      return `Backup ended ${ended(data.outcome, data.reason)}.`;
    case 'BackupDiscovered':
      return `Found a backup made before this record began; it is ${data.found.phase}.`;
    case 'BackupDeleted':
      return 'Backup deleted.';
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

const restoreSentence = ({ type, data }: RestoreEvent): string => {
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
    case 'RestoreItemsApplied': {
      const { tally } = data;
      return (
        `Items applied: ${tally.created} created, ${tally.updated} updated, ${tally.skipped} left alone, ` +
        `${tally.failed} not restored; ${troubles(tally)}.`
      );
    }
    case 'RestoreFinished':
      return `Restore ended ${ended(data.outcome, data.reason)}.`;
    case 'RestoreDiscovered':
      return `Found a restore made before this record began; it is ${data.found.phase}.`;
    case 'RestoreDeleted':
      return 'Restore deleted.';
  }
};

/** One plain English sentence for each fact. A new event without a sentence does not compile. */
export const sentenceOf = (event: LifeboatEvent): string => {
  switch (event.type) {
    case 'LocationRegistered':
      return `Storage location registered: bucket ${event.data.location.bucket}, ${event.data.location.accessMode}.`;
    case 'LocationChanged':
      return `Storage location changed: bucket ${event.data.location.bucket}, ${event.data.location.accessMode}.`;
    case 'LocationBecameAvailable':
      return 'Storage location became available.';
    case 'LocationBecameUnavailable':
      return `Storage location became unavailable: ${event.data.message}.`;
    case 'LocationRemoved':
      return 'Storage location removed.';
    case 'MutationReceived':
      return `${event.data.mutation} of ${event.data.target} was asked for.`;
    case 'MutationAnswered':
      return `${event.data.mutation} of ${event.data.target} was answered: ${event.data.answer}.`;
    case 'BackupRequested':
    case 'BackupRejected':
    case 'BackupStarted':
    case 'BackupPostHooksOwed':
    case 'BackupPostHooksSettled':
    case 'BackupInterrupted':
    case 'BackupContentsStored':
    case 'BackupFinished':
    case 'BackupDiscovered':
    case 'BackupDeleted':
    case 'BackupSnapshotsBegun':
    case 'BackupSnapshotTaken':
    case 'BackupSnapshotFailed':
    case 'BackupSnapshotReady':
    case 'BackupSnapshotsDiscarded':
      return backupSentence(event);
    case 'RestoreRequested':
    case 'RestoreRejected':
    case 'RestoreStarted':
    case 'RestoreHooksRun':
    case 'RestoreInterrupted':
    case 'RestoreItemsApplied':
    case 'RestoreFinished':
    case 'RestoreDiscovered':
    case 'RestoreDeleted':
      return restoreSentence(event);
  }
};
