import type { BackupCopyEvent } from '../volumes/backup-copies.js';
import type { BackupMoveEvent } from '../volumes/backup-moves.js';
import type { ProviderSnapshotEvent } from '../volumes/provider-snapshots.js';
import { mib, some } from './words.js';

export const copySentence = ({ type, data }: BackupCopyEvent): string => {
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

export const providerSnapshotSentence = ({ type, data }: ProviderSnapshotEvent): string => {
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

export const moveSentence = ({ type, data }: BackupMoveEvent): string => {
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
