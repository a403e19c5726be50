import type { DataDownload } from '../velero.gen.js';
import { BUILT_IN_MOVER } from './data-upload.js';
import { workOf } from './move-info.js';
import type { VolumeDownload } from './restore-moves.js';

const CSI_CLAIM_ACTION = 'velero.io/csi-pvc-restorer';

/** The entry of `<restore>-volumeinfo.json.gz` (`internal/volume/volumes_information.go`). */
export const downloadEntry = ({ namespace, claim, snapshotId, operation, dataMover }: VolumeDownload) => ({
  pvcName: claim,
  pvcNamespace: namespace,
  restoreMethod: 'CSISnapshot' as const,
  snapshotDataMoved: true,
  snapshotDataMovementInfo: {
    dataMover: dataMover === '' ? BUILT_IN_MOVER : dataMover,
    uploaderType: 'kopia',
    snapshotHandle: snapshotId,
    operationID: operation,
    size: 0,
    Phase: '',
  },
});

const statusOf = ({ end, since }: VolumeDownload, download: DataDownload | undefined) => {
  if (!end) return { phase: 'New' as const, created: since, updated: since };
  const phase = end.is === 'moved' ? ('Completed' as const) : ('Failed' as const);
  const gone = { phase, completionTimestamp: end.at };
  return {
    phase,
    ...(end.is === 'failed' && { error: end.reason }),
    created: since,
    ...workOf(download ? (download.status ?? {}) : gone),
  };
};

/** The entry of `restore-<restore>-itemoperations.json.gz`. The DataDownload is absent where it is gone, or was not looked at. */
export const downloadOperation = (
  one: VolumeDownload,
  restore: { readonly name: string; readonly uid: string },
  download?: DataDownload,
) => ({
  spec: {
    restoreName: restore.name,
    restoreUID: restore.uid,
    restoreItemAction: CSI_CLAIM_ACTION,
    resourceIdentifier: {
      Group: '',
      Resource: 'persistentvolumeclaims',
      Namespace: one.namespace,
      Name: one.claim,
    },
    operationID: one.operation,
  },
  status: statusOf(one, download),
});
