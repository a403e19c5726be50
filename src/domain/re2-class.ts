import type { CodeTest } from './automaton.js';
import { shown } from './shown.js';

/** A place in a pattern, moved forward by those who read; `problem` is why reading stopped. */
export interface Cursor {
  readonly chars: readonly string[];
  at: number;
}

export type Read<T> = { readonly value: T } | { readonly problem: string };

const code = (char: string | undefined): number => char?.codePointAt(0) ?? -1;

const among = (...ranges: readonly (readonly [string, string])[]): CodeTest => {
  const codes = ranges.map(([low, high]) => [code(low), code(high)] as const);
  return (found) => codes.some(([low, high]) => found >= low && found <= high);
};
const not =
  (test: CodeTest): CodeTest =>
  (found) =>
    !test(found);
const any =
  (tests: readonly CodeTest[]): CodeTest =>
  (found) =>
    tests.some((test) => test(found));

const DIGIT = among(['0', '9']);
const LOWER = among(['a', 'z']);
const UPPER = among(['A', 'Z']);
const WORD = any([DIGIT, LOWER, UPPER, among(['_', '_'])]);
const SPACE = among(['\t', '\n'], ['\f', '\r'], [' ', ' ']);

const PERL: Readonly<Record<string, CodeTest>> = {
  d: DIGIT,
  D: not(DIGIT),
  s: SPACE,
  S: not(SPACE),
  w: WORD,
  W: not(WORD),
};

const POSIX: Readonly<Record<string, CodeTest>> = {
  alnum: any([DIGIT, LOWER, UPPER]),
  alpha: any([LOWER, UPPER]),
  ascii: among(['\0', '\x7f']),
  blank: among(['\t', '\t'], [' ', ' ']),
  cntrl: among(['\0', '\x1f'], ['\x7f', '\x7f']),
  digit: DIGIT,
  graph: among(['!', '~']),
  lower: LOWER,
  print: among([' ', '~']),
  punct: among(['!', '/'], [':', '@'], ['[', '`'], ['{', '~']),
  space: among(['\t', '\r'], [' ', ' ']),
  upper: UPPER,
  word: WORD,
  xdigit: any([DIGIT, among(['a', 'f'], ['A', 'F'])]),
};

/** Letters count in either case. */
export const foldCase =
  (test: CodeTest): CodeTest =>
  (found) => {
    const char = String.fromCodePoint(found);
    return test(found) || test(code(char.toLowerCase())) || test(code(char.toUpperCase()));
  };

export const sameCode = (char: string | number): CodeTest => {
  const wanted = typeof char === 'number' ? char : code(char);
  return (found) => found === wanted;
};

/** `\p{Name}`: only single characters are asked, so that a JavaScript expression is safe here. */
const unicodeTest = (name: string): CodeTest | undefined => {
  if (name === 'Any') return () => true;
  if (!/^[A-Za-z_]+$/.test(name)) return undefined;
  for (const property of [`gc=${name}`, `sc=${name}`]) {
    try {
      const expression = new RegExp(`^\\p{${property}}$`, 'u');
      return (found) => expression.test(String.fromCodePoint(found));
    } catch {
      // No such category; perhaps a script.
    }
  }
  return undefined;
};

const unicodeClass = (cursor: Cursor): Read<CodeTest> => {
  const upper = cursor.chars[cursor.at + 1] === 'P';
  cursor.at += 2;
  let name = cursor.chars[cursor.at] ?? '';
  cursor.at += 1;
  if (name === '{') {
    const end = cursor.chars.indexOf('}', cursor.at);
    if (end < 0) return { problem: '\\p{ is not closed' };
    name = cursor.chars.slice(cursor.at, end).join('');
    cursor.at = end + 1;
  }
  const inverse = name.startsWith('^');
  const test = unicodeTest(inverse ? name.slice(1) : name);
  if (!test) return { problem: `\\p{${shown(name)}} is not a Unicode class` };
  return { value: upper === inverse ? test : not(test) };
};

/** A class written as an escape (`\d`, `\pL`); `undefined` if another escape stands here. */
export const classEscape = (cursor: Cursor): Read<CodeTest> | undefined => {
  if (cursor.chars[cursor.at] !== '\\') return undefined;
  const letter = cursor.chars[cursor.at + 1] ?? '';
  if (letter === 'p' || letter === 'P') return unicodeClass(cursor);
  if (!Object.hasOwn(PERL, letter)) return undefined;
  cursor.at += 2;
  const value = PERL[letter];
  return value && { value };
};

const CONTROL: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };
const MAX_CODE = 0x10ffff;

const hexEscape = (cursor: Cursor): Read<number> => {
  const rest = cursor.chars.slice(cursor.at, cursor.at + 12).join('');
  const [all, long, short] = /^(?:\{([0-9a-fA-F]+)\}|([0-9a-fA-F]{2}))/.exec(rest) ?? [];
  const value = Number.parseInt(long ?? short ?? '', 16);
  if (all === undefined || value > MAX_CODE) return { problem: '\\x needs two digits, or {…} around more' };
  cursor.at += all.length;
  return { value };
};

/** An escape that is one character. Back references are refused: they are no part of the syntax. */
export const characterEscape = (cursor: Cursor): Read<number> => {
  const letter = cursor.chars[cursor.at + 1];
  cursor.at += 2;
  if (letter === undefined) return { problem: 'it ends with a backslash' };
  if (letter === 'x') return hexEscape(cursor);
  if (Object.hasOwn(CONTROL, letter)) return { value: CONTROL[letter] ?? 0 };
  const octal = /^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(
    letter + cursor.chars.slice(cursor.at, cursor.at + 2).join(''),
  )?.[0];
  if (octal !== undefined) {
    cursor.at += octal.length - 1;
    return { value: Number.parseInt(octal, 8) };
  }
  if (code(letter) < 128 && !/[0-9A-Za-z]/.test(letter)) return { value: code(letter) };
  return { problem: `the escape \\${letter} is unknown` };
};

const classCharacter = (cursor: Cursor): Read<number> => {
  if (cursor.chars[cursor.at] === '\\') return characterEscape(cursor);
  cursor.at += 1;
  return { value: code(cursor.chars[cursor.at - 1]) };
};

const posixClass = (cursor: Cursor): Read<CodeTest> | undefined => {
  const { chars, at } = cursor;
  if (chars[at] !== '[' || chars[at + 1] !== ':') return undefined;
  const end = chars.findIndex((char, i) => i > at + 1 && char === ':' && chars[i + 1] === ']');
  if (end < 0) return undefined;
  const name = chars.slice(at + 2, end).join('');
  const inverse = name.startsWith('^');
  const plain = inverse ? name.slice(1) : name;
  const test = Object.hasOwn(POSIX, plain) ? POSIX[plain] : undefined;
  if (!test) return { problem: `[:${shown(name)}:] is not a character class` };
  cursor.at = end + 2;
  return { value: inverse ? not(test) : test };
};

const range = (cursor: Cursor): Read<CodeTest> => {
  const low = classCharacter(cursor);
  if ('problem' in low) return low;
  const next = cursor.chars[cursor.at + 1];
  if (cursor.chars[cursor.at] !== '-' || next === undefined || next === ']') {
    return { value: sameCode(low.value) };
  }
  cursor.at += 1;
  const high = classCharacter(cursor);
  if ('problem' in high) return high;
  if (high.value < low.value) return { problem: 'a range in brackets runs backwards' };
  return { value: (found) => found >= low.value && found <= high.value };
};

/** Asks only once for each of the characters that names are made of: a class may have thousands of ranges, and be repeated. */
const remembered = (test: CodeTest): CodeTest => {
  const known = new Map<number, boolean>();
  return (found) => {
    if (found > 0xff) return test(found);
    const before = known.get(found);
    if (before !== undefined) return before;
    const answer = test(found);
    known.set(found, answer);
    return answer;
  };
};

/** What stands in brackets; the cursor is at the opening one and comes behind the closing one. */
export const bracketClass = (cursor: Cursor, ignoreCase: boolean): Read<CodeTest> => {
  cursor.at += 1;
  const negated = cursor.chars[cursor.at] === '^';
  if (negated) cursor.at += 1;
  const tests: CodeTest[] = [];
  const first = cursor.at;
  while (cursor.at === first || cursor.chars[cursor.at] !== ']') {
    if (cursor.at >= cursor.chars.length) return { problem: 'a bracket is not closed' };
    const read = posixClass(cursor) ?? classEscape(cursor) ?? range(cursor);
    if ('problem' in read) return read;
    tests.push(read.value);
  }
  cursor.at += 1;
  const test = remembered(ignoreCase ? foldCase(any(tests)) : any(tests));
  return { value: negated ? not(test) : test };
};
