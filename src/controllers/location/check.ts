import { isRefusal } from '../../domain/decider.js';
import { location, locationFactsOf, type LocationEvent } from '../../domain/location.js';
import { upcast } from '../../domain/events.js';
import { streamOf } from '../../domain/streams.js';
import type { BackupStorageLocation } from '../../domain/velero.gen.js';
import { openAggregate } from '../../eventstore/handle.js';
import { isFault, messageOf } from '../../faults.js';
import { mirrorPatch } from '../mirror.js';
import { metaOf, systemActor, type ControllerPorts } from '../ports.js';
import type { Requeue } from '../queue.js';
import { createDefaultRule } from './default-location.js';
import { createSchedule, periodOf } from './schedule-of-checks.js';
import { timestamp } from '../../domain/timestamp.js';

const CHECK_DEADLINE_MS = 60_000;

/** Opens the location and looks into it; what is wrong comes back as a sentence. */
const problemOf = async (
  ports: ControllerPorts,
  resource: BackupStorageLocation,
  signal: AbortSignal,
): Promise<string | undefined> => {
  if (!resource.spec) return 'spec is empty; name a provider and a bucket';
  try {
    const opened = await ports.openLocation(resource.spec);
    try {
      await ports.checkLocation(opened, AbortSignal.any([signal, AbortSignal.timeout(CHECK_DEADLINE_MS)]));
      return undefined;
    } finally {
      opened.store.close();
    }
  } catch (error) {
    if (signal.aborted) throw error;
    if (isFault(error, 'LB_ABORTED'))
      return `the object storage did not answer within ${CHECK_DEADLINE_MS / 1000} s`;
    return messageOf(error);
  }
};

/** Velero's wording, which people search for (`pkg/controller/backup_storage_location_controller.go`). */
const statusMessage = (name: string, problem: string): string =>
  `BackupStorageLocation "${name}" is unavailable: ${problem}`;

const checkOne = async (
  ports: ControllerPorts,
  name: string,
  resource: BackupStorageLocation | undefined,
  signal: AbortSignal,
): Promise<void> => {
  const stream = streamOf('location', { namespace: ports.resources.namespace, name });
  const now = timestamp(ports.clock());
  const aggregate = await openAggregate(ports.events, location, stream, {
    upcast: (stored) => upcast(stored) as LocationEvent | undefined,
    signal,
  });
  const uid = resource?.metadata.uid ?? stream;
  const meta = metaOf(ports, systemActor('location-controller'), uid);
  const cause = { uid, discriminator: String(aggregate.revision) };
  if (!resource) {
    await aggregate.send({ type: 'RemoveLocation', now }, meta, cause);
    return;
  }
  const problem = await problemOf(ports, resource, signal);
  const sent = await aggregate.send(
    { type: 'ObserveLocation', location: locationFactsOf(resource), problem, now },
    meta,
    cause,
  );
  if (isRefusal(sent)) ports.log.debug({ stream, refused: sent.refused }, sent.message);
  const status = {
    phase: problem === undefined ? 'Available' : 'Unavailable',
    message: problem === undefined ? null : statusMessage(name, problem),
    lastValidationTime: now,
  };
  const patch = mirrorPatch({ status }, { ...resource, metadata: {} });
  if (patch) await ports.resources.patch('BackupStorageLocation', name, patch, signal);
};

/**
 * Looks whether one storage location can be used, records a change, and shows the answer on the resource. A check that finds
 * what the one before found is no fact; only its time is written.
 */
export const reconcileLocation = (ports: ControllerPorts) => {
  const schedule = createSchedule();
  const oneDefault = createDefaultRule(ports);
  return async (name: string, signal: AbortSignal): Promise<Requeue> => {
    // A mutation is about to record who asked; the resource's own watch must not be faster with a poorer answer.
    if (ports.intakeBusy(streamOf('location', { namespace: ports.resources.namespace, name })))
      return { after: 100 };
    const resource = await ports.resources.read('BackupStorageLocation', name, signal);
    const frequency =
      resource && periodOf(resource.spec?.validationFrequency, ports.config.storeValidationFrequency);
    const early = resource && schedule.early(name, resource, frequency, ports.clock());
    if (early) return early;
    await oneDefault(signal);
    await checkOne(ports, name, resource, signal);
    if (!resource) {
      schedule.forget(name);
      return { done: true };
    }
    schedule.done(name, resource, ports.clock());
    return frequency === undefined ? { done: true } : { after: frequency };
  };
};
