import { parseItem } from '../../archive/json.js';
import { printProblem } from '../../domain/problem.js';
import { compileModifiers, type CompiledRule } from '../../domain/resource-modifiers/apply.js';
import { parseModifiers } from '../../domain/resource-modifiers/parse.js';
import type { ReadText, TextParsers } from '../../domain/resource-modifiers/rules.js';
import type { ModifierFacts } from '../../domain/validate-restore.js';
import type { RestoreSpec } from '../../domain/velero.gen.js';
import { Fault, isFault } from '../../faults.js';
import { readConfigMapDocument, type ConfigMapDocument } from '../config-map.js';
import type { ControllerPorts } from '../ports.js';
import { parseYaml } from '../yaml.js';
import type { YamlReader } from '../yaml-scalars.js';

export interface ModifierSource {
  /** Reads the ConfigMap of a name in the namespace of the restore. Faults of the cluster pass through. */
  readonly read: (name: string, signal: AbortSignal) => Promise<ConfigMapDocument>;
  readonly parseYaml: (text: string) => ReadText;
}

export interface LoadedModifiers {
  /** For `validateRestore`; absent if the spec names no modifier. */
  readonly facts?: ModifierFacts;
  /** Ready for `applyModifiers`; none if there is nothing to apply or something is wrong. */
  readonly rules: readonly CompiledRule[];
}

const READER: YamlReader = 'sigs.k8s.io/yaml';

/** More would push everything else out of the status of the restore. */
const MOST_PROBLEMS = 10;

const parseJson = (text: string): ReadText => {
  try {
    return { document: parseItem(Buffer.from(text)).value };
  } catch (error) {
    if (isFault(error, 'LB_ARCHIVE_DAMAGED')) return { problem: 'is not JSON' };
    throw error;
  }
};

/** JSON first, although YAML would take it: only the reader of JSON keeps large numbers as they are. */
const parsersOf = ({ parseYaml }: ModifierSource): TextParsers => ({
  json: parseJson,
  yaml: (text) => {
    const json = parseJson(text);
    return 'problem' in json ? parseYaml(text) : json;
  },
});

/**
 * Loads the modifiers of a restore and compiles them once for all its items. A reference to another kind than a ConfigMap is passed over, as
 * in Velero (`validateAndComplete` in `pkg/controller/restore_controller.go`). What is wrong with the ConfigMap is told in `facts`; what is
 * wrong with the patterns and patches in it becomes an error of each item that meets them.
 */
export const loadModifiers = async (
  { resourceModifier }: Pick<RestoreSpec, 'resourceModifier'>,
  source: ModifierSource,
  signal: AbortSignal,
): Promise<LoadedModifiers> => {
  if (resourceModifier?.kind.toLowerCase() !== 'configmap') return { rules: [] };
  const read = await source.read(resourceModifier.name, signal);
  if (!read.found) return { facts: { found: false }, rules: [] };
  if ('problem' in read) return { facts: { found: true, problem: read.problem }, rules: [] };
  const parsed = parseModifiers(read.document);
  if (parsed.ok) return { facts: { found: true }, rules: compileModifiers(parsed.rules, parsersOf(source)) };
  const told = parsed.problems.slice(0, MOST_PROBLEMS).map(printProblem);
  const more = parsed.problems.length - told.length;
  const problem = [...told, ...(more > 0 ? [`and ${more} more problems`] : [])].join('; ');
  return { facts: { found: true, problem: `key "${read.key}": ${problem}` }, rules: [] };
};

/** The same, from the cluster. */
export const loadModifiersOf = (
  { cluster, resources }: Pick<ControllerPorts, 'cluster' | 'resources'>,
  spec: RestoreSpec,
  signal: AbortSignal,
): Promise<LoadedModifiers> => {
  const home = { cluster, namespace: resources.namespace };
  const read: ModifierSource['read'] = (name, stop) => readConfigMapDocument(home, name, READER, stop);
  return loadModifiers(spec, { read, parseYaml: (text) => parseYaml(text, READER) }, signal);
};

/** The rules of a restore that was found valid. If they are gone or broken by now, it fails: without them it would make other objects. */
export const requireModifiers = async (
  ports: Pick<ControllerPorts, 'cluster' | 'resources'>,
  spec: RestoreSpec,
  signal: AbortSignal,
): Promise<readonly CompiledRule[]> => {
  const { facts, rules } = await loadModifiersOf(ports, spec, signal);
  const name = spec.resourceModifier?.name ?? '';
  if (facts?.found === false)
    throw new Fault('LB_CONFIG', `the ConfigMap "${name}" with the resource modifiers is gone`);
  if (facts?.problem !== undefined)
    throw new Fault('LB_CONFIG', `the resource modifiers in ConfigMap "${name}": ${facts.problem}`);
  return rules;
};
