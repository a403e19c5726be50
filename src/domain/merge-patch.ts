import { isObject, type JsonObject } from './json.js';

/** New members come without their `null`s, also inside of lists; the `null`s of a list itself stay (`evanphx/json-patch`). */
const withoutNulls = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null)
      .map(([key, member]) => [key, withoutNulls(member)]),
  );
};

const mergeMember = (present: unknown, member: unknown): unknown => {
  if (!isObject(present)) return withoutNulls(member);
  return isObject(member) ? mergePatch(present, member) : member;
};

/** JSON merge patch (RFC 7396): `null` removes, objects go deeper, everything else replaces. Neither argument is changed. */
export const mergePatch = (target: JsonObject, patch: JsonObject): JsonObject => {
  const merged = new Map(Object.entries(target));
  for (const [key, member] of Object.entries(patch)) {
    if (member === null) merged.delete(key);
    else merged.set(key, mergeMember(merged.get(key), member));
  }
  return Object.fromEntries(merged);
};
