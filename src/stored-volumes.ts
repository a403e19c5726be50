import type { BackupVolumeInfo, RestoreVolumeInfo } from './archive/sidecar-types.js';
import { at, isObject, textAt } from './domain/json.js';
import type { StoredVolume } from './graphql/operation-files.js';

const METHODS: Readonly<Record<string, NonNullable<StoredVolume['method']>>> = {
  CSISnapshot: 'CSISnapshot',
  NativeSnapshot: 'NativeSnapshot',
  PodVolumeBackup: 'PodVolume',
  PodVolumeRestore: 'PodVolume',
};

const RESULTS: Readonly<Record<string, NonNullable<StoredVolume['result']>>> = {
  succeeded: 'succeeded',
  failed: 'failed',
};

/** Where an entry tells of what is kept; of a moved snapshot the moved data counts, the snapshot itself is gone. */
const KEPT = ['snapshotDataMovementInfo', 'csiSnapshotInfo', 'nativeSnapshotInfo', 'pvbInfo', 'pvrInfo'];

/** One entry of a file about volumes. Files of others may lack what ours have: what is not there, or is of another type, is left out. */
export const storedVolume = (entry: BackupVolumeInfo | RestoreVolumeInfo): StoredVolume => {
  const text = (
    key: 'skippedReason' | 'handle' | 'driver' | 'startedAt' | 'completedAt',
    ...path: string[]
  ) => {
    const found = textAt(entry, ...path);
    return found === '' ? {} : { [key]: found };
  };
  const kept = KEPT.find((name) => isObject(at(entry, name))) ?? '';
  const pods = ['pvbInfo', 'pvrInfo'].find((name) => textAt(entry, name, 'podName') !== '');
  const method = METHODS[textAt(entry, 'backupMethod') || textAt(entry, 'restoreMethod')];
  const result = RESULTS[textAt(entry, 'result')];
  const size = at(entry, kept, 'size');
  return {
    claim: { namespace: textAt(entry, 'pvcNamespace'), name: textAt(entry, 'pvcName') },
    persistentVolume: textAt(entry, 'pvName'),
    dataMoved: at(entry, 'snapshotDataMoved') === true,
    ...(pods !== undefined && {
      pod: {
        namespace: textAt(entry, pods, 'podNamespace'),
        name: textAt(entry, pods, 'podName'),
        volume: textAt(entry, pods, 'volumeName'),
      },
    }),
    ...(method && { method }),
    ...(result && { result }),
    ...text('skippedReason', 'skippedReason'),
    ...text('handle', kept, 'snapshotHandle'),
    ...text('driver', 'csiSnapshotInfo', 'driver'),
    ...(typeof size === 'number' && Number.isSafeInteger(size) && { size }),
    ...text('startedAt', 'startTimestamp'),
    ...text('completedAt', 'completionTimestamp'),
  };
};
