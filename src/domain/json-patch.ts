import { at, isObject, put, sameJson, without } from './json.js';
import { shown } from './shown.js';

/** One step of a JSON patch (RFC 6902). Paths are JSON pointers as text. */
export type PatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string };

/**
 * Why a patch was not applied. `TEST_FAILED`: the place exists and holds something else. `MISSING`: there is nothing at the place, or no
 * way to it. `INVALID`: the step cannot be meant for such a document.
 */
export type PatchRefusal = 'TEST_FAILED' | 'MISSING' | 'INVALID';

interface Refused {
  readonly ok: false;
  readonly why: PatchRefusal;
  readonly reason: string;
}

export type Patched = { readonly ok: true; readonly value: unknown } | Refused;

const done = (value: unknown): Patched => ({ ok: true, value });
const refuse = (why: PatchRefusal, reason: string): Refused => ({ ok: false, why, reason });

/** Keys of a JSON pointer (RFC 6901); empty for the whole document, `undefined` if it does not begin with `/`. */
export const pointerKeys = (pointer: string): readonly string[] | undefined => {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) return undefined;
  return pointer
    .slice(1)
    .split('/')
    .map((key) => key.replace(/~[01]/g, (escaped) => (escaped === '~1' ? '/' : '~')));
};

/**
 * The index a key means in a list that has room for `room` entries, counted from the end if negative; as in `evanphx/json-patch`, which
 * reads keys as Go reads numbers.
 */
const indexIn = (room: number, key: string): number | Refused => {
  if (!/^[+-]?\d{1,15}$/.test(key)) return refuse('INVALID', `"${shown(key)}" is not an index of a list`);
  const index = Number(key);
  if (index >= room || index < -room) return refuse('INVALID', `the list has no index ${key}`);
  return index < 0 ? index + room : index;
};

/** What is at one key. */
const lookUp = (node: unknown, key: string): Patched => {
  if (Array.isArray(node)) {
    const index = indexIn(node.length, key);
    return typeof index === 'number' ? done(node[index]) : index;
  }
  if (!isObject(node) || !Object.hasOwn(node, key)) return refuse('MISSING', `there is no "${shown(key)}"`);
  return done(at(node, key));
};

const replaceAt = (node: unknown, key: string, value: unknown): Patched => {
  if (Array.isArray(node)) {
    const index = indexIn(node.length, key);
    return typeof index === 'number' ? done(node.with(index, value)) : index;
  }
  return isObject(node) ? done(put(node, [key], value)) : refuse('MISSING', `there is no "${shown(key)}"`);
};

/** Changes the container at the end of `keys` but the last, and everything around it on the way back. */
const change = (
  node: unknown,
  keys: readonly string[],
  edit: (container: unknown, key: string) => Patched,
  from = 0,
): Patched => {
  const key = keys[from] ?? '';
  if (from === keys.length - 1) return edit(node, key);
  const inner = lookUp(node, key);
  if (!inner.ok) return refuse('MISSING', inner.reason);
  const changed = change(inner.value, keys, edit, from + 1);
  return changed.ok ? replaceAt(node, key, changed.value) : changed;
};

const addAt =
  (value: unknown) =>
  (node: unknown, key: string): Patched => {
    if (isObject(node)) return done(put(node, [key], value));
    if (!Array.isArray(node))
      return refuse('MISSING', `"${shown(key)}" would be in something that holds nothing`);
    if (key === '-') return done([...(node as readonly unknown[]), value]);
    const index = indexIn(node.length + 1, key);
    return typeof index === 'number' ? done(node.toSpliced(index, 0, value)) : index;
  };

const removeAt = (node: unknown, key: string): Patched => {
  const found = lookUp(node, key);
  if (!found.ok) return found;
  if (!Array.isArray(node)) return done(isObject(node) ? without(node, [key]) : node);
  const index = indexIn(node.length, key);
  return typeof index === 'number' ? done(node.toSpliced(index, 1)) : index;
};

const replaceExisting =
  (value: unknown) =>
  (node: unknown, key: string): Patched => {
    const found = lookUp(node, key);
    return found.ok ? replaceAt(node, key, value) : refuse('MISSING', found.reason);
  };

/** `null` stands for a missing member, as in `evanphx/json-patch`. */
const testAt =
  (value: unknown) =>
  (node: unknown, key: string): Patched => {
    if (!isObject(node) && !Array.isArray(node)) return refuse('MISSING', `there is no "${shown(key)}"`);
    const found = lookUp(node, key);
    if (!found.ok && found.why === 'INVALID') return found;
    const present = found.ok ? found.value : null;
    return sameJson(present, value)
      ? done(node)
      : refuse('TEST_FAILED', `"${shown(key)}" holds something else`);
  };

const read = (document: unknown, keys: readonly string[]): Patched => {
  let here = document;
  for (const [i, key] of keys.entries()) {
    const found = lookUp(here, key);
    if (!found.ok) return i === keys.length - 1 ? found : refuse('MISSING', found.reason);
    here = found.value;
  }
  return done(here);
};

/** Copies share what they copy, but written out they do not: doubling a document thirty times would fill the memory. */
const MAX_COPIED = 100_000;

/** How many values all steps of a patch together may still copy. */
interface Budget {
  left: number;
}

/** How many values there are, counted up to `limit`. */
const countUpTo = (value: unknown, limit: number): number => {
  const open = [value];
  let count = 0;
  while (open.length > 0 && count < limit) {
    const next = open.pop();
    count += 1;
    const inside = Array.isArray(next)
      ? (next as readonly unknown[])
      : isObject(next)
        ? Object.values(next)
        : [];
    // One by one, because a call takes no hundred thousand arguments.
    for (const one of inside.slice(0, limit - count)) open.push(one);
  }
  return count;
};

const moveOrCopy = (
  document: unknown,
  op: 'move' | 'copy',
  from: readonly string[],
  path: readonly string[],
  budget: Budget,
): Patched => {
  if (op === 'move' && from.length === 0) return refuse('INVALID', 'the whole object cannot be moved');
  const found = read(document, from);
  if (!found.ok) return found;
  if (op === 'copy') budget.left -= countUpTo(found.value, budget.left + 1);
  if (budget.left < 0) return refuse('INVALID', `more than ${MAX_COPIED} values would be copied`);
  const rest = op === 'move' ? change(document, from, removeAt) : done(document);
  if (!rest.ok) return rest;
  return path.length === 0 ? done(found.value) : change(rest.value, path, addAt(found.value));
};

const applyOne = (document: unknown, operation: PatchOperation, budget: Budget): Patched => {
  const path = pointerKeys(operation.path);
  const from = 'from' in operation ? pointerKeys(operation.from) : [];
  if (!path || !from)
    return refuse('INVALID', 'a path is not a JSON pointer; begin it with /, as in /metadata/labels');
  switch (operation.op) {
    case 'add':
      return path.length === 0 ? done(operation.value) : change(document, path, addAt(operation.value));
    case 'replace':
      return path.length === 0
        ? done(operation.value)
        : change(document, path, replaceExisting(operation.value));
    case 'test':
      if (path.length > 0) return change(document, path, testAt(operation.value));
      return sameJson(document, operation.value)
        ? done(document)
        : refuse('TEST_FAILED', 'the object is another');
    case 'remove':
      return path.length === 0
        ? refuse('INVALID', 'the whole object cannot be removed')
        : change(document, path, removeAt);
    case 'move':
    case 'copy':
      return moveOrCopy(document, operation.op, from, path, budget);
  }
};

/**
 * Applies all operations or none, as `evanphx/json-patch` does for Velero: `add` makes no parents, `remove` and `replace` need what they
 * name, negative indexes count from the end of a list. The document is not changed, and what the patch does not touch is shared.
 */
export const applyJsonPatch = (document: unknown, operations: readonly PatchOperation[]): Patched => {
  let value = document;
  const budget: Budget = { left: MAX_COPIED };
  for (const [i, operation] of operations.entries()) {
    const next = applyOne(value, operation, budget);
    if (!next.ok)
      return { ...next, reason: `step ${i} (${operation.op} ${shown(operation.path)}): ${next.reason}` };
    value = next.value;
  }
  return done(value);
};
