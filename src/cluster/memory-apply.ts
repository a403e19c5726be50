import { documentOf, metadataOf, readDocument } from './memory-document.js';
import { clone, equal, isObject, print, textAt, type Json, type JsonObject } from './memory-json.js';
import { badRequest, fieldConflict } from './memory-refusals.js';
import { type World } from './memory-removal.js';
import { placeOf, type ServedType } from './memory-types.js';
import { createObject, replaceObject } from './memory-writes.js';
import { type ApplyOptions, type ObjectRef, type Written } from './port.js';

/** The three states of one part of an object that an apply compares; a list is one value, whatever it is a list of. */
interface Part {
  readonly live: Json | undefined;
  readonly wanted: Json | undefined;
  readonly before: Json | undefined;
}

/** What becomes of a part; fields that somebody else holds with another value are put into `conflicts`. */
const merge = ({ live, wanted, before }: Part, path: string, conflicts: string[]): Json | undefined => {
  if (isObject(wanted)) {
    const [was, applied] = [
      isObject(live) ? live : new Map<string, Json>(),
      isObject(before) ? before : undefined,
    ];
    const next: JsonObject = new Map(was);
    for (const key of new Set([...wanted.keys(), ...(applied?.keys() ?? [])])) {
      const part = { live: was.get(key), wanted: wanted.get(key), before: applied?.get(key) };
      const value = merge(part, `${path}.${key}`, conflicts);
      if (value === undefined) next.delete(key);
      else next.set(key, value);
    }
    return next;
  }
  if (wanted !== undefined) {
    if (live !== undefined && !equal(live, wanted) && !equal(live, before)) conflicts.push(path);
    return clone(wanted);
  }
  // Applied before and not wanted any more: what is still as it was applied goes, and what others made of it stays.
  if (isObject(before) && isObject(live)) {
    const rest = new Map([...live].filter(([key, value]) => !equal(value, before.get(key))));
    return rest.size > 0 ? rest : undefined;
  }
  return equal(live, before) ? undefined : live;
};

const applied = (world: World, written: Written, manager: string, wanted: JsonObject): Written => {
  if (!written.ok) return written;
  const uid = textAt(documentOf({ bytes: written.body }), 'metadata', 'uid') ?? '';
  world.applied.set(`${uid}/${manager}`, wanted);
  return written;
};

/**
 * Server-side apply as far as one manager meets it. Who holds a field is not kept: a value that is neither wanted nor what this
 * manager applied last is somebody else's.
 */
export const applyObject = (
  world: World,
  type: ServedType,
  ref: ObjectRef,
  body: Uint8Array | string,
  { fieldManager, force }: ApplyOptions,
): Written => {
  const wanted = readDocument(body);
  if (!isObject(wanted)) return badRequest('error decoding the applied object: it is not an object');
  if (metadataOf(wanted).has('managedFields')) return badRequest('metadata.managedFields must be nil');
  const stored = world.store.get(placeOf(type), ref);
  if (stored === undefined) {
    const named = clone(wanted);
    if (isObject(named)) metadataOf(named).set('name', ref.name);
    return applied(world, createObject(world, type, ref.namespace, print(named)), fieldManager, wanted);
  }
  const live = documentOf(stored);
  const before = world.applied.get(`${textAt(live, 'metadata', 'uid') ?? ''}/${fieldManager}`);
  const conflicts: string[] = [];
  const next = merge({ live, wanted, before }, '', conflicts);
  if (conflicts.length > 0 && force !== true) return fieldConflict(conflicts);
  const replaced = replaceObject(world, type, ref, print(next ?? live), false);
  return applied(world, replaced, fieldManager, wanted);
};
