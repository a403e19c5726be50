import { problem, type Problem } from '../problem.js';
import { shown } from '../shown.js';
import type { LabelSelector, LabelSelectorRequirement } from '../velero.gen.js';
import type { ModifierConditions, ModifierRule, PatchStep, ValueMatch } from './rules.js';
import { readFields, readList, readMap, readText, type StrictReader } from './strict-fields.js';

export type ParsedModifiers =
  | { readonly ok: true; readonly rules: readonly ModifierRule[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const OPERATIONS = ['add', 'remove', 'replace', 'test', 'move', 'copy'];

const readRequirement = (reader: StrictReader, value: unknown): LabelSelectorRequirement => {
  const field = readFields(reader, value, ['key', 'operator', 'values']);
  return {
    key: readText(...field('key')),
    operator: readText(...field('operator')),
    values: readList(...field('values'), readText),
  };
};

const readSelector = (reader: StrictReader, value: unknown): LabelSelector | undefined => {
  if (value === undefined || value === null) return undefined;
  const field = readFields(reader, value, ['matchLabels', 'matchExpressions']);
  return {
    matchLabels: readMap(...field('matchLabels')),
    matchExpressions: readList(...field('matchExpressions'), readRequirement),
  };
};

const readMatch = (reader: StrictReader, value: unknown): ValueMatch => {
  const field = readFields(reader, value, ['path', 'value']);
  return { path: readText(...field('path')), value: readText(...field('value')) };
};

const readConditions = (reader: StrictReader, value: unknown): ModifierConditions => {
  const known = ['groupResource', 'namespaces', 'resourceNameRegex', 'labelSelector', 'matches'];
  const field = readFields(reader, value, known);
  const [place, given] = field('groupResource');
  const groupResource = readText(place, given);
  if (groupResource === '') {
    const text = 'is required; write the kind the rule is for, as deployments.apps or pods';
    reader.problems.push(problem(place.field, text));
  }
  const labelSelector = readSelector(...field('labelSelector'));
  return {
    groupResource,
    namespaces: readList(...field('namespaces'), readText),
    resourceNameRegex: readText(...field('resourceNameRegex')),
    ...(labelSelector && { labelSelector }),
    matches: readList(...field('matches'), readMatch),
  };
};

/** Upper case passes here and fails at use, as in Velero. */
const readStep = (reader: StrictReader, value: unknown): PatchStep => {
  const field = readFields(reader, value, ['operation', 'from', 'path', 'value']);
  const step = {
    operation: readText(...field('operation')),
    from: readText(...field('from')),
    path: readText(...field('path')),
    value: readText(...field('value')),
  };
  if (!OPERATIONS.includes(step.operation.toLowerCase())) {
    const is = step.operation === '' ? 'is required' : `"${shown(step.operation)}" is unknown`;
    const text = `${is}; write one of ${OPERATIONS.join(', ')}`;
    reader.problems.push(problem([...reader.field, 'operation'], text));
  }
  if (step.path === '') {
    const text = 'is required; write where to change the object, as /metadata/labels/app';
    reader.problems.push(problem([...reader.field, 'path'], text));
  }
  return step;
};

const readPatchData = (reader: StrictReader, value: unknown): string =>
  readText(...readFields(reader, value, ['patchData'])('patchData'));

const readRule = (reader: StrictReader, value: unknown): ModifierRule => {
  const kinds = ['patches', 'mergePatches', 'strategicPatches'];
  const field = readFields(reader, value, ['conditions', ...kinds]);
  const rule = {
    conditions: readConditions(...field('conditions')),
    patches: readList(...field('patches'), readStep),
    mergePatches: readList(...field('mergePatches'), readPatchData),
    strategicPatches: readList(...field('strategicPatches'), readPatchData),
  };
  const lists = [rule.patches, rule.mergePatches, rule.strategicPatches];
  if (lists.filter((list) => list.length > 0).length > 1) {
    const text = `has more than one of ${kinds.join(', ')}; make a rule of its own for each`;
    reader.problems.push(problem(reader.field, text));
  }
  return rule;
};

/**
 * Reads the document in a ConfigMap of modifiers and refuses what Velero refuses before a restore
 * (`internal/resourcemodifiers/resource_modifiers_validator.go`), only all of it at once. A rule without a patch, a pattern that
 * cannot be read and a patch that cannot be applied pass: they are errors of the items they meet.
 */
export const parseModifiers = (document: unknown): ParsedModifiers => {
  const reader: StrictReader = { field: [], problems: [] };
  const field = readFields(reader, document, ['version', 'resourceModifierRules']);
  const [versionAt, given] = field('version');
  const version = readText(versionAt, given);
  if (version.toLowerCase() !== 'v1') {
    const is = version === '' ? 'is required' : `"${shown(version)}" is not supported`;
    reader.problems.push(problem(versionAt.field, `${is}; write version: v1`));
  }
  const [rulesAt, list] = field('resourceModifierRules');
  const rules = readList(rulesAt, list, readRule);
  if (rules.length === 0)
    reader.problems.push(problem(rulesAt.field, 'has no rules; write at least one, or name no modifier'));
  return reader.problems.length === 0 ? { ok: true, rules } : { ok: false, problems: reader.problems };
};
