import {
  Composer,
  isNode,
  isScalar,
  Lexer,
  LineCounter,
  Parser,
  visit,
  type CST,
  type Document,
  type Node,
  type Pair,
} from 'yaml';
import { isDeeperThan, numberText } from '../domain/json.js';
import { shown } from '../domain/shown.js';
import { messageOf } from '../faults.js';
import { scalarTags, type YamlReader } from './yaml-scalars.js';

/** The API server allows a ConfigMap no more either. */
const MOST_CHARACTERS = 2 ** 20;
/** What is parsed is not read beside other work, so its marks are counted first; an honest document of this size has fewer. */
const MOST_TOKENS = 50_000;
/** The parser calls itself for each level. Where it runs out of stack while an expression is compiled, the whole process ends. */
const MOST_LEVELS = 200;
const TOO_DEEP = `it nests more than ${MOST_LEVELS} levels deep; make it flatter`;
/** Aliases of aliases grow without measure. */
const MOST_ALIASES = 100;

/** The parser's own messages quote names of the text. */
const reasonOf = (message: string): string => {
  if (message.includes('call stack')) return TOO_DEEP;
  if (message.includes('alias count')) return 'its aliases repeat too much; write out what they repeat';
  return shown(message, 300);
};

const ESCAPE =
  /\\(?:[0abtnvfre "/\\N_LP\t\r\n]|x[\da-fA-F]{2}|u[\da-fA-F]{4}|U00(?:0[\da-fA-F]|10)[\da-fA-F]{4})/g;

/** The parser would make an error of each bad escape, and seconds of a text full of them. */
const hasBadEscape = (lexeme: string): boolean =>
  lexeme.startsWith('"') && lexeme.replaceAll(ESCAPE, '').includes('\\');

/** What goes before the content of a scalar without quotes, which may begin with one. */
const UNQUOTED = '\u001f';

/** The marks of a text one by one, so that what is too large or too deep is known before anything is made of it. */
const readTokens = (text: string, lines: LineCounter): readonly CST.Token[] | string => {
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  const lineNow = (): string => `line ${lines.linePos(parser.offset).line}`;
  let count = 0;
  let before = '';
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    if (before !== UNQUOTED && hasBadEscape(lexeme))
      return `${lineNow()}: a backslash has no meaning before what follows it; write two of them`;
    before = lexeme;
    for (const token of parser.next(lexeme)) {
      // The parser goes on after an error, and each costs more than what it is about.
      if (token.type === 'error')
        return `line ${lines.linePos(token.offset).line}: ${reasonOf(token.message)}`;
      tokens.push(token);
    }
    count += 1;
    if (count > MOST_TOKENS) return 'has too many parts; make it shorter';
    if (parser.stack.length > MOST_LEVELS) return `${lineNow()}: ${TOO_DEEP}`;
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
};

/** Half of a character, which only an escape can make. The API server would put something else in its place. */
const isBroken = (value: unknown): boolean => typeof value === 'string' && /\p{Surrogate}/u.test(value);

/** The text that a key means; `undefined` if it is none. */
const keyOf = (key: unknown, reader: YamlReader): string | undefined => {
  if (!isScalar(key) || key.value === null) return undefined;
  const { value, source } = key;
  if (typeof value === 'symbol') return '<<';
  if (reader === 'yaml.v3') return source;
  return typeof value === 'string' || typeof value === 'boolean' ? String(value) : numberText(value);
};

type Path = readonly (Document | Node | Pair)[];

/** What is wrong with a document that the parser takes, but Go's do not. On the way keys become the texts that they mean. */
const contentProblem = (document: Document, lines: LineCounter, reader: YamlReader): string | undefined => {
  const anchors = new Map<string, Node>();
  let problem: string | undefined;
  const tell = (node: unknown, text: string): symbol => {
    problem = `line ${lines.linePos((isNode(node) ? node.range?.[0] : undefined) ?? 0).line}: ${text}`;
    return visit.BREAK;
  };
  const named = (node: Node & { readonly anchor?: string }): void => {
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
  };
  visit(document, {
    Alias: (_key, node, path: Path) => {
      const [target, name] = [anchors.get(node.source), shown(node.source)];
      if (!target)
        return tell(node, `the alias *${name} repeats nothing; write &${name} before what it repeats`);
      return path.includes(target)
        ? tell(node, `the alias *${name} stands in what it repeats; write it out`)
        : undefined;
    },
    Scalar: (_key, node) => {
      named(node);
      return isBroken(node.value)
        ? tell(node, 'an escape makes half of a character; write the character itself')
        : undefined;
    },
    Seq: (_key, node) => {
      named(node);
    },
    // The parser's own check takes minutes for a hundred thousand keys.
    Map: (_key, node) => {
      const seen = new Set<string>();
      for (const { key } of node.items) {
        const name = keyOf(key, reader);
        if (name === undefined) return tell(key, 'a key is not a text; write a simple one');
        if (seen.has(name)) return tell(key, `the key "${shown(name)}" comes twice; keep one`);
        seen.add(name);
        if (isScalar(key) && typeof key.value !== 'symbol') key.value = name;
      }
      named(node);
      return undefined;
    },
  });
  return problem;
};

const isEmpty = ({ contents }: Document): boolean =>
  contents === null || (isScalar(contents) && contents.value === null);

/** The one document of a text, or what is wrong with it. */
const parseOne = (text: string, reader: YamlReader): Document | string => {
  const lines = new LineCounter();
  const tokens = readTokens(text, lines);
  if (typeof tokens === 'string') return tokens;
  const composer = new Composer({
    schema: 'failsafe',
    customTags: scalarTags(reader),
    resolveKnownTags: false,
    merge: true, // as Velero's readers
    uniqueKeys: false,
    logLevel: 'error',
  });
  let document: Document | undefined;
  for (const next of composer.compose(tokens)) {
    const [error] = next.errors;
    if (error) return `line ${lines.linePos(error.pos[0]).line}: ${reasonOf(error.message)}`;
    if (document && !isEmpty(next))
      return `line ${lines.linePos(next.range[0]).line}: a second document begins; keep one`;
    document ??= next;
  }
  if (!document) return 'is empty; write the document into it';
  const tag = document.warnings.find(({ code }) => code === 'TAG_RESOLVE_FAILED');
  if (tag) return `line ${lines.linePos(tag.pos[0]).line}: ${reasonOf(tag.message)}; remove the tag`;
  return contentProblem(document, lines, reader) ?? document;
};

/**
 * The value of a YAML text as `reader` would have it, numbers of any size as they are written, or a sentence about what is wrong with it,
 * with the line. Stricter than Go where a text means less than it says: a second document, an unknown tag, a key that comes twice.
 */
export const parseYaml = (
  text: string,
  reader: YamlReader,
): { readonly document: unknown } | { readonly problem: string } => {
  if (text.length > MOST_CHARACTERS)
    return { problem: `has ${text.length} characters; at most ${MOST_CHARACTERS} are read` };
  try {
    const parsed = parseOne(text, reader);
    if (typeof parsed === 'string') return { problem: parsed };
    const document: unknown = parsed.toJS({ maxAliasCount: MOST_ALIASES });
    return isDeeperThan(MOST_LEVELS, document) ? { problem: TOO_DEEP } : { document };
  } catch (error) {
    return { problem: `cannot be read as YAML: ${reasonOf(messageOf(error))}` };
  }
};
