import {
  compilePattern,
  either,
  repeat,
  sequence,
  type Assertion,
  type CodeTest,
  type PatternNode,
} from './automaton.js';
import {
  bracketClass,
  characterEscape,
  classEscape,
  foldCase,
  sameCode,
  type Cursor,
  type Read,
} from './re2-class.js';

/**
 * Regular expressions in the syntax of Go's `regexp`. Not JavaScript's: `(?i)`, `\A`, `\z`, `\Q…\E` and `[[:alpha:]]` mean something
 * here, looking ahead and back references do not exist, and no pattern can take forever.
 */
export type CompiledExpression =
  | { readonly ok: true; readonly matches: (text: string) => boolean }
  | { readonly ok: false; readonly problem: string };

interface Flags {
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
}

const NO_FLAGS: Flags = { i: false, m: false, s: false };
const MAX_LENGTH = 4096;
const MAX_DEPTH = 250;
const MAX_REPEAT = 1000;
const NEW_LINE = 10;

const one = (test: CodeTest): PatternNode => ({ is: 'one', test });
const assertion = (what: Assertion): Read<PatternNode> => ({ value: { is: 'assert', what } });

const ESCAPED_ASSERTIONS: Readonly<Record<string, Assertion>> = {
  A: 'begin-text',
  z: 'end-text',
  b: 'word-edge',
  B: 'no-word-edge',
};

const literal = (char: string | number, flags: Flags): PatternNode =>
  one(flags.i ? foldCase(sameCode(char)) : sameCode(char));

/** `\Q` takes everything up to `\E`, or to the end, as it stands. */
const quoted = (cursor: Cursor, flags: Flags): Read<PatternNode> => {
  const { chars } = cursor;
  const found = chars.findIndex((char, i) => i >= cursor.at + 2 && char === '\\' && chars[i + 1] === 'E');
  const end = found < 0 ? chars.length : found;
  const text = chars.slice(cursor.at + 2, end);
  cursor.at = end + 2;
  return { value: sequence(text.map((char) => literal(char, flags))) };
};

const escape = (cursor: Cursor, flags: Flags): Read<PatternNode> => {
  const letter = cursor.chars[cursor.at + 1] ?? '';
  if (letter === 'Q') return quoted(cursor, flags);
  const what = Object.hasOwn(ESCAPED_ASSERTIONS, letter) ? ESCAPED_ASSERTIONS[letter] : undefined;
  if (what) {
    cursor.at += 2;
    return assertion(what);
  }
  const inClass = classEscape(cursor);
  if (inClass) {
    return 'problem' in inClass ? inClass : { value: one(flags.i ? foldCase(inClass.value) : inClass.value) };
  }
  const char = characterEscape(cursor);
  return 'problem' in char ? char : { value: literal(char.value, flags) };
};

/** The bounds of a repetition at the cursor; `undefined` if none stands here, as with a brace that is only a brace. */
const bounds = (
  cursor: Cursor,
): { readonly min: number; readonly max?: number; readonly length: number } | undefined => {
  const char = cursor.chars[cursor.at];
  if (char === '*') return { min: 0, length: 1 };
  if (char === '+') return { min: 1, length: 1 };
  if (char === '?') return { min: 0, max: 1, length: 1 };
  if (char !== '{') return undefined;
  const [all, min, comma, max] =
    /^\{(\d{1,9})(,?)(\d{0,9})\}/.exec(cursor.chars.slice(cursor.at, cursor.at + 22).join('')) ?? [];
  if (all === undefined || (comma === '' && max !== '')) return undefined;
  const low = Number(min);
  if (comma === '') return { min: low, max: low, length: all.length };
  return max === '' ? { min: low, length: all.length } : { min: low, max: Number(max), length: all.length };
};

/** `x` with the repetition behind it. A second repetition right behind is an error, a `?` there means only "as few as possible". */
const repeated = (cursor: Cursor, node: PatternNode): Read<PatternNode> => {
  const found = bounds(cursor);
  if (!found) return { value: node };
  const { min, max, length } = found;
  if (Math.max(min, max ?? 0) > MAX_REPEAT) return { problem: `it repeats more than ${MAX_REPEAT} times` };
  if (max !== undefined && max < min) return { problem: 'a repetition has more at least than at most' };
  cursor.at += length;
  if (cursor.chars[cursor.at] === '?') cursor.at += 1;
  if (bounds(cursor)) return { problem: 'a repetition is repeated; put brackets around the inner one' };
  return { value: repeat(node, min, max) };
};

const readFlags = (text: string, flags: Flags): Flags | undefined => {
  const [on = '', off] = text.split('-');
  if (!/^[imsU]*$/.test(on) || (off !== undefined && !/^[imsU]+$/.test(off))) return undefined;
  const change = (letters: string, value: boolean, from: Flags): Flags => ({
    i: letters.includes('i') ? value : from.i,
    m: letters.includes('m') ? value : from.m,
    s: letters.includes('s') ? value : from.s,
  });
  return change(off ?? '', false, change(on, true, flags));
};

interface GroupStart {
  readonly flags: Flags;
  /** `(?i)`: no group, the flags hold for the rest of the one around. */
  readonly bare: boolean;
}

/** What follows an opening bracket; the cursor is at it and comes to the first character inside. */
const groupStart = (cursor: Cursor, flags: Flags): Read<GroupStart> => {
  const { chars } = cursor;
  cursor.at += 1;
  if (chars[cursor.at] !== '?') return { value: { flags, bare: false } };
  const rest = chars.slice(cursor.at).join('');
  const named = /^\?P?<(\w+)>/.exec(rest);
  if (named) {
    cursor.at += named[0].length;
    return { value: { flags, bare: false } };
  }
  const [all, letters = '', end] = /^\?([a-zA-Z-]*)([:)])/.exec(rest) ?? [];
  const changed = letters.split('-').length > 2 ? undefined : readFlags(letters, flags);
  if (all === undefined || !changed) {
    const text = 'a group begins with something Go does not know; there is no looking ahead or behind';
    return { problem: text };
  }
  cursor.at += all.length;
  return { value: { flags: changed, bare: end === ')' } };
};

/** One character, class or assertion, without what repeats it. */
const atom = (cursor: Cursor, flags: Flags): Read<PatternNode> => {
  const char = cursor.chars[cursor.at] ?? '';
  if (char === '\\') return escape(cursor, flags);
  if (char === '[') {
    const test = bracketClass(cursor, flags.i);
    return 'problem' in test ? test : { value: one(test.value) };
  }
  cursor.at += 1;
  if (char === '^') return assertion(flags.m ? 'begin-line' : 'begin-text');
  if (char === '$') return assertion(flags.m ? 'end-line' : 'end-text');
  if (char === '.') return { value: one(flags.s ? () => true : (code) => code !== NEW_LINE) };
  if ('*+?'.includes(char)) return { problem: `there is nothing before ${char} to repeat` };
  return { value: literal(char, flags) };
};

/** Everything up to the bracket that closes this group, or to the end at depth 0. */
const alternatives = (cursor: Cursor, outer: Flags, depth: number): Read<PatternNode> => {
  if (depth > MAX_DEPTH) return { problem: `it has more than ${MAX_DEPTH} groups in each other` };
  let flags = outer;
  const done: PatternNode[] = [];
  let parts: PatternNode[] = [];
  while (cursor.at < cursor.chars.length && cursor.chars[cursor.at] !== ')') {
    const char = cursor.chars[cursor.at];
    if (char === '|') {
      cursor.at += 1;
      done.push(sequence(parts));
      parts = [];
      continue;
    }
    if (char === '{' && parts.length === 0 && bounds(cursor)) {
      return { problem: 'there is nothing before { to repeat' };
    }
    const read = element(cursor, flags, depth);
    if ('problem' in read) return read;
    if ('flags' in read.value) flags = read.value.flags;
    else parts.push(read.value);
  }
  return { value: done.length === 0 ? sequence(parts) : either([...done, sequence(parts)]) };
};

const element = (
  cursor: Cursor,
  flags: Flags,
  depth: number,
): Read<PatternNode | { readonly flags: Flags }> => {
  let node: Read<PatternNode>;
  if (cursor.chars[cursor.at] === '(') {
    const start = groupStart(cursor, flags);
    if ('problem' in start) return start;
    if (start.value.bare) return { value: { flags: start.value.flags } };
    node = alternatives(cursor, start.value.flags, depth + 1);
    if ('problem' in node) return node;
    if (cursor.chars[cursor.at] !== ')') return { problem: 'a group is not closed' };
    cursor.at += 1;
  } else node = atom(cursor, flags);
  return 'problem' in node ? node : repeated(cursor, node.value);
};

/**
 * Compiles an expression once; it may match anywhere in a text. Refused is what Go refuses, and what is longer than 4096 characters or
 * too large once its repetitions are written out.
 */
export const compileExpression = (pattern: string): CompiledExpression => {
  if (pattern.length > MAX_LENGTH) return { ok: false, problem: `it has more than ${MAX_LENGTH} characters` };
  const cursor: Cursor = { chars: Array.from(pattern), at: 0 };
  const read = alternatives(cursor, NO_FLAGS, 0);
  if ('problem' in read) return { ok: false, problem: read.problem };
  if (cursor.at < cursor.chars.length) return { ok: false, problem: 'a group is closed that was not opened' };
  const matches = compilePattern(read.value, { whole: false });
  return matches ? { ok: true, matches } : { ok: false, problem: 'it is too large; repeat less' };
};
