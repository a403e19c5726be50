import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import type { Cluster } from '../../src/cluster/port.js';
import { deleteVolumeData } from '../../src/controllers/deletion/volume-data.js';
import type { ControllerConfig, ControllerPorts } from '../../src/controllers/ports.js';
import type { Timers } from '../../src/controllers/queue.js';
import { createResources } from '../../src/controllers/resources.js';
import { startControllers, type Controllers } from '../../src/controllers/run.js';
import { BACKUP_ITEM_ACTIONS, type BackupItemAction } from '../../src/domain/backup-actions.js';
import type { RestoreItemAction } from '../../src/domain/restore-actions/action.js';
import { RESTORE_ITEM_ACTIONS } from '../../src/domain/restore-actions/index.js';
import type { EventStore } from '../../src/eventstore/port.js';
import { linkLog } from '../../src/link-log.js';
import { knownOperations } from '../../src/known-operations.js';
import type { LocationOpener, SnapshotterOpener } from '../../src/locations.js';
import type { Log } from '../../src/log.js';
import { checkLocation } from '../../src/objectstore/location.js';
import { createMemoryProvider } from '../../src/snapshotters/memory.js';
import { createProgressHub } from '../../src/projections/progress.js';
import { createMemoryRepositories } from '../../src/repositories/memory.js';
import type { Repositories } from '../../src/repositories/port.js';
import { startRunner } from '../../src/projections/runner.js';
import { openViews, type Views } from '../../src/projections/views.js';

export const NAMESPACE = 'velero';

/** What a server reaches the world with; tests wrap these. */
export interface Outside {
  readonly cluster: Cluster;
  readonly events: EventStore;
  readonly openLocation: LocationOpener;
  /** Default: a simulated provider without any disk. */
  readonly openSnapshotter?: SnapshotterOpener;
  readonly log: Log;
  /** Default: copies in a folder below the scratch folder, gone with this life. */
  readonly repositories?: Repositories;
  /** Default: the built-in ones. */
  readonly backupItemActions?: readonly BackupItemAction[];
  readonly restoreItemActions?: readonly RestoreItemAction[];
  /** Default: the built-in one, which refuses. */
  readonly deleteBackupVolumes?: ControllerPorts['deleteBackupVolumes'];
  /** Default: the real one. */
  readonly clock?: () => Date;
  /** Default: those of the process. */
  readonly timers?: Timers;
}

/** One process of the server, from its start to its end. */
export interface Life {
  readonly controllers: Controllers;
  readonly views: Views;
  /** Aborted by `stop`; a crash aborts it from outside by `kill`. */
  readonly signal: AbortSignal;
  /** Ends the process at once, whatever it is doing; nothing is waited for. */
  kill(): void;
  stop(): Promise<void>;
  /** Nothing is left to do, and the views show every fact. */
  settled(): Promise<void>;
}

const DEADLINE_MS = 10_000;
/** Starts what `src/server.ts` starts, but the API: the views and the controllers. */
export const startLife = async (
  outside: Outside,
  config: ControllerConfig,
  controller = new AbortController(),
): Promise<Life> => {
  const { signal } = controller;
  setMaxListeners(1_000, signal);
  const { cluster, events, openLocation, log } = outside;
  const openSnapshotter = outside.openSnapshotter ?? (() => Promise.resolve(createMemoryProvider().open()));
  const views = openViews(':memory:');
  const runner = startRunner({ store: events, views, signal, log });
  const caughtUp = async () => runner.reached(await events.head(), AbortSignal.timeout(DEADLINE_MS));
  await caughtUp();
  const repositories = outside.repositories ?? createMemoryRepositories(join(config.scratch, 'repositories'));
  const controllers = await startControllers(
    {
      events,
      cluster,
      openLocation,
      openSnapshotter,
      log,
      config,
      repositories,
      resources: createResources(cluster, NAMESPACE),
      checkLocation: ({ store, layout }, stop) => checkLocation(store, layout, stop),
      intakeBusy: () => false,
      linkMade: linkLog(events, NAMESPACE, 'test'),
      progress: createProgressHub(),
      clock: outside.clock ?? (() => new Date()),
      deleteBackupVolumes:
        outside.deleteBackupVolumes ??
        deleteVolumeData({
          cluster,
          resources: createResources(cluster, NAMESPACE),
          repositories,
          scratch: config.scratch,
          openSnapshotter,
        }),
      ...(outside.timers && { timers: outside.timers }),
      backupItemActions: outside.backupItemActions ?? BACKUP_ITEM_ACTIONS,
      restoreItemActions: outside.restoreItemActions ?? RESTORE_ITEM_ACTIONS,
      appVersion: 'test',
    },
    knownOperations(views, NAMESPACE),
    signal,
  );
  return {
    controllers,
    views,
    signal,
    kill: () => controller.abort(),
    stop: async () => {
      controller.abort();
      await Promise.all([controllers.stopped(), runner.done]);
      views.close();
    },
    settled: async () => {
      await controllers.idle();
      await caughtUp();
    },
  };
};
