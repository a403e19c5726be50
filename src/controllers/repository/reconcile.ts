import { timestamp } from '../../domain/timestamp.js';
import type { BackupRepository, BackupStorageLocation } from '../../domain/velero.gen.js';
import { messageOf } from '../../faults.js';
import type { ControllerPorts } from '../ports.js';
import type { Requeue } from '../queue.js';
import { maintain, SUGGESTED_FREQUENCY_MS, untilMaintenance } from './maintenance.js';
import { placeOfRepository } from './place.js';
import { repositorySettings } from './settings.js';

/** Velero looks after each repository this often (`pkg/controller/backup_repository_controller.go`). */
const LOOK_MS = 300_000;

type Located = BackupStorageLocation & Required<Pick<BackupStorageLocation, 'spec'>>;

/** What makes another place of a location: bucket, prefix, certificates, settings. Credentials are read anew each time anyway. */
const whereOf = ({ spec }: Located): string =>
  JSON.stringify([spec.objectStorage, spec.config, spec.provider]);

const goDuration = (milliseconds: number): string => {
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 3600)}h${Math.floor((seconds % 3600) / 60)}m${seconds % 60}s`;
};

/** Fills in what the server decides about a new repository, once. */
const complete = async (
  ports: ControllerPorts,
  repository: BackupRepository,
  signal: AbortSignal,
): Promise<BackupRepository | { readonly problem: string }> => {
  const found = await repositorySettings(ports, signal);
  if ('problem' in found) return found;
  const { spec } = repository;
  const given = spec?.maintenanceFrequency;
  const changes = {
    ...((given === undefined || /^0/.test(given)) && {
      maintenanceFrequency: goDuration(ports.config.repoMaintainFrequency || SUGGESTED_FREQUENCY_MS),
    }),
    ...(found.settings && !spec?.repositoryConfig && { repositoryConfig: found.settings }),
  };
  if (Object.keys(changes).length === 0 || !spec) return repository;
  await ports.resources.patch('BackupRepository', repository.metadata.name, { spec: changes }, signal);
  return { ...repository, spec: { ...spec, ...changes } };
};

/** Opens the repository, or makes it; why it cannot be used comes back as a sentence. */
const problemOf = async (
  ports: ControllerPorts,
  repository: BackupRepository,
  location: Located,
  signal: AbortSignal,
): Promise<string | undefined> => {
  try {
    await ports.repositories.ensure(placeOfRepository(repository, location.spec), signal);
    return undefined;
  } catch (error) {
    if (signal.aborted) throw error;
    return messageOf(error);
  }
};

const show = async (
  ports: ControllerPorts,
  { metadata, status }: BackupRepository,
  problem: string | undefined,
  signal: AbortSignal,
): Promise<void> => {
  const phase = problem === undefined ? 'Ready' : 'NotReady';
  if (status?.phase === phase && (status.message ?? '') === (problem ?? '')) return;
  const first = phase === 'Ready' && !status?.lastMaintenanceTime;
  const shown = {
    phase,
    message: problem ?? null,
    ...(first && { lastMaintenanceTime: timestamp(ports.clock()) }),
  };
  await ports.resources.patch('BackupRepository', metadata.name, { status: shown }, signal);
};

/**
 * Looks after one repository of volume copies: makes it, sees that it can still be opened where its location says, and maintains it
 * when that is due, in this process. Velero does the last in a Job of its own (`pkg/repository/maintenance/maintenance.go`).
 */
export const reconcileRepository = (ports: ControllerPorts) => {
  /** Where each repository was last found to be usable by this process. */
  const verified = new Map<string, string>();
  const known = new Set<string>();
  const reconcile = async (name: string, signal: AbortSignal): Promise<Requeue> => {
    const found = await ports.resources.read('BackupRepository', name, signal);
    if (found?.spec?.repositoryType !== 'kopia') {
      known.delete(name);
      verified.delete(name);
      return { done: true };
    }
    known.add(name);
    const { backupStorageLocation } = found.spec;
    const location = await ports.resources.read('BackupStorageLocation', backupStorageLocation, signal);
    if (!location?.spec) {
      verified.delete(name);
      const problem = `the storage location "${backupStorageLocation}" does not exist`;
      await show(ports, found, problem, signal);
      return { after: LOOK_MS };
    }
    const there: Located = { ...location, spec: location.spec };
    if (verified.get(name) !== whereOf(there) || found.status?.phase !== 'Ready') {
      const completed = await complete(ports, found, signal);
      const problem =
        'problem' in completed ? completed.problem : await problemOf(ports, completed, there, signal);
      await show(ports, found, problem, signal);
      if (problem !== undefined) {
        verified.delete(name);
        return { after: LOOK_MS };
      }
      verified.set(name, whereOf(there));
      return { after: 0 };
    }
    const wait = untilMaintenance(found, ports.clock());
    if (location.spec.accessMode === 'ReadOnly') return { after: LOOK_MS };
    if (wait > 0) return { after: Math.min(wait, LOOK_MS) };
    await maintain(ports, found, there, signal);
    return { after: LOOK_MS };
  };
  return { reconcile, known };
};
