import type { Json } from './json.js';

/** Messages by whom they concern; a scope without messages is absent. */
export interface ResultScopes {
  readonly velero?: readonly string[];
  readonly cluster?: readonly string[];
  readonly namespaces?: Readonly<Record<string, readonly string[]>>;
}

/** `<backup>-results.gz` and `restore-<restore>-results.gz` (`pkg/util/results/result.go`). */
export interface Results {
  readonly errors: ResultScopes;
  readonly warnings: ResultScopes;
}

/** `apps/v1/Deployment` → `["shop/web"]`; in a restore's list each entry ends in its outcome, `shop/web(created)`. */
export type ResourceList = Readonly<Record<string, readonly string[]>>;

export type RestoreOutcome = 'created' | 'updated' | 'failed' | 'skipped';

type JsonObject = Readonly<Record<string, Json>>;

/** A PodVolumeBackup object; `kind` and `apiVersion` may be missing in the file. */
export interface PodVolumeBackupObject {
  readonly metadata: JsonObject & { readonly name: string };
  readonly spec?: JsonObject;
  readonly status?: JsonObject;
}

/** A VolumeSnapshotContent of the CSI snapshotter, as far as it is read here. */
export interface CsiSnapshotContent {
  readonly metadata: JsonObject & { readonly name: string };
  readonly status?: { readonly snapshotHandle?: string };
}

/** A snapshot taken by a native snapshotter (`internal/volume/native_snapshot.go`). */
export interface NativeSnapshot {
  readonly spec: {
    readonly backupName: string;
    readonly backupUID: string;
    readonly location: string;
    readonly persistentVolumeName: string;
    readonly providerVolumeID: string;
    readonly volumeType: string;
    readonly volumeAZ?: string;
    readonly volumeIOPS?: number;
  };
  readonly status: { readonly providerSnapshotID?: string; readonly phase?: 'New' | 'Completed' | 'Failed' };
}

/** Its keys are capitalised in the file: Velero's type has no JSON names. */
interface ResourceIdentifier {
  readonly Group: string;
  readonly Resource: string;
  readonly Namespace: string;
  readonly Name: string;
}

interface ItemOperationStatus {
  readonly phase?: 'New' | 'InProgress' | 'Completed' | 'Failed';
  readonly error?: string;
  readonly nCompleted?: number;
  readonly nTotal?: number;
  readonly operationUnits?: string;
  readonly description?: string;
  /** RFC 3339, as the two below. */
  readonly created?: string;
  readonly started?: string;
  readonly updated?: string;
}

/** `<backup>-itemoperations.json.gz` (`pkg/itemoperation/backup_operation.go`). */
export interface BackupItemOperation {
  readonly spec: {
    readonly backupName: string;
    readonly backupUID: string;
    readonly backupItemAction: string;
    readonly resourceIdentifier: ResourceIdentifier;
    readonly operationID: string;
    readonly postOperationItems: readonly ResourceIdentifier[] | null;
  };
  readonly status: ItemOperationStatus;
}

/** `restore-<restore>-itemoperations.json.gz` (`pkg/itemoperation/restore_operation.go`). */
export interface RestoreItemOperation {
  readonly spec: {
    readonly restoreName: string;
    readonly restoreUID: string;
    readonly restoreItemAction: string;
    readonly resourceIdentifier: ResourceIdentifier;
    readonly operationID: string;
  };
  readonly status: ItemOperationStatus;
}

interface CsiSnapshotInfo {
  readonly snapshotHandle: string;
  /** Bytes. */
  readonly size: number;
  readonly driver: string;
  readonly vscName: string;
  readonly operationID?: string;
  readonly volumeGroupSnapshotHandle?: string;
  readonly ReadyToUse: boolean | null;
}

interface SnapshotDataMovementInfo {
  readonly dataMover: string;
  readonly uploaderType: string;
  readonly retainedSnapshot?: string;
  readonly snapshotHandle: string;
  readonly operationID: string;
  readonly size: number;
  readonly incrementalSize?: number;
  readonly Phase: string;
}

interface NativeSnapshotInfo {
  readonly snapshotHandle: string;
  readonly volumeType: string;
  readonly volumeAZ: string;
  /** Decimal, `0` if unknown. */
  readonly iops: string;
  readonly Phase: string;
}

/** Of a PodVolumeBackup, or of a PodVolumeRestore with an empty `Phase`. */
interface PodVolumeInfo {
  readonly snapshotHandle?: string;
  readonly size?: number;
  readonly incrementalSize?: number;
  readonly uploaderType: string;
  readonly volumeName: string;
  readonly podName: string;
  readonly podNamespace: string;
  readonly nodeName?: string;
  readonly Phase: string;
}

interface VolumeIdentity {
  readonly pvcName?: string;
  readonly pvcNamespace?: string;
  readonly pvName?: string;
}

interface SnapshotInfos {
  readonly csiSnapshotInfo?: CsiSnapshotInfo;
  readonly snapshotDataMovementInfo?: SnapshotDataMovementInfo;
  readonly nativeSnapshotInfo?: NativeSnapshotInfo;
}

/** `<backup>-volumeinfo.json.gz` (`internal/volume/volumes_information.go`). */
export interface BackupVolumeInfo extends VolumeIdentity, SnapshotInfos {
  /** Absent for a volume that was skipped. */
  readonly backupMethod?: 'NativeSnapshot' | 'PodVolumeBackup' | 'CSISnapshot';
  readonly snapshotDataMoved: boolean;
  readonly preserveLocalSnapshot: boolean;
  readonly skipped: boolean;
  readonly skippedReason?: string;
  readonly startTimestamp?: string;
  readonly completionTimestamp?: string;
  readonly result?: 'succeeded' | 'failed';
  readonly pvbInfo?: PodVolumeInfo;
  readonly pvInfo?: {
    readonly reclaimPolicy: string;
    readonly labels: Readonly<Record<string, string>> | null;
  };
}

/** `<restore>-volumeinfo.json.gz`. */
export interface RestoreVolumeInfo extends VolumeIdentity, SnapshotInfos {
  readonly restoreMethod?: 'NativeSnapshot' | 'CSISnapshot' | 'PodVolumeRestore';
  readonly snapshotDataMoved: boolean;
  readonly pvrInfo?: PodVolumeInfo;
}
