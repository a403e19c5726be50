import type { Registry } from 'prom-client';
import type { Cluster } from '../cluster/port.js';
import type { EventStore } from '../eventstore/port.js';
import type { ObjectStore } from '../objectstore/port.js';
import type { BackupRow } from '../projections/backups.js';
import type { RowStep } from '../projections/fold.js';
import { streamOf } from '../domain/streams.js';
import type { ProgressHub } from '../projections/progress.js';
import type { Views } from '../projections/views.js';
import { measureCluster } from './measured-cluster.js';
import { createPositionGauges, measureEventStore } from './measured-eventstore.js';
import { measureObjectStore } from './measured-objectstore.js';
import { measureProgress } from './measured-progress.js';
import { createQueueMeters, type QueueMeter } from './measured-queues.js';
import { createMeters } from './meters.js';
import { createRegistry } from './registry.js';
import { maintenanceSamples } from './samples.js';
import { followSchedules } from './schedules.js';
import { createVeleroSeries } from './velero-series.js';
import { createViewsGauges } from './views-gauges.js';

/** Everything one server is measured with. */
export interface Metrics {
  readonly registry: Registry;
  readonly cluster: (cluster: Cluster) => Cluster;
  readonly events: (events: EventStore) => EventStore;
  readonly objectStore: (store: ObjectStore) => ObjectStore;
  readonly progress: (hub: ProgressHub) => ProgressHub;
  readonly queue: (name: string) => QueueMeter;
  /** A call to the API server is tried again. */
  readonly onRetry: (method: string, reason: string) => void;
  /** A watch broke and begins again. */
  readonly onWatchTrouble: (resource: string, fault: string) => void;
  /** A root field of the API was answered; the outcome is `ok` or the code of the error. */
  readonly onField: (field: string, outcome: string, tookMs: number) => void;
  /** A repository was looked after, or that failed. */
  readonly onMaintenance: (repository: string, tookMs: number, succeeded: boolean) => void;
  /** Facts that the views took in; those before `begin` are of former processes and count for nothing. */
  readonly onFacts: (steps: readonly RowStep[]) => void;
  /** The views have caught up: gauges start with what they show, and counting begins. Call it once. */
  readonly begin: (views: Views, events: EventStore, namespace: string) => void;
  /** Follows which schedules there are until the signal aborts. */
  readonly followSchedules: (cluster: Cluster, namespace: string, signal: AbortSignal) => Promise<void>;
}

const PAGE = 500;

/** Every backup the views know, page by page. */
const allBackups = function* (views: Views, namespace: string): Generator<BackupRow> {
  const order = { by: 'name', direction: 'ASC' } as const;
  for (let after: { value: string; stream: string } | undefined; ;) {
    const { items, more } = views.backups({ namespace, order, limit: PAGE, ...(after && { after }) });
    for (const { row } of items) yield row;
    const last = items.at(-1)?.key;
    if (!more || !last) return;
    after = { value: last.name, stream: streamOf('backup', last) };
  }
};

/** A registry of its own for each server, since a process may hold several in tests, with all series declared. */
export const createMetrics = (version: string): Metrics => {
  const registry = createRegistry(version);
  const meters = createMeters(registry);
  const series = createVeleroSeries(registry);
  let counting = false;
  return {
    registry,
    cluster: (cluster) => measureCluster(cluster, meters),
    events: (events) => measureEventStore(events, meters),
    objectStore: (store) => measureObjectStore(store, meters),
    progress: (hub) => measureProgress(hub, meters),
    queue: createQueueMeters(registry, meters),
    onRetry: (method, reason) => meters.clusterRetries.inc({ method, reason }),
    onWatchTrouble: (resource, fault) => meters.watchInterruptions.inc({ resource, fault }),
    onField: (field, outcome, tookMs) => meters.apiRequests.observe({ field, outcome }, tookMs / 1000),
    onMaintenance: (repository, tookMs, succeeded) =>
      series.add(maintenanceSamples(repository, tookMs, succeeded)),
    onFacts: (steps) => {
      if (!counting) return;
      for (const { event } of steps) meters.facts.inc({ type: event?.type ?? 'unknown' });
      series.follow(steps);
    },
    begin: (views, events, namespace) => {
      createViewsGauges(registry, views, namespace);
      createPositionGauges(registry, events, views);
      series.remember(allBackups(views, namespace));
      counting = true;
    },
    followSchedules: (cluster, namespace, signal) => followSchedules({ cluster, namespace, series, signal }),
  };
};
