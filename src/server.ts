import { setMaxListeners } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Express } from 'express';
import type { Cluster } from './cluster/port.js';
import type { Config } from './config.js';
import { NAMESPACES } from './domain/known-kinds.js';
import type { ControllerPorts } from './controllers/ports.js';
import { deleteVolumeData } from './controllers/deletion/volume-data.js';
import { ensurePassword } from './controllers/repository/password.js';
import { createResources } from './controllers/resources.js';
import { startControllers, type Controllers } from './controllers/run.js';
import { cron } from './controllers/schedule/cron.js';
import { BACKUP_ITEM_ACTIONS } from './domain/backup-actions.js';
import { RESTORE_ITEM_ACTIONS } from './domain/restore-actions/index.js';
import { VELERO_TYPES } from './domain/velero.gen.js';
import { Fault, isFault, messageOf } from './faults.js';
import { linkLog } from './link-log.js';
import { createIntake, type Intake } from './graphql/intake.js';
import { startApi, type Api } from './graphql/server.js';
import { checkLocation } from './objectstore/location.js';
import { createOperationFiles } from './operation-files.js';
import { knownOperations } from './known-operations.js';
import { measuredParts, openMetrics } from './measured-parts.js';
import type { MetricsEndpoint } from './metrics/endpoint.js';
import type { Parts } from './parts.js';
import { createProgressHub, type ProgressHub } from './projections/progress.js';
import { startRunner, type Runner } from './projections/runner.js';
import { refuseBesideVelero } from './running-velero.js';
import { APP_VERSION } from './version.js';

export interface RunningServer {
  readonly controllers: Controllers;
  /** Base address of the API; GraphQL is at `/graphql` below it. */
  readonly url: string;
  /** Where Prometheus reads; absent if that is off. */
  readonly metricsUrl?: string;
  /** Ends everything in order; safe to call twice. Running operations are left to the next start. */
  stop(): Promise<void>;
}

const LONG_LIVED_LISTENERS = 500;
const START_DEADLINE_MS = 120_000;
const STOP_DEADLINE_MS = 15_000;

/** What must be so before anything starts; each refusal says what to do. Two servers on one resource would fight. */
const checkSurroundings = async (cluster: Cluster, namespace: string, signal: AbortSignal): Promise<void> => {
  if (!(await cluster.get(NAMESPACES, { name: namespace }, { signal })))
    throw new Fault(
      'LB_CONFIG',
      `the namespace "${namespace}" does not exist; create it, or name another one with --namespace`,
    );
  const served = new Set(
    (await cluster.discover(signal)).resources.map(
      (type) => `${type.resource}.${type.group}/${type.version}`,
    ),
  );
  const missing = Object.values(VELERO_TYPES).filter(
    (type) => !served.has(`${type.resource}.${type.group}/${type.version}`),
  );
  if (missing.length > 0)
    throw new Fault(
      'LB_CONFIG',
      `the cluster lacks the custom resource definitions of ${missing.map(({ kind }) => kind).join(', ')}; run "lifeboat crds --apply"`,
    );
  await refuseBesideVelero(cluster, namespace, signal);
};

const controllerPorts = (
  config: Config,
  parts: Parts,
  shared: Pick<ControllerPorts, 'progress' | 'intakeBusy'>,
): ControllerPorts => ({
  ...shared,
  meter: parts.metrics.queue,
  onMaintenance: parts.metrics.onMaintenance,
  events: parts.events,
  cluster: parts.cluster,
  resources: createResources(parts.cluster, config.namespace),
  deleteBackupVolumes: deleteVolumeData({
    cluster: parts.cluster,
    resources: createResources(parts.cluster, config.namespace),
    repositories: parts.repositories,
    scratch: config.controllers.scratch,
    openSnapshotter: parts.openSnapshotter,
  }),
  openLocation: parts.openLocation,
  openSnapshotter: parts.openSnapshotter,
  repositories: parts.repositories,
  checkLocation: async ({ store, layout }, stop) => checkLocation(store, layout, stop),
  backupItemActions: BACKUP_ITEM_ACTIONS,
  restoreItemActions: RESTORE_ITEM_ACTIONS,
  linkMade: linkLog(parts.events, config.namespace, APP_VERSION),
  clock: parts.clock,
  log: parts.log,
  config: config.controllers,
  appVersion: APP_VERSION,
});

const EVENT_STORE_KINDS = { sqlite: 'SQLITE', esdb: 'KURRENT', memory: 'MEMORY' } as const;

/** Alive: the process answers. Ready: every kind it looks after was listed once. */
const mountHealth = (app: Express, isReady: () => boolean): void => {
  app.get('/healthz', (_request, response) => void response.send('ok'));
  app.get('/readyz', (_request, response) => {
    if (isReady()) response.send('ok');
    else response.status(503).send('the cluster is still being listed');
  });
};

/** Follows the facts into the views; resolves when these show all there is. */
const startViews = async ({ events, views, log, metrics }: Parts, signal: AbortSignal): Promise<Runner> => {
  const runner = startRunner({ store: events, views, signal, log, onFacts: metrics.onFacts });
  const begun = AbortSignal.any([signal, AbortSignal.timeout(START_DEADLINE_MS)]);
  if (await runner.reached(await events.head(begun), begun)) return runner;
  const limit = `${START_DEADLINE_MS / 1000} s`;
  throw new Fault('LB_DEADLINE', `the views did not catch up with the event store within ${limit}`);
};

interface Shared {
  readonly progress: ProgressHub;
  readonly intake: Intake;
  readonly runner: Runner;
}

const openApi = (config: Config, parts: Parts, shared: Shared, isReady: () => boolean): Promise<Api> =>
  startApi({
    ...shared,
    namespace: config.namespace,
    appVersion: APP_VERSION,
    cluster: parts.cluster,
    store: parts.events,
    views: parts.views,
    files: createOperationFiles(
      createResources(parts.cluster, config.namespace),
      parts.openLocation,
      parts.clock,
    ),
    log: parts.log,
    onField: parts.metrics.onField,
    now: parts.clock,
    cron,
    defaultBackupStorageLocation: config.controllers.defaultBackupStorageLocation,
    features: config.features,
    listen: config.listen,
    auth: config.auth === 'none' ? 'none' : 'token',
    eventStoreKind: EVENT_STORE_KINDS[config.eventStore.kind],
    routes: (app) => {
      mountHealth(app, isReady);
      parts.links.mount(app);
    },
  });

/** A server that may not make Secrets still backs up all but copies of volumes. */
const preparePassword = async ({ cluster, log }: Parts, namespace: string, signal: AbortSignal) => {
  try {
    await ensurePassword(cluster, namespace, signal);
  } catch (error) {
    if (!isFault(error, 'LB_CLUSTER_DENIED') && !isFault(error, 'LB_CLUSTER_REFUSED')) throw error;
    log.warn({ err: error }, `repositories of volume copies will not open: ${messageOf(error)}`);
  }
};

/** Wires one server together and starts it. The only place that knows all the parts. A start that fails leaves nothing running. */
export const startServer = async (config: Config, given: Parts): Promise<RunningServer> => {
  const parts = measuredParts(given);
  const stopping = new AbortController();
  const { signal } = stopping;
  setMaxListeners(LONG_LIVED_LISTENERS, signal); // every queue, watch and call under way listens to it
  let api: Api | undefined;
  let metrics: MetricsEndpoint | undefined;
  try {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(START_DEADLINE_MS)]);
    await checkSurroundings(parts.cluster, config.namespace, deadline);
    await mkdir(config.controllers.scratch, { recursive: true });
    await preparePassword(parts, config.namespace, deadline);
    for (const flag of config.withoutEffect)
      parts.log.warn({ flag }, `--${flag} has no effect in this version`);
    const runner = await startViews(parts, signal);
    const progress = parts.metrics.progress(createProgressHub());
    const shared = { runner, progress, intake: createIntake() };
    const started: { controllers?: Controllers } = {};
    // The port is taken before any work begins: a second server on it must not have started a backup when it gives up.
    api = await openApi(config, parts, shared, () => started.controllers?.ready() === true);
    parts.links.publish(api.url);
    metrics = await openMetrics(config, parts, signal);
    const busy = (stream: string) => shared.intake.busy(stream);
    const ports = controllerPorts(config, parts, { progress: shared.progress, intakeBusy: busy });
    const controllers = await startControllers(ports, knownOperations(parts.views, config.namespace), signal);
    started.controllers = controllers;
    return running(parts, { api, metrics, controllers, runner, stopping });
  } catch (error) {
    stopping.abort();
    await api?.close();
    await metrics?.close();
    throw error;
  }
};

const running = (
  { cluster, views, events }: Parts,
  {
    api,
    metrics,
    controllers,
    runner,
    stopping,
  }: {
    api: Api;
    metrics: MetricsEndpoint | undefined;
    controllers: Controllers;
    runner: Runner;
    stopping: AbortController;
  },
): RunningServer => {
  const stop = async () => {
    await api.close();
    await metrics?.close();
    stopping.abort();
    const ended = Promise.all([controllers.stopped(), runner.done]);
    await Promise.race([ended, delay(STOP_DEADLINE_MS, undefined, { ref: false })]);
    await cluster.close();
    views.close();
    await events.close();
  };
  let stopped: Promise<void> | undefined;
  const read = metrics && { metricsUrl: metrics.url };
  return { controllers, url: api.url, ...read, stop: () => (stopped ??= stop()) };
};
