/**
 * Velero's bucket layout (`pkg/persistence/object_store_layout.go`): where every file of a backup and of a restore
 * lies. Nothing else in Lifeboat builds a key.
 */

import type { DownloadTargetKind } from '../domain/velero.gen.js';

/** The directories that may lie directly under the root of a location; Velero refuses a location with any other. */
export const KNOWN_TOP_LEVEL = ['backups', 'restores', 'restic', 'metadata', 'plugins', 'kopia'] as const;

type ObjectOf = (name: string) => string;

/** Slashes at both ends mean nothing in a bucket or a prefix; those inside a prefix do. */
export const trimSlashes = (text: string): string => text.replace(/^\/+|\/+$/g, '');

const backupKeys = (root: string) => {
  const dir: ObjectOf = (name) => `${root}backups/${name}/`;
  const file =
    (suffix: string): ObjectOf =>
    (name) =>
      `${dir(name)}${name}${suffix}`;
  return {
    backupsDir: (): string => `${root}backups/`,
    backupDir: dir,
    backupMetadata: ((name) => `${dir(name)}velero-backup.json`) as ObjectOf,
    backupContents: file('.tar.gz'),
    backupLog: file('-logs.gz'),
    /** gzipped JSON, although no `.json` is in the name. */
    backupResults: file('-results.gz'),
    podVolumeBackups: file('-podvolumebackups.json.gz'),
    volumeSnapshots: file('-volumesnapshots.json.gz'),
    itemOperations: file('-itemoperations.json.gz'),
    resourceList: file('-resource-list.json.gz'),
    volumeInfo: file('-volumeinfo.json.gz'),
    // Velero 1.18 writes none of these three; backups of older versions have them.
    csiVolumeSnapshots: file('-csi-volumesnapshots.json.gz'),
    csiVolumeSnapshotContents: file('-csi-volumesnapshotcontents.json.gz'),
    csiVolumeSnapshotClasses: file('-csi-volumesnapshotclasses.json.gz'),
  };
};

const restoreKeys = (root: string) => {
  const dir: ObjectOf = (name) => `${root}restores/${name}/`;
  const file =
    (suffix: string): ObjectOf =>
    (name) =>
      `${dir(name)}restore-${name}${suffix}`;
  return {
    restoresDir: (): string => `${root}restores/`,
    restoreDir: dir,
    restoreLog: file('-logs.gz'),
    restoreResults: file('-results.gz'),
    restoreResourceList: file('-resource-list.json.gz'),
    restoreItemOperations: file('-itemoperations.json.gz'),
    /** The only file of a restore whose name does not begin with `restore-`. */
    restoreVolumeInfo: ((name) => `${dir(name)}${name}-volumeinfo.json.gz`) as ObjectOf,
  };
};

export type Layout = ReturnType<typeof backupKeys> &
  ReturnType<typeof restoreKeys> & {
    /** Empty, or the prefix of the location with one slash at its end. */
    readonly rootPrefix: string;
    /** An object that belongs to no backup. It lies at the top, where Velero looks at directories and passes over files. */
    readonly probe: (id: string) => string;
    /** The kopia repository for the volumes of one namespace. */
    readonly kopiaRepository: (namespace: string) => string;
    /** The key that a DownloadRequest for this kind and name is about. */
    readonly download: (kind: DownloadTargetKind, name: string) => string;
    /** The last directory of a common prefix: `pre/backups/b1/` is `b1`. */
    readonly nameOf: (directory: string) => string;
  };

/** The layout of a location with this prefix (`spec.objectStorage.prefix`); slashes at its ends are ignored. */
export const createLayout = (prefix?: string): Layout => {
  const trimmed = trimSlashes(prefix ?? '');
  const rootPrefix = trimmed === '' ? '' : `${trimmed}/`;
  const backup = backupKeys(rootPrefix);
  const restore = restoreKeys(rootPrefix);
  const targets: Record<DownloadTargetKind, ObjectOf> = {
    BackupLog: backup.backupLog,
    BackupContents: backup.backupContents,
    BackupVolumeSnapshots: backup.volumeSnapshots,
    BackupItemOperations: backup.itemOperations,
    BackupResourceList: backup.resourceList,
    BackupResults: backup.backupResults,
    RestoreLog: restore.restoreLog,
    RestoreResults: restore.restoreResults,
    RestoreResourceList: restore.restoreResourceList,
    RestoreItemOperations: restore.restoreItemOperations,
    CSIBackupVolumeSnapshots: backup.csiVolumeSnapshots,
    CSIBackupVolumeSnapshotContents: backup.csiVolumeSnapshotContents,
    BackupVolumeInfos: backup.volumeInfo,
    RestoreVolumeInfo: restore.restoreVolumeInfo,
  };
  return {
    ...backup,
    ...restore,
    rootPrefix,
    probe: (id) => `${rootPrefix}lifeboat-doctor-${id}`,
    kopiaRepository: (namespace) => `${rootPrefix}kopia/${namespace}/`,
    download: (kind, name) => targets[kind](name),
    nameOf: (directory) => trimSlashes(directory).split('/').at(-1) ?? '',
  };
};
