import type { JsonObject } from '../domain/json.js';

/** What a volume is like that a snapshot is taken of, as far as a new one can be made like it. */
export interface VolumeInfo {
  /** As the provider calls it: `gp3`. */
  readonly type: string;
  /** Provisioned I/O operations a second, for types that have them. */
  readonly iops?: number;
}

export interface SnapshotRequest {
  readonly volumeId: string;
  /** Availability zone; empty if unknown. */
  readonly zone: string;
  /** They also tell this snapshot from every other one of the volume: the same tags never ask for two. */
  readonly tags: Readonly<Record<string, string>>;
}

export interface VolumeRequest extends VolumeInfo {
  readonly snapshotId: string;
  readonly zone: string;
  /** Names what asks, so that asking again after a crash makes no second volume. */
  readonly cause: string;
}

/**
 * Snapshots of disks by their provider (Velero's plugin kind `VolumeSnapshotter`, `pkg/plugin/velero/volume_snapshotter.go`), for volumes that are
 * not of a CSI driver. Faults: `LB_SNAPSHOTTER_*`, with what the provider says and no secret, and `LB_ABORTED` once the signal is.
 */
export interface VolumeSnapshotter {
  /** The provider's name of the disk behind a PersistentVolume; undefined where the volume is none of this provider. */
  readonly volumeIdOf: (persistentVolume: JsonObject) => string | undefined;
  /** The PersistentVolume with another disk behind it. */
  readonly withVolumeId: (persistentVolume: JsonObject, volumeId: string) => JsonObject;
  readonly volumeInfo: (volumeId: string, zone: string, signal: AbortSignal) => Promise<VolumeInfo>;
  /** Takes a snapshot, or gives the one that the same tags and volume already have. Answers its id; the provider may still be copying. */
  readonly createSnapshot: (request: SnapshotRequest, signal: AbortSignal) => Promise<string>;
  /** Ids of the snapshots that bear all of these tags. */
  readonly findSnapshots: (
    tags: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ) => Promise<readonly string[]>;
  /** Makes a disk from a snapshot, or gives the one that the same cause already has, and waits until it can be used. Answers its id. */
  readonly createVolume: (request: VolumeRequest, signal: AbortSignal) => Promise<string>;
  /** Of a disk that `createVolume` made and nobody uses. One that is gone is deleted already. */
  readonly deleteVolume: (volumeId: string, signal: AbortSignal) => Promise<void>;
  /** One that is gone is deleted already. */
  readonly deleteSnapshot: (snapshotId: string, signal: AbortSignal) => Promise<void>;
  readonly close: () => void;
}
