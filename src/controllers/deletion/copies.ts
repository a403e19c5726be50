import { messageOf, isFault } from '../../faults.js';
import type { Repositories } from '../../repositories/port.js';
import type { Resources } from '../resources.js';

/** A copy of a volume in a repository. */
export interface StoredCopy {
  readonly snapshotId: string;
  /** Names the repository. */
  readonly volumeNamespace: string;
}

/** What the engine says about one repository is an error of its copies; storage that does not answer is tried again. */
const isAnswer = (error: unknown): boolean =>
  isFault(error) && (!error.retriable || error.code === 'LB_REPOSITORY_FAILED');

/**
 * Forgets copies, a repository at a time; the room they took is freed by its upkeep. Gives an error for each repository that could not
 * forget (`pkg/controller/backup_deletion_controller.go`). Faults are those of the API server and of the storage.
 */
export const forgetCopies = async (
  { resources, repositories }: { readonly resources: Resources; readonly repositories: Repositories },
  locationName: string,
  copies: readonly StoredCopy[],
  signal: AbortSignal,
): Promise<readonly string[]> => {
  if (copies.length === 0) return [];
  const location = await resources.read('BackupStorageLocation', locationName, signal);
  const byNamespace = new Map<string, Set<string>>();
  for (const { volumeNamespace, snapshotId } of copies)
    byNamespace.set(volumeNamespace, (byNamespace.get(volumeNamespace) ?? new Set()).add(snapshotId));
  const errors: string[] = [];
  for (const [volumeNamespace, unique] of byNamespace) {
    const ids = [...unique];
    const what = `the copies ${ids.join(', ')} of volumes of namespace ${volumeNamespace}`;
    if (!location?.spec) {
      errors.push(`${what} cannot be deleted: the storage location "${locationName}" does not exist`);
      continue;
    }
    try {
      await repositories.forget({ location: location.spec, volumeNamespace }, ids, signal);
    } catch (error) {
      if (signal.aborted || !isAnswer(error)) throw error;
      errors.push(`${what} cannot be deleted: ${messageOf(error)}`);
    }
  }
  return errors;
};
