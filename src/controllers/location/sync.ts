import { decodeBackupMetadata } from '../../archive/sidecars.js';
import type { Backup, BackupStorageLocation, Schedule } from '../../domain/velero.gen.js';
import { isFault, messageOf } from '../../faults.js';
import { labelValue } from '../label-value.js';
import { timestamp, type ControllerPorts, type OpenedLocation } from '../ports.js';
import type { Requeue } from '../queue.js';
import { createSchedule, periodOf } from './schedule-of-checks.js';
import { readObject } from '../stored-object.js';

/** Names of the backups of a location: its directories below `backups/`. */
const listBackups = async (
  { store, layout }: OpenedLocation,
  signal: AbortSignal,
): Promise<readonly string[]> => {
  const names: string[] = [];
  for await (const entry of store.list(layout.backupsDir(), { delimiter: '/', signal }))
    if (entry.kind === 'prefix') names.push(layout.nameOf(entry.prefix));
  return names;
};

const UNFINISHED = [
  'New',
  'Queued',
  'ReadyToStart',
  'InProgress',
  'WaitingForPluginOperations',
  'WaitingForPluginOperationsPartiallyFailed',
  'Finalizing',
  'FinalizingPartiallyFailed',
  'Deleting',
];

/**
 * The resource that a stored backup becomes in this cluster (`pkg/controller/backup_sync_controller.go`); undefined for one
 * that somebody is still writing. One that was left unfinished and has expired comes in as partially failed, so that it is
 * cleaned up. An owner is dropped only if it is known not to be here.
 */
export const adoptedBackup = (
  stored: Backup,
  location: string,
  namespace: string,
  schedules: readonly Schedule[],
  now: Date,
): Backup | undefined => {
  const { status = {} } = stored;
  const unfinished = UNFINISHED.includes(status.phase ?? 'New');
  const expired = status.expiration ? new Date(status.expiration) < now : false;
  if (unfinished && !expired) return undefined;
  const { resourceVersion: _version, uid: _uid, ...metadata } = stored.metadata;
  const owners = metadata.ownerReferences?.filter(
    (owner) =>
      owner.kind !== 'Schedule' ||
      schedules.some((s) => s.metadata.uid === owner.uid && s.metadata.name === owner.name),
  );
  return {
    ...stored,
    metadata: {
      ...metadata,
      namespace,
      labels: { ...metadata.labels, 'velero.io/storage-location': labelValue(location) },
      ...(owners && { ownerReferences: owners }),
    },
    spec: { ...stored.spec, storageLocation: location },
    status: unfinished ? { ...status, phase: 'PartiallyFailed' } : status,
  };
};

const adopt = async (
  ports: ControllerPorts,
  opened: OpenedLocation,
  location: string,
  name: string,
  schedules: readonly Schedule[],
  signal: AbortSignal,
) => {
  const key = opened.layout.backupMetadata(name);
  const bytes = await readObject(opened.store, key, signal);
  if (!bytes) return; // no mark, no backup: somebody is writing it, or gave up
  const backup = adoptedBackup(
    decodeBackupMetadata(bytes, key),
    location,
    ports.resources.namespace,
    schedules,
    ports.clock(),
  );
  if (!backup) return;
  const answer = await ports.resources.create('Backup', backup, signal);
  if (answer === 'created') ports.log.info({ backup: name, location }, 'found a backup in object storage');
};

/** Until a location is available it is looked at often, since its first check is on its way. */
const RETRY_MS = 2_000;

const syncOne = async (
  ports: ControllerPorts,
  location: string,
  spec: BackupStorageLocation['spec'],
  signal: AbortSignal,
): Promise<void> => {
  if (!spec) return;
  const opened = await ports.openLocation(spec);
  try {
    const stored = await listBackups(opened, signal);
    const present = new Set(
      (await ports.resources.list('Backup', signal)).map(({ metadata }) => metadata.name),
    );
    const missing = stored.filter((backup) => !present.has(backup));
    const schedules = missing.length > 0 ? await ports.resources.list('Schedule', signal) : [];
    for (const backup of missing)
      try {
        await adopt(ports, opened, location, backup, schedules, signal);
      } catch (error) {
        // One damaged backup must not hide the others; a store that does not answer is tried again as a whole.
        if (!isFault(error) || error.retriable) throw error;
        ports.log.error(
          { backup, location },
          `a backup in object storage cannot be used: ${messageOf(error)}`,
        );
      }
  } finally {
    opened.store.close();
  }
};

/**
 * Brings finished backups that lie in a location into the cluster, under this location's name. Object storage is the source of
 * truth: this is how another cluster, or one whose records are lost, finds its backups again.
 */
export const reconcileSync = (ports: ControllerPorts) => {
  const schedule = createSchedule();
  return async (name: string, signal: AbortSignal): Promise<Requeue> => {
    const resource = await ports.resources.read('BackupStorageLocation', name, signal);
    const period = resource && periodOf(resource.spec?.backupSyncPeriod, ports.config.backupSyncPeriod);
    if (!resource) schedule.forget(name);
    if (!resource || period === undefined) return { done: true };
    const early = schedule.early(name, resource, period, ports.clock());
    if (early) return early;
    if (resource.status?.phase !== 'Available') return { after: Math.min(period, RETRY_MS) };
    await syncOne(ports, name, resource.spec, signal);
    schedule.done(name, resource, ports.clock());
    const status = { lastSyncedTime: timestamp(ports.clock()) };
    await ports.resources.patch('BackupStorageLocation', name, { status }, signal);
    return { after: period };
  };
};
