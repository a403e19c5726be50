import type { BackupVolumeInfo } from '../../archive/sidecar-types.js';
import { nameOf } from '../../domain/item.js';
import { textAt, type JsonObject } from '../../domain/json.js';
import { mapNamespace } from '../../domain/restore-selection.js';
import type { RestoreSpec } from '../../domain/velero.gen.js';
import { releaseClaim, releaseVolume } from '../../domain/restore-item.js';

/** What becomes of the volumes of one restore. */
export interface VolumePlan {
  /** The volume as it is to be made again, or why it is not: its claim then gets a newly provisioned one. */
  planVolume(
    volume: JsonObject,
  ): { readonly object: JsonObject } | { readonly reprovision: true; readonly warning?: string };
  /** The claim free to be bound, to the same volume or to a new one. */
  planClaim(claim: JsonObject): JsonObject;
}

/**
 * Velero's table for volumes (`pkg/restore/restore.go`, `pkg/restore/pv_restorer.go`): a volume whose data the backup holds elsewhere
 * (snapshot, file-system copy, moved snapshot) is provisioned anew, from its snapshot where that is one of CSI, or filled from the bucket. Velero says nothing of an empty
 * volume; here each one is a warning, since an application that starts on it looks as if all were well.
 */
export const createVolumePlan = (
  volumeInfo: readonly BackupVolumeInfo[],
  { namespaceMapping, restorePVs }: Pick<RestoreSpec, 'namespaceMapping' | 'restorePVs'>,
): VolumePlan => {
  const infos = new Map(volumeInfo.map((info) => [info.pvName ?? '', info]));
  const reprovisioned = new Set<string>();
  return {
    planVolume: (volume) => {
      const name = nameOf(volume);
      const { backupMethod: method } = infos.get(name) ?? {};
      if (method) {
        reprovisioned.add(name);
        // Its claim is made from the snapshot or filled from the bucket, or somebody has asked for it to come back empty.
        if (restorePVs === false || method === 'CSISnapshot') return { reprovision: true };
        const warning = `the data of volume ${name} was backed up as ${method}; this version does not bring it back, its claim gets an empty volume`;
        return { reprovision: true, warning };
      }
      if (textAt(volume, 'spec', 'persistentVolumeReclaimPolicy') === 'Delete') {
        reprovisioned.add(name);
        const warning = `the backup holds no data of volume ${name}: this restore does not bring it back, its claim gets an empty volume`;
        return { reprovision: true, warning };
      }
      return { object: releaseVolume(volume, (namespace) => mapNamespace(namespaceMapping, namespace)) };
    },
    planClaim: (claim) => releaseClaim(claim, reprovisioned.has(textAt(claim, 'spec', 'volumeName'))),
  };
};
