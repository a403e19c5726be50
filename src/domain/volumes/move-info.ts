import type { DataUpload, DataUploadStatus } from '../velero.gen.js';
import type { MoveEnd } from './backup-moves.js';
import { BUILT_IN_MOVER } from './data-upload.js';
import type { CutSnapshot } from './snapshot-objects.js';

/** A snapshot that was handed over to a data mover. */
export interface HandedOver {
  readonly cut: CutSnapshot;
  /** Name of the DataUpload, and the namespace it is in. */
  readonly upload: string;
  readonly namespace: string;
  readonly operation: string;
  readonly dataMover: string;
}

const UPLOADER = 'kopia';
/** What becomes of the snapshot is the data mover's matter: Velero writes this word for what is not known any more. */
const UNKNOWN = 'unknown';

/** The part of an entry of the volume information that tells of the move (`internal/volume/volumes_information.go`). */
export const moveEntry = ({ cut, operation, dataMover }: HandedOver) => ({
  backupMethod: 'CSISnapshot' as const,
  snapshotDataMoved: true,
  preserveLocalSnapshot: false,
  skipped: false,
  csiSnapshotInfo: {
    snapshotHandle: UNKNOWN,
    size: 0,
    driver: cut.driver,
    vscName: UNKNOWN,
    operationID: UNKNOWN,
    ReadyToUse: null,
  },
  snapshotDataMovementInfo: {
    dataMover: dataMover === '' ? BUILT_IN_MOVER : dataMover,
    uploaderType: UPLOADER,
    retainedSnapshot: cut.name,
    snapshotHandle: '',
    operationID: operation,
    size: 0,
    Phase: '',
  },
});

const PVC_ACTION = 'velero.io/csi-pvc-backupper';

/** The entry of `<backup>-itemoperations.json.gz`. `created` is RFC 3339. */
export const moveOperation = (
  { upload, namespace, operation }: HandedOver,
  claim: { readonly namespace: string; readonly name: string },
  backup: { readonly name: string; readonly uid: string },
  created: string,
) => ({
  spec: {
    backupName: backup.name,
    backupUID: backup.uid,
    backupItemAction: PVC_ACTION,
    resourceIdentifier: {
      Group: '',
      Resource: 'persistentvolumeclaims',
      Namespace: claim.namespace,
      Name: claim.name,
    },
    operationID: operation,
    postOperationItems: [{ Group: 'velero.io', Resource: 'datauploads', Namespace: namespace, Name: upload }],
  },
  status: { phase: 'New' as const, created, updated: created },
});

/** What is known of a move at its end: the fact, and the DataUpload as it is now, unless that is gone. */
export interface EndedMove {
  readonly operation: string;
  readonly end: MoveEnd;
  readonly upload?: DataUpload;
}

/** How a data mover tells of its work in the status of its request, upload or download. */
type MoverStatus = Pick<DataUploadStatus, 'phase' | 'progress' | 'startTimestamp' | 'completionTimestamp'>;

/** What there is to say of one that is gone follows from the fact alone. */
const statusByFact = (end: MoveEnd): MoverStatus => ({
  phase: end.is === 'moved' ? 'Completed' : 'Failed',
  progress: end.is === 'moved' ? { bytesDone: end.bytes, totalBytes: end.bytes } : {},
  completionTimestamp: end.at,
});

/** The same entry with how the move ended. */
export const endedMoveEntry = <T extends { readonly snapshotDataMovementInfo?: object }>(
  entry: T,
  { end, upload }: EndedMove,
): T => {
  const moved = end.is === 'moved';
  const { phase, startTimestamp, completionTimestamp } = upload ? (upload.status ?? {}) : statusByFact(end);
  return {
    ...entry,
    ...(startTimestamp && { startTimestamp }),
    ...(completionTimestamp && { completionTimestamp }),
    result: moved ? 'succeeded' : 'failed',
    ...(entry.snapshotDataMovementInfo && {
      snapshotDataMovementInfo: {
        ...entry.snapshotDataMovementInfo,
        snapshotHandle: moved ? end.snapshotId : '',
        size: moved ? end.bytes : 0,
        ...(moved && end.incrementalBytes > 0 && { incrementalSize: end.incrementalBytes }),
        Phase: phase ?? '',
      },
    }),
  };
};

/**
 * What an operation says of the work of a data mover; bytes are what Velero counts (`Progress` in `pkg/backup/actions/csi/pvc_action.go`
 * and `pkg/restore/actions/csi/pvc_action.go`). One that never began says nothing.
 */
export const workOf = ({ phase = 'New', progress, startTimestamp, completionTimestamp }: MoverStatus) => {
  if (phase === 'New') return {};
  const { bytesDone: done = 0, totalBytes: total = 0 } = progress ?? {};
  return {
    ...(done > 0 && { nCompleted: done }),
    ...(total > 0 && { nTotal: total }),
    operationUnits: 'Bytes',
    description: phase,
    ...(startTimestamp && { started: startTimestamp }),
    ...(completionTimestamp && { updated: completionTimestamp }),
  };
};

/** The operation with how it ended. */
export const endedMoveOperation = <T extends { readonly status: { readonly created?: string } }>(
  operation: T,
  { end, upload }: EndedMove,
): T => ({
  ...operation,
  status: {
    phase: end.is === 'moved' ? 'Completed' : 'Failed',
    ...(end.is === 'failed' && { error: end.reason }),
    created: operation.status.created,
    ...workOf(upload ? (upload.status ?? {}) : statusByFact(end)),
  },
});
