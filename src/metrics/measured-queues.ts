import { Gauge, type Registry } from 'prom-client';
import { faultLabel } from './measured-cluster.js';
import type { Meters } from './meters.js';

/** Told by one queue what it does; times are milliseconds. */
export interface QueueMeter {
  /** So many names wait for a worker now. */
  readonly waiting: (names: number) => void;
  /** A worker took a name that had waited so long. */
  readonly taken: (waitedMs: number) => void;
  /** A look at a name ended; `error` is what was thrown, if anything was. */
  readonly worked: (tookMs: number, error?: unknown) => void;
}

/** A meter for each queue by its name (`Backup`, `Sync` …). */
export const createQueueMeters = (
  registry: Registry,
  { queueWait, reconciles }: Pick<Meters, 'queueWait' | 'reconciles'>,
): ((queue: string) => QueueMeter) => {
  const depth = new Gauge({
    name: 'lifeboat_queue_depth',
    help: 'Names that wait in a queue for a worker',
    labelNames: ['queue'],
    registers: [registry],
  });
  return (queue) => {
    depth.set({ queue }, 0);
    return {
      waiting: (names) => depth.set({ queue }, names),
      taken: (waitedMs) => queueWait.observe({ queue }, waitedMs / 1000),
      worked: (tookMs, error) =>
        reconciles.observe({ queue, outcome: error === undefined ? 'ok' : faultLabel(error) }, tookMs / 1000),
    };
  };
};
