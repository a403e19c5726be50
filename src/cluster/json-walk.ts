import { Fault, messageOf } from '../faults.js';

/*
 * Walks JSON byte by byte without parsing it; text inside strings can never be mistaken for structure. Inside a value that is passed over
 * only strings and the balance of brackets are checked: whoever parses it finds the rest.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
export const OPEN_ARRAY = 0x5b;
export const CLOSE_ARRAY = 0x5d;
const COLON = 0x3a;
export const COMMA = 0x2c;

export const damaged = (bytes: Buffer, at: number, what: string): Fault =>
  new Fault('LB_CLUSTER_PROTOCOL', `the JSON is damaged at byte ${at} of ${bytes.length}: ${what}`);

export const skipSpace = (bytes: Buffer, from: number): number => {
  let at = from;
  for (let c = bytes[at]; c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09; c = bytes[at]) at += 1;
  return at;
};

/** `from` is just after the opening quote; the answer is just after the closing one. */
const skipString = (bytes: Buffer, from: number): number => {
  const end = bytes.length;
  for (let at = from; at < end; at += 1) {
    const c = bytes[at];
    if (c === QUOTE) return at + 1;
    if (c === BACKSLASH) at += 1;
  }
  throw damaged(bytes, end, 'a string does not end');
};

/** `from` is at the opening bracket; the answer is just after its partner. */
const skipContainer = (bytes: Buffer, from: number): number => {
  const end = bytes.length;
  let depth = 0;
  let at = from;
  while (at < end) {
    const c = bytes[at];
    at += 1;
    if (c === QUOTE) {
      at = skipString(bytes, at);
    } else if (c === OPEN_OBJECT || c === OPEN_ARRAY) {
      depth += 1;
    } else if (c === CLOSE_OBJECT || c === CLOSE_ARRAY) {
      depth -= 1;
      if (depth > 0) continue;
      // Object closed by an object's bracket, array by an array's: both pairs are two code points apart.
      if (c !== (bytes[from] ?? 0) + 2) throw damaged(bytes, at - 1, 'the wrong bracket closes a value');
      return at;
    }
  }
  throw damaged(bytes, end, 'an object or a list does not end');
};

const skipValue = (bytes: Buffer, from: number): number => {
  const first = bytes[from];
  if (first === QUOTE) return skipString(bytes, from + 1);
  if (first === OPEN_OBJECT || first === OPEN_ARRAY) return skipContainer(bytes, from);
  let at = from;
  for (let c = bytes[at]; c !== undefined && isScalarByte(c); c = bytes[at]) at += 1;
  if (at === from) throw damaged(bytes, at, 'a value is missing');
  return at;
};

/** Digits, letters, `+`, `-`, `.`: all that numbers and true, false, null are made of. */
const isScalarByte = (c: number): boolean =>
  (c >= 0x30 && c <= 0x39) ||
  (c >= 0x61 && c <= 0x7a) ||
  c === 0x2b ||
  c === 0x2d ||
  c === 0x2e ||
  c === 0x45;

export const keyIs = (bytes: Buffer, from: number, to: number, key: Buffer): boolean => {
  if (to - from === key.length) {
    let at = 0;
    while (at < key.length && bytes[from + at] === key[at]) at += 1;
    if (at === key.length) return true;
  }
  for (let at = from; at < to; at += 1) {
    // A key may be written with escapes; nobody does, but it would be the same key.
    if (bytes[at] === BACKSLASH) return parse(bytes, from - 1, to + 1) === key.toString();
  }
  return false;
};

export const parse = (bytes: Buffer, from: number, to: number): unknown => {
  try {
    return JSON.parse(bytes.toString('utf8', from, to));
  } catch (error) {
    throw damaged(bytes, from, messageOf(error).slice(0, 60));
  }
};

export type Visit = (keyFrom: number, keyTo: number, valueFrom: number, valueTo: number) => void;

/** Reads the value of a key in its own way and tells where it ends; `undefined` leaves it to be skipped. */
export type Read = (keyFrom: number, keyTo: number, valueFrom: number) => number | undefined;

/** Calls `visit` for every key of the object that begins at `from`; the answer is just after its closing bracket. */
export const walkObject = (bytes: Buffer, from: number, visit: Visit, read?: Read): number => {
  if (bytes[from] !== OPEN_OBJECT) throw damaged(bytes, from, 'an object was expected');
  let at = skipSpace(bytes, from + 1);
  if (bytes[at] === CLOSE_OBJECT) return at + 1;
  for (;;) {
    if (bytes[at] !== QUOTE) throw damaged(bytes, at, 'a key was expected');
    const keyFrom = at + 1;
    const keyTo = skipString(bytes, keyFrom) - 1;
    at = skipSpace(bytes, keyTo + 1);
    if (bytes[at] !== COLON) throw damaged(bytes, at, 'a colon was expected');
    const valueFrom = skipSpace(bytes, at + 1);
    const valueTo = read?.(keyFrom, keyTo, valueFrom) ?? skipValue(bytes, valueFrom);
    visit(keyFrom, keyTo, valueFrom, valueTo);
    at = skipSpace(bytes, valueTo);
    if (bytes[at] === CLOSE_OBJECT) return at + 1;
    if (bytes[at] !== COMMA) throw damaged(bytes, at, 'a comma or a closing bracket was expected');
    at = skipSpace(bytes, at + 1);
  }
};

/** The one object that fills the whole buffer, but for white space around it. */
export const walkWhole = (bytes: Buffer, visit: Visit, read?: Read): void => {
  const end = skipSpace(bytes, walkObject(bytes, skipSpace(bytes, 0), visit, read));
  if (end !== bytes.length) throw damaged(bytes, end, 'something follows the end');
};

export const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
