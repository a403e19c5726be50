/**
 * Patterns over text as an automaton that walks all alternatives side by side. The work is at most states times characters, whatever
 * the pattern: there is no going back, which is what makes `(a+)+$` take forever in a JavaScript regular expression.
 */
export type CodeTest = (code: number) => boolean;

export type Assertion = 'begin-text' | 'end-text' | 'begin-line' | 'end-line' | 'word-edge' | 'no-word-edge';

export type PatternNode =
  | { readonly is: 'one'; readonly test: CodeTest }
  | { readonly is: 'assert'; readonly what: Assertion }
  | { readonly is: 'sequence'; readonly of: readonly PatternNode[] }
  | { readonly is: 'either'; readonly of: readonly PatternNode[] }
  /** `max` absent: any number of times. */
  | { readonly is: 'repeat'; readonly of: PatternNode; readonly min: number; readonly max?: number };

export const ANY_CODE: PatternNode = { is: 'one', test: () => true };
export const sequence = (of: readonly PatternNode[]): PatternNode => ({ is: 'sequence', of });
export const either = (of: readonly PatternNode[]): PatternNode => ({ is: 'either', of });
export const repeat = (of: PatternNode, min: number, max?: number): PatternNode => ({
  is: 'repeat',
  of,
  min,
  ...(max !== undefined && { max }),
});

/** More states than any pattern for names needs; a name of 253 characters then costs some milliseconds at worst. */
const MAX_STATES = 10_000;

type State =
  | { readonly is: 'one'; readonly test: CodeTest; readonly next: number }
  | { readonly is: 'assert'; readonly what: Assertion; readonly next: number }
  | { readonly is: 'fork'; readonly to: readonly number[] }
  | { readonly is: 'end' };

/** How many states a node becomes; told before they are made, so that `((x{1000}){1000}){1000}` fills no memory. */
const sizeOf = (node: PatternNode): number => {
  switch (node.is) {
    case 'one':
    case 'assert':
      return 1;
    case 'sequence':
    case 'either':
      return node.of.reduce((sum, part) => sum + sizeOf(part), 1);
    case 'repeat':
      return (sizeOf(node.of) + 1) * Math.max(1, node.min, node.max ?? node.min + 1);
  }
};

/** Lays the states of `node` down in front of state `next` and gives the first of them. */
const lay = (states: State[], node: PatternNode, next: number): number => {
  switch (node.is) {
    case 'one':
      return states.push({ ...node, next }) - 1;
    case 'assert':
      return states.push({ ...node, next }) - 1;
    case 'sequence':
      return node.of.reduceRight((after, part) => lay(states, part, after), next);
    case 'either':
      return states.push({ is: 'fork', to: node.of.map((part) => lay(states, part, next)) }) - 1;
    case 'repeat':
      return layRepeat(states, node, next);
  }
};

const layRepeat = (
  states: State[],
  { of, min, max }: Extract<PatternNode, { is: 'repeat' }>,
  next: number,
): number => {
  let first = next;
  if (max === undefined) {
    const loop = states.push({ is: 'fork', to: [] }) - 1;
    states[loop] = { is: 'fork', to: [lay(states, of, loop), next] };
    first = loop;
  } else {
    for (let i = min; i < max; i++)
      first = states.push({ is: 'fork', to: [lay(states, of, first), next] }) - 1;
  }
  for (let i = 0; i < min; i++) first = lay(states, of, first);
  return first;
};

const NEW_LINE = 10;
const isWord = (code: number | undefined): boolean =>
  code !== undefined && code < 128 && /\w/.test(String.fromCharCode(code));

const holds = (what: Assertion, before: number | undefined, after: number | undefined): boolean => {
  switch (what) {
    case 'begin-text':
      return before === undefined;
    case 'end-text':
      return after === undefined;
    case 'begin-line':
      return before === undefined || before === NEW_LINE;
    case 'end-line':
      return after === undefined || after === NEW_LINE;
    case 'word-edge':
      return isWord(before) !== isWord(after);
    case 'no-word-edge':
      return isWord(before) === isWord(after);
  }
};

/** One place in a text: the characters around it, and which states were reached there: those that bear its mark. */
interface Place {
  readonly before: number | undefined;
  readonly after: number | undefined;
  readonly marks: Uint32Array;
  readonly mark: number;
}

/** All states reached from `from` without taking a character; an assertion is asked at this place. */
const close = (
  states: readonly State[],
  from: readonly number[],
  { before, after, marks, mark }: Place,
): readonly number[] => {
  const reached: number[] = [];
  const open = [...from];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (marks[at] === mark) continue;
    marks[at] = mark;
    reached.push(at);
    const state = states[at];
    if (state?.is === 'fork') for (const to of state.to) open.push(to);
    else if (state?.is === 'assert' && holds(state.what, before, after)) open.push(state.next);
  }
  return reached;
};

/**
 * Compiles a pattern once. `whole`: the text must be the pattern from its beginning to its end; else the pattern may be anywhere in it.
 * `undefined` if the pattern is too large to be run within the bound.
 */
export const compilePattern = (
  node: PatternNode,
  { whole }: { readonly whole: boolean },
): ((text: string) => boolean) | undefined => {
  if (sizeOf(node) > MAX_STATES) return undefined;
  const bounded = whole
    ? sequence([{ is: 'assert', what: 'begin-text' }, node, { is: 'assert', what: 'end-text' }])
    : node;
  const states: State[] = [{ is: 'end' }];
  const start = lay(states, bounded, 0);
  return (text) => {
    const codes = Array.from(text, (char) => char.codePointAt(0) ?? 0);
    const marks = new Uint32Array(states.length);
    let standing: number[] = [start];
    for (let i = 0; i <= codes.length; i++) {
      const code = codes[i];
      const place = { before: codes[i - 1], after: code, marks, mark: i + 1 };
      const reached = close(states, standing, place);
      if (marks[0] === place.mark) return true;
      if (code === undefined || (whole && reached.length === 0)) return false;
      standing = whole ? [] : [start];
      for (const at of reached) {
        const state = states[at];
        if (state?.is === 'one' && state.test(code)) standing.push(state.next);
      }
    }
    return false;
  };
};
