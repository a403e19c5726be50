import { isObject, numberText } from '../json.js';
import { problem, type Problem } from '../problem.js';
import { shown } from '../shown.js';

/**
 * Reads a document strictly and goes on after a mistake, so that all of them are told at once. Empty values stand in for what is wrong,
 * as Go's zero values stand in for what is absent.
 */
export interface StrictReader {
  readonly field: readonly string[];
  readonly problems: Problem[];
}

const typeOf = (value: unknown): string => {
  if (Array.isArray(value)) return 'a list';
  if (isObject(value)) return 'a map';
  return typeof value === 'string' ? 'a text' : (numberText(value) ?? String(value));
};

const wrong = (reader: StrictReader, value: unknown, expected: string): void => {
  const field = reader.field.length === 0 ? ['document'] : reader.field;
  reader.problems.push(problem(field, `is ${typeOf(value)}; write ${expected}`));
};

/** A key in a path; an empty one has to be seen, too. */
const stepOf = (key: string): string => (key === '' ? '""' : shown(key));

const inside = (reader: StrictReader, key: string): StrictReader => ({
  problems: reader.problems,
  field: [...reader.field, stepOf(key)],
});

/** Entry `i` of the list that `reader` is at: `patches[0]`. */
const entryOf = (reader: StrictReader, i: number): StrictReader => ({
  problems: reader.problems,
  field: [...reader.field.slice(0, -1), `${reader.field.at(-1) ?? ''}[${i}]`],
});

/** A text. Numbers and booleans are taken as they are written, since YAML needs no quotes (`sigs.k8s.io/yaml`). */
export const readText = (reader: StrictReader, value: unknown): string => {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  const number = numberText(value);
  if (number !== undefined) return number;
  wrong(reader, value, 'a text');
  return '';
};

export const readList = <T>(
  reader: StrictReader,
  value: unknown,
  read: (reader: StrictReader, value: unknown) => T,
): readonly T[] => {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.map((entry, i) => read(entryOf(reader, i), entry));
  wrong(reader, value, 'a list');
  return [];
};

/** A map with keys of the user's own choice. */
export const readMap = (reader: StrictReader, value: unknown): Readonly<Record<string, string>> => {
  if (value === undefined || value === null) return {};
  if (isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, readText(inside(reader, key), member)]),
    );
  }
  wrong(reader, value, 'a map');
  return {};
};

/** What a map holds at one of its known fields, and where that is. */
export type Field = (name: string) => readonly [StrictReader, unknown];

/**
 * The fields of a map, of which only `known` may be there. Upper and lower case of a name do not matter, as for Go's JSON; a field that
 * is there twice is refused.
 */
export const readFields = (reader: StrictReader, value: unknown, known: readonly string[]): Field => {
  const found = new Map<string, unknown>();
  if (isObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      const name = known.find((field) => field.toLowerCase() === key.toLowerCase());
      if (name === undefined) {
        const text = `is unknown; use one of ${known.join(', ')}`;
        reader.problems.push(problem([...reader.field, stepOf(key)], text));
      } else if (found.has(name)) {
        reader.problems.push(problem([...reader.field, stepOf(key)], `is there twice; keep one "${name}"`));
      } else found.set(name, member);
    }
  } else if (value !== undefined && value !== null) wrong(reader, value, `a map of ${known.join(', ')}`);
  return (name) => [inside(reader, name), found.get(name)];
};
