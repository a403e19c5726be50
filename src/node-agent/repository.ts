import { ensureRepository } from '../controllers/repository/ensure.js';
import { placeOfRepository } from '../controllers/repository/place.js';
import { Fault } from '../faults.js';
import type { RepositoryPlace } from '../repositories/port.js';
import type { AgentPorts } from './ports.js';

/** Where the copies of a namespace's volumes lie. Fault `LB_REPOSITORY_FAILED` with the reason why that is nowhere. */
export const repositoryPlace = async (
  ports: AgentPorts,
  volumeNamespace: string,
  location: string,
  signal: AbortSignal,
): Promise<RepositoryPlace> => {
  const ensured = await ensureRepository(ports, { volumeNamespace, location }, signal);
  if ('problem' in ensured) throw new Fault('LB_REPOSITORY_FAILED', ensured.problem);
  const found = await ports.resources.read('BackupStorageLocation', location, signal);
  if (!found?.spec)
    throw new Fault('LB_REPOSITORY_FAILED', `the storage location "${location}" does not exist`);
  return placeOfRepository(ensured.repository, found.spec);
};
