import {
  decodeBackupVolumeInfo,
  decodeCsiSnapshotContents,
  decodePodVolumeBackups,
  decodeVolumeSnapshots,
} from '../../archive/sidecars.js';
import type { BackupVolumeInfo } from '../../archive/sidecar-types.js';
import { textAt } from '../../domain/json.js';
import type { Layout } from '../../objectstore/layout.js';
import type { BackupOfVolumes, ControllerPorts } from '../ports.js';
import type { Resources } from '../resources.js';
import { readObject } from '../stored-object.js';

/** A piece of volume data outside of the backup's own files; `handle` is what its storage calls it. */
interface Piece {
  readonly handle: string;
  readonly what: string;
}

const UID_LABEL = 'velero.io/backup-uid';

const ofVolumeInfo = (info: BackupVolumeInfo): Piece | undefined => {
  const volume = info.pvName ?? `${info.pvcNamespace ?? ''}/${info.pvcName ?? ''}`;
  const moved = info.snapshotDataMoved ? info.snapshotDataMovementInfo?.snapshotHandle : undefined;
  if (moved) return { handle: moved, what: `moved snapshot of volume ${volume}` };
  const { nativeSnapshotInfo: native, csiSnapshotInfo: csi, pvbInfo: copy } = info;
  if (native?.snapshotHandle) return { handle: native.snapshotHandle, what: `snapshot of volume ${volume}` };
  if (csi?.snapshotHandle) return { handle: csi.snapshotHandle, what: `CSI snapshot of volume ${volume}` };
  if (!copy?.snapshotHandle) return undefined;
  return {
    handle: copy.snapshotHandle,
    what: `file-system copy of volume ${copy.volumeName} of pod ${copy.podNamespace}/${copy.podName}`,
  };
};

/** One kind of file that tells of volume data. Velero 1.18 says all in the first; older versions have the others alone. */
interface Source {
  readonly key: Layout['volumeInfo'];
  readonly pieces: (bytes: Buffer, key: string) => Promise<readonly (Piece | undefined)[]>;
}

const sourcesOf = (layout: Layout): readonly Source[] => [
  {
    key: layout.volumeInfo,
    pieces: async (bytes, key) => (await decodeBackupVolumeInfo(bytes, key)).map(ofVolumeInfo),
  },
  {
    key: layout.volumeSnapshots,
    pieces: async (bytes, key) =>
      (await decodeVolumeSnapshots(bytes, key)).map(({ spec, status }) => ({
        handle: status.providerSnapshotID ?? '',
        what: `snapshot of volume ${spec.persistentVolumeName}`,
      })),
  },
  {
    key: layout.csiVolumeSnapshotContents,
    pieces: async (bytes, key) =>
      (await decodeCsiSnapshotContents(bytes, key)).map(({ metadata, status }) => ({
        handle: status?.snapshotHandle ?? '',
        what: `CSI snapshot of VolumeSnapshotContent ${metadata.name}`,
      })),
  },
  {
    key: layout.podVolumeBackups,
    pieces: async (bytes, key) =>
      (await decodePodVolumeBackups(bytes, key)).map((copy) => ({
        handle: textAt(copy, 'status', 'snapshotID'),
        what: `file-system copy ${copy.metadata.name}`,
      })),
  },
];

const inFiles = async (
  { name, location: { store, layout } }: BackupOfVolumes,
  signal: AbortSignal,
): Promise<readonly (Piece | undefined)[]> => {
  const found: (Piece | undefined)[] = [];
  for (const { key, pieces } of sourcesOf(layout)) {
    const bytes = await readObject(store, key(name), signal);
    if (bytes) found.push(...(await pieces(bytes, key(name))));
  }
  return found;
};

/** A backup that failed has no files that tell of its copies; their resources do. By uid: labels hold shortened names. */
const inCluster = async (
  resources: Resources,
  { uid }: BackupOfVolumes,
  signal: AbortSignal,
): Promise<readonly Piece[]> => {
  const found: Piece[] = [];
  for (const kind of ['PodVolumeBackup', 'DataUpload'] as const)
    for (const object of await resources.list(kind, signal)) {
      const { name, labels } = object.metadata;
      const handle = object.status?.snapshotID;
      if (labels?.[UID_LABEL] === uid && handle) found.push({ handle, what: `data of ${kind} ${name}` });
    }
  return found;
};

/**
 * What this version does about volume data: it deletes none, but finds and names each piece, so that the deletion of the backup
 * fails rather than leave data behind that nobody knows of any more.
 */
export const refuseVolumeData =
  (resources: Resources): ControllerPorts['deleteBackupVolumes'] =>
  async (backup, signal) => {
    const pieces = [...(await inFiles(backup, signal)), ...(await inCluster(resources, backup, signal))];
    const byHandle = new Map<string, string>();
    for (const piece of pieces)
      if (piece && piece.handle !== '' && !byHandle.has(piece.handle)) byHandle.set(piece.handle, piece.what);
    return [...byHandle].map(
      ([handle, what]) =>
        `${what} (${handle}) cannot be deleted by this version; delete the backup with Velero, or wait for a version that can`,
    );
  };
