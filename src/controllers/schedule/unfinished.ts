import type { Cluster } from '../../cluster/port.js';
import { VELERO_TYPES, type Backup } from '../../domain/velero.gen.js';
import { hasEnded } from '../../domain/phases.js';
import { SCHEDULE_LABEL } from '../../domain/labels.js';

/**
 * A backup of the schedule that has not ended, if there is one. One that waits for its turn counts as well; Velero
 * overlooks it (`checkIfBackupInNewOrProgress` in `pkg/controller/schedule_controller.go`), and a slow queue fills up.
 */
export const unfinishedBackup = async (
  { cluster, namespace }: { readonly cluster: Cluster; readonly namespace: string },
  schedule: string,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const labelSelector = `${SCHEDULE_LABEL}=${schedule}`;
  for await (const page of cluster.list(VELERO_TYPES.Backup, { namespace, labelSelector, signal }))
    for (const item of page.items) {
      const { metadata, status } = JSON.parse(item.toString('utf8')) as Backup;
      if (!hasEnded(status?.phase ?? '')) return metadata.name;
    }
  return undefined;
};
