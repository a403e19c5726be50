import { at, isObject, numberText, type JsonObject } from '../json.js';

/** A part of the merged object, or why it cannot be merged. */
export type Merged<T> = { readonly value: T } | { readonly problem: string };
export type List = readonly unknown[];

/** Go tells whole numbers from others by how they are written. */
export const goType = (value: unknown): string => {
  if (Array.isArray(value)) return 'list';
  if (isObject(value)) return 'map';
  if (value === null) return 'null';
  const number = numberText(value);
  if (number === undefined) return typeof value;
  return /^-?\d+$/.test(number) ? 'whole number' : 'number';
};

/** All entries are of one type, which is no list; `undefined` if there are no entries. */
export const entryType = (...lists: readonly List[]): Merged<string | undefined> => {
  const types = new Set(lists.flatMap((list) => list.map(goType)));
  const [type] = types;
  if (types.size > 1)
    return { problem: `a list would have entries of several types: ${[...types].join(', ')}` };
  if (type === 'list' || type === 'null') return { problem: `a list has a ${type} as entry` };
  return { value: type };
};

const isScalar = (value: unknown): boolean => !Array.isArray(value) && !isObject(value);

/**
 * By what an entry is told from others: the value of its merge key, or itself if it is a text or number. `undefined` for what has none: it is
 * the same as nothing, and so are maps and lists.
 */
export const identityOf = (entry: unknown, mergeKey: string): string | undefined => {
  const value = isObject(entry) ? at(entry, mergeKey) : entry;
  if (value === undefined || !isScalar(value)) return undefined;
  const number = numberText(value);
  return number === undefined ? JSON.stringify(value) : number;
};

/** Where in the list the first entry with the same identity is; -1 if nowhere. Made once for a list, since lists may be long. */
export const indexOfEntries = (list: List, mergeKey: string): ((entry: unknown) => number) => {
  const first = new Map<string, number>();
  for (const [i, entry] of list.entries()) {
    const identity = identityOf(entry, mergeKey);
    if (identity !== undefined && !first.has(identity)) first.set(identity, i);
  }
  return (entry) => {
    const identity = identityOf(entry, mergeKey);
    return identity === undefined ? -1 : (first.get(identity) ?? -1);
  };
};

/** The first entry that is no map or lacks the merge key, as a problem. */
export const mergeKeyProblem = (list: List, mergeKey: string): string | undefined => {
  for (const entry of list) {
    if (!isObject(entry)) return `an entry of a list merged by "${mergeKey}" is no map`;
    if (!Object.hasOwn(entry, mergeKey))
      return `an entry lacks "${mergeKey}", by which its list is merged; add it`;
  }
  return undefined;
};

/** Stable; those that `order` does not have keep their place among each other, behind the rest. */
const sortedBy = (entries: List, indexOf: (entry: unknown) => number): List => {
  const rank = (entry: unknown): number => {
    const index = indexOf(entry);
    return index < 0 ? Infinity : index;
  };
  return entries
    .map((entry) => ({ entry, rank: rank(entry) }))
    .sort((a, b) => (a.rank === b.rank ? 0 : a.rank - b.rank))
    .map(({ entry }) => entry);
};

/**
 * The order of a merged list (`normalizeElementOrder` in `k8s.io/apimachinery/pkg/util/strategicpatch`): what the patch names in its order,
 * the rest in the order it had, put together so that both orders hold and an entry of the rest comes before an entry of the patch which it
 * was before already.
 */
export const inOrder = (merged: List, patchOrder: List, formerOrder: List, mergeKey: string): List => {
  const [inPatch, before] = [indexOfEntries(patchOrder, mergeKey), indexOfEntries(formerOrder, mergeKey)];
  const named = sortedBy(
    merged.filter((entry) => inPatch(entry) >= 0),
    inPatch,
  );
  const rest = sortedBy(
    merged.filter((entry) => inPatch(entry) < 0),
    before,
  );
  const result: unknown[] = [];
  let next = 0;
  for (const entry of rest) {
    const former = before(entry);
    while (next < named.length) {
      const other = before(named[next]);
      if (former >= 0 && other >= 0 && former < other) break;
      result.push(named[next]);
      next += 1;
    }
    result.push(entry);
  }
  return [...result, ...named.slice(next)];
};

const DIRECTIVE = '$patch';

export const directiveOf = (entry: unknown): unknown => at(entry, DIRECTIVE);
export const hasDirective = (entry: unknown): entry is JsonObject =>
  isObject(entry) && Object.hasOwn(entry, DIRECTIVE);

/** Without what carries a directive: it has nothing to act on where something new comes in. `undefined` if that is all of it. */
export const withoutDirectives = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((entry) => entry !== undefined);
  if (!isObject(value)) return value;
  if (hasDirective(value)) return undefined;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, member]) => [key, withoutDirectives(member)] as const)
      .filter(([, member]) => member !== undefined),
  );
};

/** Without members that are `null`, at any depth; a `null` in a list stays. */
export const withoutNullMembers = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutNullMembers);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null)
      .map(([key, member]) => [key, withoutNullMembers(member)]),
  );
};
