import { annotationsOf } from './item.js';
import type { JsonObject } from './json.js';
import type { BackupSpec, RestoreSpec } from './velero.gen.js';

/**
 * What a request asks for that this version does not do. What would change which objects come in is refused; what is only
 * missing beside them is a warning of the operation, so that nobody takes it for done.
 */
export const UNSUPPORTED_MODIFIER =
  'resource modifiers are not applied by this version, and without them other objects would be made; leave resourceModifier out';

const HOOKS = [
  'pre.hook.backup.velero.io/command',
  'post.hook.backup.velero.io/command',
  'hook.backup.velero.io/command',
];

/** Whether a pod asks for hooks by its annotations. */
export const asksForHooks = (pod: JsonObject): boolean => {
  const annotations = annotationsOf(pod);
  return HOOKS.some((key) => Boolean(annotations[key]));
};

/** Warnings of one backup, given how many volumes and pods with hooks went into it. */
export const backupOmissions = (
  spec: Pick<BackupSpec, 'hooks' | 'snapshotVolumes' | 'defaultVolumesToFsBackup' | 'orderedResources'>,
  taken: { readonly volumes: number; readonly podsWithHooks: number },
): readonly string[] => {
  const wantsData = spec.snapshotVolumes !== false || spec.defaultVolumesToFsBackup === true;
  const hooks = (spec.hooks?.resources?.length ?? 0) > 0 || taken.podsWithHooks > 0;
  return [
    ...(wantsData && taken.volumes > 0
      ? [
          `the data of ${taken.volumes} persistent volumes is not in this backup: this version backs up objects only`,
        ]
      : []),
    ...(hooks ? ['hooks were not run: this version does not run them'] : []),
    ...(Object.keys(spec.orderedResources ?? {}).length > 0
      ? ['orderedResources was not heeded: this version has no order of single objects']
      : []),
  ];
};

/** Warnings of one restore. */
export const restoreOmissions = (spec: Pick<RestoreSpec, 'hooks'>): readonly string[] =>
  (spec.hooks?.resources?.length ?? 0) > 0 ? ['hooks were not run: this version does not run them'] : [];
