import type { BackupVolumeInfo, RestoreVolumeInfo } from '../../archive/sidecar-types.js';
import { nameOf } from '../../domain/item.js';
import { put, textAt, type JsonObject } from '../../domain/json.js';
import { mapNamespace } from '../../domain/restore-selection.js';
import type { RestoreSpec } from '../../domain/velero.gen.js';
import { releaseClaim, releaseVolume } from '../../domain/restore-item.js';
import type { CopiedVolume } from '../../domain/volumes/copy-objects.js';
import type { NativeVolumes } from './native-volumes.js';

/** What the files of a backup say of volumes. */
export interface VolumeRecords {
  readonly volumeInfo: readonly BackupVolumeInfo[];
  readonly copies: readonly CopiedVolume[];
}

/** What becomes of the volumes of one restore. */
export interface VolumePlan {
  /** The volume as it is to be made again, or why it is not: its claim then gets a newly provisioned one. */
  planVolume(
    volume: JsonObject,
  ): Promise<{ readonly object: JsonObject } | { readonly reprovision: true; readonly warning?: string }>;
  /** A volume was not created after all: removes the disk that was made for it; answers why that stays, if it does. */
  giveUp(name: string): Promise<string | undefined>;
  /** What a volume of the archive is called in the cluster. */
  nameNow(name: string): string;
  /** Entries of the restore's file about volumes that were made from snapshots of their providers. */
  restored(): readonly RestoreVolumeInfo[];
  /** The claim free to be bound, to the same volume or to a new one. */
  planClaim(claim: JsonObject): JsonObject;
}

/**
 * Velero's table for volumes (`pkg/restore/restore.go`, `pkg/restore/pv_restorer.go`): a volume whose data the backup holds elsewhere
 * (snapshot, file-system copy, moved snapshot) is provisioned anew, from its snapshot where that is one of CSI, or filled from the bucket. Velero says nothing of an empty
 * volume; here each one is a warning, since an application that starts on it looks as if all were well.
 */
export const createVolumePlan = (
  { volumeInfo, copies }: VolumeRecords,
  { namespaceMapping, restorePVs }: Pick<RestoreSpec, 'namespaceMapping' | 'restorePVs'>,
  native: NativeVolumes,
): VolumePlan => {
  const infos = new Map(volumeInfo.map((info) => [info.pvName ?? '', info]));
  const reprovisioned = new Set<string>();
  /** Backups of old say nothing of volumes; then a copy tells by its claim. */
  const isCopied = (volume: JsonObject): boolean =>
    copies.some(
      ({ namespace, claim }) =>
        claim !== '' &&
        claim === textAt(volume, 'spec', 'claimRef', 'name') &&
        namespace === textAt(volume, 'spec', 'claimRef', 'namespace'),
    );
  /** Backups of old versions have no information about volumes, only the lists of snapshots and of copies. */
  const methodOf = (volume: JsonObject) => {
    const info = infos.get(nameOf(volume));
    if (info) return info.backupMethod;
    if (native.knows(nameOf(volume))) return 'NativeSnapshot';
    return isCopied(volume) ? 'PodVolumeBackup' : undefined;
  };
  const asArchived = (volume: JsonObject) =>
    releaseVolume(volume, (namespace) => mapNamespace(namespaceMapping, namespace));
  return {
    planVolume: async (volume) => {
      const name = nameOf(volume);
      const method = methodOf(volume);
      if (method === 'NativeSnapshot')
        return { object: restorePVs === false ? asArchived(volume) : await native.restore(volume) };
      if (method) {
        reprovisioned.add(name);
        // Its claim is made from the snapshot or filled with what was copied or moved, or somebody has asked for it to come back empty.
        return { reprovision: true };
      }
      if (textAt(volume, 'spec', 'persistentVolumeReclaimPolicy') === 'Delete') {
        reprovisioned.add(name);
        const warning = `the backup holds no data of volume ${name}: this restore does not bring it back, its claim gets an empty volume`;
        return { reprovision: true, warning };
      }
      return { object: asArchived(volume) };
    },
    planClaim: (claim) => {
      const volume = textAt(claim, 'spec', 'volumeName');
      const free = releaseClaim(claim, reprovisioned.has(volume));
      const now = native.nameNow(volume);
      return now === volume ? free : put(free, ['spec', 'volumeName'], now);
    },
    giveUp: native.giveUp,
    nameNow: native.nameNow,
    restored: native.entries,
  };
};
