import type { BackupVolumeInfo } from '../../archive/sidecar-types.js';
import { mapNamespace } from '../../domain/restore-selection.js';
import type { RestoreContext } from './context.js';

const whyEmpty = ({ result, pvbInfo }: BackupVolumeInfo): string | undefined => {
  if (!pvbInfo) return undefined;
  if (result === 'failed') return 'its copy failed when it was backed up';
  if (!pvbInfo.snapshotHandle) return undefined; // it was empty
  return `its data comes back through pod ${pvbInfo.podNamespace}/${pvbInfo.podName}, which this restore did not make`;
};

/**
 * Claims that this restore made, whose volume was copied, and whose data nobody asked for: a warning each, since an application that starts on
 * an empty volume looks as if all were well. Velero says nothing.
 */
export const warnOfUnfilled = (
  { spec, outcomes, selection, fills }: RestoreContext,
  volumeInfo: readonly BackupVolumeInfo[],
): void => {
  if (!selection.allowsAdditional({ groupResource: 'persistentvolumes' })) return; // claims keep the old volumes
  const made = new Set(outcomes.byKind.get('v1/PersistentVolumeClaim') ?? []);
  for (const info of volumeInfo) {
    const { backupMethod, pvcName = '', pvcNamespace = '' } = info;
    const namespace = mapNamespace(spec.namespaceMapping, pvcNamespace);
    const why = backupMethod === 'PodVolumeBackup' ? whyEmpty(info) : undefined;
    if (why === undefined || !made.has(`${namespace}/${pvcName}(created)`)) continue;
    if (!fills.claims.has(`${namespace}/${pvcName}`))
      outcomes.warn(namespace, `claim ${pvcName} gets an empty volume: ${why}`);
  }
};
