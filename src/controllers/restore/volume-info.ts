import type { BackupVolumeInfo, RestoreVolumeInfo } from '../../archive/sidecar-types.js';
import { mapNamespace } from '../../domain/restore-selection.js';
import type { RestoreSpec } from '../../domain/velero.gen.js';
import { fillingEntry } from '../../domain/volumes/filling-info.js';
import type { Filling } from '../../domain/volumes/restore-moves.js';
import { restoredSnapshotName } from './snapshot-data.js';

interface Restored {
  readonly spec: RestoreSpec;
  readonly restoreUid: string;
  readonly volumeInfo: readonly BackupVolumeInfo[];
  /** Entries of the restore's resource list for claims: `namespace/name(created)`. */
  readonly claims: readonly string[];
  /** Volumes that are filled from the bucket. */
  readonly fillings: readonly Filling[];
}

/** The VolumeSnapshot by the id of its operation, `namespace/name/time`; the file names it nowhere else. */
const snapshotIn = (operationId = ''): string => operationId.split('/')[1] ?? '';

/**
 * Entries of `<restore>-volumeinfo.json.gz` (`internal/volume/volumes_information.go`): the claims that this restore made from a
 * snapshot of CSI, as they are called in the cluster now.
 */
export const restoredVolumeInfo = (restored: Restored): readonly RestoreVolumeInfo[] => {
  const { spec, restoreUid, volumeInfo, claims, fillings } = restored;
  const made = new Set(claims);
  if (spec.restorePVs === false) return [];
  const moved = fillings.map(fillingEntry);
  const snapshots = volumeInfo.flatMap((info): readonly RestoreVolumeInfo[] => {
    const { backupMethod, snapshotDataMoved, csiSnapshotInfo, pvcName = '', pvcNamespace = '' } = info;
    const namespace = mapNamespace(spec.namespaceMapping, pvcNamespace);
    const ofCsi = backupMethod === 'CSISnapshot' && !snapshotDataMoved;
    if (!ofCsi || !csiSnapshotInfo || !made.has(`${namespace}/${pvcName}(created)`)) return [];
    const { snapshotHandle, size, driver, operationID } = csiSnapshotInfo;
    const vscName = restoredSnapshotName(restoreUid, snapshotIn(operationID));
    return [
      {
        pvcName,
        pvcNamespace: namespace,
        restoreMethod: 'CSISnapshot',
        snapshotDataMoved: false,
        csiSnapshotInfo: { snapshotHandle, size, driver, vscName, ReadyToUse: null },
      },
    ];
  });
  return [...snapshots, ...moved];
};
