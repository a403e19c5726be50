import { CONFIG_MAPS, NODES } from '../domain/known-kinds.js';
import { listAt, numberOf, objectAt, at, textAt, isObject, type JsonObject } from '../domain/json.js';
import { Fault } from '../faults.js';
import type { AgentPorts } from './ports.js';

/** Places for copies that are under way on this node, in both directions together. */
export interface CopySlots {
  readonly limit: number;
  readonly free: () => boolean;
  /** Takes a place; the returned function gives it back, once. */
  readonly take: () => () => void;
}

export const createCopySlots = (limit: number): CopySlots => {
  let taken = 0;
  return {
    limit,
    free: () => taken < limit,
    take: () => {
      taken += 1;
      let given = false;
      return () => {
        if (!given) taken -= 1;
        given = true;
      };
    },
  };
};

const DEFAULT_LIMIT = 1;
const MOST = 1_000;

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Labels alone, as Velero's settings have them (`matchLabels`). */
const selects = (rule: unknown, labels: JsonObject): boolean =>
  Object.entries(objectAt(rule, 'nodeSelector', 'matchLabels')).every(
    ([key, value]) => labels[key] === value,
  );

const countOf = (value: unknown): number | undefined => {
  const count = numberOf(value);
  return count !== undefined && Number.isInteger(count) && count > 0 ? Math.min(count, MOST) : undefined;
};

/** The smallest number of the rules that fit the node, else the one for all (`pkg/nodeagent/node_agent.go`). */
export const concurrencyOf = (settings: unknown, labels: JsonObject): number => {
  const fitting = listAt(settings, 'loadConcurrency', 'perNodeConfig')
    .filter((rule) => selects(rule, labels))
    .flatMap((rule) => countOf(at(rule, 'number')) ?? []);
  if (fitting.length > 0) return Math.min(...fitting);
  return countOf(at(settings, 'loadConcurrency', 'globalConfig')) ?? DEFAULT_LIMIT;
};

const settingsFault = (name: string, text: string): Fault =>
  new Fault('LB_CONFIG', `the ConfigMap "${name}" of --node-agent-configmap ${text}`);

/** Reads how many copies may be under way at once. Fault `LB_CONFIG` for a ConfigMap that is missing or no JSON, as with Velero. */
export const readConcurrency = async (
  { cluster, resources, config }: AgentPorts,
  signal: AbortSignal,
): Promise<number> => {
  const { configMap: name, nodeName } = config;
  if (name === '') return DEFAULT_LIMIT;
  const bytes = await cluster.get(CONFIG_MAPS, { namespace: resources.namespace, name }, { signal });
  if (!bytes) throw settingsFault(name, `does not exist in the namespace "${resources.namespace}"`);
  const texts = Object.values(objectAt(parse(bytes.toString('utf8')), 'data'));
  if (texts.length !== 1) throw settingsFault(name, `has ${texts.length} data keys; keep exactly one`);
  const settings = parse(String(texts[0]));
  if (!isObject(settings)) throw settingsFault(name, 'holds no object in JSON');
  const node = await cluster.get(NODES, { name: nodeName }, { signal });
  const labels = objectAt(node && parse(node.toString('utf8')), 'metadata', 'labels');
  if (textAt(labels, 'kubernetes.io/hostname') === '' && !node)
    throw new Fault('LB_CONFIG', `there is no node "${nodeName}"; set NODE_NAME to the name of this node`);
  return concurrencyOf(settings, labels);
};
