import type { BackupSpec } from './velero.gen.js';

/**
 * What a request asks for that this version does not do. What would change which objects come in is refused; what is only
 * missing beside them is a warning of the operation, so that nobody takes it for done.
 */
export const UNSUPPORTED_MODIFIER =
  'resource modifiers are not applied by this version, and without them other objects would be made; leave resourceModifier out';

/** Warnings of one backup, given how many volumes went into it. */
export const backupOmissions = (
  spec: Pick<BackupSpec, 'snapshotVolumes' | 'defaultVolumesToFsBackup'>,
  taken: { readonly volumes: number },
): readonly string[] => {
  const wantsData = spec.snapshotVolumes !== false || spec.defaultVolumesToFsBackup === true;
  if (!wantsData || taken.volumes === 0) return [];
  return [
    `the data of ${taken.volumes} persistent volumes is not in this backup: this version backs up objects only`,
  ];
};
