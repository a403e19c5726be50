import type { Cluster } from '../cluster/port.js';
import type { BackupItemAction } from '../domain/backup-actions.js';
import type { Actor, EventStore, Meta } from '../eventstore/port.js';
import type { Log } from '../log.js';
import type { Layout } from '../objectstore/layout.js';
import type { ObjectStore } from '../objectstore/port.js';
import type { ProgressHub } from '../projections/progress.js';
import type { Repositories } from '../repositories/port.js';
import type { RestoreItemAction } from '../domain/restore-actions/action.js';
import type {
  BackupSpec,
  BackupStorageLocationSpec,
  VolumeSnapshotLocationSpec,
} from '../domain/velero.gen.js';
import type { VolumeSnapshotter } from '../snapshotters/port.js';
import type { QueueMeter, Timers } from './queue.js';
import type { Resources } from './resources.js';

/** A storage location ready for use. Whoever opened it closes `store`. */
export interface OpenedLocation {
  readonly store: ObjectStore;
  readonly layout: Layout;
}

/** What the operator chose (flags and environment), as far as the controllers care. Durations are milliseconds. */
export interface ControllerConfig {
  readonly onInterruption: 'restart' | 'fail';
  readonly concurrentBackups: number;
  readonly backupTtl: number;
  readonly itemOperationTimeout: number;
  /** How long copies of volumes may take in all, from the beginning of an attempt. */
  readonly fsBackupTimeout: number;
  readonly resourceTimeout: number;
  readonly terminatingResourceTimeout: number;
  readonly defaultVolumesToFsBackup: boolean;
  readonly defaultSnapshotMoveData: boolean;
  readonly volumeGroupSnapshotLabelKey: string;
  readonly defaultBackupStorageLocation: string;
  /** By provider: the VolumeSnapshotLocation of backups that name none, where there are several. */
  readonly defaultVolumeSnapshotLocations: Readonly<Record<string, string>>;
  readonly storeValidationFrequency: number;
  readonly backupSyncPeriod: number;
  readonly garbageCollectionFrequency: number;
  /** What counts for a schedule whose `spec.skipImmediately` is not set. */
  readonly scheduleSkipImmediately: boolean;
  readonly clientPageSize: number;
  readonly restoreConcurrency: number;
  readonly restoreResourcePriorities: string;
  readonly restoreManagedFields: 'auto' | 'always' | 'never';
  readonly enableApiGroupVersions: boolean;
  /** `EnableCSI`: a claim that cannot be snapshotted since it has no volume is an error. */
  readonly enableCsi: boolean;
  readonly logLevel: 'debug' | 'info' | 'warning' | 'error';
  readonly logFormat: 'text' | 'json';
  /** Between two upkeeps of a repository that does not say itself; 0: what its engine suggests. */
  readonly repoMaintainFrequency: number;
  /** ConfigMap of settings for new repositories; empty: none. */
  readonly backupRepositoryConfigMap: string;
  /** Folder for temporary files of running operations; nothing in it outlives the process. */
  readonly scratch: string;
  readonly serverVersion: string;
}

/** A backup whose volume data is to go. */
export interface BackupOfVolumes {
  readonly name: string;
  /** Tells it from others whose labels are the same: labels hold shortened names. */
  readonly uid: string;
  readonly spec: BackupSpec;
  /** Where its files are; they are still there. */
  readonly location: OpenedLocation;
}

/** A link as a fact: what for, until when, and who asked. The link itself is a secret and not part of it. */
export interface LinkMade {
  readonly file: string;
  readonly target: string;
  readonly expiresAt: string;
  readonly at: string;
  readonly actor: Actor;
  readonly correlationId: string;
  readonly cause: string;
}

/** Everything a controller reaches the world with. */
export interface ControllerPorts {
  readonly events: EventStore;
  readonly cluster: Cluster;
  readonly resources: Resources;
  readonly repositories: Repositories;
  readonly openLocation: (spec: BackupStorageLocationSpec) => Promise<OpenedLocation>;
  /** What takes the snapshots of a VolumeSnapshotLocation; whoever opened it closes it. Faults: `LB_SNAPSHOTTER_CONFIG` and those of the cluster. */
  readonly openSnapshotter: (spec: VolumeSnapshotLocationSpec) => Promise<VolumeSnapshotter>;
  /** Throws a fault that says what is wrong with the location's content or access. */
  readonly checkLocation: (opened: OpenedLocation, signal: AbortSignal) => Promise<void>;
  /** True while a mutation of this process is between creating a resource and recording who asked for it. */
  readonly intakeBusy: (stream: string) => boolean;
  /** What is done with each object of a backup, in this order; `BACKUP_ITEM_ACTIONS` and any others. */
  readonly backupItemActions: readonly BackupItemAction[];
  /** The same for each object of a restore; `RESTORE_ITEM_ACTIONS` and any others. */
  readonly restoreItemActions: readonly RestoreItemAction[];
  /**
   * Deletes the volume data of a backup: snapshots and copies, wherever they lie. Safe to repeat. Gives an error for each piece that
   * is still there, by its name; none means that nothing is left. Faults are those of what it reaches.
   */
  readonly deleteBackupVolumes: (backup: BackupOfVolumes, signal: AbortSignal) => Promise<readonly string[]>;
  /** Records that a link to a file was made, durably before it resolves. Faults are those of the event store. */
  readonly linkMade: (link: LinkMade, signal: AbortSignal) => Promise<void>;
  readonly progress: ProgressHub;
  readonly clock: () => Date;
  /** What waits are made with; those of the process unless given. */
  readonly timers?: Timers;
  readonly log: Log;
  readonly config: ControllerConfig;
  readonly appVersion: string;
  /** Measures the queue of this name; absent: nothing is measured. */
  readonly meter?: (queue: string) => QueueMeter;
  /** Told of every upkeep of a repository that has ended, by the name of its resource; absent: nothing is measured. */
  readonly onMaintenance?: (repository: string, tookMs: number, succeeded: boolean) => void;
}

/** Who acts when nobody outside asked. */
export const systemActor = (name: string): Actor => ({ kind: 'SYSTEM', name, via: 'server' });

export const metaOf = (
  ports: Pick<ControllerPorts, 'appVersion'>,
  actor: Actor,
  correlationId: string,
  causationId?: string,
): Meta => ({
  actor,
  correlationId,
  ...(causationId !== undefined && { causationId }),
  appVersion: ports.appVersion,
});
