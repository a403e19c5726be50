import { nameOf } from '../item.js';
import type { JsonObject } from '../json.js';
import { compileConditions, type Match, type ModifiedItem } from './conditions.js';
import { compilePatches, type Modified } from './patches.js';
import type { ModifierRule, TextParsers } from './rules.js';

/** A rule made ready for the many items of a restore. */
export interface CompiledRule {
  readonly match: (object: JsonObject, item: ModifiedItem) => Match;
  readonly apply: (object: JsonObject) => Modified;
}

/** Never fails: what cannot be compiled is an error of the items it meets. */
export const compileModifiers = (
  rules: readonly ModifierRule[],
  parsers: TextParsers,
): readonly CompiledRule[] =>
  rules.map((rule) => ({
    match: compileConditions(rule.conditions, parsers),
    apply: compilePatches(rule, parsers),
  }));

const printItem = (object: JsonObject, { groupResource, originalNamespace }: ModifiedItem): string =>
  [groupResource, originalNamespace, nameOf(object)].filter((part) => part !== '').join('/');

/**
 * Applies the rules in their order. Every rule is matched against the object as it came; what it then changes, the next one goes on with.
 * A rule that cannot be matched or applied changes nothing and gives an error, and the object is restored all the same
 * (`ApplyResourceModifierRules` in `internal/resourcemodifiers/resource_modifiers.go`). Errors name rule and item, no values.
 */
export const applyModifiers = (
  rules: readonly CompiledRule[],
  object: JsonObject,
  item: ModifiedItem,
): { readonly object: JsonObject; readonly errors: readonly string[] } => {
  let modified = object;
  const errors: string[] = [];
  const fail = (i: number, problem: string): void => {
    errors.push(`resourceModifierRules[${i}] was not applied to ${printItem(object, item)}: ${problem}`);
  };
  for (const [i, rule] of rules.entries()) {
    const match = rule.match(object, item);
    if ('problem' in match) fail(i, match.problem);
    else if (match.matched) {
      const result = rule.apply(modified);
      if ('problem' in result) fail(i, result.problem);
      else modified = result.object;
    }
  }
  return { object: modified, errors };
};
