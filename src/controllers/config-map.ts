import { isNode, isScalar, Lexer, LineCounter, parseAllDocuments, visit, type Document } from 'yaml';
import type { Cluster, ResourceType } from '../cluster/port.js';
import { objectAt, type JsonObject } from '../domain/json.js';
import { isFault, messageOf } from '../faults.js';

export const CONFIG_MAPS: ResourceType = {
  group: '',
  version: 'v1',
  resource: 'configmaps',
  kind: 'ConfigMap',
  singular: 'configmap',
  shortNames: ['cm'],
  namespaced: true,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
};

/** Where a ConfigMap is looked for: the namespace of the server. */
export interface ConfigMapHome {
  readonly cluster: Cluster;
  readonly namespace: string;
}

/** A problem names the key it is in; whoever tells it says which ConfigMap. */
export type ConfigMapDocument =
  | { readonly found: false }
  | { readonly found: true; readonly problem: string }
  /** What the YAML says, as plain JSON values: objects, lists, texts, numbers, booleans, null. */
  | { readonly found: true; readonly key: string; readonly document: unknown };

/** The API server allows a ConfigMap no more either. */
const MOST_CHARACTERS = 2 ** 20;
/** What is parsed is not read beside other work, so its marks are counted first; an honest document of this size has fewer. */
const MOST_TOKENS = 50_000;
/** Aliases of aliases grow without measure. */
const MOST_ALIASES = 100;

/** What is wrong with the keys of the maps: the parser's own check takes minutes for a hundred thousand keys. */
const keyProblem = (document: Document, lines: LineCounter): string | undefined => {
  let problem: string | undefined;
  const lineOf = (key: unknown): number =>
    lines.linePos((isNode(key) ? key.range?.[0] : undefined) ?? 0).line;
  visit(document, {
    Map: (_key, { items }) => {
      const seen = new Set<string>();
      for (const { key } of items) {
        const name = isScalar(key) ? String(key.value) : undefined;
        if (name === undefined) problem = `line ${lineOf(key)}: a key is not a text; write a simple one`;
        else if (seen.has(name)) problem = `line ${lineOf(key)}: the key "${name}" comes twice; keep one`;
        if (name === undefined || problem !== undefined) return visit.BREAK;
        seen.add(name);
      }
      return undefined;
    },
  });
  return problem;
};

const hasTooManyTokens = (text: string): boolean => {
  let count = 0;
  for (const _token of new Lexer().lex(text)) if (++count > MOST_TOKENS) return true;
  return false;
};

/** The parser tells a text that nests too deep by the words of the engine. */
const reasonOf = (message: string): string =>
  message.includes('call stack') ? 'it nests too deep' : message;

const isEmpty = ({ contents }: Document): boolean =>
  contents === null || (isScalar(contents) && contents.value === null);

/** The one document of a text, or what is wrong with it. */
const parseOne = (text: string): Document | string => {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    merge: true, // as Velero's reader
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
  });
  const [document, ...more] = documents;
  if (!document) return 'is empty';
  const error = documents.flatMap(({ errors }) => errors)[0];
  if (error) return `line ${lines.linePos(error.pos[0]).line}: ${reasonOf(error.message)}`;
  const second = more.find((one) => !isEmpty(one));
  if (second) return `line ${lines.linePos(second.range[0]).line}: a second document begins; keep one`;
  return keyProblem(document, lines) ?? document;
};

/** The value of a YAML text, or a sentence about what is wrong with it, with the line. */
export const parseYaml = (text: string): { readonly document: unknown } | { readonly problem: string } => {
  if (text.length > MOST_CHARACTERS)
    return { problem: `has ${text.length} characters; at most ${MOST_CHARACTERS} are read` };
  try {
    if (hasTooManyTokens(text)) return { problem: 'has too many parts; make it shorter' };
    const document = parseOne(text);
    return typeof document === 'string'
      ? { problem: document }
      : { document: document.toJS({ maxAliasCount: MOST_ALIASES }) as unknown };
  } catch (error) {
    return { problem: `cannot be read as YAML: ${reasonOf(messageOf(error))}` };
  }
};

/** The object, or the API server's refusal to show it: trying that again would not help. */
const getOrRefusal = async (
  { cluster, namespace }: ConfigMapHome,
  name: string,
  signal: AbortSignal,
): Promise<Buffer | string | undefined> => {
  if (name === '') return undefined;
  try {
    return await cluster.get(CONFIG_MAPS, { namespace, name }, { signal });
  } catch (error) {
    if (isFault(error, 'LB_CLUSTER_DENIED') || isFault(error, 'LB_CLUSTER_REFUSED')) return messageOf(error);
    throw error;
  }
};

/**
 * Reads the YAML of a ConfigMap that holds one document under a single key, whatever the key is called. Content that cannot
 * be taken is a problem, not a fault, and so is a ConfigMap that the server may not read. Other faults are those of `Cluster.get`.
 */
export const readConfigMapDocument = async (
  { cluster, namespace }: ConfigMapHome,
  name: string,
  signal: AbortSignal,
): Promise<ConfigMapDocument> => {
  const bytes = await getOrRefusal({ cluster, namespace }, name, signal);
  if (!bytes) return { found: false };
  if (typeof bytes === 'string') return { found: true, problem: `cannot be read: ${bytes}` };
  const [entry, ...more] = Object.entries(objectAt(JSON.parse(bytes.toString('utf8')) as JsonObject, 'data'));
  if (!entry || more.length > 0)
    return { found: true, problem: `has ${more.length + (entry ? 1 : 0)} data keys; keep exactly one` };
  const [key, text] = entry;
  const parsed = parseYaml(typeof text === 'string' ? text : '');
  return 'problem' in parsed
    ? { found: true, problem: `key "${key}" ${parsed.problem}` }
    : { found: true, key, document: parsed.document };
};
