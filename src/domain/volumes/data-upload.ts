import { BACKUP_NAME_LABEL, BACKUP_UID_LABEL, CLAIM_UID_LABEL } from '../labels.js';
import { annotationsOf, labelsOf, nameOf, namespaceOf } from '../item.js';
import { put, textAt, type JsonObject } from '../json.js';
import type { DataUpload, DataUploadSpec } from '../velero.gen.js';
import type { MoveEnd } from './backup-moves.js';
import { SNAPSHOT_NAME_KEY, type CutSnapshot } from './snapshot-objects.js';

/** On an archived claim: `namespace/name` of the DataUpload that moves its data. */
export const UPLOAD_NAME_ANNOTATION = 'velero.io/data-upload-name';
/** Ties a DataUpload or DataDownload to the operation in the files of its backup or restore. */
export const OPERATION_LABEL = 'velero.io/async-operation-id';
export const DATA_UPLOADS = 'datauploads.velero.io';

/** The data mover that is meant when none is named. */
export const BUILT_IN_MOVER = 'velero';

/** What Velero writes of an operation that took too long (`pkg/controller/backup_operations_controller.go`). */
export const OPERATION_TIMED_OUT = 'Asynchronous action timed out';

/** What a DataUpload is made of. Label values come shortened. */
export interface UploadToCreate {
  readonly name: string;
  /** Of the server. */
  readonly namespace: string;
  readonly backup: { readonly name: string; readonly uid: string; readonly label: string };
  readonly operation: string;
  readonly claim: JsonObject;
  readonly cut: CutSnapshot;
  readonly location: string;
  /** Go duration: how long steps in the cluster may take. */
  readonly operationTimeout: string;
  readonly dataMover: string;
  readonly parallelFiles?: number;
}

const specOf = (of: UploadToCreate): DataUploadSpec => {
  const { claim, cut, parallelFiles = 0 } = of;
  return {
    snapshotType: 'CSI',
    csiSnapshot: {
      driver: cut.driver,
      snapshotClass: cut.className,
      storageClass: textAt(claim, 'spec', 'storageClassName'),
      volumeSnapshot: cut.name,
    },
    sourcePVC: nameOf(claim),
    sourceNamespace: namespaceOf(claim),
    backupStorageLocation: of.location,
    operationTimeout: of.operationTimeout,
    ...(of.dataMover !== '' && { datamover: of.dataMover }),
    ...(parallelFiles > 0 && { dataMoverConfig: { ParallelFilesUpload: String(parallelFiles) } }),
  };
};

/** The request that somebody copies a snapshot into the bucket (`pkg/backup/actions/csi/pvc_action.go`). */
export const uploadToCreate = (of: UploadToCreate): object => ({
  apiVersion: 'velero.io/v2alpha1',
  kind: 'DataUpload',
  metadata: {
    name: of.name,
    namespace: of.namespace,
    labels: {
      [OPERATION_LABEL]: of.operation,
      [BACKUP_NAME_LABEL]: of.backup.label,
      [BACKUP_UID_LABEL]: of.backup.uid,
      [CLAIM_UID_LABEL]: textAt(of.claim, 'metadata', 'uid'),
    },
    ownerReferences: [
      {
        apiVersion: 'velero.io/v1',
        kind: 'Backup',
        name: of.backup.name,
        uid: of.backup.uid,
        controller: true,
      },
    ],
  },
  spec: specOf(of),
});

/** The claim as it is archived when its data is moved: it names the DataUpload, and asks for no more room than before. */
export const claimWithUpload = (
  claim: JsonObject,
  cut: CutSnapshot,
  named: { readonly upload: string; readonly snapshotLabel: string; readonly backupLabel: string },
): JsonObject => {
  const labels = {
    ...labelsOf(claim),
    [SNAPSHOT_NAME_KEY]: named.snapshotLabel,
    [BACKUP_NAME_LABEL]: named.backupLabel,
  };
  const annotations = {
    ...annotationsOf(claim),
    [SNAPSHOT_NAME_KEY]: cut.name,
    [UPLOAD_NAME_ANNOTATION]: named.upload,
  };
  return put(put(claim, ['metadata', 'labels'], labels), ['metadata', 'annotations'], annotations);
};

type Ended = { readonly [K in MoveEnd['is']]: Omit<Extract<MoveEnd, { is: K }>, 'at'> }[MoveEnd['is']];

/** How a DataUpload ended, in Velero's words where it failed; `undefined` while it goes on. */
export const endOfUpload = ({ status }: Pick<DataUpload, 'status'>): Ended | undefined => {
  switch (status?.phase) {
    case 'Completed':
      return {
        is: 'moved',
        snapshotId: status.snapshotID ?? '',
        bytes: status.progress?.totalBytes ?? 0,
        incrementalBytes: status.incrementalBytes ?? 0,
      };
    case 'Failed':
      return { is: 'failed', reason: status.message || 'the data mover gives no reason' };
    case 'Canceled':
      return { is: 'failed', reason: 'DataUpload is canceled' };
    default:
      return undefined;
  }
};
