import type { RepositoryStorage } from '../domain/repository-storage.js';
import type { BackupStorageLocationSpec } from '../domain/velero.gen.js';

/** Finds the storage of a location, with the credentials that its Secrets hold. Faults are those of the location. */
export type OpenRepositoryStorage = (spec: BackupStorageLocationSpec) => Promise<RepositoryStorage>;
