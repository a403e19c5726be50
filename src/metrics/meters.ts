import { Counter, Histogram, type Registry } from 'prom-client';

/** Seconds: from a quick answer on the own machine to a call that tried again for minutes. */
const CALL_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300];
/** Seconds: a look at a resource may be a whole backup. */
const WORK_BUCKETS = [0.005, 0.05, 0.5, 5, 60, 300, 900, 3_600, 14_400];

const counter = <L extends string>(registry: Registry, name: string, help: string, ...labelNames: L[]) =>
  new Counter({ name: `lifeboat_${name}`, help, labelNames, registers: [registry] });

const histogram = <L extends string>(
  registry: Registry,
  name: string,
  help: string,
  buckets: readonly number[],
  ...labelNames: L[]
) =>
  new Histogram({
    name: `lifeboat_${name}`,
    help,
    buckets: [...buckets],
    labelNames,
    registers: [registry],
  });

/** What the cluster is measured with. */
export const createClusterMeters = (registry: Registry) => ({
  clusterRequests: histogram(
    registry,
    'cluster_request_duration_seconds',
    'Calls to the API server with all their tries, by verb and result (2xx, 4xx, a fault)',
    CALL_BUCKETS,
    'verb',
    'result',
  ),
  clusterRetries: counter(
    registry,
    'cluster_retries_total',
    'Tries of a call after the first, by the reason (429, 5xx, a lost connection)',
    'method',
    'reason',
  ),
  watchInterruptions: counter(
    registry,
    'watch_interruptions_total',
    'Times a watch broke and began again, by kind and fault',
    'resource',
    'fault',
  ),
});

export type ClusterMeters = ReturnType<typeof createClusterMeters>;

const createStoreMeters = (registry: Registry) => ({
  storeRequests: histogram(
    registry,
    'objectstore_request_duration_seconds',
    'Calls to object storage, by operation and outcome (ok, absent, exists, a fault)',
    CALL_BUCKETS,
    'operation',
    'outcome',
  ),
  storeBytes: counter(
    registry,
    'objectstore_bytes_total',
    'Bytes to (put) and from (get) object storage',
    'operation',
  ),
  appends: histogram(
    registry,
    'eventstore_append_duration_seconds',
    'Appends to the event store until they are durable, by outcome (ok, conflict, a fault)',
    CALL_BUCKETS,
    'outcome',
  ),
});

/** What the queues of controllers are measured with. */
export const createWorkMeters = (registry: Registry) => ({
  queueWait: histogram(
    registry,
    'queue_wait_seconds',
    'Time a name waited in a queue for a worker',
    CALL_BUCKETS,
    'queue',
  ),
  reconciles: histogram(
    registry,
    'reconcile_duration_seconds',
    'One look at one resource, by queue and outcome (ok, a fault, error)',
    WORK_BUCKETS,
    'queue',
    'outcome',
  ),
});

const createInsideMeters = (registry: Registry) => ({
  apiRequests: histogram(
    registry,
    'api_request_duration_seconds',
    'Root fields of GraphQL requests, by field and outcome (ok, an error code)',
    CALL_BUCKETS,
    'field',
    'outcome',
  ),
  facts: counter(registry, 'facts_total', 'Facts about operations and locations, by type', 'type'),
  items: counter(registry, 'items_total', 'Items of running operations that are done', 'kind'),
  archivedBytes: counter(
    registry,
    'archived_bytes_total',
    'Bytes that running operations have written into archives',
    'kind',
  ),
});

/** Lifeboat's own series, for those who run it. No label holds a name that users choose. Durations are seconds. */
export const createMeters = (registry: Registry) => ({
  ...createClusterMeters(registry),
  ...createStoreMeters(registry),
  ...createWorkMeters(registry),
  ...createInsideMeters(registry),
});

export type Meters = ReturnType<typeof createMeters>;

/** Starts a watch; the answer is the seconds since then. */
export const stopwatch = (): (() => number) => {
  const from = process.hrtime.bigint();
  return () => Number(process.hrtime.bigint() - from) / 1e9;
};
