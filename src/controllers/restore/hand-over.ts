import { createHash } from 'node:crypto';
import { textAt, type JsonObject } from '../../domain/json.js';
import type { RestoreCommand } from '../../domain/restore-facts.js';
import type { Backup, RestoreSpec } from '../../domain/velero.gen.js';
import { downloadToCreate, type MovedData } from '../../domain/volumes/data-download.js';
import { isFault } from '../../faults.js';
import { labelValue } from '../label-value.js';
import type { ControllerPorts } from '../ports.js';

const LONGEST_NAME = 253;
const OPERATION_TIMEOUT = '10m0s';

/** A claim on its way to the cluster. */
export interface ClaimOnItsWay {
  readonly archived: JsonObject;
  /** Where it goes. */
  readonly namespace: string;
  readonly name: string;
}

/** Asks a data mover to fill the volume of a claim: the DataDownload first, then the fact. Answers why that cannot be asked for. */
export type ClaimHandOver = (data: MovedData, claim: ClaimOnItsWay) => Promise<string | undefined>;

interface Handing {
  readonly restore: { readonly name: string; readonly uid: string };
  readonly attempt: number;
  readonly spec: RestoreSpec;
  readonly backup: Backup;
  readonly send: (command: RestoreCommand) => Promise<void>;
  readonly now: () => string;
  readonly signal: AbortSignal;
}

const hash = (cause: string): string => createHash('sha256').update(cause).digest('hex').slice(0, 8);

/** The same in every attempt of a restore: a further one goes on with what the one before has asked for. */
export const downloadNameOf = (restore: Handing['restore'], namespace: string, claim: string): string => {
  const end = `-${hash(`${restore.uid}/${namespace}/${claim}`)}`;
  return restore.name.slice(0, LONGEST_NAME - end.length).replace(/[.-]+$/, '') + end;
};

/** The value of the selector that no volume has but the one that is filled for this claim. */
export const fillSelectorOf = (restoreUid: string, namespace: string, claim: string): string =>
  labelValue(`${namespace}.${claim}.${hash(`${restoreUid}/${namespace}/${claim}`)}`);

/** How the claims of one restore are handed over (`pkg/restore/actions/csi/pvc_action.go`). Faults are those of `Cluster` and of the facts. */
export const createClaimHandOver =
  ({ resources }: ControllerPorts, handing: Handing): ClaimHandOver =>
  async (data, { archived, namespace, name: claim }) => {
    const { restore, attempt, spec, backup, send, now, signal } = handing;
    const download = downloadNameOf(restore, namespace, claim);
    const operation = labelValue(`dd-${restore.uid}.${textAt(archived, 'metadata', 'uid')}`);
    const body = downloadToCreate({
      name: download,
      namespace: resources.namespace,
      restore: { ...restore, label: labelValue(restore.name) },
      operation,
      target: { namespace, claim },
      data,
      // The one by which this cluster knows the bucket: where the backup was made it may have had another name.
      location: backup.spec?.storageLocation ?? '',
      operationTimeout: backup.spec?.csiSnapshotTimeout ?? OPERATION_TIMEOUT,
      ...(spec.uploaderConfig && { uploaderConfig: spec.uploaderConfig }),
    });
    try {
      await resources.create('DataDownload', body, signal);
    } catch (error) {
      if (signal.aborted || !isFault(error) || error.retriable) throw error;
      return `DataDownload ${download} could not be created: ${error.message}`;
    }
    const { snapshotId, dataMover } = data;
    const volume = { namespace, claim, download, operation, snapshotId, dataMover };
    await send({ type: 'HandOverClaim', attempt, volume, now: now() });
    return undefined;
  };
