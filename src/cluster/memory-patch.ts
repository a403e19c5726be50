import { clone, equal, isObject, type Json, type JsonObject } from './memory-json.js';

/** RFC 7396: members of the patch replace, `null` removes, objects go deeper, everything else is taken whole. */
export const mergePatch = (target: Json | undefined, patch: Json): Json => {
  if (!isObject(patch)) return clone(patch);
  const merged: JsonObject = new Map(isObject(target) ? target : []);
  for (const [key, value] of patch) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return merged;
};

/** Why a patch cannot be read or applied. */
export interface PatchProblem {
  readonly problem: string;
  /** `document`: not a patch at all. `application`: a patch, but not for this object. */
  readonly kind: 'document' | 'application';
}

const documentProblem = (problem: string): PatchProblem => ({ problem, kind: 'document' });
const applicationProblem = (problem: string): PatchProblem => ({ problem, kind: 'application' });

interface Operation {
  readonly op: 'add' | 'remove' | 'replace' | 'test';
  readonly path: readonly string[];
  readonly value: Json | undefined;
}

const isProblem = (value: object): value is PatchProblem => 'problem' in value;

const readOperation = (entry: Json): Operation | PatchProblem => {
  if (!isObject(entry)) return documentProblem('an operation is not an object');
  const op = entry.get('op');
  const pointer = entry.get('path');
  if (op !== 'add' && op !== 'remove' && op !== 'replace' && op !== 'test') {
    return documentProblem('the operation is not one of add, remove, replace, test');
  }
  if (typeof pointer !== 'string' || (pointer !== '' && !pointer.startsWith('/'))) {
    return documentProblem('the path is not a JSON pointer');
  }
  if (op !== 'remove' && !entry.has('value')) return documentProblem(`${op} ${pointer} has no value`);
  const path = pointer.split('/').slice(1);
  const keys = path.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  return { op, path: keys, value: entry.get('value') };
};

const index = (array: readonly Json[], step: string): number | undefined => {
  if (!/^(?:0|[1-9][0-9]*)$/.test(step)) return undefined;
  const number = Number(step);
  return number < array.length ? number : undefined;
};

const child = (value: Json | undefined, step: string): Json | undefined => {
  if (isObject(value)) return value.get(step);
  if (!Array.isArray(value)) return undefined;
  const position = index(value, step);
  return position === undefined ? undefined : value[position];
};

const changeArray = (array: Json[], step: string, operation: Operation): boolean => {
  const atEnd = operation.op === 'add' && (step === '-' || step === String(array.length));
  const position = atEnd ? array.length : index(array, step);
  if (position === undefined) return false;
  const values = operation.value === undefined ? [] : [clone(operation.value)];
  array.splice(position, operation.op === 'add' ? 0 : 1, ...values);
  return true;
};

const changeObject = (object: JsonObject, step: string, operation: Operation): boolean => {
  if (operation.op !== 'add' && !object.has(step)) return false;
  if (operation.value === undefined) object.delete(step);
  else object.set(step, clone(operation.value));
  return true;
};

/** Changes `root` in place; false if the path does not lead anywhere or the test fails. */
const apply = (root: Json, operation: Operation): boolean => {
  const { path, op } = operation;
  if (op === 'test') {
    const found = path.reduce<Json | undefined>(child, root);
    return equal(found, operation.value);
  }
  const last = path.at(-1);
  // The whole document is never replaced by a patch of a Kubernetes object.
  if (last === undefined) return false;
  const parent = path.slice(0, -1).reduce<Json | undefined>(child, root);
  if (isObject(parent)) return changeObject(parent, last, operation);
  return Array.isArray(parent) && changeArray(parent, last, operation);
};

/** RFC 6902, the operations `add`, `remove`, `replace` and `test`: all of them or none. */
export const jsonPatch = (target: JsonObject, patch: Json): JsonObject | PatchProblem => {
  if (!Array.isArray(patch)) return documentProblem('a JSON patch is a list of operations');
  const changed = clone(target);
  for (const entry of patch) {
    const operation = readOperation(entry);
    if (isProblem(operation)) return operation;
    // With `value: undefined` an `add` would delete; readOperation has ruled that out.
    const once = operation.op === 'remove' ? { ...operation, value: undefined } : operation;
    if (!apply(changed, once))
      return applicationProblem(`${operation.op} /${operation.path.join('/')} does not apply`);
  }
  return isObject(changed) ? changed : applicationProblem('the result is not an object');
};

export const isPatchProblem = (value: JsonObject | PatchProblem): value is PatchProblem =>
  !isObject(value as Json);
