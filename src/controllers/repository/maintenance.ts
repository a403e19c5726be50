import { parseGoDuration } from '../../domain/go-duration.js';
import { timestamp } from '../../domain/timestamp.js';
import type {
  BackupRepository,
  BackupStorageLocation,
  RepositoryMaintenance,
} from '../../domain/velero.gen.js';
import { messageOf } from '../../faults.js';
import type { ControllerPorts } from '../ports.js';
import { placeOfRepository } from './place.js';

/** What an engine wants when nobody says otherwise (Velero: `pkg/repository/udmrepo/kopialib`). */
export const SUGGESTED_FREQUENCY_MS = 3_600_000;
const KEPT = 3;
/** A run that takes longer is broken off; the next one goes on where it stopped. */
const LONGEST_MS = 4 * 3_600_000;

export const frequencyOf = ({ spec }: BackupRepository): number => {
  const given = parseGoDuration(spec?.maintenanceFrequency ?? '') ?? 0;
  return given > 0 ? given : SUGGESTED_FREQUENCY_MS;
};

/** Milliseconds until the next upkeep; 0 when it is due. */
export const untilMaintenance = (repository: BackupRepository, now: Date): number => {
  const last = Date.parse(repository.status?.lastMaintenanceTime ?? '');
  if (Number.isNaN(last)) return 0;
  return Math.max(0, last + frequencyOf(repository) - now.getTime());
};

/** Does the upkeep in this process and writes what came of it. A stop of the server in between leaves no trace: it is due again. */
export const maintain = async (
  ports: ControllerPorts,
  repository: BackupRepository,
  location: BackupStorageLocation & Required<Pick<BackupStorageLocation, 'spec'>>,
  signal: AbortSignal,
): Promise<void> => {
  const { name } = repository.metadata;
  const begun = ports.clock();
  const limited = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]);
  const problem = await ports.repositories
    .maintain(placeOfRepository(repository, location.spec), limited)
    .then(() => undefined, messageOf);
  signal.throwIfAborted();
  const now = ports.clock();
  const ended = timestamp(now);
  ports.onMaintenance?.(name, now.getTime() - begun.getTime(), problem === undefined);
  const entry: RepositoryMaintenance = {
    result: problem === undefined ? 'Succeeded' : 'Failed',
    startTimestamp: timestamp(begun),
    completeTimestamp: ended,
    ...(problem !== undefined && { message: problem }),
  };
  if (problem !== undefined)
    ports.log.warn({ repository: name }, `a repository was not maintained: ${problem}`);
  const recentMaintenance = [...(repository.status?.recentMaintenance ?? []), entry].slice(-KEPT);
  const status = { recentMaintenance, ...(problem === undefined && { lastMaintenanceTime: ended }) };
  await ports.resources.patch('BackupRepository', name, { status }, signal);
};
