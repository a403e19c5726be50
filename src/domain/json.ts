/**
 * Kubernetes objects as parsed JSON: nothing is known of them but what their kind promises. Numbers that do not fit
 * a JavaScript number come as opaque objects marked `isLosslessNumber`; they are passed through untouched.
 * Nothing here changes its input. Only own properties count, so that a label called `constructor` is just a label.
 */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A number kept as the text it had (lossless-json's `LosslessNumber`). */
interface OpaqueNumber {
  readonly isLosslessNumber: true;
  readonly value: string;
}

const isOpaqueNumber = (value: unknown): value is OpaqueNumber =>
  typeof value === 'object' && value !== null && 'isLosslessNumber' in value && 'value' in value;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isOpaqueNumber(value);

/** What is at `path`, or `undefined` where the way there ends early. */
export const at = (value: unknown, ...path: readonly string[]): unknown => {
  let here = value;
  for (const key of path) {
    if (!isObject(here) || !Object.hasOwn(here, key)) return undefined;
    here = here[key];
  }
  return here;
};

const NOTHING: JsonObject = Object.freeze({});

/** The object at `path`; empty where there is none. */
export const objectAt = (value: unknown, ...path: readonly string[]): JsonObject => {
  const found = at(value, ...path);
  return isObject(found) ? found : NOTHING;
};

/** The list at `path`; empty where there is none. */
export const listAt = (value: unknown, ...path: readonly string[]): readonly unknown[] => {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
};

/** The text at `path`; empty where there is none, as Go's zero value. */
export const textAt = (value: unknown, ...path: readonly string[]): string => {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
};

/** A number from a number, a bigint, an opaque number or a text of digits; `undefined` from anything else. */
export const numberOf = (value: unknown): number | undefined => {
  const text = isOpaqueNumber(value) ? value.value : value;
  if (typeof text === 'number') return text;
  if (typeof text === 'bigint') return Number(text);
  return typeof text === 'string' && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
};

/** Whether lists and maps stand in each other more than `levels` deep; what walks them by recursion would run out of stack. */
export const isDeeperThan = (levels: number, value: unknown): boolean => {
  let level: readonly unknown[] = [value];
  for (let depth = 0; depth <= levels; depth++) {
    level = level.flatMap((one) =>
      Array.isArray(one) ? (one as unknown[]) : isObject(one) ? Object.values(one) : [],
    );
    if (level.length === 0) return false;
  }
  return true;
};

/** The object without some of its keys; the same object if it has none of them. */
export const without = (object: JsonObject, keys: readonly string[]): JsonObject =>
  keys.some((key) => Object.hasOwn(object, key))
    ? Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)))
    : object;

/**
 * A copy with `value` at `path`, objects made on the way as needed; `undefined` takes the key away and makes nothing.
 * `fromEntries` and not an assignment, because a hostile archive may hold a key `__proto__`.
 */
export const put = (object: JsonObject, path: readonly string[], value: unknown): JsonObject => {
  const [key, ...rest] = path;
  if (key === undefined) return object;
  const inner = rest.length === 0 ? value : putInside(at(object, key), rest, value);
  if (inner === undefined) return without(object, [key]);
  if (inner === at(object, key)) return object;
  if (!Object.hasOwn(object, key)) return Object.fromEntries([...Object.entries(object), [key, inner]]);
  return Object.fromEntries(Object.entries(object).map(([k, v]) => [k, k === key ? inner : v]));
};

const putInside = (inside: unknown, rest: readonly string[], value: unknown): unknown => {
  if (isObject(inside)) return put(inside, rest, value);
  return value === undefined ? inside : put(NOTHING, rest, value);
};

/** A copy in which `change` was applied to every object of the list at `path`. */
export const mapList = (
  object: JsonObject,
  path: readonly string[],
  change: (item: JsonObject) => JsonObject,
): JsonObject => {
  const list = listAt(object, ...path);
  if (list.length === 0) return object;
  return put(
    object,
    path,
    list.map((item) => (isObject(item) ? change(item) : item)),
  );
};

/** A number as it is written; `undefined` from anything that is not a number. */
export const numberText = (value: unknown): string | undefined => {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  return isOpaqueNumber(value) ? value.value : undefined;
};

/** Deep equality of two JSON values; the order of keys does not matter, that of lists does. */
export const sameJson = (a: unknown, b: unknown): boolean => {
  if (a === b) return true;
  const number = numberText(a);
  if (number !== undefined) return number === numberText(b);
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => sameJson(item, b[i]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]))
  );
};
