import { annotationsOf } from './item.js';
import type { JsonObject } from './json.js';
import { kindFilter } from './kind-filter.js';
import type { KindResolver } from './resource-kinds.js';
import type { RestoreSpec } from './velero.gen.js';

export interface StatusDecision {
  readonly restores: boolean;
  /** The annotation of the object says neither yes nor no, and was passed over: its value. */
  readonly unclear?: string;
}

/** Whether an object that the restore creates gets its archived status too. `object` is the one on its way to the cluster. */
export type StatusSelection = (groupResource: string, object: JsonObject) => StatusDecision;

const ANNOTATION = 'velero.io/restore-status';

/**
 * Compiles spec.restoreStatus: without it no status is restored, with empty lists that of every kind; an annotation of the
 * object wins over it (`determineRestoreStatus` in `pkg/restore/restore.go`).
 */
export const statusSelection = (
  lists: RestoreSpec['restoreStatus'],
  resolve: KindResolver,
): StatusSelection => {
  const includes = lists ? kindFilter(lists, resolve).shouldInclude : () => false;
  return (groupResource, object) => {
    const value = annotationsOf(object)[ANNOTATION];
    const restores = includes(groupResource);
    if (value === undefined) return { restores };
    const word = value.trim().toLowerCase();
    if (word === 'true' || word === 'false') return { restores: word === 'true' };
    return { restores, unclear: value };
  };
};
