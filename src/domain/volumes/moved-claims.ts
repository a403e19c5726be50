/** What the file of volumes says of one (`internal/volume/volumes_information.go`), as far as it matters here. */
interface VolumeEntry {
  readonly pvcNamespace?: string;
  readonly pvcName?: string;
  readonly backupMethod?: string;
  readonly snapshotDataMoved?: boolean;
}

interface ToldOfVolumes {
  readonly entries: readonly VolumeEntry[];
  /** Whether the backup was asked to move data (`spec.snapshotMoveData`). */
  readonly movesData: boolean;
}

/** By namespace and name in the backup: whether the data of a claim was moved into the bucket, `named` telling if it names an upload. */
export type MovedClaims = (
  claim: { readonly namespace: string; readonly name: string },
  named: boolean,
) => boolean;

const keyOf = (namespace = '', name = ''): string => `${namespace}/${name}`;

/**
 * Which claims of a backup had their data moved. The name of an upload on a claim proves nothing by itself: the claim may bear it from a
 * backup of long ago. The file of volumes decides; where it has no word on a claim, as in backups of old versions, an upload counts if
 * the backup was asked to move data, which is the rule of Velero (`pkg/restore/actions/csi/pvc_action.go`).
 */
export const movedClaims = ({ entries, movesData }: ToldOfVolumes): MovedClaims => {
  const told = new Map(
    entries.map((one) => [
      keyOf(one.pvcNamespace, one.pvcName),
      one.backupMethod === 'CSISnapshot' && one.snapshotDataMoved === true,
    ]),
  );
  return ({ namespace, name }, named) => told.get(keyOf(namespace, name)) ?? (named && movesData);
};
