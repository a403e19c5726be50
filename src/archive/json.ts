import { randomBytes } from 'node:crypto';
import { LosslessNumber, parse } from 'lossless-json';
import { Fault } from '../faults.js';

/** Any JSON value; a number that JavaScript cannot hold is a `LosslessNumber` in it, see `parseItem`. */
export type Json =
  null | boolean | number | string | LosslessNumber | readonly Json[] | { readonly [key: string]: Json };

/** Random for every process, so that no text of a cluster can pass for a number. */
const MARK = `lifeboat-number-${randomBytes(16).toString('hex')}:`;
const MARKED = new RegExp(`"${MARK}([-+0-9.eE]+)"`, 'g');

/** Only what `parseItem` made: an object of a cluster may look like one of these, and would then be written without quotes. */
const isExact = (value: unknown): value is LosslessNumber => value instanceof LosslessNumber;

const survives = (literal: string): boolean => String(Number(literal)) === literal;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
/** Integers up to this many digits are always held exactly. */
const SAFE_DIGITS = 15;

/** Whether a byte can belong to a number: digits, sign, point, exponent. `e` in `true` and `false` is met only behind letters. */
const inNumber = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) ||
  byte === 0x2b ||
  byte === MINUS ||
  byte === 0x2e ||
  byte === 0x45 ||
  byte === 0x65;

const endOfString = (json: Buffer, from: number): number => {
  let i = from;
  while (i < json.length && json[i] !== QUOTE) i += json[i] === BACKSLASH ? 2 : 1;
  return i;
};

/** Whether `JSON.parse` and `JSON.stringify` give every number of this text back as it stands. */
export const keepsNumbers = (json: Buffer): boolean => {
  for (let i = 0; i < json.length; i++) {
    const byte = json[i] ?? 0;
    if (byte === QUOTE) {
      i = endOfString(json, i + 1);
    } else if (byte === MINUS || (byte >= 0x30 && byte <= 0x39)) {
      const start = i;
      let plain = byte !== MINUS;
      while (i + 1 < json.length && inNumber(json[i + 1] ?? 0)) {
        i += 1;
        const next = json[i] ?? 0;
        if (next < 0x30 || next > 0x39) plain = false;
      }
      if ((!plain || i - start >= SAFE_DIGITS) && !survives(json.toString('latin1', start, i + 1)))
        return false;
    }
  }
  return true;
};

/**
 * Reads the JSON of an object for changing it. Almost always `value` is what `JSON.parse` gives, and `exact` is true. If the text
 * holds a number that would come back different (9007199254740993, 1.0, 1e400), each such number is a `LosslessNumber` in `value`
 * and `exact` is false: only `stringifyItem` and `goJson` write it back as the number it was. Faults: `LB_ARCHIVE_DAMAGED`.
 */
export const parseItem = (json: Buffer): { readonly value: Json; readonly exact: boolean } => {
  try {
    const text = json.toString('utf8');
    if (keepsNumbers(json)) return { value: JSON.parse(text) as Json, exact: true };
    const value = parse(text, null, {
      parseNumber: (literal) => (survives(literal) ? Number(literal) : new LosslessNumber(literal)),
      // As JSON.parse and Go do: the last one wins.
      onDuplicateKey: ({ newValue }) => newValue,
    });
    return { value: value as Json, exact: false };
  } catch {
    // Without the cause: the parser's message quotes the text, and the text may be a Secret.
    throw new Fault('LB_ARCHIVE_DAMAGED', 'an item is not JSON');
  }
};

/** Takes the quotes off the numbers that went through `JSON.stringify` as marked text. */
const unmark = (text: string): string => (text.includes(MARK) ? text.replace(MARKED, '$1') : text);

/** The JSON of a value that came from `parseItem`, changed or not; numbers come out as they went in. Key order is kept. */
export const stringifyItem = (value: unknown): Buffer => {
  const text = JSON.stringify(value);
  if (!text.includes('"isLosslessNumber":true')) return Buffer.from(text);
  const marked = JSON.stringify(value, (_key, member: unknown) =>
    isExact(member) ? MARK + member.value : member,
  );
  return Buffer.from(unmark(marked));
};

/** A number literal as sign, digits and exponent without needless zeros, so that 1.0, 1 and 10e-1 are one. */
const canonical = (literal: string): string => {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(literal) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const power = BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - significant.length);
  return `${sign}${significant}e${power}`;
};

const numberText = (value: Json): string | undefined => {
  if (typeof value === 'number') return String(value);
  return isExact(value) ? value.value : undefined;
};

const isObject = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isExact(value);

/** Same JSON: order of keys does not matter, order of lists does, numbers are compared by value and exactly. */
export const deepEqualJson = (a: Json, b: Json): boolean => {
  if (Object.is(a, b)) return true;
  const [left, right] = [numberText(a), numberText(b)];
  if (left !== undefined || right !== undefined) {
    return left !== undefined && right !== undefined && canonical(left) === canonical(right);
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    const other = b as readonly Json[];
    return (
      a.length === b.length &&
      (a as readonly Json[]).every((item, i) => deepEqualJson(item, other[i] ?? null))
    );
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && deepEqualJson(a[key] ?? null, b[key] ?? null))
  );
};

const ESCAPES: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

// In JSON text these characters can only stand inside of strings.
const escapeHtml = (text: string): string => text.replace(/[<>&\u2028\u2029]/g, (c) => ESCAPES[c] ?? c);

/** Order of UTF-8 bytes. JavaScript's own order is the same as long as no surrogate pair is met. */
const byBytes = (a: string, b: string): number => {
  if (!/[\ud800-\udfff]/.test(a + b)) return a < b ? -1 : a > b ? 1 : 0;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
};

export interface GoJsonOptions {
  /** Two spaces a level, as in velero-backup.json; else no white space. */
  readonly indent?: boolean;
  /** `sorted` as Go writes a map (default), `given` as Go writes a struct: then the order of the keys is the caller's. */
  readonly order?: 'sorted' | 'given';
  /** Keys of the outermost object that come first, whatever `order` says. */
  readonly first?: readonly string[];
}

const ordered = (value: object, options: GoJsonOptions): [string, unknown][] => {
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  if (options.order !== 'given') entries.sort(([a], [b]) => byBytes(a, b));
  const { first } = options;
  if (!first) return entries;
  const rank = (key: string): number => (first.includes(key) ? first.indexOf(key) : first.length);
  return entries.sort(([a], [b]) => rank(a) - rank(b));
};

const print = (value: unknown, options: GoJsonOptions, margin: string): string => {
  if (isExact(value)) return `"${MARK}${value.value}"`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const inner = options.indent ? `${margin}  ` : '';
  const { first: _outermostOnly, ...deeper } = options;
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  const parts = Array.isArray(value)
    ? value.map((item) => inner + print(item, deeper, inner))
    : ordered(value, options).map(
        ([key, member]) =>
          `${inner}${JSON.stringify(key)}:${options.indent ? ' ' : ''}${print(member, deeper, inner)}`,
      );
  if (parts.length === 0) return open + close;
  return options.indent ? `${open}\n${parts.join(',\n')}\n${margin}${close}` : open + parts.join(',') + close;
};

/**
 * JSON as Go's `encoding/json` writes it: keys sorted by bytes, `<`, `>`, `&` and the line separators escaped, the rest UTF-8. Members
 * that are `undefined` are left out.
 */
export const goJson = (value: unknown, options: GoJsonOptions = {}): string =>
  unmark(escapeHtml(print(value, options, '')));
