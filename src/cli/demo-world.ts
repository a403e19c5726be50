import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster, ResourceType } from '../cluster/port.js';
import { createMemoryCluster } from '../cluster/memory.js';
import { seedSampleApps } from '../cluster/sample-apps.js';
import { readConfig } from '../config.js';
import { NAMESPACES } from '../domain/known-kinds.js';
import { createDownloadLinks } from '../download-links.js';
import { VELERO_TYPES } from '../domain/velero.gen.js';
import { openSqliteEventStore } from '../eventstore/sqlite.js';
import { Fault } from '../faults.js';
import { locationOpener } from '../locations.js';
import { silentLog } from '../log.js';
import { createMemoryProvider } from '../snapshotters/memory.js';
import { createMemoryRepositories } from '../repositories/memory.js';
import { openViews } from '../projections/views.js';
import { createMetrics } from '../metrics/metrics.js';
import { startServer, type RunningServer } from '../server.js';
import { APP_VERSION } from '../version.js';
import { runCrds } from './crds.js';

/** A server on nothing but this machine: a simulated cluster with applications, a folder as the bucket, SQLite for the facts. */
export interface DemoWorld {
  readonly cluster: Cluster;
  readonly server: RunningServer;
  readonly objects: number;
  readonly bucket: string;
  dispose(): Promise<void>;
}

const location = (path: string) => ({
  apiVersion: 'velero.io/v1',
  kind: 'BackupStorageLocation',
  metadata: { name: 'default', namespace: 'velero' },
  spec: { provider: 'filesystem', default: true, objectStorage: { bucket: 'bucket' }, config: { path } },
});

const create = async (
  cluster: Cluster,
  type: ResourceType,
  namespace: string | undefined,
  object: object,
  signal: AbortSignal,
) => {
  const written = await cluster.create(type, namespace, JSON.stringify(object), { signal });
  if (!written.ok) throw new Fault('LB_CLUSTER_REFUSED', written.message);
};

export const openDemoWorld = async (options: {
  readonly namespaces: readonly string[];
  readonly objects: number;
  readonly signal: AbortSignal;
}): Promise<DemoWorld> => {
  const { signal } = options;
  const folder = await mkdtemp(join(tmpdir(), 'lifeboat-demo-'));
  await mkdir(join(folder, 'bucket'));
  const cluster = createMemoryCluster({ controllers: true });
  await runCrds({ apply: true, cluster, out: () => undefined, signal });
  const velero = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'velero' } };
  await create(cluster, NAMESPACES, undefined, velero, signal);
  await create(cluster, VELERO_TYPES.BackupStorageLocation, 'velero', location(folder), signal);
  const { created } = await seedSampleApps(
    cluster,
    { namespaces: [...options.namespaces], objects: options.objects },
    signal,
  );

  const config = readConfig(
    {
      listen: '127.0.0.1:0',
      auth: 'none',
      'metrics-address': 'off',
      'scratch-dir': folder,
      'event-store': `sqlite://${join(folder, 'events.db')}`,
    },
    {},
  );
  const clock = () => new Date();
  const log = silentLog();
  const links = createDownloadLinks(clock, log);
  const server = await startServer(config, {
    cluster,
    clock,
    log,
    links,
    repositories: createMemoryRepositories(join(folder, 'repositories')),
    metrics: createMetrics(APP_VERSION),
    events: openSqliteEventStore(join(folder, 'events.db')),
    views: openViews(join(folder, 'views.db')),
    openSnapshotter: () => Promise.resolve(createMemoryProvider().open()),
    openLocation: locationOpener(cluster, 'velero', (path, seconds) => links.sign(path, seconds)),
  });
  return {
    cluster,
    server,
    objects: created,
    bucket: join(folder, 'bucket'),
    dispose: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
