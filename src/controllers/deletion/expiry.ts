import type { Backup, BackupStorageLocation } from '../../domain/velero.gen.js';
import { isFault } from '../../faults.js';
import type { ControllerPorts } from '../ports.js';
import type { Requeue } from '../queue.js';
import { requestLabels, requestsAbout } from './requests.js';
import { isRunning } from '../../domain/phases.js';

/** On a request that the server made since the backup has expired: `Expired`. */
export const BECAUSE_ANNOTATION = 'lifeboat.io/because';
const FAILURE_LABEL = 'velero.io/gc-failure';
const DONE: Requeue = { done: true };
/** Timers cannot wait longer than some 24 days. */
const LONGEST_WAIT_MS = 24 * 3_600_000;
/** A location that cannot be reached at present is looked at this often, or as often as the flag says. */
const UNAVAILABLE_MS = 300_000;

type Failure = 'BSLNotFound' | 'BSLCannotGet' | 'BSLReadOnly';

/** `null` takes the label away, with which users find the expired backups that stay. */
const showFailure = async (
  { resources }: ControllerPorts,
  { metadata }: Backup,
  failure: Failure | null,
  signal: AbortSignal,
): Promise<void> => {
  if ((metadata.labels?.[FAILURE_LABEL] ?? null) === failure) return;
  await resources.patch(
    'Backup',
    metadata.name,
    { metadata: { labels: { [FAILURE_LABEL]: failure } } },
    signal,
  );
};

const locationOf = async (
  ports: ControllerPorts,
  backup: Backup,
  signal: AbortSignal,
): Promise<BackupStorageLocation | undefined> => {
  try {
    return await ports.resources.read('BackupStorageLocation', backup.spec?.storageLocation ?? '', signal);
  } catch (error) {
    if (!signal.aborted && isFault(error) && !error.retriable)
      await showFailure(ports, backup, 'BSLCannotGet', signal);
    throw error;
  }
};

/** Asks for the deletion, unless somebody has; one that was answered with errors is followed by another after the frequency. */
const ask = async (ports: ControllerPorts, { metadata }: Backup, signal: AbortSignal): Promise<Requeue> => {
  const { resources, config, clock } = ports;
  const backup = { name: metadata.name, uid: metadata.uid ?? '' };
  const requests = await requestsAbout(resources, backup, signal);
  const frequency = config.garbageCollectionFrequency;
  if (requests.some(({ status }) => status?.phase !== 'Processed')) return { after: frequency };
  const last = Math.max(...requests.map((one) => Date.parse(one.metadata.creationTimestamp ?? '')));
  const left = last + frequency - clock().getTime();
  if (requests.length > 0 && left > 0) return { after: left };
  await resources.create(
    'DeleteBackupRequest',
    {
      apiVersion: 'velero.io/v1',
      kind: 'DeleteBackupRequest',
      metadata: {
        generateName: `${metadata.name}-`,
        namespace: resources.namespace,
        labels: requestLabels(backup),
        annotations: { [BECAUSE_ANNOTATION]: 'Expired' },
      },
      spec: { backupName: metadata.name },
    },
    signal,
  );
  return { after: frequency };
};

/**
 * Asks for the deletion of a backup at the moment at which it expires, whatever became of it, and again at the frequency of
 * `--garbage-collection-frequency` while it is still there (`pkg/controller/gc_controller.go`). Only `status.expiration` counts:
 * whoever wants to keep a backup longer changes that.
 */
export const reconcileExpiry =
  (ports: ControllerPorts) =>
  async (name: string, signal: AbortSignal): Promise<Requeue> => {
    const backup = await ports.resources.read('Backup', name, signal);
    const expiration = Date.parse(backup?.status?.expiration ?? '');
    if (!backup || Number.isNaN(expiration) || backup.metadata.deletionTimestamp) return DONE;
    const left = expiration - ports.clock().getTime();
    if (left > 0) return { after: Math.min(left, LONGEST_WAIT_MS) };
    // What expires while it runs is deleted when it has ended; its change of phase tells.
    if (isRunning(backup.status?.phase ?? '')) return DONE;
    const frequency = ports.config.garbageCollectionFrequency;
    const location = await locationOf(ports, backup, signal);
    if (!location) {
      await showFailure(ports, backup, 'BSLNotFound', signal);
      return { after: frequency };
    }
    if (location.status?.phase !== 'Available') return { after: Math.min(frequency, UNAVAILABLE_MS) };
    if (location.spec?.accessMode === 'ReadOnly') {
      await showFailure(ports, backup, 'BSLReadOnly', signal);
      return { after: frequency };
    }
    await showFailure(ports, backup, null, signal);
    return ask(ports, backup, signal);
  };
