import type { Labels } from './item.js';
import { shown } from './shown.js';
import type { LabelSelector, LabelSelectorRequirement } from './velero.gen.js';

/** A selector as a spec has it: absent, `null` and empty all select everything. */
export type Selector = LabelSelector | null | undefined;

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

/** `matchLabels` is short for `In` with one value; sorted by key, as the API prints them. */
const requirements = (selector: Selector): readonly LabelSelectorRequirement[] => {
  const labels = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => ({
    key,
    operator: 'In',
    values: [value],
  }));
  return [...labels, ...(selector?.matchExpressions ?? [])].sort((a, b) =>
    a.key < b.key ? -1 : Number(a.key > b.key),
  );
};

const holds = ({ key, operator, values = [] }: LabelSelectorRequirement, labels: Labels): boolean => {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  if (operator === 'In') return value !== undefined && values.includes(value);
  if (operator === 'NotIn') return value === undefined || !values.includes(value);
  if (operator === 'Exists') return value !== undefined;
  return operator === 'DoesNotExist' && value === undefined;
};

/** The selector made ready for many objects. An unknown operator is fulfilled by nothing; see `selectorProblems`. */
export const compileSelector = (selector: Selector): ((labels: Labels) => boolean) => {
  const conditions = requirements(selector);
  return (labels) => conditions.every((requirement) => holds(requirement, labels));
};

/** Whether labels fulfil every condition. */
export const matchesSelector = (selector: Selector, labels: Labels): boolean =>
  compileSelector(selector)(labels);

/** Whether any of the selectors matches; none at all select nothing. */
export const matchesAnySelector = (
  selectors: readonly Selector[] | null | undefined,
  labels: Labels,
): boolean => (selectors ?? []).some((selector) => matchesSelector(selector, labels));

const NAME_PART = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

const isLabelValue = (value: string): boolean =>
  value === '' || (value.length <= 63 && NAME_PART.test(value));

const isLabelKey = (key: string): boolean => {
  const slash = key.indexOf('/');
  const prefix = slash < 0 ? undefined : key.slice(0, slash);
  const name = key.slice(slash + 1);
  const prefixFits = prefix === undefined || (prefix.length <= 253 && SUBDOMAIN.test(prefix));
  return prefixFits && name.length <= 63 && NAME_PART.test(name);
};

const requirementProblem = ({ key, operator, values = [] }: LabelSelectorRequirement): string | undefined => {
  if (!isLabelKey(key)) return `"${shown(key)}" is not a label key; write name or prefix/name`;
  if (!OPERATORS.includes(operator)) {
    return `operator "${shown(operator)}" of "${key}" is unknown; use one of ${OPERATORS.join(', ')}`;
  }
  const takesValues = operator === 'In' || operator === 'NotIn';
  if (takesValues && values.length === 0) return `operator ${operator} of "${key}" needs at least one value`;
  if (!takesValues && values.length > 0)
    return `operator ${operator} of "${key}" takes no values; remove them`;
  const bad = values.find((value) => !isLabelValue(value));
  return bad === undefined
    ? undefined
    : `"${shown(bad)}" is not a label value of "${key}"; at most 63 letters, digits, -, _ and .`;
};

/** What the API server would refuse in this selector, one sentence each; empty if it is fine. */
export const selectorProblems = (selector: Selector): readonly string[] =>
  requirements(selector)
    .map(requirementProblem)
    .filter((problem) => problem !== undefined);

const printRequirement = ({ key, operator, values = [] }: LabelSelectorRequirement): string => {
  const sorted = [...values].sort();
  if (operator === 'In')
    return sorted.length === 1 ? `${key}=${sorted[0] ?? ''}` : `${key} in (${sorted.join(',')})`;
  if (operator === 'NotIn') return `${key} notin (${sorted.join(',')})`;
  return operator === 'Exists' ? key : `!${key}`;
};

/**
 * The selector in the syntax of the API's `labelSelector` parameter; empty for a selector that selects everything.
 * Only for selectors without `selectorProblems`: a value with a comma would change the meaning of the whole.
 */
export const printSelector = (selector: Selector): string =>
  requirements(selector).map(printRequirement).join(',');
