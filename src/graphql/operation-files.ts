import type { DownloadTargetKind } from '../domain/velero.gen.js';

/** One object in the list of a backup or restore. */
export interface StoredItem {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Absent for a cluster-scoped one. */
  readonly namespace?: string;
  readonly name: string;
  /** What became of it; of restores alone. */
  readonly outcome?: 'created' | 'updated' | 'skipped' | 'failed';
}

interface Messages {
  readonly velero?: readonly string[];
  readonly cluster?: readonly string[];
  readonly namespaces?: Readonly<Record<string, readonly string[]>>;
}

/** Warnings and errors by whom they concern. */
export interface StoredResults {
  readonly warnings: Messages;
  readonly errors: Messages;
}

/** One volume in the list of a backup or restore. */
export interface StoredVolume {
  /** Empty where the volume has no claim. */
  readonly claim: { readonly namespace: string; readonly name: string };
  /** Name of the PersistentVolume; empty where there is none. */
  readonly persistentVolume: string;
  readonly pod?: { readonly namespace: string; readonly name: string; readonly volume: string };
  /** Absent for one that was passed over. */
  readonly method?: 'CSISnapshot' | 'NativeSnapshot' | 'PodVolume';
  readonly result?: 'succeeded' | 'failed';
  readonly skippedReason?: string;
  readonly dataMoved: boolean;
  readonly handle?: string;
  readonly driver?: string;
  /** Bytes. */
  readonly size?: number;
  /** RFC 3339. */
  readonly startedAt?: string;
  readonly completedAt?: string;
}

/** One backup or restore whose files are asked for. */
export interface FilesOf {
  readonly of: 'backup' | 'restore';
  readonly name: string;
  /** Name of the storage location. */
  readonly location: string;
}

/**
 * The small files of operations in object storage. Faults are those of the storage, `LB_STORE_CONFIG` if the location is gone, and
 * `LB_BACKUP_FILE_DAMAGED`. One file is read at a time, so that a request for many costs time and not memory.
 */
export interface OperationFiles {
  /** In the order of kind, namespace and name; undefined if there is no such file. */
  items(files: FilesOf, signal: AbortSignal): Promise<readonly StoredItem[] | undefined>;
  results(files: FilesOf, signal: AbortSignal): Promise<StoredResults | undefined>;
  /** In the order of claim, volume and pod; undefined if there is no such file. */
  volumes(files: FilesOf, signal: AbortSignal): Promise<readonly StoredVolume[] | undefined>;
  /** A link to one file (`BackupLog`), good for so many seconds. It answers 404 if there is no such file. */
  link(target: DownloadTarget, seconds: number, signal: AbortSignal): Promise<string>;
}

export interface DownloadTarget {
  readonly file: DownloadTargetKind;
  readonly name: string;
  readonly location: string;
}
