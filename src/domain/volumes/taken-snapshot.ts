/** A physical snapshot that a backup has taken, and by what names the cluster knows it while the backup runs. */
export interface TakenSnapshot {
  readonly namespace: string;
  readonly claim: string;
  /** Name of the PersistentVolume. */
  readonly volume: string;
  /** Name of the VolumeSnapshot, in the namespace of the claim. */
  readonly snapshot: string;
  /** Name of the VolumeSnapshotContent. */
  readonly content: string;
  readonly driver: string;
  /** By which the driver knows it. */
  readonly handle: string;
  /** A volume can be made of it. */
  readonly ready: boolean;
  /** By which the driver knows the group it was cut with; only the group as a whole can be deleted. */
  readonly group?: string;
}

/** Which claim a snapshot was for. */
export interface SnapshottedClaim {
  readonly namespace: string;
  readonly claim: string;
}
