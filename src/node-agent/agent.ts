import { createQueue } from '../controllers/queue.js';
import { watchKind } from '../controllers/watched-kind.js';
import type { JsonObject } from '../domain/json.js';
import { messageOf } from '../faults.js';
import { dataDownload } from './data-download.js';
import { dataUpload } from './data-upload.js';
import { moveController } from './move.js';
import type { AgentPorts } from './ports.js';
import { copyController } from './reconcile.js';
import { createCopySlots, readConcurrency } from './slots.js';
import { volumeBackup } from './volume-backup.js';
import { volumeRestore } from './volume-restore.js';

export interface RunningAgent {
  /** True once every kind it looks after was listed. */
  ready(): boolean;
  /** Resolves when everything that ran has stopped; call it after aborting the signal. */
  stopped(): Promise<void>;
}

/** Workers beyond the copies, for the short steps of others. */
const SPARE_WORKERS = 4;

/**
 * Starts the agent of one node: it copies volumes of pods there into repositories, and back. Needs no pod of its own for each copy, as
 * Velero's does (`pkg/exposer`): it reads the volumes where the kubelet has them. Fault `LB_CONFIG` for settings that cannot be read.
 */
export const startAgent = async (ports: AgentPorts, signal: AbortSignal): Promise<RunningAgent> => {
  const slots = createCopySlots(await readConcurrency(ports, signal));
  const synced = new Set<string>();
  const looked = [
    ...[volumeBackup, volumeRestore].map((one) => ({
      kind: one.kind,
      controller: copyController(ports, one, slots),
    })),
    ...[dataUpload, dataDownload].map((one) => ({
      kind: one.kind,
      controller: moveController(ports, one, slots),
    })),
  ];
  const started = looked.map(({ kind, controller }) => {
    const queue = createQueue({
      concurrency: slots.limit + SPARE_WORKERS,
      reconcile: controller.reconcile,
      signal,
      ...(ports.metrics && { meter: ports.metrics.queue(kind) }),
      onError: (name, error, failures) =>
        ports.log.warn(
          { kind, name, failures, err: error },
          `could not be looked after, trying again: ${messageOf(error)}`,
        ),
    });
    const seen = (object?: JsonObject) => {
      controller.seen(object);
      if (object) ports.metrics?.seen(kind, object);
    };
    const watched = { kind, queues: [queue], patience: controller.patience, seen };
    return { queue, watching: watchKind(ports, watched, () => synced.add(kind), signal) };
  });
  return {
    ready: () => synced.size === looked.length,
    stopped: async () => {
      await Promise.all(started.flatMap(({ queue, watching }) => [queue.idle(), watching]));
    },
  };
};
