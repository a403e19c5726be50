import type { JsonObject } from '../domain/json.js';

/** What a snapshot of a provider is taken of. */
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
 * not of a CSI driver. Faults name what the provider says and hold no secret.
 */
export interface VolumeSnapshotter {
  /** The provider's name of the disk behind a PersistentVolume; undefined where the volume is none of this provider. */
  readonly volumeIdOf: (persistentVolume: JsonObject) => string | undefined;
  /** The PersistentVolume with another disk behind it. */
  readonly withVolumeId: (persistentVolume: JsonObject, volumeId: string) => JsonObject;
  readonly volumeInfo: (volumeId: string, zone: string, signal: AbortSignal) => Promise<VolumeInfo>;
  /** Takes a snapshot, or gives the one that the same tags and volume already have. Answers its id. */
  readonly createSnapshot: (request: SnapshotRequest, signal: AbortSignal) => Promise<string>;
  /** Makes a disk from a snapshot. Answers its id. */
  readonly createVolume: (request: VolumeRequest, signal: AbortSignal) => Promise<string>;
  /** One that is gone is deleted already. */
  readonly deleteSnapshot: (snapshotId: string, signal: AbortSignal) => Promise<void>;
  readonly close: () => void;
}
