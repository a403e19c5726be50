import type { RestoreEvent } from '../restore-facts.js';
import { isFillEvent, type RestoreFillEvent } from '../volumes/restore-fills.js';
import { count, ended, mib, namespaces, troubles } from './words.js';

const fillSentence = ({ type, data }: RestoreFillEvent): string => {
  const { namespace, pod, volume } = data.fill;
  return type === 'RestoreVolumeFilled'
    ? `Volume ${volume} of the restored pod ${namespace}/${pod} has its data back: ${mib(data.bytes)}.`
    : `Volume ${volume} of the restored pod ${namespace}/${pod} does not have its data back: ${data.reason}.`;
};

export const restoreSentence = (event: RestoreEvent): string => {
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
