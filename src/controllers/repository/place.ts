import type { BackupRepository, BackupStorageLocationSpec } from '../../domain/velero.gen.js';
import type { RepositoryPlace } from '../../repositories/port.js';

/** Where the copies of a repository lie, and how it is set up. */
export const placeOfRepository = (
  { spec }: BackupRepository,
  location: BackupStorageLocationSpec,
): RepositoryPlace => ({
  location,
  volumeNamespace: spec?.volumeNamespace ?? '',
  ...(spec?.repositoryConfig && { settings: spec.repositoryConfig }),
});
