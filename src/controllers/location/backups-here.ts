import { nameOf } from '../../domain/item.js';
import { textAt, type JsonObject } from '../../domain/json.js';
import { VELERO_TYPES } from '../../domain/velero.gen.js';
import type { ControllerPorts } from '../ports.js';
import { isWaitingForVolumes } from './pod-volume-backups.js';

/** What sync needs to know of one Backup resource of this cluster. */
export interface BackupHere {
  readonly uid: string;
  /** Empty until somebody has looked at it. */
  readonly phase: string;
  /** Empty until the server has chosen one. */
  readonly location: string;
  readonly leaving: boolean;
  /** It was brought in, and its PodVolumeBackups were not yet. */
  readonly waitsForVolumes: boolean;
}

/** Every Backup resource by name, page by page: of thousands, only these few words are kept. */
export const backupsHere = async (
  ports: ControllerPorts,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, BackupHere>> => {
  const { namespace } = ports.resources;
  const here = new Map<string, BackupHere>();
  for await (const page of ports.cluster.list(VELERO_TYPES.Backup, { namespace, signal }))
    for (const item of page.items) {
      const object = JSON.parse(item.toString('utf8')) as JsonObject;
      here.set(nameOf(object), {
        uid: textAt(object, 'metadata', 'uid'),
        phase: textAt(object, 'status', 'phase'),
        location: textAt(object, 'spec', 'storageLocation'),
        leaving: textAt(object, 'metadata', 'deletionTimestamp') !== '',
        waitsForVolumes: isWaitingForVolumes(object),
      });
    }
  return here;
};
