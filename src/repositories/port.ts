import type { BackupStorageLocationSpec } from '../domain/velero.gen.js';

/** Secret of the server's namespace that opens all repositories (Velero: `pkg/repository/keys/keys.go`). */
export const PASSWORD_SECRET = 'velero-repo-credentials';
export const PASSWORD_KEY = 'repository-password';
/** What Velero sets at its first start; repositories of both have to open with it. */
export const FIRST_PASSWORD = 'static-passw0rd';

/** Where copies of volumes lie: in the location, one repository for each namespace whose volumes are copied. */
export interface RepositoryPlace {
  readonly location: BackupStorageLocationSpec;
  /** Namespace of the copied pods and claims when they were copied; it names the repository. */
  readonly volumeNamespace: string;
  /** `spec.repositoryConfig` of the BackupRepository: `cacheLimitMB`, `fullMaintenanceInterval`. Others have no meaning here. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Bytes so far, and in all as far as that is known. */
export type CopyProgress = (bytesDone: number, totalBytes: number) => void;

/** Who makes copies, as Velero says it in the tag `snapshot-requester` and at the head of a source (`pkg/podvolume`, `pkg/datamover`). */
export type CopyRequester = 'snapshot-pod-volume' | 'snapshot-data-upload-download';

export interface CopyRequest {
  /** The folder on this host whose tree is copied. */
  readonly folder: string;
  readonly requester: CopyRequester;
  /**
   * By what name earlier copies of the same volume are found, so that only what changed is moved: `<namespace>/<claim>` for a moved
   * snapshot and `<namespace>/<pod>/<claim or volume>` for a volume of a pod, as Velero names them. The adapter puts requester and engine before it.
   */
  readonly source: string;
  /** Written beside the copy, to be found and told apart by. */
  readonly tags: Readonly<Record<string, string>>;
  /** Files read at once; the engine chooses when absent. */
  readonly parallelFiles?: number;
  readonly onProgress?: CopyProgress;
}

export interface Copied {
  /** By which the repository knows the copy; empty where the folder held nothing. */
  readonly snapshotId: string;
  readonly totalBytes: number;
  /** About the size of what is new or changed since the copy before; engines tell it in round numbers. */
  readonly incrementalBytes: number;
}

/** A copy that lies in a repository. */
export type FoundCopy = Omit<Copied, 'incrementalBytes'>;

export interface PutBackRequest {
  readonly snapshotId: string;
  /** The folder on this host that gets the tree; what is there and not in the copy stays. */
  readonly folder: string;
  /** Long runs of zeros take no room. */
  readonly sparse?: boolean;
  readonly parallelFiles?: number;
  readonly onProgress?: CopyProgress;
}

/**
 * Repositories of volume copies (Velero's unified repository, `pkg/repository/provider/unified_repo.go`). Faults: `LB_ABORTED` for a signal,
 * those of the location for what cannot be reached, `LB_REPOSITORY_*` for what the engine says. No secret is in any of them.
 */
export interface Repositories {
  /** Connects, or makes the repository where there is none. Safe to repeat and to do twice at once. */
  readonly ensure: (place: RepositoryPlace, signal: AbortSignal) => Promise<void>;
  readonly copy: (place: RepositoryPlace, request: CopyRequest, signal: AbortSignal) => Promise<Copied>;
  /** The newest complete copy that bears all these tags, of one that somebody made and could not tell of; undefined if there is none. */
  readonly find: (
    place: RepositoryPlace,
    tags: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ) => Promise<FoundCopy | undefined>;
  /** Makes a folder equal to what was copied: contents, links, modes, owners, times of files. */
  readonly putBack: (
    place: RepositoryPlace,
    request: PutBackRequest,
    signal: AbortSignal,
  ) => Promise<{ readonly bytes: number }>;
  /** Forgets copies; room is made by `maintain`. One that is not there is forgotten already, also where the repository is gone. */
  readonly forget: (
    place: RepositoryPlace,
    snapshotIds: readonly string[],
    signal: AbortSignal,
  ) => Promise<void>;
  /** Frees what no copy needs any more. */
  readonly maintain: (place: RepositoryPlace, signal: AbortSignal) => Promise<void>;
}
