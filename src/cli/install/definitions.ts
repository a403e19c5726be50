import type { Cluster } from '../../cluster/port.js';
import { DEFINITIONS } from '../../domain/known-kinds.js';
import { isObject, listAt, objectAt, textAt } from '../../domain/json.js';
import { applyCrds, readCrds } from '../crds.js';

/** How an installed definition compares with ours: by the fields their schemas have, whatever they say about them. */
export type Standing = 'absent' | 'equal' | 'older' | 'newer' | 'different';

/** Paths of all fields of a schema, below the version they belong to. */
const fieldsOf = (schema: unknown, path: string): readonly string[] => {
  const inside = [
    ...Object.entries(objectAt(schema, 'properties')).map(
      ([name, child]) => [`${path}.${name}`, child] as const,
    ),
    ...['items', 'additionalProperties'].map((key) => [`${path}[]`, objectAt(schema)[key]] as const),
  ];
  return inside.flatMap(([at, child]) => (isObject(child) ? [at, ...fieldsOf(child, at)] : []));
};

const versionsOf = (definition: unknown): readonly string[] =>
  listAt(definition, 'spec', 'versions').flatMap((version) => {
    const name = textAt(version, 'name');
    return [name, ...fieldsOf(objectAt(version, 'schema', 'openAPIV3Schema'), name)];
  });

/** Compares a definition of the cluster with the one that comes along. */
export const compareDefinitions = (ours: object, theirs: unknown): Standing => {
  if (theirs === undefined) return 'absent';
  const [mine, found] = [new Set(versionsOf(ours)), new Set(versionsOf(theirs))];
  const missing = [...mine].some((field) => !found.has(field));
  const foreign = [...found].some((field) => !mine.has(field));
  if (missing) return foreign ? 'different' : 'older';
  return foreign ? 'newer' : 'equal';
};

const sentenceOf = (name: string, standing: Standing): string | undefined => {
  switch (standing) {
    case 'absent':
    case 'equal':
      return undefined;
    case 'older':
      return `${name} is of an older version; it gets the fields it lacks`;
    case 'newer':
      return `${name} is of a newer version; it stays as it is`;
    case 'different':
      return `${name} lacks fields and has others that are unknown here; it stays as it is. "lifeboat crds --apply" replaces it, which drops the unknown fields from objects written after that`;
  }
};

/**
 * Brings the definitions up to date without taking anything from a newer Velero's: only what is absent or older is written. Answers
 * the exit code; a definition that lacks fields and cannot be completed is 1, since the server would lose what it writes there.
 */
export const installDefinitions = async (
  cluster: Cluster,
  out: (text: string) => void,
  signal: AbortSignal,
): Promise<number> => {
  const standings = new Map<string, Standing>();
  for (const { name, object } of await readCrds()) {
    const bytes = await cluster.get(DEFINITIONS, { name }, { signal });
    const standing = compareDefinitions(object, bytes && (JSON.parse(bytes.toString('utf8')) as unknown));
    standings.set(name, standing);
    const sentence = sentenceOf(name, standing);
    if (sentence !== undefined) out(sentence);
  }
  if ([...standings.values()].includes('different')) return 1;
  return applyCrds(
    cluster,
    (line) => out(line.trimEnd()),
    signal,
    (name) => standings.get(name) !== 'newer',
  );
};
