/**
 * Velero's globs: `*` any run (also over dots), `?` one character, `[abc]` and `[a-z]` classes, `[!a]` all others.
 * Case counts. Everything else, a bracket that is never closed included, stands for itself.
 */
export type Matcher = (text: string) => boolean;

type Token =
  | { readonly is: 'run' }
  | { readonly is: 'any' }
  | { readonly is: 'char'; readonly char: string }
  | {
      readonly is: 'class';
      readonly negated: boolean;
      readonly ranges: readonly (readonly [string, string])[];
    };

/** Whether the text holds anything but literal characters (`pkg/util/wildcard/expand.go`). */
export const hasWildcard = (pattern: string): boolean => /[*?[]/.test(pattern);

const readClass = (body: readonly string[]): Token => {
  const negated = body[0] === '!' && body.length > 1;
  const chars = negated ? body.slice(1) : body;
  const ranges: [string, string][] = [];
  for (let i = 0; i < chars.length; i++) {
    const from = chars[i] ?? '';
    const to = chars[i + 2];
    if (chars[i + 1] === '-' && to !== undefined) {
      ranges.push([from, to]);
      i += 2;
    } else ranges.push([from, from]);
  }
  return { is: 'class', negated, ranges };
};

const tokenize = (pattern: string): readonly Token[] => {
  const chars = Array.from(pattern);
  const tokens: Token[] = [];
  // Not looked for again where there is none: a text of nothing but opening brackets would take its length squared.
  const last = chars.lastIndexOf(']');
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i] ?? '';
    const close = char === '[' && i < last ? chars.indexOf(']', i + 1) : -1;
    if (char === '*') {
      if (tokens.at(-1)?.is !== 'run') tokens.push({ is: 'run' });
    } else if (char === '?') tokens.push({ is: 'any' });
    else if (close > i + 1) {
      tokens.push(readClass(chars.slice(i + 1, close)));
      i = close;
    } else tokens.push({ is: 'char', char });
  }
  return tokens;
};

const accepts = (token: Token, char: string): boolean => {
  switch (token.is) {
    case 'run':
      return false;
    case 'any':
      return true;
    case 'char':
      return token.char === char;
    case 'class':
      return token.ranges.some(([from, to]) => from <= char && char <= to) !== token.negated;
  }
};

/**
 * Going back to the last `*` only is enough for globs and bounds the work by pattern length times text length, where
 * a regular expression with nested runs could take forever on a hostile pattern.
 */
const walk = (tokens: readonly Token[], text: string): boolean => {
  const chars = Array.from(text);
  let t = 0;
  let c = 0;
  let runToken = -1;
  let runChar = 0;
  while (c < chars.length) {
    const token = tokens[t];
    if (token?.is === 'run') {
      runToken = t;
      runChar = c;
      t += 1;
    } else if (token && accepts(token, chars[c] ?? '')) {
      t += 1;
      c += 1;
    } else if (runToken >= 0) {
      runChar += 1;
      c = runChar;
      t = runToken + 1;
    } else return false;
  }
  while (tokens[t]?.is === 'run') t += 1;
  return t === tokens.length;
};

/** Compiles a pattern once; the matcher never throws. */
export const compileWildcard = (pattern: string): Matcher => {
  if (pattern === '*') return () => true;
  if (!hasWildcard(pattern)) return (text) => text === pattern;
  const tokens = tokenize(pattern);
  return (text) => walk(tokens, text);
};

/** Whether any of the patterns matches. Literals are looked up, not walked: lists of thousands of names stay cheap. */
export const compileAny = (patterns: readonly string[]): Matcher => {
  const literals = new Set(patterns.filter((pattern) => !hasWildcard(pattern)));
  const globs = patterns.filter(hasWildcard).map(compileWildcard);
  return (text) => literals.has(text) || globs.some((matches) => matches(text));
};

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

const bracketProblem = (pattern: string): string | undefined => {
  const rest = pattern.replaceAll(/\[[^[\]]+\]/g, 'x');
  if (rest.includes('[]')) return 'it has empty brackets; write characters into them';
  return /[[\]]/.test(rest)
    ? 'it has a bracket without its partner; write [abc], or leave it out'
    : undefined;
};

/**
 * What is wrong with an entry of includedNamespaces or excludedNamespaces, `undefined` if nothing is. The empty
 * string passes, as it does in Velero (`pkg/util/wildcard/expand.go`, `pkg/util/collections/includes_excludes.go`).
 */
export const namespacePatternProblem = (pattern: string): string | undefined => {
  if (pattern === '') return undefined;
  const foreign = /[|()!{},]/.exec(pattern);
  if (foreign) return `the character ${foreign[0]} is not supported; the wildcards are *, ? and [abc]`;
  if (pattern.includes('**')) return 'write a single * instead of **';
  const brackets = bracketProblem(pattern);
  if (brackets) return brackets;
  const name = pattern.replaceAll(/[*?[\]]/g, 'x');
  return DNS_LABEL.test(name) && name.length <= 63
    ? undefined
    : 'it is not the name of a namespace: at most 63 lower-case letters, digits and dashes, no dash at either end';
};
