import { setMaxListeners } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Express } from 'express';
import type { Cluster, ResourceType } from './cluster/port.js';
import type { Config } from './config.js';
import type { ControllerPorts } from './controllers/ports.js';
import { createResources } from './controllers/resources.js';
import { startControllers, type Controllers } from './controllers/run.js';
import { VELERO_TYPES } from './domain/velero.gen.js';
import { Fault } from './faults.js';
import { createIntake } from './graphql/intake.js';
import { startApi } from './graphql/server.js';
import { checkLocation } from './objectstore/location.js';
import { knownOperations } from './known-operations.js';
import type { Parts } from './parts.js';
import { createProgressHub } from './projections/progress.js';
import { startRunner } from './projections/runner.js';
import { APP_VERSION } from './version.js';

export interface RunningServer {
  readonly controllers: Controllers;
  /** Base address of the API; GraphQL is at `/graphql` below it. */
  readonly url: string;
  /** Ends everything in order; safe to call twice. Running operations are left to the next start. */
  stop(): Promise<void>;
}

const DEPLOYMENTS: ResourceType = {
  group: 'apps',
  version: 'v1',
  resource: 'deployments',
  kind: 'Deployment',
  singular: 'deployment',
  shortNames: [],
  namespaced: true,
  verbs: ['get'],
};
const NAMESPACE: ResourceType = {
  group: '',
  version: 'v1',
  resource: 'namespaces',
  kind: 'Namespace',
  singular: 'namespace',
  shortNames: [],
  namespaced: false,
  verbs: ['get'],
};
const LONG_LIVED_LISTENERS = 500;
const START_DEADLINE_MS = 120_000;
const STOP_DEADLINE_MS = 15_000;

/** What must be so before anything starts; each refusal says what to do. Two servers on one resource would fight. */
const checkSurroundings = async (cluster: Cluster, namespace: string, signal: AbortSignal): Promise<void> => {
  if (!(await cluster.get(NAMESPACE, { name: namespace }, { signal })))
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
  const bytes = await cluster.get(DEPLOYMENTS, { namespace, name: 'velero' }, { signal });
  const velero =
    bytes &&
    (JSON.parse(bytes.toString('utf8')) as { readonly status?: { readonly readyReplicas?: number } });
  if ((velero?.status?.readyReplicas ?? 0) > 0)
    throw new Fault(
      'LB_CONFIG',
      `Velero is running in namespace "${namespace}"; scale its Deployment to zero first: kubectl -n ${namespace} scale deployment velero --replicas=0`,
    );
};

const controllerPorts = (
  config: Config,
  parts: Parts,
  shared: Pick<ControllerPorts, 'progress' | 'intakeBusy'>,
): ControllerPorts => ({
  ...shared,
  events: parts.events,
  cluster: parts.cluster,
  resources: createResources(parts.cluster, config.namespace),
  openLocation: parts.openLocation,
  checkLocation: async ({ store, layout }, stop) => checkLocation(store, layout, stop),
  clock: parts.clock,
  log: parts.log,
  config: config.controllers,
  appVersion: APP_VERSION,
});

const EVENT_STORE_KINDS = { sqlite: 'SQLITE', esdb: 'KURRENT', memory: 'MEMORY' } as const;

/** Alive: the process answers. Ready: every kind it looks after was listed once. */
const mountHealth = (app: Express, controllers: Controllers): void => {
  app.get('/healthz', (_request, response) => void response.send('ok'));
  app.get('/readyz', (_request, response) => {
    if (controllers.ready()) response.send('ok');
    else response.status(503).send('the cluster is still being listed');
  });
};

/** Wires one server together and starts it. The only place that knows all the parts. */
export const startServer = async (config: Config, parts: Parts): Promise<RunningServer> => {
  const stopping = new AbortController();
  const { signal } = stopping;
  setMaxListeners(LONG_LIVED_LISTENERS, signal); // every queue, watch and call under way listens to it
  const { log, events, views, cluster } = parts;
  await checkSurroundings(
    cluster,
    config.namespace,
    AbortSignal.any([signal, AbortSignal.timeout(START_DEADLINE_MS)]),
  );
  await mkdir(config.controllers.scratch, { recursive: true });
  for (const flag of config.withoutEffect) log.warn({ flag }, `--${flag} has no effect in this version`);

  const progress = createProgressHub();
  const intake = createIntake();
  const runner = startRunner({ store: events, views, signal, log });
  const begun = AbortSignal.any([signal, AbortSignal.timeout(START_DEADLINE_MS)]);
  if (!(await runner.reached(await events.head(begun), begun)))
    throw new Fault(
      'LB_DEADLINE',
      `the views did not catch up with the event store within ${START_DEADLINE_MS / 1000} s`,
    );
  const ports = controllerPorts(config, parts, { progress, intakeBusy: (stream) => intake.busy(stream) });
  const controllers = await startControllers(ports, knownOperations(views, config.namespace), signal);
  const api = await startApi({
    namespace: config.namespace,
    appVersion: APP_VERSION,
    cluster,
    store: events,
    views,
    runner,
    progress,
    intake,
    log,
    defaultBackupStorageLocation: config.controllers.defaultBackupStorageLocation,
    features: config.features,
    now: parts.clock,
    listen: config.listen,
    auth: config.auth === 'none' ? 'none' : 'token',
    eventStoreKind: EVENT_STORE_KINDS[config.eventStore.kind],
    routes: (app) => {
      mountHealth(app, controllers);
      parts.links.mount(app);
    },
  });
  parts.links.publish(api.url);

  let stopped: Promise<void> | undefined;
  const stop = async () => {
    await api.close();
    stopping.abort();
    await Promise.race([
      Promise.all([controllers.stopped(), runner.done]),
      delay(STOP_DEADLINE_MS, undefined, { ref: false }),
    ]);
    await cluster.close();
    views.close();
    await events.close();
  };
  return {
    controllers,
    url: api.url,
    stop: () => (stopped ??= stop()),
  };
};
