import { nameOf } from './item.js';
import { at, isObject, listAt, objectAt, put, sameJson, textAt, type JsonObject } from './json.js';
import { addRestoreLabels, resetObject, type RestoreLabels } from './restore-item.js';

/**
 * The smallest JSON merge patch (RFC 7396) that makes `to` of `from`: what `to` lacks is `null` in it, lists are
 * replaced whole. `undefined` if the two are equal.
 */
export const mergePatch = (from: JsonObject, to: JsonObject): JsonObject | undefined => {
  const removed = Object.keys(from).filter((key) => !Object.hasOwn(to, key));
  const changed = Object.entries(to).flatMap(([key, value]): [string, unknown][] => {
    const before = at(from, key);
    if (before !== undefined && sameJson(before, value)) return [];
    if (isObject(before) && isObject(value)) return [[key, mergePatch(before, value) ?? {}]];
    // A merge patch cannot set null, only remove: nothing to say where there is nothing to remove.
    return value === null && before === undefined ? [] : [[key, value]];
  });
  const patch = [...removed.map((key): [string, unknown] => [key, null]), ...changed];
  return patch.length === 0 ? undefined : Object.fromEntries(patch);
};

const OUR_MANAGER = 'lifeboat';

/**
 * An object that nobody but this program wrote has the field owners that a restore left out, since they cost a second
 * request: to Velero, which always writes them, it is untouched, so it must not count as changed for them here.
 */
const withArchivedOwners = (inCluster: JsonObject, prepared: JsonObject): JsonObject => {
  const owners = listAt(inCluster, 'metadata', 'managedFields');
  const onlyOurs = owners.length > 0 && owners.every((entry) => textAt(entry, 'manager') === OUR_MANAGER);
  return onlyOurs
    ? put(inCluster, ['metadata', 'managedFields'], at(prepared, 'metadata', 'managedFields'))
    : inCluster;
};

/**
 * Whether the object in the cluster is the one the restore would have made: metadata and status reset as on the
 * archived one, both with the restore's labels, then deep equality (`pkg/restore/restore.go`). `prepared` has its labels.
 */
export const compareExisting = (
  inCluster: JsonObject,
  prepared: JsonObject,
  labels: RestoreLabels,
): boolean =>
  sameJson(addRestoreLabels(resetObject(withArchivedOwners(inCluster, prepared)), labels), prepared);

/** In-cluster entries stay, archived ones whose name is new are put behind them. */
const joinByName = (here: readonly unknown[], archived: readonly unknown[]): readonly unknown[] => {
  const names = new Set(here.map((entry) => textAt(entry, 'name')));
  return [...here, ...archived.filter((entry) => !names.has(textAt(entry, 'name')))];
};

/**
 * The account in the cluster with what only the archived one has: secrets, image pull secrets, labels, annotations. What
 * is there wins, so a token made in this cluster is not lost (`pkg/restore/merge_service_account.go`).
 */
export const serviceAccountMerge = (inCluster: JsonObject, archived: JsonObject): JsonObject => {
  const joined = (account: JsonObject, key: string): JsonObject => {
    const more = joinByName(listAt(account, key), listAt(archived, key));
    return more.length === listAt(account, key).length ? account : put(account, [key], more);
  };
  const filled = (account: JsonObject, key: string): JsonObject => {
    const [here, there] = [objectAt(account, 'metadata', key), objectAt(archived, 'metadata', key)];
    const isNew = Object.keys(there).some((name) => !Object.hasOwn(here, name));
    return isNew ? put(account, ['metadata', key], { ...there, ...here }) : account;
  };
  return ['labels', 'annotations'].reduce(filled, ['secrets', 'imagePullSecrets'].reduce(joined, inCluster));
};

/** What to do with an object that is already there. Patches are JSON merge patches; each comes with what it ends as. */
export type ExistingDecision =
  | { readonly do: 'skip' }
  /** Nothing is touched; the warning goes to the results and the item counts as failed. */
  | { readonly do: 'warn'; readonly warning: string }
  /** The item counts as `result`. If the patch fails: a warning, then `labelPatch` if there is one. */
  | {
      readonly do: 'patch';
      readonly result: 'updated' | 'skipped';
      readonly patch: JsonObject;
      readonly labelPatch?: JsonObject;
    };

export interface ExistingInput {
  readonly groupResource: string;
  /** As read from the cluster. */
  readonly inCluster: JsonObject;
  /** As the restore would have created it, with its labels. */
  readonly prepared: JsonObject;
  readonly policy: string | null | undefined;
  readonly labels: RestoreLabels;
}

const patched = (
  result: 'updated' | 'skipped',
  patch: JsonObject | undefined,
  labelPatch?: JsonObject,
): ExistingDecision =>
  patch ? { do: 'patch', result, patch, ...(labelPatch ? { labelPatch } : {}) } : { do: 'skip' };

/**
 * Velero's table for objects that exist already (`pkg/restore/restore.go`). Only the policy `update` changes anything,
 * and it makes the object what the backup held: keys the backup lacks are removed. Service accounts are merged under
 * every policy. Nothing is ever deleted and made anew.
 */
export const decideExisting = (input: ExistingInput): ExistingDecision => {
  const { groupResource, inCluster, prepared, policy, labels } = input;
  const update = policy === 'update';
  const here = resetObject(inCluster);
  const labelled = mergePatch(here, addRestoreLabels(here, labels));
  if (groupResource === 'serviceaccounts') {
    // The account keeps its labels of an earlier restore, or none: it is still the cluster's own.
    const merged = addRestoreLabels(here, labels);
    const patch = mergePatch(merged, serviceAccountMerge(merged, prepared));
    return patched('updated', patch, update ? labelled : undefined);
  }
  if (compareExisting(inCluster, prepared, labels))
    return update ? patched('skipped', labelled) : { do: 'skip' };
  if (update) return patched('updated', mergePatch(here, prepared), labelled);
  const kind = textAt(prepared, 'kind');
  return {
    do: 'warn',
    warning: `could not restore, ${kind} "${nameOf(prepared)}" already exists and differs from the one in the backup; it was left as it is. Delete it, or restore with existingResourcePolicy update`,
  };
};
