import { isDeeperThan, isObject, textAt, type JsonObject } from '../json.js';
import { applyJsonPatch, type PatchOperation } from '../json-patch.js';
import { mergePatch } from '../merge-patch.js';
import { shown } from '../shown.js';
import type { ModifierRule, PatchStep, TextParsers } from './rules.js';
import { strategicMerge } from './strategic-merge.js';
import { MOST_LEVELS, typeValue, unescapeText } from './value.js';

/** The object as a rule leaves it, or why the rule could not be applied. */
export type Modified = { readonly object: JsonObject } | { readonly problem: string };
type Patch = (object: JsonObject) => Modified;

const cannot =
  (problem: string): Patch =>
  () => ({ problem });

/** A result that is no object of a kind is refused (`UnstructuredJSONScheme` in `k8s.io/apimachinery`). */
const checked = (value: unknown): Modified => {
  if (isObject(value) && textAt(value, 'kind') !== '') return { object: value };
  return { problem: 'the result is no object with a kind; leave the kind in it' };
};

const readStep = (step: PatchStep, parsers: TextParsers): PatchOperation | { readonly problem: string } => {
  const [path, from] = [unescapeText(step.path), unescapeText(step.from)];
  if (!path.ok) return { problem: `path: ${path.problem}` };
  if (!from.ok) return { problem: `from: ${from.problem}` };
  const place = { path: String(path.value), from: String(from.value) };
  // Read for every operation, because Velero writes it into the patch of every operation.
  const value = typeValue(step.value, parsers);
  if (!value.ok) return { problem: `value: ${value.problem}` };
  switch (step.operation) {
    case 'add':
    case 'replace':
    case 'test':
      return { op: step.operation, path: place.path, value: value.value };
    case 'remove':
      return { op: step.operation, path: place.path };
    case 'move':
    case 'copy':
      return { op: step.operation, ...place };
    default:
      return { problem: `operation "${shown(step.operation)}" is unknown; write it in lower case` };
  }
};

/** A test that fails leaves the object as it is, and is no error (`internal/resourcemodifiers/json_patch.go`). */
const jsonPatches = (steps: readonly PatchStep[], parsers: TextParsers): Patch => {
  const operations: PatchOperation[] = [];
  for (const [i, step] of steps.entries()) {
    const read = readStep(step, parsers);
    if ('problem' in read) return cannot(`patches[${i}].${read.problem}`);
    operations.push(read);
  }
  return (object) => {
    const patched = applyJsonPatch(object, operations);
    if (patched.ok) return checked(patched.value);
    return patched.why === 'TEST_FAILED' ? { object } : { problem: `patches: ${patched.reason}` };
  };
};

const readMerges = (
  list: string,
  texts: readonly string[],
  parsers: TextParsers,
): readonly JsonObject[] | string => {
  const patches: JsonObject[] = [];
  for (const [i, text] of texts.entries()) {
    const read = parsers.yaml(text);
    if ('problem' in read) return `${list}[${i}].patchData ${read.problem}`;
    const patch = read.document;
    if (!isObject(patch))
      return `${list}[${i}].patchData is not a map; write what to change, as metadata: {labels: {a: b}}`;
    if (isDeeperThan(MOST_LEVELS, patch))
      return `${list}[${i}].patchData is more than ${MOST_LEVELS} levels deep; make it flatter`;
    patches.push(patch);
  }
  return patches;
};

const mergePatches = (texts: readonly string[], parsers: TextParsers): Patch => {
  const patches = readMerges('mergePatches', texts, parsers);
  if (typeof patches === 'string') return cannot(patches);
  return (object) => checked(patches.reduce(mergePatch, object));
};

const strategicPatches = (texts: readonly string[], parsers: TextParsers): Patch => {
  const patches = readMerges('strategicPatches', texts, parsers);
  if (typeof patches === 'string') return cannot(patches);
  return (object) => {
    // The kind that counts is the one before the first patch.
    const type = { apiVersion: textAt(object, 'apiVersion'), kind: textAt(object, 'kind') };
    let modified = object;
    for (const [i, patch] of patches.entries()) {
      const merged = strategicMerge(modified, patch, type);
      if ('problem' in merged) return { problem: `strategicPatches[${i}]: ${merged.problem}` };
      const result = checked(merged.value);
      if ('problem' in result) return { problem: `strategicPatches[${i}]: ${result.problem}` };
      modified = result.object;
    }
    return { object: modified };
  };
};

/** The patches of one rule made ready for many objects: all of them are applied, or none. */
export const compilePatches = (rule: ModifierRule, parsers: TextParsers): Patch => {
  if (rule.patches.length > 0) return jsonPatches(rule.patches, parsers);
  if (rule.mergePatches.length > 0) return mergePatches(rule.mergePatches, parsers);
  if (rule.strategicPatches.length > 0) return strategicPatches(rule.strategicPatches, parsers);
  return cannot('it has no patch; write patches, mergePatches or strategicPatches, or remove the rule');
};
