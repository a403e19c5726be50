import { labelsOf, nameOf } from '../item.js';
import { textAt, type JsonObject } from '../json.js';
import type { FailedProviderSnapshot, ProviderSnapshot } from './provider-snapshots.js';

/** A PersistentVolume that a backup archived, and what became of its data with a provider. */
export interface NativeVolume {
  readonly volume: JsonObject;
  readonly taken?: ProviderSnapshot;
  readonly failed?: FailedProviderSnapshot;
  /** `wanted` is false where somebody said that the data need not be in the backup. */
  readonly skipped?: { readonly reason: string; readonly wanted: boolean };
}

/** Entries of `<backup>-volumesnapshots.json.gz` (`internal/volume/native_snapshot.go`). */
export const nativeSnapshotsOf = (
  volumes: readonly NativeVolume[],
  backup: { readonly name: string; readonly uid: string },
) =>
  volumes.flatMap(({ taken, failed }) => {
    const one = taken ?? failed;
    if (!one) return [];
    const { location, volume, volumeId, type, zone, iops } = one;
    return [
      {
        spec: {
          backupName: backup.name,
          backupUID: backup.uid,
          location,
          persistentVolumeName: volume,
          providerVolumeID: volumeId,
          volumeType: type,
          ...(zone !== '' && { volumeAZ: zone }),
          ...(iops !== undefined && iops !== 0 && { volumeIOPS: iops }),
        },
        status: taken
          ? { providerSnapshotID: taken.snapshotId, phase: 'Completed' as const }
          : { phase: 'Failed' as const },
      },
    ];
  });

const identityOf = (volume: JsonObject) => ({
  pvcName: textAt(volume, 'spec', 'claimRef', 'name'),
  pvcNamespace: textAt(volume, 'spec', 'claimRef', 'namespace'),
  pvName: nameOf(volume),
});

const factsOf = (volume: JsonObject) => {
  const labels = labelsOf(volume);
  return {
    reclaimPolicy: textAt(volume, 'spec', 'persistentVolumeReclaimPolicy'),
    labels: Object.keys(labels).length > 0 ? labels : null,
  };
};

const entryOf = ({ volume, taken, failed, skipped }: NativeVolume) => {
  const shared = { ...identityOf(volume), snapshotDataMoved: false, preserveLocalSnapshot: false };
  const one = taken ?? failed;
  if (!one) {
    const skippedReason = `volumeSnapshot: ${skipped?.reason ?? ''};`;
    return { ...shared, skipped: true, skippedReason, pvInfo: factsOf(volume) };
  }
  return {
    ...shared,
    backupMethod: 'NativeSnapshot' as const,
    skipped: false,
    result: taken ? ('succeeded' as const) : ('failed' as const),
    nativeSnapshotInfo: {
      snapshotHandle: taken?.snapshotId ?? '',
      volumeType: one.type,
      volumeAZ: one.zone,
      iops: String(one.iops ?? 0),
      Phase: taken ? 'Completed' : 'Failed',
    },
    pvInfo: factsOf(volume),
  };
};

/** What another way of taking a volume's data made of it, as its entry says. */
interface OtherEntry {
  readonly pvName?: string;
  readonly skipped: boolean;
  readonly skippedReason?: string;
}

/**
 * Entries of `<backup>-volumeinfo.json.gz` with those of provider snapshots among them (`internal/volume/volumes_information.go`): one for
 * each volume. What one way took, another has not skipped; what all skipped has the reasons of all, in the order of their names.
 */
export const withNativeVolumes = <T extends OtherEntry>(
  others: readonly T[],
  volumes: readonly NativeVolume[],
): readonly (T | ReturnType<typeof entryOf>)[] => {
  const entries = volumes.map(entryOf);
  const ours = new Map(entries.map((entry) => [entry.pvName, entry]));
  const merged = others.flatMap((other): readonly (T | ReturnType<typeof entryOf>)[] => {
    const own = ours.get(other.pvName ?? '');
    if (!own) return [other];
    if (!('skippedReason' in own)) return other.skipped ? [] : [other];
    ours.delete(own.pvName);
    if (!other.skipped) return [other];
    return [{ ...other, skippedReason: `${other.skippedReason ?? ''}${own.skippedReason}` }];
  });
  return [...entries.filter((entry) => ours.has(entry.pvName)), ...merged];
};

/** Names of the volumes about whose data nobody has to be told that it is missing: it is there, failed with an error, or is not wanted. */
export const settledNatively = (volumes: readonly NativeVolume[]): ReadonlySet<string> =>
  new Set(
    volumes
      .filter(({ taken, failed, skipped }) => taken ?? failed ?? skipped?.wanted === false)
      .map(({ volume }) => nameOf(volume)),
  );
