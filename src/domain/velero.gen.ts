// Made by scripts/generate-types.ts from crds/*.yaml. Do not edit: change the CRD and run `npm run generate`.

/** What every Kubernetes object carries. The API server fills in what is missing here. */
export interface ObjectMeta {
  /** Unique among the objects of its kind in its namespace. */
  readonly name: string;
  readonly namespace?: string;
  /** Tells an object from an earlier one of the same name. */
  readonly uid?: string;
  /** Opaque; changes with every write. In a write it makes the write conditional. */
  readonly resourceVersion?: string;
  /** Counts changes of anything but metadata; for these kinds that includes the status. */
  readonly generation?: number;
  /** RFC 3339, UTC. */
  readonly creationTimestamp?: string;
  /** Set once somebody asked for the deletion; the object stays until it has no finalizers. RFC 3339, UTC. */
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
}

/** An object on which this one depends: when all owners are gone, this one is collected. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  /** The one owner that manages this object. */
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** The repository in object storage that holds the volume data of one namespace. */
export interface BackupRepository {
  readonly apiVersion: 'velero.io/v1';
  readonly kind: 'BackupRepository';
  readonly metadata: ObjectMeta;
  readonly spec?: BackupRepositorySpec;
  readonly status?: BackupRepositoryStatus;
}

/** Which namespace and which bucket the repository is for, and how it is looked after. */
export interface BackupRepositorySpec {
  /** Name of the BackupStorageLocation whose bucket holds the repository. */
  readonly backupStorageLocation: string;
  /** How often the repository is cleaned up, as a duration. `0s` lets the server put in its setting, 1h for kopia unless changed. */
  readonly maintenanceFrequency: string;
  /** Settings of the repository, such as `cacheLimitMB`, with all values written as text. Null means the defaults. */
  readonly repositoryConfig?: Readonly<Record<string, string>> | null;
  /** Format of the repository. Empty, in old objects, means `restic`. */
  readonly repositoryType?: RepositoryType;
  /** Address of the repository for restic. Unused for kopia. */
  readonly resticIdentifier?: string;
  /** Namespace whose volumes are kept in this repository. */
  readonly volumeNamespace: string;
}

export const REPOSITORY_TYPES = ['kopia', 'restic', ''] as const;
export type RepositoryType = (typeof REPOSITORY_TYPES)[number];

/** Whether the repository can be used, and its latest maintenance. Written by the server only. */
export interface BackupRepositoryStatus {
  /** When the repository was last cleaned up, or first used. RFC 3339 in UTC. */
  readonly lastMaintenanceTime?: string | null;
  /** Why the repository is `NotReady`. Empty otherwise. */
  readonly message?: string;
  /** `Ready` once the repository can be used. Empty means the same as `New`. */
  readonly phase?: BackupRepositoryPhase;
  /** The last three clean-ups, oldest first. */
  readonly recentMaintenance?: readonly RepositoryMaintenance[];
}

export const BACKUP_REPOSITORY_PHASES = ['New', 'Ready', 'NotReady'] as const;
export type BackupRepositoryPhase = (typeof BACKUP_REPOSITORY_PHASES)[number];

/** One clean-up of the repository. */
export interface RepositoryMaintenance {
  /** When the clean-up ended. RFC 3339 in UTC. */
  readonly completeTimestamp?: string | null;
  /** Why the clean-up failed. Empty if it worked. */
  readonly message?: string;
  /** Whether the clean-up worked. */
  readonly result?: RepositoryMaintenanceResult;
  /** When the clean-up began. RFC 3339 in UTC. */
  readonly startTimestamp?: string | null;
}

export const REPOSITORY_MAINTENANCE_RESULTS = ['Succeeded', 'Failed'] as const;
export type RepositoryMaintenanceResult = (typeof REPOSITORY_MAINTENANCE_RESULTS)[number];

/** A copy of the objects of a cluster, and if wanted the data of their volumes, in object storage. */
export interface Backup {
  readonly apiVersion: 'velero.io/v1';
  readonly kind: 'Backup';
  readonly metadata: ObjectMeta;
  readonly spec?: BackupSpec;
  readonly status?: BackupStatus;
}

/** What the backup takes and where it is stored. An empty spec takes every namespace and uses the server defaults. */
export interface BackupSpec {
  /** How long to wait for one CSI snapshot to come into being, as a duration. Zero or empty means 10m. */
  readonly csiSnapshotTimeout?: string;
  /** Which data mover copies snapshot data. Empty, the default, or `velero` is the built-in one. */
  readonly datamover?: string;
  /** True backs up pod volumes file by file unless a pod opts out; false only those a pod opts in. Null takes the server setting, false unless changed. */
  readonly defaultVolumesToFsBackup?: boolean | null;
  /** Deprecated name of defaultVolumesToFsBackup. True is taken over into that field. */
  readonly defaultVolumesToRestic?: boolean | null;
  /** Resource types outside namespaces to leave out. `*` means all. Default none. */
  readonly excludedClusterScopedResources?: readonly string[] | null;
  /** Resource types inside namespaces to leave out. `*` means all. Default none. */
  readonly excludedNamespaceScopedResources?: readonly string[] | null;
  /** Namespaces to leave out, by name or glob pattern. Default none. The server adds every namespace labelled `velero.io/exclude-from-backup=true`. */
  readonly excludedNamespaces?: readonly string[] | null;
  /** Resource types to leave out, such as `events`. Default none. Cannot be combined with the lists that tell cluster and namespace scope apart. */
  readonly excludedResources?: readonly string[] | null;
  /** Commands to run in containers around the backup of their pods. Default none. */
  readonly hooks?: BackupHooks;
  /** True takes objects outside namespaces too, false takes none at all. Null, the default, takes those that selected objects need, such as the persistent volume of a claim; if every namespace is selected and resource types are listed, it takes all of those types. */
  readonly includeClusterResources?: boolean | null;
  /** Resource types outside namespaces to back up. `*` means all. Empty takes only what selected objects need. */
  readonly includedClusterScopedResources?: readonly string[] | null;
  /** Resource types inside namespaces to back up. Empty or `*` means all. */
  readonly includedNamespaceScopedResources?: readonly string[] | null;
  /** Namespaces to back up, by name or glob pattern. Empty or `*` means all. */
  readonly includedNamespaces?: readonly string[] | null;
  /** Resource types to back up, such as `deployments.apps`. Empty or `*` means all. Cannot be combined with the lists that tell cluster and namespace scope apart. */
  readonly includedResources?: readonly string[] | null;
  /** How long an operation that runs on after the objects are collected may take, as a duration. Zero or empty takes the server setting, 4h unless changed. */
  readonly itemOperationTimeout?: string;
  /** Back up only objects whose labels match. Null takes all. Cannot be combined with orLabelSelectors. */
  readonly labelSelector?: LabelSelector | null;
  /** Metadata for backups made from a Schedule template; without meaning in a Backup of its own. */
  readonly metadata?: BackupMetadata;
  /** Back up objects that match at least one of these selectors. Cannot be combined with labelSelector. */
  readonly orLabelSelectors?: readonly LabelSelector[] | null;
  /** Objects to back up first, by resource type: the value is a comma-separated list of `namespace/name`, or of `name` for types outside namespaces. Default none. */
  readonly orderedResources?: Readonly<Record<string, string>> | null;
  /** ConfigMap with rules for volumes and resources, in the namespace of the backup. Default none. */
  readonly resourcePolicy?: TypedLocalObjectReference;
  /** True copies the data of CSI snapshots to the storage location and then drops the snapshots. Null takes the server setting, false unless changed. */
  readonly snapshotMoveData?: boolean | null;
  /** False turns snapshots of volumes off. True or null, the default, snapshots every persistent volume that supports it. */
  readonly snapshotVolumes?: boolean | null;
  /** Name of the BackupStorageLocation to write to. Empty takes the default location. */
  readonly storageLocation?: string;
  /** How long the backup is kept before it is deleted, as a duration such as `72h`. Zero or empty takes the server setting, 720h (30 days) unless changed. */
  readonly ttl?: string;
  /** Settings for copying volume data file by file. Null takes the defaults of the uploader. */
  readonly uploaderConfig?: BackupUploaderConfig | null;
  /** Label whose value says which volume claims are snapshotted together. Empty takes the server setting, `velero.io/volume-group` unless changed. */
  readonly volumeGroupSnapshotLabelKey?: string;
  /** Names of VolumeSnapshotLocations, at most one for each provider. A provider that is not named gets its default location, or its only one. */
  readonly volumeSnapshotLocations?: readonly string[];
}

/** Commands to run in containers around the backup of their pods. Default none. */
export interface BackupHooks {
  /** Hooks with the pods they are for. */
  readonly resources?: readonly BackupResourceHookSpec[] | null;
}

/** A set of hooks and the choice of pods they run in. */
export interface BackupResourceHookSpec {
  /** Namespaces in which the hooks do not run. Default none. */
  readonly excludedNamespaces?: readonly string[] | null;
  /** Resource types the hooks are not for. Default none. */
  readonly excludedResources?: readonly string[] | null;
  /** Namespaces in which the hooks run. Empty means all. */
  readonly includedNamespaces?: readonly string[] | null;
  /** Resource types the hooks are for. Empty means all; only pods have hooks. */
  readonly includedResources?: readonly string[] | null;
  /** Run the hooks only in pods whose labels match. Null means every pod. */
  readonly labelSelector?: LabelSelector | null;
  /** Name of this set of hooks, used in logs. */
  readonly name: string;
  /** Hooks to run once the pod and everything that belongs to it are backed up, in this order. */
  readonly post?: readonly BackupResourceHook[];
  /** Hooks to run before the pod is backed up, in this order. */
  readonly pre?: readonly BackupResourceHook[];
}

/** Selects objects by their labels; all its conditions must hold. An empty selector matches everything. */
export interface LabelSelector {
  /** Further conditions on labels. All of them must hold. */
  readonly matchExpressions?: readonly LabelSelectorRequirement[];
  /** Labels with the exact value each must have. All of them must match. */
  readonly matchLabels?: Readonly<Record<string, string>>;
}

/** One condition on a label. */
export interface LabelSelectorRequirement {
  /** Label the condition looks at. */
  readonly key: string;
  /** How label and values are compared: `In`, `NotIn`, `Exists` or `DoesNotExist`. */
  readonly operator: string;
  /** Values to compare with. Needed by `In` and `NotIn`, and must be left out for `Exists` and `DoesNotExist`. */
  readonly values?: readonly string[];
}

/** One hook to run after the pod is backed up. */
export interface BackupResourceHook {
  /** Command to run in a container of the pod. */
  readonly exec: BackupExecHook;
}

/** Command to run in a container of the pod. */
export interface BackupExecHook {
  /** Program and its arguments, run without a shell. At least the program is needed. */
  readonly command: readonly string[];
  /** Container to run the command in. Empty means the first container of the pod. */
  readonly container?: string;
  /** What a failing command means besides an error in the backup: `Fail` skips the remaining hooks of the pod and, before its backup, leaves the pod out; `Continue` goes on. Absent acts like `Continue`. */
  readonly onError?: HookErrorMode;
  /** How long the command may run before it counts as failed, as a duration. Default 30s. */
  readonly timeout?: string;
}

export const HOOK_ERROR_MODES = ['Continue', 'Fail'] as const;
export type HookErrorMode = (typeof HOOK_ERROR_MODES)[number];

/** Metadata for backups made from a Schedule template; without meaning in a Backup of its own. */
export interface BackupMetadata {
  /** Labels for the backups a Schedule makes. When set, they replace the labels of the Schedule itself. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** An object in the namespace of the object that names it. */
export interface TypedLocalObjectReference {
  /** API group of the referenced object. Leave empty for a ConfigMap, which is in the core group. */
  readonly apiGroup?: string;
  /** Kind of the object with the rules; only `configmap` is supported, in any letter case. */
  readonly kind: string;
  /** Name of the ConfigMap with the rules. */
  readonly name: string;
}

/** Settings for copying volume data file by file. Null takes the defaults of the uploader. */
export interface BackupUploaderConfig {
  /** How many files of one volume are uploaded at once. Zero lets the uploader choose. */
  readonly parallelFilesUpload?: number;
}

/** What became of the backup. Written by the server only. */
export interface BackupStatus {
  /** Number of operations started that run on after their object is backed up. */
  readonly backupItemOperationsAttempted?: number;
  /** Number of those operations that succeeded. */
  readonly backupItemOperationsCompleted?: number;
  /** Number of those operations that failed or ran out of time. */
  readonly backupItemOperationsFailed?: number;
  /** When the backup ended, well or not. RFC 3339 in UTC. */
  readonly completionTimestamp?: string | null;
  /** Number of CSI snapshots that were asked for and are kept with the backup. */
  readonly csiVolumeSnapshotsAttempted?: number;
  /** Number of CSI snapshots that are ready to use. */
  readonly csiVolumeSnapshotsCompleted?: number;
  /** Number of errors in the log of the backup. */
  readonly errors?: number;
  /** When the backup is due for deletion: the time it was taken up plus ttl. Move it to keep the backup longer or shorter. RFC 3339 in UTC. */
  readonly expiration?: string | null;
  /** Why the backup as a whole failed. Set only with the phase `Failed`. */
  readonly failureReason?: string;
  /** Version of the archive format as major.minor.patch, `1.1.0` at present. */
  readonly formatVersion?: string;
  /** How many hooks ran. Null or absent until the first hook has been counted. */
  readonly hookStatus?: HookStatus | null;
  /** Where the backup stands. Empty means the same as `New`. */
  readonly phase?: BackupPhase;
  /** How many objects are done. Renewed about once a second while the backup runs. */
  readonly progress?: BackupProgress | null;
  /** Place in the queue, 1 being next. Set only while the phase is `Queued`. */
  readonly queuePosition?: number;
  /** When the work on the backup began, after its spec was found to be valid. RFC 3339 in UTC. */
  readonly startTimestamp?: string | null;
  /** Everything wrong with the spec, for people to read. Set only with the phase `FailedValidation`. */
  readonly validationErrors?: readonly string[] | null;
  /** Deprecated major version of the archive format, always 1. See formatVersion. */
  readonly version?: number;
  /** Number of volumes for which a snapshot by a provider plugin was asked for. */
  readonly volumeSnapshotsAttempted?: number;
  /** Number of provider snapshots that succeeded. */
  readonly volumeSnapshotsCompleted?: number;
  /** Number of warnings in the log of the backup. */
  readonly warnings?: number;
}

/** How many hooks ran and how many of them failed. */
export interface HookStatus {
  /** Number of hooks that were started. */
  readonly hooksAttempted?: number;
  /** Number of started hooks that ended with an error. */
  readonly hooksFailed?: number;
}

export const BACKUP_PHASES = ['New', 'Queued', 'ReadyToStart', 'FailedValidation', 'InProgress', 'WaitingForPluginOperations', 'WaitingForPluginOperationsPartiallyFailed', 'Finalizing', 'FinalizingPartiallyFailed', 'Completed', 'PartiallyFailed', 'Failed', 'Deleting'] as const;
export type BackupPhase = (typeof BACKUP_PHASES)[number];

/** How many objects are done. Renewed about once a second while the backup runs. */
export interface BackupProgress {
  /** Number of objects already in the archive. */
  readonly itemsBackedUp?: number;
  /** Number of objects to back up. May grow while more are discovered. */
  readonly totalItems?: number;
}

/** A bucket, or a folder in one, in which backups are kept. */
export interface BackupStorageLocation {
  readonly apiVersion: 'velero.io/v1';
  readonly kind: 'BackupStorageLocation';
  readonly metadata: ObjectMeta;
  readonly spec?: BackupStorageLocationSpec;
  readonly status?: BackupStorageLocationStatus;
}

/** Where the bucket is and how it is used. */
export interface BackupStorageLocationSpec {
  /** `ReadOnly` forbids new backups and deletions here. Empty means `ReadWrite`. */
  readonly accessMode?: BackupStorageLocationAccessMode;
  /** How often backups found in the bucket are made known to the cluster, as a duration. Zero turns it off; null takes the server setting, 1m unless changed. */
  readonly backupSyncPeriod?: string | null;
  /** Settings of the provider, such as `region`, `s3Url` and `s3ForcePathStyle` for `aws`. Default none. */
  readonly config?: Readonly<Record<string, string>>;
  /** Secret with the credentials for this location. Default: the credentials of the server. */
  readonly credential?: SecretKeySelector;
  /** True if backups go here when they name no location. If several locations say so, the newest wins and the others are set to false. Default false. */
  readonly default?: boolean;
  /** The bucket and the place in it. */
  readonly objectStorage: ObjectStorageLocation;
  /** Name of the storage provider, such as `aws`, which also serves S3-compatible storage. */
  readonly provider: string;
  /** How often access to the bucket is tried, as a duration. Zero tries it only once; null takes the server setting, 1m unless changed. */
  readonly validationFrequency?: string | null;
}

export const BACKUP_STORAGE_LOCATION_ACCESS_MODES = ['ReadOnly', 'ReadWrite'] as const;
export type BackupStorageLocationAccessMode = (typeof BACKUP_STORAGE_LOCATION_ACCESS_MODES)[number];

/** One key of a Secret in the namespace of the object that names it. */
export interface SecretKeySelector {
  /** Entry of the Secret that is meant. */
  readonly key: string;
  /** Name of the Secret, in the namespace of this location. Default empty, which names no Secret. */
  readonly name?: string;
  /** True if a missing Secret or entry may be passed over. Default false. */
  readonly optional?: boolean;
}

/** The bucket and the place in it. */
export interface ObjectStorageLocation {
  /** Name of the bucket. It must exist. */
  readonly bucket: string;
  /** Deprecated: PEM certificates to trust for TLS to the storage, in base64. Use caCertRef. */
  readonly caCert?: string;
  /** Secret with PEM certificates to trust for TLS to the storage. Default: the certificates the system trusts. */
  readonly caCertRef?: SecretKeySelector;
  /** Folder in the bucket under which everything is kept. Empty, the default, means the top of the bucket. */
  readonly prefix?: string;
}

/** Whether the location can be reached. Written by the server only. */
export interface BackupStorageLocationStatus {
  /** Deprecated and never written. See spec.accessMode. */
  readonly accessMode?: BackupStorageLocationAccessMode;
  /** Deprecated and never written. */
  readonly lastSyncedRevision?: string;
  /** When the bucket was last searched for backups. RFC 3339 in UTC. */
  readonly lastSyncedTime?: string | null;
  /** When access to the bucket was last tried. RFC 3339 in UTC. */
  readonly lastValidationTime?: string | null;
  /** Why the location is `Unavailable`. Empty otherwise. */
  readonly message?: string;
  /** Whether the bucket could be reached at the last try. Empty until the first one. */
  readonly phase?: BackupStorageLocationPhase;
}

export const BACKUP_STORAGE_LOCATION_PHASES = ['Available', 'Unavailable'] as const;
export type BackupStorageLocationPhase = (typeof BACKUP_STORAGE_LOCATION_PHASES)[number];

/** The writing of volume data from a backup repository into a new volume. */
export interface DataDownload {
  readonly apiVersion: 'velero.io/v2alpha1';
  readonly kind: 'DataDownload';
  readonly metadata: ObjectMeta;
  readonly spec?: DataDownloadSpec;
  readonly status?: DataDownloadStatus;
}

/** Which snapshot to write and into which volume. */
export interface DataDownloadSpec {
  /** Name of the BackupStorageLocation whose bucket holds the volume data. */
  readonly backupStorageLocation: string;
  /** True asks for the work to be stopped. Default false. */
  readonly cancel?: boolean;
  /** Settings for the data mover, by name. Default none. */
  readonly dataMoverConfig?: Readonly<Record<string, string>>;
  /** Which data mover does the work. Empty or `velero` is the built-in one. */
  readonly datamover?: string;
  /** Operating system the node must have. Empty or `auto` lets the data mover choose. */
  readonly nodeOS?: NodeOS;
  /** How long steps in the cluster, such as making a volume ready, may take. As a duration. */
  readonly operationTimeout: string;
  /** Name of the snapshot in the repository to restore. */
  readonly snapshotID: string;
  /** Size of the volume data to restore, in bytes. Zero if it is not known. */
  readonly snapshotSize?: number;
  /** Namespace the volume was in when it was backed up, which is also the name of its repository. */
  readonly sourceNamespace: string;
  /** The volume to fill. */
  readonly targetVolume: DataDownloadTargetVolume;
}

export const NODE_OSES = ['auto', 'linux', 'windows'] as const;
export type NodeOS = (typeof NODE_OSES)[number];

/** The volume to fill. */
export interface DataDownloadTargetVolume {
  /** Namespace of the volume claim in this cluster. */
  readonly namespace: string;
  /** Name of the persistent volume to fill. Empty if the claim is not bound yet. */
  readonly pv: string;
  /** Name of the volume claim to fill. */
  readonly pvc: string;
}

/** How the writing goes. Written by the data mover only. */
export interface DataDownloadStatus {
  /** Name of the node that prepares the work, which may differ from the one that does it. */
  readonly acceptedByNode?: string;
  /** When a node took on the work. RFC 3339 in UTC. */
  readonly acceptedTimestamp?: string | null;
  /** When the writing ended, well or not. RFC 3339 in UTC. */
  readonly completionTimestamp?: string | null;
  /** Remarks for people to read; the error if the work failed. */
  readonly message?: string;
  /** Name of the node that does the work. */
  readonly node?: string;
  /** Where the copying stands. Empty means the same as `New`. */
  readonly phase?: DataDownloadPhase;
  /** How much of the volume has been copied so far. */
  readonly progress?: DataMovementProgress;
  /** When the writing began. RFC 3339 in UTC. */
  readonly startTimestamp?: string | null;
}

export const DATA_DOWNLOAD_PHASES = ['New', 'Accepted', 'Prepared', 'InProgress', 'Canceling', 'Canceled', 'Completed', 'Failed'] as const;
export type DataDownloadPhase = (typeof DATA_DOWNLOAD_PHASES)[number];

/** How far the copying of one volume is, in bytes. */
export interface DataMovementProgress {
  /** How much of the volume data has been copied, in bytes. */
  readonly bytesDone?: number;
  /** Size of the whole volume data, in bytes. */
  readonly totalBytes?: number;
}

/** The copying of one volume snapshot into a backup repository. */
export interface DataUpload {
  readonly apiVersion: 'velero.io/v2alpha1';
  readonly kind: 'DataUpload';
  readonly metadata: ObjectMeta;
  readonly spec?: DataUploadSpec;
  readonly status?: DataUploadStatus;
}

/** Which snapshot to copy and where to. */
export interface DataUploadSpec {
  /** Name of the BackupStorageLocation whose bucket holds the volume data. */
  readonly backupStorageLocation: string;
  /** True asks for the work to be stopped. Default false. */
  readonly cancel?: boolean;
  /** The CSI snapshot, needed when snapshotType is `CSI`. */
  readonly csiSnapshot?: DataUploadCsiSnapshot | null;
  /** Settings for the data mover, by name. Default none. */
  readonly dataMoverConfig?: Readonly<Record<string, string>> | null;
  /** Which data mover does the work. Empty or `velero` is the built-in one. */
  readonly datamover?: string;
  /** How long steps in the cluster, such as making a volume ready, may take. As a duration. */
  readonly operationTimeout: string;
  /** Kind of snapshot to copy; only `CSI` is supported. */
  readonly snapshotType: string;
  /** Namespace of the volume claim, which is also the name of its repository. */
  readonly sourceNamespace: string;
  /** Name of the volume claim the snapshot was taken of. */
  readonly sourcePVC: string;
}

/** The CSI snapshot, needed when snapshotType is `CSI`. */
export interface DataUploadCsiSnapshot {
  /** Name of the CSI driver that made the snapshot. */
  readonly driver?: string;
  /** VolumeSnapshotClass the snapshot was made with. */
  readonly snapshotClass?: string;
  /** Storage class of the volume claim the snapshot was taken of. */
  readonly storageClass: string;
  /** Name of the VolumeSnapshot, in the source namespace. */
  readonly volumeSnapshot: string;
}

/** How the copying goes and what it resulted in. Written by the data mover only. */
export interface DataUploadStatus {
  /** Name of the node that prepares the work, which may differ from the one that does it. */
  readonly acceptedByNode?: string;
  /** When a node took on the work. RFC 3339 in UTC. */
  readonly acceptedTimestamp?: string | null;
  /** When the copying ended, well or not. RFC 3339 in UTC. */
  readonly completionTimestamp?: string | null;
  /** Further facts a data mover wants to keep for the restore. Null means none. */
  readonly dataMoverResult?: Readonly<Record<string, string>> | null;
  /** How much was new since the previous snapshot of this volume, in bytes. */
  readonly incrementalBytes?: number;
  /** Remarks for people to read; the error if the work failed. */
  readonly message?: string;
  /** Name of the node that does the work. */
  readonly node?: string;
  /** Operating system of the node that did the work. */
  readonly nodeOS?: NodeOS;
  /** Folder or device from which the data was read. */
  readonly path?: string;
  /** Where the copying stands. Empty means the same as `New`. */
  readonly phase?: DataUploadPhase;
  /** How much of the volume has been copied so far. */
  readonly progress?: DataMovementProgress;
  /** Name of the snapshot in the repository, by which it is restored. */
  readonly snapshotID?: string;
  /** When the copying began. RFC 3339 in UTC. */
  readonly startTimestamp?: string | null;
}

export const DATA_UPLOAD_PHASES = ['New', 'Accepted', 'Prepared', 'InProgress', 'Canceling', 'Canceled', 'Completed', 'Failed'] as const;
export type DataUploadPhase = (typeof DATA_UPLOAD_PHASES)[number];

/** Asks the server to delete a backup with everything that belongs to it: files, snapshots, volume data and restores. */
export interface DeleteBackupRequest {
  readonly apiVersion: 'velero.io/v1';
  readonly kind: 'DeleteBackupRequest';
  readonly metadata: ObjectMeta;
  readonly spec?: DeleteBackupRequestSpec;
  readonly status?: DeleteBackupRequestStatus;
}

/** Which backup to delete. */
export interface DeleteBackupRequestSpec {
  /** Name of the backup to delete, in the namespace of the request. */
  readonly backupName: string;
}

/** What became of the deletion. Written by the server only. */
export interface DeleteBackupRequestStatus {
  /** What went wrong, for people to read. Empty if nothing did. */
  readonly errors?: readonly string[] | null;
  /** Where the deletion stands. A request that succeeded is removed; one left as `Processed` has errors. */
  readonly phase?: DeleteBackupRequestPhase;
}

export const DELETE_BACKUP_REQUEST_PHASES = ['New', 'InProgress', 'Processed'] as const;
export type DeleteBackupRequestPhase = (typeof DELETE_BACKUP_REQUEST_PHASES)[number];

/** Asks the server for a link under which a file of a backup or restore can be downloaded. */
export interface DownloadRequest {
  readonly apiVersion: 'velero.io/v1';
  readonly kind: 'DownloadRequest';
  readonly metadata: ObjectMeta;
  readonly spec?: DownloadRequestSpec;
  readonly status?: DownloadRequestStatus;
}

/** Which file is wanted. */
export interface DownloadRequestSpec {
  /** The file that is wanted. */
  readonly target: DownloadTarget;
}

/** The file that is wanted. */
export interface DownloadTarget {
  /** Which file of the backup or restore is wanted, such as its log or its results. */
  readonly kind: DownloadTargetKind;
  /** Name of the backup or restore the file belongs to. */
  readonly name: string;
}

export const DOWNLOAD_TARGET_KINDS = ['BackupLog', 'BackupContents', 'BackupVolumeSnapshots', 'BackupItemOperations', 'BackupResourceList', 'BackupResults', 'RestoreLog', 'RestoreResults', 'RestoreResourceList', 'RestoreItemOperations', 'CSIBackupVolumeSnapshots', 'CSIBackupVolumeSnapshotContents', 'BackupVolumeInfos', 'RestoreVolumeInfo'] as const;
export type DownloadTargetKind = (typeof DOWNLOAD_TARGET_KINDS)[number];

/** The link, once there is one. Written by the server only. */
export interface DownloadRequestStatus {
  /** Link to the file, which works without credentials until it expires. Treat it as a secret. */
  readonly downloadURL?: string;
  /** When the link stops working and the request is removed, ten minutes after the answer. RFC 3339 in UTC. */
  readonly expiration?: string | null;
  /** `Processed` once the link can be used. Empty means the same as `New`. */
  readonly phase?: DownloadRequestPhase;
}

export const DOWNLOAD_REQUEST_PHASES = ['New', 'Processed'] as const;
export type DownloadRequestPhase = (typeof DOWNLOAD_REQUEST_PHASES)[number];

/** The copying of one volume of one pod, file by file, into a backup repository. */
export interface PodVolumeBackup {
  readonly apiVersion: 'velero.io/v1';
  readonly kind: 'PodVolumeBackup';
  readonly metadata: ObjectMeta;
  readonly spec?: PodVolumeBackupSpec;
  readonly status?: PodVolumeBackupStatus;
}

/** Which volume to copy and where to. */
export interface PodVolumeBackupSpec {
  /** Name of the BackupStorageLocation whose bucket holds the volume data. */
  readonly backupStorageLocation: string;
  /** True asks for the work to be stopped. Default false. */
  readonly cancel?: boolean;
  /** Name of the node the pod runs on, which does the work. */
  readonly node: string;
  /** The pod that has the volume. */
  readonly pod: ObjectReference;
  /** Address of the restic repository. Empty for kopia. */
  readonly repoIdentifier: string;
  /** Labels stored with the snapshot in the repository, such as the names of the backup and the pod. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Settings of the uploader, such as `ParallelFilesUpload`, with numbers written as text. Null means none. */
  readonly uploaderSettings?: Readonly<Record<string, string>> | null;
  /** Program that copies the data. Empty, in old objects, means `restic`. */
  readonly uploaderType?: UploaderType;
  /** Name of the volume, as in the pod spec. */
  readonly volume: string;
}

/** An object anywhere in the cluster. */
export interface ObjectReference {
  /** API version of the pod, `v1`. */
  readonly apiVersion?: string;
  /** Part of the pod that is meant, such as one container. Not used here. */
  readonly fieldPath?: string;
  /** Kind of the referenced object, `Pod`. */
  readonly kind?: string;
  /** Name of the pod. */
  readonly name?: string;
  /** Namespace the pod runs in. */
  readonly namespace?: string;
  /** Resource version of the pod when the reference was made. Not used here. */
  readonly resourceVersion?: string;
  /** UID of the pod, which tells it from an earlier pod of the same name. */
  readonly uid?: string;
}

export const UPLOADER_TYPES = ['kopia', 'restic', ''] as const;
export type UploaderType = (typeof UPLOADER_TYPES)[number];

/** How the copying goes and what it resulted in. Written by the node agent only. */
export interface PodVolumeBackupStatus {
  /** When a node took on the work. RFC 3339 in UTC. */
  readonly acceptedTimestamp?: string | null;
  /** When the copying ended, well or not. RFC 3339 in UTC. */
  readonly completionTimestamp?: string | null;
  /** How much was new since the previous snapshot of this volume, in bytes. */
  readonly incrementalBytes?: number;
  /** Remarks for people to read; the error if the work failed. */
  readonly message?: string;
  /** Folder on the node from which the data was read. */
  readonly path?: string;
  /** Where the copying stands. Empty means the same as `New`. */
  readonly phase?: PodVolumeBackupPhase;
  /** How much of the volume has been copied so far. */
  readonly progress?: DataMovementProgress;
  /** Name of the snapshot in the repository. Empty if the volume had no files. */
  readonly snapshotID?: string;
  /** When the copying began. RFC 3339 in UTC. */
  readonly startTimestamp?: string | null;
}

export const POD_VOLUME_BACKUP_PHASES = ['New', 'Accepted', 'Prepared', 'InProgress', 'Canceling', 'Canceled', 'Completed', 'Failed'] as const;
export type PodVolumeBackupPhase = (typeof POD_VOLUME_BACKUP_PHASES)[number];

/** The writing of one volume of one restored pod, file by file, from a backup repository. */
export interface PodVolumeRestore {
  readonly apiVersion: 'velero.io/v1';
  readonly kind: 'PodVolumeRestore';
  readonly metadata: ObjectMeta;
  readonly spec?: PodVolumeRestoreSpec;
  readonly status?: PodVolumeRestoreStatus;
}

/** Which snapshot to write and into which volume. */
export interface PodVolumeRestoreSpec {
  /** Name of the BackupStorageLocation whose bucket holds the volume data. */
  readonly backupStorageLocation: string;
  /** True asks for the work to be stopped. Default false. */
  readonly cancel?: boolean;
  /** The restored pod that has the volume. */
  readonly pod: ObjectReference;
  /** Address of the restic repository. Empty for kopia. */
  readonly repoIdentifier: string;
  /** Name of the snapshot in the repository to restore. */
  readonly snapshotID: string;
  /** Size of the volume data to restore, in bytes. Zero if it is not known. */
  readonly snapshotSize?: number;
  /** Namespace the volume was in when it was backed up, which is also the name of its repository. */
  readonly sourceNamespace: string;
  /** Settings of the uploader, such as `WriteSparseFiles`, with numbers and booleans written as text. Null means none. */
  readonly uploaderSettings?: Readonly<Record<string, string>> | null;
  /** Program that copies the data. Empty, in old objects, means `restic`. */
  readonly uploaderType?: UploaderType;
  /** Name of the volume to fill, as in the pod spec. */
  readonly volume: string;
}

/** How the writing goes. Written by the node agent only. */
export interface PodVolumeRestoreStatus {
  /** When a node took on the work. RFC 3339 in UTC. */
  readonly acceptedTimestamp?: string | null;
  /** When the writing ended, well or not. RFC 3339 in UTC. */
  readonly completionTimestamp?: string | null;
  /** Remarks for people to read; the error if the work failed. */
  readonly message?: string;
  /** Name of the node that does the work. */
  readonly node?: string;
  /** Where the copying stands. Empty means the same as `New`. */
  readonly phase?: PodVolumeRestorePhase;
  /** How much of the volume has been copied so far. */
  readonly progress?: DataMovementProgress;
  /** When the writing began. RFC 3339 in UTC. */
  readonly startTimestamp?: string | null;
}

export const POD_VOLUME_RESTORE_PHASES = ['New', 'Accepted', 'Prepared', 'InProgress', 'Canceling', 'Canceled', 'Completed', 'Failed'] as const;
export type PodVolumeRestorePhase = (typeof POD_VOLUME_RESTORE_PHASES)[number];

/** Brings objects of a backup, and the data of their volumes, back into the cluster. */
export interface Restore {
  readonly apiVersion: 'velero.io/v1';
  readonly kind: 'Restore';
  readonly metadata: ObjectMeta;
  readonly spec?: RestoreSpec;
  readonly status?: RestoreStatus;
}

/** Which backup to restore from and which part of it. */
export interface RestoreSpec {
  /** Name of the backup to restore from. Give this or scheduleName, not both. */
  readonly backupName?: string;
  /** Namespaces of the backup to leave out. Default none. */
  readonly excludedNamespaces?: readonly string[] | null;
  /** Resource types to leave out. The server adds those that make no sense in another cluster, such as nodes and events. */
  readonly excludedResources?: readonly string[] | null;
  /** What happens to an object that is in the cluster already: `none`, the default, leaves it alone; `update` patches it to be as in the backup. */
  readonly existingResourcePolicy?: string | null;
  /** Containers and commands to run in restored pods. Default none. */
  readonly hooks?: RestoreHooks;
  /** True takes objects outside namespaces too, false takes none at all. Null, the default, takes all if no namespace is left out, and otherwise only those that restored objects need. */
  readonly includeClusterResources?: boolean | null;
  /** Namespaces of the backup to restore. Empty or `*` means all. */
  readonly includedNamespaces?: readonly string[] | null;
  /** Resource types to restore, such as `deployments.apps`. Empty or `*` means all. */
  readonly includedResources?: readonly string[] | null;
  /** How long an operation that runs on after the objects are created may take, as a duration. Zero or empty takes the server setting, 4h unless changed. */
  readonly itemOperationTimeout?: string;
  /** Restore only objects whose labels match. Null takes all. Cannot be combined with orLabelSelectors. */
  readonly labelSelector?: LabelSelector | null;
  /** New names for namespaces: the key is the name in the backup, the value the name in the cluster. Namespaces not listed keep their name. */
  readonly namespaceMapping?: Readonly<Record<string, string>>;
  /** Restore objects that match at least one of these selectors. Cannot be combined with labelSelector. */
  readonly orLabelSelectors?: readonly LabelSelector[] | null;
  /** True keeps all node ports that Services had. False or null, the default, keeps only those somebody chose and lets the cluster choose the others anew. */
  readonly preserveNodePorts?: boolean | null;
  /** ConfigMap with rules that change objects while they are restored, in the namespace of the restore. Null means no changes. */
  readonly resourceModifier?: TypedLocalObjectReference | null;
  /** False brings no volume back from a snapshot; claims then get whatever volume the cluster gives them. True or null, the default, restores the data. */
  readonly restorePVs?: boolean | null;
  /** Resource types whose status is restored too, on objects the restore creates. Null, the default, restores no status. */
  readonly restoreStatus?: RestoreStatusSelection | null;
  /** Name of a Schedule; its newest completed backup is restored. Give this or backupName, not both. */
  readonly scheduleName?: string;
  /** Settings for writing volume data back. Null takes the defaults of the uploader. */
  readonly uploaderConfig?: RestoreUploaderConfig | null;
}

/** Containers and commands to run in restored pods. Default none. */
export interface RestoreHooks {
  /** Hooks with the pods they are for. */
  readonly resources?: readonly RestoreResourceHookSpec[];
}

/** A set of hooks and the choice of restored pods they run in. */
export interface RestoreResourceHookSpec {
  /** Namespaces in which the hooks do not run. Default none. */
  readonly excludedNamespaces?: readonly string[] | null;
  /** Resource types the hooks are not for. Default none. */
  readonly excludedResources?: readonly string[] | null;
  /** Namespaces in which the hooks run. Empty means all. */
  readonly includedNamespaces?: readonly string[] | null;
  /** Resource types the hooks are for. Empty means all; only pods have hooks. */
  readonly includedResources?: readonly string[] | null;
  /** Run the hooks only in pods whose labels match. Null means every pod. */
  readonly labelSelector?: LabelSelector | null;
  /** Name of this set of hooks, used in logs. */
  readonly name: string;
  /** Hooks for a pod that has been restored, in this order. */
  readonly postHooks?: readonly RestoreResourceHook[];
}

/** One hook: either exec or init. */
export interface RestoreResourceHook {
  /** Command to run in a container of the restored pod once it is up. */
  readonly exec?: RestoreExecHook;
  /** Init containers to put into the pod before it is created. */
  readonly init?: RestoreInitHook;
}

/** Command to run in a container of the restored pod once it is up. */
export interface RestoreExecHook {
  /** Program and its arguments, run without a shell. At least the program is needed. */
  readonly command: readonly string[];
  /** Container to run the command in. Empty means the first container of the pod. */
  readonly container?: string;
  /** How long the command may run before it counts as failed, as a duration. Default 30s. */
  readonly execTimeout?: string;
  /** What a failing command means besides an error in the restore: `Fail` drops the remaining hooks of the pod, `Continue` goes on with them. Absent acts like `Continue`. */
  readonly onError?: HookErrorMode;
  /** True waits until the container is ready. False or null, the default, waits only until it runs. */
  readonly waitForReady?: boolean | null;
  /** How long to wait for the container to be up before the hook counts as failed, as a duration. Zero or empty waits without limit. */
  readonly waitTimeout?: string;
}

/** Init containers to put into the pod before it is created. */
export interface RestoreInitHook {
  /** Containers to add in front of the init containers of the pod. Each is written as in a pod spec and needs at least a name, an image and a command. */
  readonly initContainers?: readonly Readonly<Record<string, unknown>>[];
  /** How long the init containers may take, as a duration. Accepted for compatibility; nothing enforces it. */
  readonly timeout?: string;
}

/** Resource types whose status is restored too, on objects the restore creates. Null, the default, restores no status. */
export interface RestoreStatusSelection {
  /** Resource types whose status is not restored. Default none. */
  readonly excludedResources?: readonly string[] | null;
  /** Resource types whose status is restored. Empty or `*` means all. */
  readonly includedResources?: readonly string[] | null;
}

/** Settings for writing volume data back. Null takes the defaults of the uploader. */
export interface RestoreUploaderConfig {
  /** How many files of one volume are written at once. Zero lets the uploader choose. */
  readonly parallelFilesDownload?: number;
  /** True leaves holes in files where the data is all zeros, which saves space. Null or false, the default, writes the zeros. */
  readonly writeSparseFiles?: boolean | null;
}

/** What became of the restore. Written by the server only. */
export interface RestoreStatus {
  /** When the restore ended, well or not. RFC 3339 in UTC. */
  readonly completionTimestamp?: string | null;
  /** Number of errors in the results of the restore. */
  readonly errors?: number;
  /** Why the restore as a whole failed. Set only with the phase `Failed`. */
  readonly failureReason?: string;
  /** How many hooks ran. Null or absent until the first hook has been counted. */
  readonly hookStatus?: HookStatus | null;
  /** Where the restore stands. Empty means the same as `New`. */
  readonly phase?: RestorePhase;
  /** How many objects are done. Renewed about once a second while the restore runs. */
  readonly progress?: RestoreProgress | null;
  /** Number of operations started that run on after their object is created. */
  readonly restoreItemOperationsAttempted?: number;
  /** Number of those operations that succeeded. */
  readonly restoreItemOperationsCompleted?: number;
  /** Number of those operations that failed or ran out of time. */
  readonly restoreItemOperationsFailed?: number;
  /** When the work on the restore began. RFC 3339 in UTC. */
  readonly startTimestamp?: string | null;
  /** Everything wrong with the spec, for people to read. Set only with the phase `FailedValidation`. */
  readonly validationErrors?: readonly string[] | null;
  /** Number of warnings in the results of the restore. */
  readonly warnings?: number;
}

export const RESTORE_PHASES = ['New', 'FailedValidation', 'InProgress', 'WaitingForPluginOperations', 'WaitingForPluginOperationsPartiallyFailed', 'Completed', 'PartiallyFailed', 'Failed', 'Finalizing', 'FinalizingPartiallyFailed'] as const;
export type RestorePhase = (typeof RESTORE_PHASES)[number];

/** How many objects are done. Renewed about once a second while the restore runs. */
export interface RestoreProgress {
  /** Number of objects dealt with so far, whether created, updated or skipped. */
  readonly itemsRestored?: number;
  /** Number of objects to restore. May grow while more are found to be needed. */
  readonly totalItems?: number;
}

/** Makes backups again and again at given times. */
export interface Schedule {
  readonly apiVersion: 'velero.io/v1';
  readonly kind: 'Schedule';
  readonly metadata: ObjectMeta;
  readonly spec?: ScheduleSpec;
  readonly status?: ScheduleStatus;
}

/** When backups are made and what each of them takes. */
export interface ScheduleSpec {
  /** True stops the making of backups until it is set back. Default false. */
  readonly paused?: boolean;
  /** Cron expression with five fields (minute, hour, day, month, weekday), or `@daily`, `@every 6h` and the like. A prefix `CRON_TZ=Europe/Berlin ` sets the time zone; without it the zone of the server counts, normally UTC. */
  readonly schedule: string;
  /** True skips a backup that would be due at once when the schedule is created or unpaused. The server acts on it and sets it back to false. Absent takes the server setting, false unless changed. */
  readonly skipImmediately?: boolean;
  /** Spec of the backups to make. Each one gets a copy as it is at that time. */
  readonly template: BackupSpec;
  /** True makes the schedule the owner of its backups, so that deleting it removes their Backup objects too. Null or false, the default, keeps them apart. */
  readonly useOwnerReferencesInBackup?: boolean | null;
}

/** What the server last did with the schedule. Written by the server only. */
export interface ScheduleStatus {
  /** When the newest backup of this schedule was made. RFC 3339 in UTC. */
  readonly lastBackup?: string | null;
  /** When a due backup was last skipped on request. RFC 3339 in UTC. */
  readonly lastSkipped?: string | null;
  /** Whether the schedule is in use: `Enabled`, or `FailedValidation` if it cannot be. Empty means the same as `New`. */
  readonly phase?: SchedulePhase;
  /** Everything wrong with the spec, for people to read. Set only with the phase `FailedValidation`. */
  readonly validationErrors?: readonly string[];
}

export const SCHEDULE_PHASES = ['New', 'Enabled', 'FailedValidation'] as const;
export type SchedulePhase = (typeof SCHEDULE_PHASES)[number];

/** Asks the server which version it is and what plugins it has. Used by `velero version` and `velero plugin get`. */
export interface ServerStatusRequest {
  readonly apiVersion: 'velero.io/v1';
  readonly kind: 'ServerStatusRequest';
  readonly metadata: ObjectMeta;
  readonly spec?: ServerStatusRequestSpec;
  readonly status?: ServerStatusRequestStatus;
}

/** Nothing needs to be said in such a request. */
export type ServerStatusRequestSpec = Readonly<Record<string, never>>;

/** The answer. Written by the server only. */
export interface ServerStatusRequestStatus {
  /** `Processed` once the answer is complete. Empty means the same as `New`. */
  readonly phase?: ServerStatusRequestPhase;
  /** Plugins the server knows. */
  readonly plugins?: readonly PluginInfo[] | null;
  /** When the server answered. The request is removed some minutes later. RFC 3339 in UTC. */
  readonly processedTimestamp?: string | null;
  /** Version of the server, such as `v1.18.2`. */
  readonly serverVersion?: string;
}

export const SERVER_STATUS_REQUEST_PHASES = ['New', 'Processed'] as const;
export type ServerStatusRequestPhase = (typeof SERVER_STATUS_REQUEST_PHASES)[number];

/** One plugin. */
export interface PluginInfo {
  /** What the plugin does, such as `BackupItemAction` or `ObjectStore`. */
  readonly kind: string;
  /** Name of the plugin, such as `velero.io/pod`. */
  readonly name: string;
}

/** A place in which a provider keeps snapshots of volumes. */
export interface VolumeSnapshotLocation {
  readonly apiVersion: 'velero.io/v1';
  readonly kind: 'VolumeSnapshotLocation';
  readonly metadata: ObjectMeta;
  readonly spec?: VolumeSnapshotLocationSpec;
  readonly status?: VolumeSnapshotLocationStatus;
}

/** The provider and how to reach it. */
export interface VolumeSnapshotLocationSpec {
  /** Settings of the provider, such as `region`. Default none. */
  readonly config?: Readonly<Record<string, string>>;
  /** Secret with the credentials for this location. Default: the credentials of the server. */
  readonly credential?: SecretKeySelector;
  /** Name of the snapshot provider, such as `aws`. */
  readonly provider: string;
}

/** State of the location. At present nothing writes it. */
export interface VolumeSnapshotLocationStatus {
  /** Whether the provider can be reached. At present nothing writes it. */
  readonly phase?: VolumeSnapshotLocationPhase;
}

export const VOLUME_SNAPSHOT_LOCATION_PHASES = ['Available', 'Unavailable'] as const;
export type VolumeSnapshotLocationPhase = (typeof VOLUME_SNAPSHOT_LOCATION_PHASES)[number];

const VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'] as const;

/** Every kind of Velero's API by its name, in the shape in which discovery describes a kind. */
export const VELERO_TYPES = {
  BackupRepository: {
    group: 'velero.io', version: 'v1', resource: 'backuprepositories', kind: 'BackupRepository',
    singular: 'backuprepository', shortNames: [], namespaced: true, verbs: VERBS,
  },
  Backup: {
    group: 'velero.io', version: 'v1', resource: 'backups', kind: 'Backup',
    singular: 'backup', shortNames: [], namespaced: true, verbs: VERBS,
  },
  BackupStorageLocation: {
    group: 'velero.io', version: 'v1', resource: 'backupstoragelocations', kind: 'BackupStorageLocation',
    singular: 'backupstoragelocation', shortNames: ['bsl'], namespaced: true, verbs: VERBS,
  },
  DataDownload: {
    group: 'velero.io', version: 'v2alpha1', resource: 'datadownloads', kind: 'DataDownload',
    singular: 'datadownload', shortNames: [], namespaced: true, verbs: VERBS,
  },
  DataUpload: {
    group: 'velero.io', version: 'v2alpha1', resource: 'datauploads', kind: 'DataUpload',
    singular: 'dataupload', shortNames: [], namespaced: true, verbs: VERBS,
  },
  DeleteBackupRequest: {
    group: 'velero.io', version: 'v1', resource: 'deletebackuprequests', kind: 'DeleteBackupRequest',
    singular: 'deletebackuprequest', shortNames: [], namespaced: true, verbs: VERBS,
  },
  DownloadRequest: {
    group: 'velero.io', version: 'v1', resource: 'downloadrequests', kind: 'DownloadRequest',
    singular: 'downloadrequest', shortNames: [], namespaced: true, verbs: VERBS,
  },
  PodVolumeBackup: {
    group: 'velero.io', version: 'v1', resource: 'podvolumebackups', kind: 'PodVolumeBackup',
    singular: 'podvolumebackup', shortNames: [], namespaced: true, verbs: VERBS,
  },
  PodVolumeRestore: {
    group: 'velero.io', version: 'v1', resource: 'podvolumerestores', kind: 'PodVolumeRestore',
    singular: 'podvolumerestore', shortNames: [], namespaced: true, verbs: VERBS,
  },
  Restore: {
    group: 'velero.io', version: 'v1', resource: 'restores', kind: 'Restore',
    singular: 'restore', shortNames: [], namespaced: true, verbs: VERBS,
  },
  Schedule: {
    group: 'velero.io', version: 'v1', resource: 'schedules', kind: 'Schedule',
    singular: 'schedule', shortNames: [], namespaced: true, verbs: VERBS,
  },
  ServerStatusRequest: {
    group: 'velero.io', version: 'v1', resource: 'serverstatusrequests', kind: 'ServerStatusRequest',
    singular: 'serverstatusrequest', shortNames: ['ssr'], namespaced: true, verbs: VERBS,
  },
  VolumeSnapshotLocation: {
    group: 'velero.io', version: 'v1', resource: 'volumesnapshotlocations', kind: 'VolumeSnapshotLocation',
    singular: 'volumesnapshotlocation', shortNames: ['vsl'], namespaced: true, verbs: VERBS,
  },
} as const;

export type VeleroKind = keyof typeof VELERO_TYPES;

/** The type of the objects of each kind. */
export interface VeleroObjects {
  readonly BackupRepository: BackupRepository;
  readonly Backup: Backup;
  readonly BackupStorageLocation: BackupStorageLocation;
  readonly DataDownload: DataDownload;
  readonly DataUpload: DataUpload;
  readonly DeleteBackupRequest: DeleteBackupRequest;
  readonly DownloadRequest: DownloadRequest;
  readonly PodVolumeBackup: PodVolumeBackup;
  readonly PodVolumeRestore: PodVolumeRestore;
  readonly Restore: Restore;
  readonly Schedule: Schedule;
  readonly ServerStatusRequest: ServerStatusRequest;
  readonly VolumeSnapshotLocation: VolumeSnapshotLocation;
}
