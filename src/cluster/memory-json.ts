/** A number as it was written: `9007199254740993` and `1.0` come out as they went in. */
interface NumberText {
  readonly number: string;
}

/** A Map and not an object, because an object would move keys like `10` to the front and lose `__proto__`. */
export type JsonObject = Map<string, Json>;
export type Json = string | boolean | null | NumberText | Json[] | JsonObject;

export const isObject = (value: Json | undefined): value is JsonObject => value instanceof Map;

const maxDepth = 500;
const space = /[ \t\n\r]*/y;
const stringText = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const word = /true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const words: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };

interface Reader {
  readonly text: string;
  at: number;
}

const take = (reader: Reader, pattern: RegExp): string => {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text)?.[0];
  if (found === undefined) throw new SyntaxError(`unexpected input at offset ${reader.at}`);
  reader.at += found.length;
  return found;
};

/** Skips spaces and says which character follows, without taking it. */
const peek = (reader: Reader): string => {
  const next = reader.text.charAt(reader.at);
  if (next > ' ') return next;
  take(reader, space);
  return reader.text.charAt(reader.at);
};

const expectChar = (reader: Reader, wanted: string): void => {
  if (peek(reader) !== wanted) throw new SyntaxError(`expected ${wanted} at offset ${reader.at}`);
  reader.at += 1;
};

const readString = (reader: Reader): string => {
  const raw = take(reader, stringText);
  return raw.includes('\\') ? (JSON.parse(raw) as string) : raw.slice(1, -1);
};

const readMembers = (reader: Reader, close: string, member: () => void): void => {
  reader.at += 1;
  if (peek(reader) === close) {
    reader.at += 1;
    return;
  }
  for (;;) {
    member();
    if (peek(reader) === close) break;
    expectChar(reader, ',');
  }
  reader.at += 1;
};

const readValue = (reader: Reader, depth: number): Json => {
  if (depth > maxDepth) throw new SyntaxError(`nested deeper than ${maxDepth}`);
  const next = peek(reader);
  if (next === '"') return readString(reader);
  if (next === '{') {
    const object: JsonObject = new Map();
    readMembers(reader, '}', () => {
      peek(reader);
      const key = readString(reader);
      expectChar(reader, ':');
      object.set(key, readValue(reader, depth + 1));
    });
    return object;
  }
  if (next === '[') {
    const array: Json[] = [];
    readMembers(reader, ']', () => void array.push(readValue(reader, depth + 1)));
    return array;
  }
  const text = take(reader, word);
  return words[text] ?? (text === 'null' ? null : { number: text });
};

/** Reads JSON so that {@link print} gives back the same numbers and the same key order. Throws SyntaxError. */
export const parseJson = (text: string): Json => {
  const reader = { text, at: 0 };
  const value = readValue(reader, 0);
  if (peek(reader) !== '') throw new SyntaxError(`unexpected input at offset ${reader.at}`);
  return value;
};

export const print = (value: Json): string => {
  if (value instanceof Map) {
    let text = '';
    for (const [key, member] of value)
      text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${print(member)}`;
    return `{${text}}`;
  }
  if (Array.isArray(value)) return `[${value.map(print).join(',')}]`;
  if (typeof value === 'object' && value !== null) return value.number;
  return JSON.stringify(value);
};

/** Same content; the order of keys does not matter, the spelling of numbers does. */
export const equal = (a: Json | undefined, b: Json | undefined): boolean => {
  if (a === b) return true;
  if (a instanceof Map) {
    return b instanceof Map && a.size === b.size && [...a].every(([key, value]) => equal(value, b.get(key)));
  }
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((value, i) => equal(value, b[i]));
  }
  if (typeof a !== 'object' || a === null) return false;
  return typeof b === 'object' && b !== null && 'number' in b && a.number === b.number;
};

export const clone = (value: Json): Json => {
  if (value instanceof Map) return new Map([...value].map(([key, member]) => [key, clone(member)]));
  return Array.isArray(value) ? value.map(clone) : value;
};

/** What stands at a path of keys, if every step of it is an object. */
export const at = (value: Json | undefined, ...path: readonly string[]): Json | undefined => {
  let here = value;
  for (const key of path) here = isObject(here) ? here.get(key) : undefined;
  return here;
};

export const objectAt = (value: Json | undefined, ...path: readonly string[]): JsonObject | undefined => {
  const found = at(value, ...path);
  return isObject(found) ? found : undefined;
};

/** A string that is there and not empty: to the API the empty string means absent. */
export const textAt = (value: Json | undefined, ...path: readonly string[]): string | undefined => {
  const found = at(value, ...path);
  return typeof found === 'string' && found !== '' ? found : undefined;
};

/** A plain value as {@link Json}; for constants, never for what a client sent. */
export const json = (value: unknown): Json => parseJson(JSON.stringify(value));
