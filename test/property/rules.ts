/**
 * Small rules that both oracles need, written as plainly as possible and without a look at the product: their
 * worth is that they know nothing of it. Slow on purpose where slow is clearer.
 */
import type { ResourceType } from '../../src/cluster/port.js';
import type { LabelSelector } from '../../src/domain/velero.gen.js';
import type { KubeObject } from '../builders.js';

type Texts = readonly string[] | null | undefined;

/** `plural` or `plural.group`. */
export const fullName = (kind: ResourceType): string =>
  kind.group === '' ? kind.resource : `${kind.resource}.${kind.group}`;

/** One object, as it is compared: `kind|namespace|name`. */
export const idOf = (kind: string, namespace: string | undefined, name: string): string =>
  `${kind}|${namespace ?? ''}|${name}`;

/** `[abc]` and `[a-d]`, given what is between the brackets. */
const inClass = (members: string, character: string): boolean => {
  if (members === '') return false;
  if (members[1] === '-' && members[2] !== undefined) {
    return (members[0]! <= character && character <= members[2]) || inClass(members.slice(3), character);
  }
  return members[0] === character || inClass(members.slice(1), character);
};

/** Whether all of the text is what the pattern says; `*`, `?`, `[…]`, and everything else is itself. */
export const fits = (pattern: string, text: string): boolean => {
  if (pattern === '') return text === '';
  const rest = pattern.slice(1);
  if (pattern[0] === '*') return fits(rest, text) || (text !== '' && fits(pattern, text.slice(1)));
  if (text === '') return false;
  if (pattern[0] === '?') return fits(rest, text.slice(1));
  const end = pattern.indexOf(']');
  if (pattern[0] === '[' && end > 0) {
    return inClass(pattern.slice(1, end), text[0]!) && fits(pattern.slice(end + 1), text.slice(1));
  }
  return pattern[0] === text[0] && fits(rest, text.slice(1));
};

export const isPattern = (text: string): boolean => /[*?[\]]/.test(text);

export const anyFits = (patterns: readonly string[], text: string): boolean =>
  patterns.some((pattern) => pattern === text || fits(pattern, text));

/** Nothing listed means that everything is wanted. */
export const wanted = (includes: readonly string[], text: string): boolean =>
  includes.length === 0 || anyFits(includes, text);

export const matches = (selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
  (selector.matchExpressions ?? []).every(({ key, operator, values }) => {
    const value = labels[key];
    if (operator === 'Exists') return value !== undefined;
    if (operator === 'DoesNotExist') return value === undefined;
    if (operator === 'In') return value !== undefined && (values ?? []).includes(value);
    return value === undefined || !(values ?? []).includes(value);
  });

export interface Selectors {
  readonly labelSelector?: LabelSelector | null;
  readonly orLabelSelectors?: readonly LabelSelector[] | null;
}

export const hasSelector = (spec: Selectors): boolean =>
  (spec.labelSelector ?? undefined) !== undefined || (spec.orLabelSelectors ?? []).length > 0;

/** Whether one of the selectors there are chooses these labels; false without any selector. */
export const chosen = (spec: Selectors, object: KubeObject): boolean =>
  [...(spec.labelSelector ? [spec.labelSelector] : []), ...(spec.orLabelSelectors ?? [])].some((selector) =>
    matches(selector, object.metadata.labels ?? {}),
  );

/** A kind that can be backed up at all. */
export const isUsable = (kind: ResourceType): boolean =>
  ['list', 'create', 'get', 'delete'].every((verb) => kind.verbs.includes(verb));

/** What people call a kind, in the order of discovery; undefined for what no kind is called. */
export const kindCalled = (name: string, kinds: readonly ResourceType[]): ResourceType | undefined => {
  const dot = name.indexOf('.');
  const [word, group] = dot < 0 ? [name, undefined] : [name.slice(0, dot), name.slice(dot + 1)];
  return kinds.find(
    (kind) =>
      isUsable(kind) &&
      (group === undefined || kind.group === group) &&
      ([kind.resource, kind.singular, kind.kind.toLowerCase()].includes(word.toLowerCase()) ||
        kind.shortNames.includes(word)),
  );
};

/** The full name where a kind is called so, else the word itself, which may be a pattern. */
export const fullNames = (names: Texts, kinds: readonly ResourceType[]): readonly string[] =>
  (names ?? []).map((name) => {
    const kind = kindCalled(name, kinds);
    return kind === undefined ? name : fullName(kind);
  });

/** Lists that contradict themselves or each other. */
export const listsClash = (includes: Texts, excludes: Texts): boolean => {
  const [ins, outs] = [includes ?? [], excludes ?? []];
  return (
    (ins.includes('*') && ins.length > 1) || outs.includes('*') || ins.some((name) => outs.includes(name))
  );
};
