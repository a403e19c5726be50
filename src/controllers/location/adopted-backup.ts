import { isUnfinished } from '../../domain/phases.js';
import type { Backup, Schedule } from '../../domain/velero.gen.js';
import { labelValue } from '../label-value.js';

/**
 * The resource that a stored backup becomes in this cluster (`pkg/controller/backup_sync_controller.go`); undefined for one
 * that somebody is still writing. One that was left unfinished and has expired comes in as partially failed, so that it is
 * cleaned up. An owner is dropped only if it is known not to be here.
 */
export const adoptedBackup = (
  stored: Backup,
  location: string,
  namespace: string,
  schedules: readonly Schedule[],
  now: Date,
): Backup | undefined => {
  const { status = {} } = stored;
  const unfinished = isUnfinished(status.phase ?? 'New');
  const expired = status.expiration ? new Date(status.expiration) < now : false;
  if (unfinished && !expired) return undefined;
  const { resourceVersion: _version, uid: _uid, ...metadata } = stored.metadata;
  const owners = metadata.ownerReferences?.filter(
    (owner) =>
      owner.kind !== 'Schedule' ||
      schedules.some((s) => s.metadata.uid === owner.uid && s.metadata.name === owner.name),
  );
  return {
    ...stored,
    metadata: {
      ...metadata,
      namespace,
      labels: { ...metadata.labels, 'velero.io/storage-location': labelValue(location) },
      ...(owners && { ownerReferences: owners }),
    },
    spec: { ...stored.spec, storageLocation: location },
    status: unfinished ? { ...status, phase: 'PartiallyFailed' } : status,
  };
};
