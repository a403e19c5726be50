import {
  decodeBackupVolumeInfo,
  decodeCsiSnapshotContents,
  decodePodVolumeBackups,
} from '../../archive/sidecars.js';
import type { BackupVolumeInfo } from '../../archive/sidecar-types.js';
import type { Cluster } from '../../cluster/port.js';
import { textAt } from '../../domain/json.js';
import type { Layout } from '../../objectstore/layout.js';
import type { BackupOfVolumes, ControllerPorts } from '../ports.js';
import type { Resources } from '../resources.js';
import { readObject } from '../stored-object.js';
import { deleteBackupSnapshots, physicalSnapshotOf } from '../volumes/delete-backup-snapshots.js';
import type { PhysicalSnapshot } from '../volumes/delete-physical.js';
import type { Repositories } from '../../repositories/port.js';
import type { DataUpload, PodVolumeBackup } from '../../domain/velero.gen.js';
import { archivedSnapshots } from './archived-snapshots.js';
import { forgetCopies, type StoredCopy } from './copies.js';
import { deleteNativeSnapshots } from './native-snapshots.js';
import { BACKUP_UID_LABEL } from '../../domain/labels.js';

/** A piece of volume data outside of the backup's own files; `handle` is what its storage calls it. */
interface Piece {
  readonly handle: string;
  readonly what: string;
  /** What its CSI driver has to know to delete it. */
  readonly snapshot?: PhysicalSnapshot | undefined;
  /** Of a copy that kopia made: whose namespace names the repository. */
  readonly volumeNamespace?: string | undefined;
}

interface Deleting {
  readonly cluster: Cluster;
  readonly resources: Resources;
  readonly repositories: Repositories;
  /** Folder for temporary files. */
  readonly scratch: string;
  readonly openSnapshotter: ControllerPorts['openSnapshotter'];
}

/** Copies of restic are in repositories that only its own program can open. */
const repositoryOf = (
  uploader: string | undefined,
  namespace: string | undefined,
): Pick<Piece, 'volumeNamespace'> => (uploader === 'kopia' ? { volumeNamespace: namespace } : {});

const ofVolumeInfo = (info: BackupVolumeInfo): Piece | undefined => {
  const volume = info.pvName ?? `${info.pvcNamespace ?? ''}/${info.pvcName ?? ''}`;
  const moved = info.snapshotDataMoved ? info.snapshotDataMovementInfo?.snapshotHandle : undefined;
  if (moved) {
    const uploader = info.snapshotDataMovementInfo?.uploaderType;
    return {
      handle: moved,
      what: `moved snapshot of volume ${volume}`,
      ...repositoryOf(uploader, info.pvcNamespace),
    };
  }
  const { nativeSnapshotInfo: native, csiSnapshotInfo: csi, pvbInfo: copy } = info;
  if (native?.snapshotHandle) return { handle: native.snapshotHandle, what: `snapshot of volume ${volume}` };
  if (csi?.snapshotHandle) {
    const { snapshotHandle: handle, driver } = csi;
    return { handle, what: `CSI snapshot of volume ${volume}`, snapshot: { driver, handle } };
  }
  if (!copy?.snapshotHandle) return undefined;
  return {
    handle: copy.snapshotHandle,
    what: `file-system copy of volume ${copy.volumeName} of pod ${copy.podNamespace}/${copy.podName}`,
    ...repositoryOf(copy.uploaderType, copy.podNamespace),
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
    key: layout.csiVolumeSnapshotContents,
    pieces: async (bytes, key) =>
      (await decodeCsiSnapshotContents(bytes, key)).map((content) => ({
        handle: content.status?.snapshotHandle ?? '',
        what: `CSI snapshot of VolumeSnapshotContent ${content.metadata.name}`,
        snapshot: physicalSnapshotOf(content),
      })),
  },
  {
    key: layout.podVolumeBackups,
    pieces: async (bytes, key) =>
      (await decodePodVolumeBackups(bytes, key)).map((copy) => ({
        handle: textAt(copy, 'status', 'snapshotID'),
        what: `file-system copy ${copy.metadata.name}`,
        ...repositoryOf(textAt(copy, 'spec', 'uploaderType'), textAt(copy, 'spec', 'pod', 'namespace')),
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
  const add = (
    { metadata: { name, labels } }: PodVolumeBackup | DataUpload,
    kind: string,
    handle: string | undefined,
    repository: Pick<Piece, 'volumeNamespace'>,
  ) => {
    if (labels?.[BACKUP_UID_LABEL] === uid && handle)
      found.push({ handle, what: `data of ${kind} ${name}`, ...repository });
  };
  for (const one of await resources.list('PodVolumeBackup', signal))
    add(
      one,
      'PodVolumeBackup',
      one.status?.snapshotID,
      repositoryOf(one.spec?.uploaderType, one.spec?.pod.namespace),
    );
  for (const one of await resources.list('DataUpload', signal)) {
    const mover = one.spec?.datamover ?? '';
    const uploader = mover === '' || mover === 'velero' ? 'kopia' : mover;
    add(one, 'DataUpload', one.status?.snapshotID, repositoryOf(uploader, one.spec?.sourceNamespace));
  }
  return found;
};

/**
 * Deletes the snapshots of a backup, those of CSI and those of providers, and forgets the copies of its volumes in repositories. Of
 * what this version cannot delete (copies that another program than kopia made) it names each piece, so that the deletion of the backup
 * fails rather than leave data behind that nobody knows of any more.
 */
export const deleteVolumeData =
  ({
    cluster,
    resources,
    repositories,
    scratch,
    openSnapshotter,
  }: Deleting): ControllerPorts['deleteBackupVolumes'] =>
  async (backup, signal) => {
    const pieces = [...(await inFiles(backup, signal)), ...(await inCluster(resources, backup, signal))];
    const native = await deleteNativeSnapshots({ resources, openSnapshotter }, backup, signal);
    const others = new Map<string, string>();
    const snapshots = new Map<string, PhysicalSnapshot>();
    const copies: StoredCopy[] = [];
    for (const piece of pieces)
      if (piece?.snapshot) snapshots.set(piece.handle, piece.snapshot);
      else if (piece?.volumeNamespace && piece.handle !== '')
        copies.push({ snapshotId: piece.handle, volumeNamespace: piece.volumeNamespace });
      else if (piece && piece.handle !== '' && !native.handled.has(piece.handle) && !others.has(piece.handle))
        others.set(piece.handle, piece.what);
    // The archive knows best: of a snapshot it also has the Secret that its driver asks for.
    for (const snapshot of await archivedSnapshots(backup, scratch, signal))
      snapshots.set(snapshot.handle, snapshot);
    const { namespace } = resources;
    const left = await deleteBackupSnapshots({ cluster, namespace }, [...snapshots.values()], signal);
    const location = backup.spec.storageLocation ?? '';
    const kept = await forgetCopies({ resources, repositories }, location, copies, signal);
    return [
      ...left,
      ...kept,
      ...native.problems,
      ...[...others].map(
        ([handle, what]) =>
          `${what} (${handle}) cannot be deleted by this version; delete the backup with Velero, or wait for a version that can`,
      ),
    ];
  };
