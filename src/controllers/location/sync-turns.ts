import type { BackupStorageLocation } from '../../domain/velero.gen.js';
import type { ControllerPorts } from '../ports.js';
import type { Requeue } from '../queue.js';
import { periodOf } from './schedule-of-checks.js';

/** Who syncs first after a start. */
export interface Turns {
  /** The wait until this location may sync for the first time in this life; undefined if it may now. */
  waitOf(name: string, resource: BackupStorageLocation, signal: AbortSignal): Promise<Requeue | undefined>;
  /** It has had its turn, whether or not that went well. */
  had(name: string): void;
}

const LOOK_AGAIN_MS = 200;

/**
 * The default location comes first (`pkg/controller/backup_sync_controller.go`): of two backups with one name it is the one in the
 * default location that people mean. It is waited for once, while it can be used or has not been checked yet.
 */
export const createTurns = (ports: ControllerPorts): Turns => {
  const had = new Set<string>();
  return {
    waitOf: async (name, resource, signal) => {
      if (had.has(name) || resource.spec?.default === true) return undefined;
      const locations = await ports.resources.list('BackupStorageLocation', signal);
      const first = locations.find(({ spec }) => spec?.default === true);
      if (!first || had.has(first.metadata.name)) return undefined;
      const isSynced = periodOf(first.spec?.backupSyncPeriod, ports.config.backupSyncPeriod) !== undefined;
      const isUsable = first.status?.phase !== 'Unavailable';
      return isSynced && isUsable ? { after: LOOK_AGAIN_MS } : undefined;
    },
    had: (name) => {
      had.add(name);
    },
  };
};
