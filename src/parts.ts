import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { loadCluster } from './cluster/credentials.js';
import { connectCluster } from './cluster/kube.js';
import type { Cluster } from './cluster/port.js';
import type { Config } from './config.js';
import { createDownloadLinks, type DownloadLinks } from './download-links.js';
import { createMemoryEventStore } from './eventstore/memory.js';
import type { EventStore } from './eventstore/port.js';
import { openSqliteEventStore } from './eventstore/sqlite.js';
import {
  locationOpener,
  readSecret,
  repositoryStorageOpener,
  snapshotterOpener,
  type LocationOpener,
  type SnapshotterOpener,
} from './locations.js';
import type { Log } from './log.js';
import { createMetrics, type Metrics } from './metrics/metrics.js';
import { openViews, type Views } from './projections/views.js';
import { createKopiaRepositories } from './repositories/kopia.js';
import { passwordFrom } from './repositories/password.js';
import type { Repositories } from './repositories/port.js';
import { APP_VERSION } from './version.js';

/** The outside worlds of one server. Tests and the demo pass others. */
export interface Parts {
  readonly cluster: Cluster;
  readonly events: EventStore;
  readonly views: Views;
  readonly openLocation: LocationOpener;
  readonly openSnapshotter: SnapshotterOpener;
  readonly repositories: Repositories;
  readonly links: DownloadLinks;
  readonly clock: () => Date;
  readonly log: Log;
  readonly metrics: Metrics;
}

const openEvents = async ({ eventStore }: Config): Promise<{ events: EventStore; views: Views }> => {
  switch (eventStore.kind) {
    case 'memory':
      return { events: createMemoryEventStore(), views: openViews(':memory:') };
    case 'esdb': {
      // Its client is large; who keeps the facts in SQLite never loads it.
      const { connectKurrent } = await import('./eventstore/kurrent.js');
      // The views are folded anew at each start: a file would have to know which store it belongs to.
      return { events: connectKurrent(eventStore.url), views: openViews(':memory:') };
    }
    case 'sqlite': {
      const folder = dirname(eventStore.path);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      return { events: openSqliteEventStore(eventStore.path), views: openViews(`${eventStore.path}.views`) };
    }
  }
};

/** Copies of volumes, made by the program kopia. Nothing is run yet. */
export const openRepositories = (cluster: Cluster, config: Config): Repositories =>
  createKopiaRepositories({
    program: config.kopia,
    scratch: config.controllers.scratch,
    openStorage: repositoryStorageOpener(cluster, config.namespace),
    password: passwordFrom(readSecret(cluster, config.namespace)),
  });

/** Connects to what the configuration names. Nothing is written anywhere yet but the files of the event store. */
export const openParts = async (config: Config, log: Log): Promise<Parts> => {
  const access = loadCluster({
    ...(config.kubeconfig !== undefined && { kubeconfig: config.kubeconfig }),
    ...(config.kubecontext !== undefined && { context: config.kubecontext }),
  });
  const metrics = createMetrics(APP_VERSION);
  const cluster = connectCluster({
    access,
    connections: config.connections,
    onRetry: metrics.onRetry,
    onWatchTrouble: (resource, fault) => {
      metrics.onWatchTrouble(resource, fault.code);
      log.warn({ resource, code: fault.code }, `a watch was interrupted: ${fault.detail}`);
    },
  });
  const clock = () => new Date();
  const links = createDownloadLinks(clock, log);
  const opener = locationOpener(cluster, config.namespace, (path, seconds) => links.sign(path, seconds));
  const openSnapshotter = snapshotterOpener(cluster, config.namespace);
  const repositories = openRepositories(cluster, config);
  return {
    cluster,
    ...(await openEvents(config)),
    openLocation: opener,
    openSnapshotter,
    repositories,
    links,
    clock,
    log,
    metrics,
  };
};
