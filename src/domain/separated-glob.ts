import {
  ANY_CODE,
  compilePattern,
  either,
  repeat,
  sequence,
  type CodeTest,
  type PatternNode,
} from './automaton.js';

/**
 * Globs of the modifiers of a restore, in the syntax of the package that Velero uses for them (`gobwas/glob`): `*` any run without a
 * separator, `**` any run, `?` one character but no separator, `[abc]`, `[a-z]` and their negations with `!`, `{a,b}` alternatives,
 * `\` takes the meaning off the next character. Other than in the globs of filters (`wildcard.ts`) a bracket that is not closed is
 * an error.
 */
export type CompiledGlob =
  | { readonly ok: true; readonly matches: (text: string) => boolean }
  | { readonly ok: false; readonly problem: string };

type Read<T> = { readonly value: T; readonly next: number } | { readonly problem: string };

const code = (char: string | undefined): number => char?.codePointAt(0) ?? -1;
const one = (test: CodeTest): PatternNode => ({ is: 'one', test });
const literal = (char: string): PatternNode => {
  const wanted = code(char);
  return one((found) => found === wanted);
};

const UNCLOSED = 'a bracket is not closed; write [abc], [a-z] or \\[';

/** What stands from `start` to the closing bracket, with escapes taken off. */
const readList = (chars: readonly string[], start: number): Read<readonly string[]> => {
  const list: string[] = [];
  for (let i = start; i < chars.length; i++) {
    const char = chars[i] ?? '';
    if (char === ']') return { value: list, next: i + 1 };
    if (char !== '\\') list.push(char);
    else {
      i += 1;
      if (i < chars.length) list.push(chars[i] ?? '');
    }
  }
  return { problem: UNCLOSED };
};

/** The class whose opening bracket is before `start`. One range and nothing beside it, or a list of characters. */
const readClass = (chars: readonly string[], start: number): Read<PatternNode> => {
  const negated = chars[start] === '!';
  const from = negated ? start + 1 : start;
  if (chars[from] !== undefined && chars[from + 1] === '-') {
    const [low, high] = [code(chars[from]), code(chars[from + 2])];
    if (high < 0 || chars[from + 3] === undefined) return { problem: UNCLOSED };
    if (chars[from + 3] !== ']')
      return { problem: 'a class has something beside a range; write {[a-z],[0-9]}' };
    if (high < low) return { problem: 'a range runs backwards; write the lower character first' };
    return {
      value: one((found) => (found >= low && found <= high) !== negated),
      next: from + 4,
    };
  }
  const list = readList(chars, from);
  if ('problem' in list) return list;
  if (list.value.length === 0) return { problem: 'a class is empty; write a character between the brackets' };
  const codes = new Set(list.value.map(code));
  return { value: one((found) => codes.has(found) !== negated), next: list.next };
};

/** Deeper than any name; keeps the reader from running out of stack. */
const MAX_DEPTH = 100;

interface Glob {
  readonly chars: readonly string[];
  readonly ordinary: PatternNode;
}

/** One alternative, or the whole pattern at depth 0; `next` is at the comma or brace that ended it. */
const readPattern = ({ chars, ordinary }: Glob, start: number, depth: number): Read<PatternNode> => {
  const parts: PatternNode[] = [];
  let i = start;
  while (i < chars.length) {
    const char = chars[i] ?? '';
    if (depth > 0 && (char === ',' || char === '}')) break;
    i += 1;
    if (char === '*') {
      const over = chars[i] === '*';
      if (over) i += 1;
      parts.push(repeat(over ? ANY_CODE : ordinary, 0));
    } else if (char === '?') parts.push(ordinary);
    else if (char === '[' || char === '{') {
      const inner = char === '[' ? readClass(chars, i) : readAlternatives({ chars, ordinary }, i, depth + 1);
      if ('problem' in inner) return inner;
      parts.push(inner.value);
      i = inner.next;
    } else if (char !== '\\') parts.push(literal(char));
    else if (i < chars.length) {
      parts.push(literal(chars[i] ?? ''));
      i += 1;
    }
  }
  return { value: sequence(parts), next: i };
};

/** A brace that is never closed ends with the pattern, as in the original. */
const readAlternatives = (glob: Glob, start: number, depth: number): Read<PatternNode> => {
  if (depth > MAX_DEPTH) return { problem: `it has more than ${MAX_DEPTH} braces in each other` };
  const alternatives: PatternNode[] = [];
  let i = start;
  for (;;) {
    const alternative = readPattern(glob, i, depth);
    if ('problem' in alternative) return alternative;
    alternatives.push(alternative.value);
    i = alternative.next;
    if (glob.chars[i] !== ',') return { value: either(alternatives), next: i + 1 };
    i += 1;
  }
};

/** Compiles a glob once. `separator`: the one character that `*` and `?` do not cross; absent for none. */
export const compileGlob = (pattern: string, separator?: string): CompiledGlob => {
  const apart = code(separator);
  const ordinary = separator === undefined ? ANY_CODE : one((found) => found !== apart);
  const read = readPattern({ chars: Array.from(pattern), ordinary }, 0, 0);
  if ('problem' in read) return { ok: false, problem: read.problem };
  const matches = compilePattern(read.value, { whole: true });
  return matches ? { ok: true, matches } : { ok: false, problem: 'it is too long; use several rules' };
};
