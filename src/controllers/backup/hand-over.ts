import { createHash } from 'node:crypto';
import { nameOf, namespaceOf } from '../../domain/item.js';
import { textAt, type JsonObject } from '../../domain/json.js';
import { VELERO_TYPES, type BackupSpec } from '../../domain/velero.gen.js';
import { uploadToCreate } from '../../domain/volumes/data-upload.js';
import type { HandedOver } from '../../domain/volumes/move-info.js';
import type { CutSnapshot } from '../../domain/volumes/snapshot-objects.js';
import { isFault } from '../../faults.js';
import type { FactSender } from './hook-facts.js';
import { labelValue } from '../label-value.js';
import type { ControllerPorts } from '../ports.js';

const LONGEST_NAME = 253;

/** Gives a snapshot that was cut to a data mover: the DataUpload first, then the fact. What cannot be asked for is a problem. */
export type HandOver = (
  claim: JsonObject,
  cut: CutSnapshot,
) => Promise<HandedOver | { readonly problem: string }>;

interface Handing {
  readonly backup: { readonly name: string; readonly uid: string };
  readonly attempt: number;
  readonly spec: BackupSpec;
  readonly send: FactSender;
  readonly now: () => string;
  readonly signal: AbortSignal;
}

/**
 * One claim has one DataUpload in each attempt, whatever crashes: its name follows from the cause. Another attempt has another, so that it
 * cannot be taken for what the one before left behind.
 */
export const uploadNameOf = (backup: Handing['backup'], attempt: number, claim: JsonObject): string => {
  const cause = `${backup.uid}/${attempt}/${textAt(claim, 'metadata', 'uid')}`;
  const end = `-${createHash('sha256').update(cause).digest('hex').slice(0, 8)}`;
  return backup.name.slice(0, LONGEST_NAME - end.length).replace(/[.-]+$/, '') + end;
};

/** How the snapshots of one run are handed over (`pkg/backup/actions/csi/pvc_action.go`). Faults are those of `Cluster` and of the facts. */
export const createHandOver =
  ({ resources }: ControllerPorts, handing: Handing): HandOver =>
  async (claim, cut) => {
    const { backup, attempt, spec, send, now, signal } = handing;
    const name = uploadNameOf(backup, attempt, claim);
    const claimUid = textAt(claim, 'metadata', 'uid');
    const operation = labelValue(`du-${backup.uid}.${claimUid}`);
    const dataMover = spec.datamover ?? '';
    const { namespace } = resources;
    const parallelFiles = spec.uploaderConfig?.parallelFilesUpload;
    const body = uploadToCreate({
      name,
      namespace,
      backup: { ...backup, label: labelValue(backup.name) },
      operation,
      claim,
      cut,
      location: spec.storageLocation ?? '',
      operationTimeout: spec.csiSnapshotTimeout ?? '10m0s',
      dataMover,
      ...(parallelFiles && { parallelFiles }),
    });
    try {
      await resources.create('DataUpload', body, signal);
    } catch (error) {
      if (signal.aborted || !isFault(error) || error.retriable) throw error;
      return { problem: `${VELERO_TYPES.DataUpload.kind} ${name} could not be created: ${error.message}` };
    }
    const { name: snapshot, content, driver, handle, ready } = cut;
    const volume = textAt(claim, 'spec', 'volumeName');
    const place = { namespace: namespaceOf(claim), claim: nameOf(claim) };
    await send({
      type: 'HandOverVolume',
      attempt,
      volume: { ...place, volume, snapshot, content, driver, handle, ready, upload: name, operation },
      now: now(),
    });
    return { cut, upload: name, namespace, operation, dataMover };
  };
