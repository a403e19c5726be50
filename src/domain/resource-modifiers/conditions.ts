import { labelsOf, nameOf } from '../item.js';
import type { JsonObject } from '../json.js';
import { applyJsonPatch, pointerKeys, type PatchOperation } from '../json-patch.js';
import { compileSelector, selectorProblems } from '../label-selector.js';
import { compileExpression } from '../re2.js';
import { compileGlob } from '../separated-glob.js';
import { shown } from '../shown.js';
import type { ModifierConditions, TextParsers, ValueMatch } from './rules.js';
import { typeValue, unescapeText } from './value.js';

/** Where an item comes from. */
export interface ModifiedItem {
  /** `pods` or `deployments.apps`. */
  readonly groupResource: string;
  /** The namespace in the backup; empty for a cluster-scoped item. */
  readonly originalNamespace: string;
}

/** Whether a rule is for an item; a problem if a condition cannot be asked. */
export type Match = { readonly matched: boolean } | { readonly problem: string };
type Condition = (object: JsonObject, item: ModifiedItem) => Match;

const answer = (matched: boolean): Match => ({ matched });
const cannot =
  (problem: string): Condition =>
  () => ({ problem });

/**
 * `*` is everything, and other globs know no separator. A glob that cannot be read is an error where no other one matches: Velero takes it
 * for "no match" in silence, and the rule would never be applied without anybody knowing.
 */
const namespaceCondition = (patterns: readonly string[]): Condition => {
  const globs = patterns.map((pattern) => ({ pattern, glob: compileGlob(pattern) }));
  return (_object, { originalNamespace }) => {
    if (originalNamespace === '' || patterns.length === 0 || patterns.includes('*')) return answer(true);
    if (globs.some(({ glob }) => glob.ok && glob.matches(originalNamespace))) return answer(true);
    for (const { pattern, glob } of globs) {
      if (!glob.ok)
        return { problem: `the pattern "${shown(pattern)}" in conditions.namespaces: ${glob.problem}` };
    }
    return answer(false);
  };
};

const kindCondition = (pattern: string): Condition => {
  const glob = compileGlob(pattern, '.');
  if (!glob.ok) return cannot(`the pattern "${shown(pattern)}" in conditions.groupResource: ${glob.problem}`);
  return (_object, { groupResource }) => answer(glob.matches(groupResource));
};

const nameCondition = (pattern: string): Condition => {
  if (pattern === '') return () => answer(true);
  const expression = compileExpression(pattern);
  if (!expression.ok)
    return cannot(
      `the expression "${shown(pattern)}" in conditions.resourceNameRegex: ${expression.problem}`,
    );
  return (object) => answer(expression.matches(nameOf(object)));
};

const labelCondition = ({ labelSelector }: ModifierConditions): Condition => {
  const [problem] = selectorProblems(labelSelector);
  if (problem !== undefined) return cannot(`conditions.labelSelector: ${problem}`);
  const selects = compileSelector(labelSelector);
  return (object) => answer(selects(labelsOf(object)));
};

const readMatch = (
  { path, value }: ValueMatch,
  parsers: TextParsers,
): PatchOperation | { readonly problem: string } => {
  if (path === '') return { problem: 'a path is missing; write it, as /spec/replicas' };
  const place = unescapeText(path);
  if (!place.ok) return { problem: `path ${shown(path)}: ${place.problem}` };
  if (pointerKeys(String(place.value)) === undefined)
    return { problem: `path ${shown(path)} is not a JSON pointer; begin it with /` };
  const wanted = typeValue(value, parsers);
  if (!wanted.ok) return { problem: `the value for ${shown(path)}: ${wanted.problem}` };
  return { op: 'test', path: String(place.value), value: wanted.value };
};

const valueCondition = (matches: readonly ValueMatch[], parsers: TextParsers): Condition => {
  const tests: PatchOperation[] = [];
  for (const [i, match] of matches.entries()) {
    const read = readMatch(match, parsers);
    if ('problem' in read) return cannot(`conditions.matches[${i}]: ${read.problem}`);
    tests.push(read);
  }
  return (object) => {
    const tested = applyJsonPatch(object, tests);
    return tested.ok || tested.why !== 'INVALID'
      ? answer(tested.ok)
      : { problem: `conditions.matches: ${tested.reason}` };
  };
};

/**
 * Conditions made ready for many items. They are asked in Velero's order and the first that says no ends it, so that an expression which
 * cannot be read is an error only of the items that come that far (`match` in `internal/resourcemodifiers/resource_modifiers.go`).
 */
export const compileConditions = (conditions: ModifierConditions, parsers: TextParsers): Condition => {
  const all = [
    namespaceCondition(conditions.namespaces),
    kindCondition(conditions.groupResource),
    nameCondition(conditions.resourceNameRegex),
    labelCondition(conditions),
    valueCondition(conditions.matches, parsers),
  ];
  return (object, item) => {
    for (const condition of all) {
      const match = condition(object, item);
      if ('problem' in match || !match.matched) return match;
    }
    return answer(true);
  };
};
