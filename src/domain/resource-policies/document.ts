import { at, isObject, numberText, type JsonObject } from '../json.js';
import { shown } from '../shown.js';

/** One thing that is wrong in a document that a user wrote. */
export interface DocumentProblem {
  /** Where, as in `volumePolicies[1].conditions.capacity`; the top of the document is `document`. */
  readonly path: string;
  /** What is wrong there, and what to write. */
  readonly message: string;
}

/** Tells a problem at a path. */
export type Tell = (path: string, message: string) => void;

export const under = (path: string, key: string): string => {
  const step = key === '' ? '""' : shown(key);
  return path === '' ? step : `${path}.${step}`;
};

/** The value as an object with no other fields than `fields`; what is missing or null is an empty one. */
export const readFields = (
  value: unknown,
  path: string,
  fields: readonly string[],
  tell: Tell,
): JsonObject => {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) {
    tell(path, `is not a map; write the fields ${fields.join(', ')} below it`);
    return {};
  }
  for (const key of Object.keys(value))
    if (!fields.includes(key))
      tell(under(path, key), `is not a known field; remove it, or write one of ${fields.join(', ')}`);
  return value;
};

/**
 * A scalar as text, as YAML readers of Go give one to a field that wants text: `true` and `10` without quotes are
 * what they look like. A number that JavaScript would print otherwise than it was written is not.
 */
const textOf = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'number') return numberText(value);
  return Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? String(value) : undefined;
};

/** The text of a field; empty where there is none. */
export const readText = (holder: JsonObject, key: string, path: string, tell: Tell): string => {
  const value = at(holder, key) ?? '';
  const text = textOf(value);
  if (text === undefined) tell(under(path, key), 'is not a text; write one, in quotes');
  return text ?? '';
};

/** The list of a field; empty where there is none. */
export const readList = (holder: JsonObject, key: string, path: string, tell: Tell): readonly unknown[] => {
  const value = at(holder, key) ?? [];
  if (Array.isArray(value)) return value as readonly unknown[];
  tell(under(path, key), 'is not a list; write each entry on a line of its own that begins with a dash');
  return [];
};

export const readTexts = (holder: JsonObject, key: string, path: string, tell: Tell): readonly string[] =>
  readList(holder, key, path, tell).flatMap((entry, i) => {
    const text = textOf(entry);
    if (text === undefined) tell(`${under(path, key)}[${i}]`, 'is not a text; write one, in quotes');
    return text ?? [];
  });

/** A map of texts; empty where there is none. */
export const readTextMap = (
  holder: JsonObject,
  key: string,
  path: string,
  tell: Tell,
): Readonly<Record<string, string>> => {
  const value = at(holder, key);
  if (value === undefined) return {};
  if (!isObject(value)) {
    tell(under(path, key), 'is not a map; write keys with a text each, as key: "value"');
    return {};
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => {
      const text = textOf(entry ?? ''); // as in a label with an empty value
      if (text === undefined) tell(under(under(path, key), name), 'is not a text; write one, in quotes');
      return [name, text ?? ''];
    }),
  );
};
