import { at, isObject, without, type JsonObject } from '../json.js';
import { shown } from '../shown.js';
import { mergeField, rootType, type MergeField } from './merge-keys.js';
import {
  directiveOf,
  entryType,
  goType,
  hasDirective,
  identityOf,
  indexOfEntries,
  inOrder,
  mergeKeyProblem,
  withoutDirectives,
  withoutNullMembers,
  type List,
  type Merged,
} from './merge-lists.js';

const DELETE_PREFIX = '$deleteFromPrimitiveList';
const ORDER_PREFIX = '$setElementOrder';
const RETAIN = '$retainKeys';

type Members = Map<string, unknown>;

/** The field a key like `$setElementOrder/containers` is about. */
const fieldOf = (key: string, prefix: string): Merged<string> => {
  const name = key.slice(prefix.length + 1);
  return key.startsWith(`${prefix}/`) && name !== ''
    ? { value: name }
    : { problem: `"${shown(key)}" names no list; write ${prefix}/name` };
};

/** `$retainKeys` takes away what it does not name; the patch may set nothing beside that. */
const retainKeys = (original: Members, patch: Members): string | undefined => {
  if (!patch.has(RETAIN)) return undefined;
  const kept = patch.get(RETAIN);
  patch.delete(RETAIN);
  if (!Array.isArray(kept)) return `${RETAIN} is no list; write the names of the fields to keep`;
  const names = new Set<unknown>(kept);
  for (const [key, value] of patch) {
    if (value === null || key.startsWith(DELETE_PREFIX) || key.startsWith(ORDER_PREFIX)) continue;
    if (!names.has(key)) return `the patch sets "${shown(key)}", which ${RETAIN} does not name; add it there`;
  }
  for (const key of original.keys()) if (!names.has(key)) original.delete(key);
  return undefined;
};

/** Takes the entries that carry a directive out of a patch and does what they say. */
const applyDirectives = (
  original: List,
  patch: List,
  mergeKey: string,
): Merged<{ readonly original: List; readonly patch: List }> => {
  const deleted = new Set<string | undefined>();
  const allMaps = original.every(isObject);
  let replaces = false;
  const plain = patch.filter((entry) => !hasDirective(entry));
  for (const entry of patch.filter(hasDirective)) {
    const directive = directiveOf(entry);
    if (directive === 'replace') replaces = true;
    else if (directive !== 'delete') {
      return { problem: 'the entry of a list has a $patch that is neither delete nor replace' };
    } else if (!Object.hasOwn(entry, mergeKey)) {
      return { problem: `an entry to delete lacks "${mergeKey}"; add it` };
    } else {
      if (!allMaps) return { problem: `an entry of a list merged by "${mergeKey}" is no map` };
      deleted.add(identityOf(entry, mergeKey));
    }
  }
  deleted.delete(undefined);
  const kept =
    deleted.size === 0 ? original : original.filter((other) => !deleted.has(identityOf(other, mergeKey)));
  return { value: replaces ? { original: plain, patch: [] } : { original: kept, patch: plain } };
};

/** Entries with the same merge key are merged, the others come behind. */
const mergeEntries = (original: List, patch: List, { type, mergeKey }: MergeField): Merged<List> => {
  const merged = [...original];
  const before = indexOfEntries(original, mergeKey);
  const added = new Map<string | undefined, number>();
  for (const entry of patch) {
    const problem = mergeKeyProblem([entry], mergeKey);
    if (problem !== undefined || !isObject(entry)) return { problem: problem ?? '' };
    const identity = identityOf(entry, mergeKey);
    const index = added.get(identity) ?? before(entry);
    const present = merged[index];
    if (!isObject(present)) {
      if (identity !== undefined) added.set(identity, merged.length);
      merged.push(entry);
    } else {
      const both = mergeMaps(present, entry, type);
      if ('problem' in both) return both;
      merged[index] = both.value;
    }
  }
  return { value: merged };
};

const mergeMapLists = (original: List, patch: List, field: MergeField): Merged<List> => {
  const { mergeKey } = field;
  if (mergeKey === '') return { problem: 'a list of maps has no field by which it could be merged' };
  const directed = applyDirectives(original, patch, mergeKey);
  if ('problem' in directed) return directed;
  const merged = mergeEntries(directed.value.original, directed.value.patch, field);
  if ('problem' in merged) return merged;
  const problem = mergeKeyProblem([...merged.value, ...directed.value.original], mergeKey);
  if (problem !== undefined) return { problem };
  return { value: inOrder(merged.value, directed.value.patch, directed.value.original, mergeKey) };
};

const mergeLists = (original: List, patch: List, field: MergeField, deletes: boolean): Merged<List> => {
  if (field.strategy !== 'merge' && !deletes) return { value: patch };
  const type = entryType(original, patch);
  if ('problem' in type) return type;
  if (type.value === undefined) return { value: original };
  if (type.value === 'map') return mergeMapLists(original, patch, field);
  const inPatch = indexOfEntries(patch, '');
  if (deletes) return { value: original.filter((entry) => inPatch(entry) < 0) };
  if (field.mergeKey !== '')
    return { problem: mergeKeyProblem([...original, ...patch], field.mergeKey) ?? '' };
  const both = [...original, ...patch];
  const firstOf = indexOfEntries(both, '');
  const once = both.filter((entry, i) => firstOf(entry) === i);
  return { value: inOrder(once, patch, original, '') };
};

const listOr = (members: Members, key: string): Merged<List | undefined> => {
  const value = members.get(key);
  if (!members.has(key) || Array.isArray(value)) return { value: value as List | undefined };
  return { problem: `"${shown(key)}" has an order, but is no list` };
};

/** The entries a patch sets must stand in the order its `$setElementOrder` tells, and be all in it. */
const orderProblem = (patch: List, order: List, mergeKey: string): string | undefined => {
  if (patch.length === 0 || order.length === 0) return undefined;
  let from = 0;
  for (const entry of patch) {
    if (hasDirective(entry)) continue;
    const identity = identityOf(entry, mergeKey);
    while (from < order.length && (identity === undefined || identityOf(order[from], mergeKey) !== identity))
      from += 1;
    if (from === order.length)
      return `${ORDER_PREFIX} does not name all entries the patch sets, or in another order; correct one of them`;
    from += 1;
  }
  return undefined;
};

const mergeOrdered = (original: Members, patch: Members, key: string, type: string): string | undefined => {
  const order = patch.get(key);
  patch.delete(key);
  const name = fieldOf(key, ORDER_PREFIX);
  if ('problem' in name) return name.problem;
  if (!Array.isArray(order)) return `"${shown(key)}" is no list`;
  const [before, set] = [listOr(original, name.value), listOr(patch, name.value)];
  if ('problem' in before) return before.problem;
  if ('problem' in set) return set.problem;
  const field = mergeField(type, name.value);
  const entries = entryType(before.value ?? [], set.value ?? [], order as List);
  if ('problem' in entries) return entries.problem;
  if (entries.value === 'map' && field.mergeKey === '')
    return `"${shown(name.value)}" cannot be put in order`;
  const problem = orderProblem(set.value ?? [], order as List, field.mergeKey);
  if (problem !== undefined) return problem;
  if (!before.value && !set.value) return undefined;
  const merged = mergeInOrder(before.value, set.value, field);
  if ('problem' in merged) return merged.problem;
  const lacking =
    field.mergeKey === ''
      ? undefined
      : mergeKeyProblem([...merged.value, ...(order as List)], field.mergeKey);
  if (lacking !== undefined) return lacking;
  if ((before.value ?? []).length + (set.value ?? []).length === 0)
    return `"${shown(name.value)}" has nothing to put in order`;
  original.set(name.value, inOrder(merged.value, order as List, before.value ?? [], field.mergeKey));
  patch.delete(name.value);
  return undefined;
};

const mergeInOrder = (before: List | undefined, set: List | undefined, field: MergeField): Merged<List> => {
  if (before && set) return mergeLists(before, set, field, false);
  return { value: before ?? (withoutDirectives(set) as List) };
};

const mergeMember = (original: Members, key: string, value: unknown, type: string): string | undefined => {
  const deletes = key.startsWith(DELETE_PREFIX);
  const field = deletes ? fieldOf(key, DELETE_PREFIX) : { value: key };
  if ('problem' in field) return field.problem;
  const name = field.value;
  if (value === null) {
    original.delete(name);
    return undefined;
  }
  const present = original.get(name);
  if (!original.has(name) || goType(present) !== goType(value)) {
    if (deletes) return undefined;
    const fresh = withoutDirectives(withoutNullMembers(value));
    if (fresh === undefined) original.delete(name);
    else original.set(name, fresh);
    return undefined;
  }
  const told = mergeField(type, name);
  const merged = mergeSame(present, value, told, deletes);
  if ('problem' in merged) return `${shown(name)}: ${merged.problem}`;
  original.set(name, merged.value);
  return undefined;
};

/** Two values of one type. */
const mergeSame = (
  present: unknown,
  value: unknown,
  field: MergeField,
  deletes: boolean,
): Merged<unknown> => {
  if (Array.isArray(present) && Array.isArray(value)) {
    return mergeLists(present as List, value as List, field, deletes);
  }
  if (isObject(present) && isObject(value)) {
    return field.strategy === 'replace' ? { value } : mergeMaps(present, value, field.type);
  }
  return { value };
};

const mergeMaps = (original: JsonObject, patch: JsonObject, type: string): Merged<JsonObject> => {
  if (hasDirective(patch)) {
    const directive = at(patch, '$patch');
    if (directive === 'replace') return { value: without(patch, ['$patch']) };
    return directive === 'delete'
      ? { value: {} }
      : { problem: 'a map has a $patch that is neither delete nor replace' };
  }
  const members: Members = new Map(Object.entries(original));
  const rest: Members = new Map(Object.entries(patch));
  const problem = retainKeys(members, rest);
  if (problem !== undefined) return { problem };
  for (const key of [...rest.keys()].filter((name) => name.startsWith(ORDER_PREFIX))) {
    const wrong = mergeOrdered(members, rest, key, type);
    if (wrong !== undefined) return { problem: wrong };
  }
  for (const [key, value] of rest) {
    const wrong = mergeMember(members, key, value, type);
    if (wrong !== undefined) return { problem: wrong };
  }
  return { value: Object.fromEntries(members) };
};

/**
 * Strategic merge patch (`k8s.io/apimachinery/pkg/util/strategicpatch`): maps are merged, lists replaced or merged by key as their type
 * tells, and `$patch`, `$retainKeys`, `$setElementOrder/…` and `$deleteFromPrimitiveList/…` give orders. Only for kinds of
 * Kubernetes and Velero, since nobody tells how to merge the lists of others. Neither argument is changed.
 */
export const strategicMerge = (
  object: JsonObject,
  patch: JsonObject,
  of: { readonly apiVersion: string; readonly kind: string },
): Merged<JsonObject> => {
  const type = rootType(of);
  if (type === undefined) {
    const kind = shown(`${of.apiVersion} ${of.kind}`);
    return { problem: `how to merge lists of ${kind} is not known; use mergePatches or patches` };
  }
  return mergeMaps(object, patch, type);
};
