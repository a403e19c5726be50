import type { BackupSpec } from './velero.gen.js';

/**
 * What a request asks for that this version does not do: a warning of the operation, so that nobody takes it for done. Given how
 * many volumes went into the backup without their data.
 */
export const backupOmissions = (
  spec: Pick<BackupSpec, 'snapshotVolumes' | 'defaultVolumesToFsBackup' | 'snapshotMoveData'>,
  taken: { readonly volumes: number; readonly snapshots: number },
): readonly string[] => {
  const wantsData = spec.snapshotVolumes !== false || spec.defaultVolumesToFsBackup === true;
  return [
    ...(spec.snapshotMoveData === true && taken.snapshots > 0
      ? [
          `the data of ${taken.snapshots} snapshots was not moved into object storage (snapshotMoveData), which this version does not do: the snapshots are kept where they are`,
        ]
      : []),
    ...(wantsData && taken.volumes > 0
      ? [
          `the data of ${taken.volumes} persistent volumes is not in this backup: they are neither of a CSI driver whose snapshots the cluster takes, nor known to the provider of a volume snapshot location, nor chosen for a file-system copy`,
        ]
      : []),
  ];
};
