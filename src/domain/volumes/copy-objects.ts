import { labelsOf, nameOf, namespaceOf, type Labels } from '../item.js';
import { numberOf, at, textAt, type JsonObject } from '../json.js';
import {
  BACKUP_NAME_LABEL,
  BACKUP_UID_LABEL,
  CLAIM_UID_LABEL,
  RESTORE_NAME_LABEL,
  RESTORE_UID_LABEL,
} from '../labels.js';
import { hasMoveEnded } from '../phases.js';

/** Bears the name of the claim on a PodVolumeBackup: a restore of an old backup finds the volume by it. */
export const CLAIM_NAME_ANNOTATION = 'velero.io/pvc-name';
const POD_UID_LABEL = 'velero.io/pod-uid';
/** By which the pods are known that run an agent. */
export const AGENT_SELECTOR = 'role=node-agent';

/** True of a PodVolumeBackup or PodVolumeRestore that nobody works on any more. */
export const hasCopyEnded = (object: unknown): boolean => hasMoveEnded(textAt(object, 'status', 'phase'));

const owner = (
  kind: 'Backup' | 'Restore',
  { name, uid }: { readonly name: string; readonly uid: string },
) => ({
  apiVersion: 'velero.io/v1',
  kind,
  name,
  uid,
  controller: true,
});

const podRef = (pod: JsonObject) => ({
  kind: 'Pod',
  namespace: namespaceOf(pod),
  name: nameOf(pod),
  uid: textAt(pod, 'metadata', 'uid'),
});

export interface CopyToAsk {
  readonly name: string;
  /** Of the server. */
  readonly namespace: string;
  readonly backup: { readonly name: string; readonly uid: string; readonly label: string };
  readonly location: string;
  readonly pod: JsonObject;
  readonly volume: string;
  readonly claim?: JsonObject;
  /** Files read at once; absent where the backup says nothing. */
  readonly parallelFiles?: number;
}

/** The PodVolumeBackup that asks the agent of the pod's node for a copy of one volume (`pkg/podvolume/backupper.go`). */
export const podVolumeBackup = (ask: CopyToAsk): JsonObject => {
  const { name, namespace, backup, location, pod, volume, claim, parallelFiles } = ask;
  const claimUid = claim ? textAt(claim, 'metadata', 'uid') : '';
  return {
    apiVersion: 'velero.io/v1',
    kind: 'PodVolumeBackup',
    metadata: {
      name,
      namespace,
      ownerReferences: [owner('Backup', backup)],
      labels: {
        [BACKUP_NAME_LABEL]: backup.label,
        [BACKUP_UID_LABEL]: backup.uid,
        ...(claim && { [CLAIM_UID_LABEL]: claimUid }),
      },
      ...(claim && { annotations: { [CLAIM_NAME_ANNOTATION]: nameOf(claim) } }),
    },
    spec: {
      node: textAt(pod, 'spec', 'nodeName'),
      pod: podRef(pod),
      volume,
      tags: {
        backup: backup.name,
        'backup-uid': backup.uid,
        pod: nameOf(pod),
        'pod-uid': textAt(pod, 'metadata', 'uid'),
        ns: namespaceOf(pod),
        volume,
        ...(claim && { 'pvc-uid': claimUid }),
      },
      backupStorageLocation: location,
      repoIdentifier: '',
      uploaderType: 'kopia',
      ...(parallelFiles !== undefined && {
        uploaderSettings: { ParallelFilesUpload: String(parallelFiles) },
      }),
    },
  };
};

/** A copied volume as a restore needs it, read from a PodVolumeBackup. */
export interface CopiedVolume {
  /** Where the pod was when it was backed up. */
  readonly namespace: string;
  readonly pod: string;
  readonly volume: string;
  /** By which the repository knows the copy. */
  readonly snapshot: string;
  /** Empty for a volume without a claim. */
  readonly claim: string;
  readonly repository: string;
  readonly uploader: string;
  readonly bytes: number;
}

/** `undefined` where there is nothing to put back: the copy failed, or the volume was empty. */
export const copiedVolumeOf = (backup: unknown): CopiedVolume | undefined => {
  const snapshot = textAt(backup, 'status', 'snapshotID');
  if (snapshot === '' || textAt(backup, 'status', 'phase') !== 'Completed') return undefined;
  return {
    namespace: textAt(backup, 'spec', 'pod', 'namespace'),
    pod: textAt(backup, 'spec', 'pod', 'name'),
    volume: textAt(backup, 'spec', 'volume'),
    snapshot,
    claim: textAt(backup, 'metadata', 'annotations', CLAIM_NAME_ANNOTATION),
    repository: textAt(backup, 'spec', 'repoIdentifier'),
    uploader: textAt(backup, 'spec', 'uploaderType'),
    bytes: numberOf(at(backup, 'status', 'progress', 'totalBytes')) ?? 0,
  };
};

export interface FillToAsk {
  readonly name: string;
  readonly namespace: string;
  readonly restore: { readonly name: string; readonly uid: string; readonly label: string };
  readonly location: string;
  /** As the API server made it. */
  readonly pod: JsonObject;
  readonly copy: CopiedVolume;
  readonly claimUid?: string;
  readonly settings?: Labels;
}

/** The PodVolumeRestore that asks an agent to fill one volume of a restored pod (`pkg/podvolume/restorer.go`). */
export const podVolumeRestore = (ask: FillToAsk): JsonObject => {
  const { name, namespace, restore, location, pod, copy, claimUid, settings } = ask;
  return {
    apiVersion: 'velero.io/v1',
    kind: 'PodVolumeRestore',
    metadata: {
      name,
      namespace,
      ownerReferences: [owner('Restore', restore)],
      labels: {
        [RESTORE_NAME_LABEL]: restore.label,
        [RESTORE_UID_LABEL]: restore.uid,
        [POD_UID_LABEL]: textAt(pod, 'metadata', 'uid'),
        ...(claimUid !== undefined && { [CLAIM_UID_LABEL]: claimUid }),
      },
    },
    spec: {
      pod: podRef(pod),
      volume: copy.volume,
      snapshotID: copy.snapshot,
      snapshotSize: copy.bytes,
      backupStorageLocation: location,
      repoIdentifier: copy.repository,
      uploaderType: copy.uploader,
      sourceNamespace: copy.namespace,
      ...(settings && { uploaderSettings: settings }),
    },
  };
};

/** Whether an agent's pod runs, and on which node; empty if it does not. */
export const nodeOfAgent = (pod: JsonObject): string =>
  textAt(pod, 'status', 'phase') === 'Running' ? textAt(pod, 'spec', 'nodeName') : '';

/** True of what belongs to this owner; labels of names are shortened, those of uids are not. */
export const hasLabel = (object: JsonObject, label: string, value: string): boolean =>
  labelsOf(object)[label] === value;
