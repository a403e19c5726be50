import { RESTORE_NAME_LABEL, RESTORE_UID_LABEL } from '../labels.js';
import { put, type JsonObject } from '../json.js';
import type { DataDownload, DataDownloadSpec, DataUpload, RestoreSpec } from '../velero.gen.js';
import { OPERATION_LABEL } from './data-upload.js';
import type { DownloadEnd } from './restore-moves.js';

/** On the selector of a restored claim: no volume fits it, so that the claim waits for the one that is filled for it. */
export const DYNAMIC_RESTORE_LABEL = 'velero.io/dynamic-pv-restore';

/** Where the moved data of a claim is, as its archived DataUpload tells. */
export interface MovedData {
  readonly snapshotId: string;
  /** Bytes; 0 if that is not known. */
  readonly size: number;
  /** Names the repository. */
  readonly sourceNamespace: string;
  readonly dataMover: string;
  readonly dataMoverResult: Readonly<Record<string, string>>;
  readonly nodeOS?: DataDownloadSpec['nodeOS'];
}

export type MovedDataFound =
  | { readonly data: MovedData }
  /** The volume held nothing, so there is nothing to bring back. */
  | { readonly nothing: true }
  | { readonly problem: string };

/** What an archived DataUpload says (`pkg/restore/actions/dataupload_retrieve_action.go`). */
export const movedDataOf = ({ metadata, spec, status }: DataUpload): MovedDataFound => {
  const snapshotId = status?.snapshotID ?? '';
  const { phase = '' } = status ?? {};
  if (phase !== 'Completed')
    return {
      problem: `the backup holds no data of this claim: its DataUpload ${metadata.name} is ${phase || 'New'}; with restorePVs: false it comes back empty`,
    };
  if (snapshotId === '') return { nothing: true };
  const { nodeOS } = status ?? {};
  return {
    data: {
      snapshotId,
      size: status?.progress?.totalBytes ?? 0,
      sourceNamespace: spec?.sourceNamespace ?? '',
      dataMover: spec?.datamover ?? '',
      dataMoverResult: status?.dataMoverResult ?? {},
      ...(nodeOS && { nodeOS }),
    },
  };
};

/** What a DataDownload is made of. Label values come shortened. */
export interface DownloadToCreate {
  readonly name: string;
  /** Of the server. */
  readonly namespace: string;
  readonly restore: { readonly name: string; readonly uid: string; readonly label: string };
  readonly operation: string;
  readonly target: { readonly namespace: string; readonly claim: string };
  readonly data: MovedData;
  readonly location: string;
  /** Go duration. */
  readonly operationTimeout: string;
  readonly uploaderConfig?: RestoreSpec['uploaderConfig'];
}

const configOf = ({ data, uploaderConfig }: DownloadToCreate): Readonly<Record<string, string>> => {
  const parallel = uploaderConfig?.parallelFilesDownload ?? 0;
  return {
    ...data.dataMoverResult,
    ...(uploaderConfig && { WriteSparseFiles: String(uploaderConfig.writeSparseFiles === true) }),
    ...(parallel > 0 && { ParallelFilesDownload: String(parallel) }),
  };
};

/** The request that somebody fills the volume of a claim (`pkg/restore/actions/csi/pvc_action.go`). */
export const downloadToCreate = (of: DownloadToCreate): object => {
  const { restore, data, target } = of;
  const config = configOf(of);
  const spec: DataDownloadSpec = {
    targetVolume: { namespace: target.namespace, pvc: target.claim, pv: '' },
    backupStorageLocation: of.location,
    snapshotID: data.snapshotId,
    sourceNamespace: data.sourceNamespace,
    operationTimeout: of.operationTimeout,
    ...(data.dataMover !== '' && { datamover: data.dataMover }),
    ...(Object.keys(config).length > 0 && { dataMoverConfig: config }),
    ...(data.nodeOS && { nodeOS: data.nodeOS }),
    ...(data.size > 0 && { snapshotSize: data.size }),
  };
  return {
    apiVersion: 'velero.io/v2alpha1',
    kind: 'DataDownload',
    metadata: {
      name: of.name,
      namespace: of.namespace,
      labels: {
        [OPERATION_LABEL]: of.operation,
        [RESTORE_NAME_LABEL]: restore.label,
        [RESTORE_UID_LABEL]: restore.uid,
      },
      ownerReferences: [
        {
          apiVersion: 'velero.io/v1',
          kind: 'Restore',
          name: restore.name,
          uid: restore.uid,
          controller: true,
        },
      ],
    },
    spec,
  };
};

/** The claim as it waits for the volume that is filled for it. */
export const claimToFill = (claim: JsonObject, selector: string): JsonObject =>
  put(claim, ['spec', 'selector'], { matchLabels: { [DYNAMIC_RESTORE_LABEL]: selector } });

type Ended = {
  readonly [K in DownloadEnd['is']]: Omit<Extract<DownloadEnd, { is: K }>, 'at'>;
}[DownloadEnd['is']];

/** How a DataDownload ended, in Velero's words where it failed; `undefined` while it goes on. */
export const endOfDownload = ({ status }: Pick<DataDownload, 'status'>): Ended | undefined => {
  switch (status?.phase) {
    case 'Completed':
      return { is: 'moved', bytes: status.progress?.totalBytes ?? 0 };
    case 'Failed':
      return { is: 'failed', reason: status.message || 'the data mover gives no reason' };
    case 'Canceled':
      return { is: 'failed', reason: 'DataDownload is canceled' };
    default:
      return undefined;
  }
};
