import type { BackupSpec } from './velero.gen.js';

/**
 * What a request asks for that this version does not do: a warning of the operation, so that nobody takes it for done. Given how
 * many volumes went into the backup without their data.
 */
export const backupOmissions = (
  spec: Pick<BackupSpec, 'snapshotVolumes' | 'defaultVolumesToFsBackup'>,
  volumes: number,
): readonly string[] => {
  const wantsData = spec.snapshotVolumes !== false || spec.defaultVolumesToFsBackup === true;
  return [
    ...(wantsData && volumes > 0
      ? [
          `the data of ${volumes} persistent volumes is not in this backup: they are neither of a CSI driver whose snapshots the cluster takes, nor known to the provider of a volume snapshot location, nor chosen for a file-system copy`,
        ]
      : []),
  ];
};
