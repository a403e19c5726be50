import type { Cluster } from '../cluster/port.js';
import { objectAt, type JsonObject } from '../domain/json.js';
import { isFault, messageOf } from '../faults.js';
import { parseYaml } from './yaml.js';
import type { YamlReader } from './yaml-scalars.js';
import { CONFIG_MAPS } from '../domain/known-kinds.js';

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
  reader: YamlReader,
  signal: AbortSignal,
): Promise<ConfigMapDocument> => {
  const bytes = await getOrRefusal({ cluster, namespace }, name, signal);
  if (!bytes) return { found: false };
  if (typeof bytes === 'string') return { found: true, problem: `cannot be read: ${bytes}` };
  const [entry, ...more] = Object.entries(objectAt(JSON.parse(bytes.toString('utf8')) as JsonObject, 'data'));
  if (!entry || more.length > 0)
    return { found: true, problem: `has ${more.length + (entry ? 1 : 0)} data keys; keep exactly one` };
  const [key, text] = entry;
  const parsed = parseYaml(typeof text === 'string' ? text : '', reader);
  return 'problem' in parsed
    ? { found: true, problem: `key "${key}" ${parsed.problem}` }
    : { found: true, key, document: parsed.document };
};
