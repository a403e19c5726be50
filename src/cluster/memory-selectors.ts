export type Labels = ReadonlyMap<string, string>;
export type LabelMatch = (labels: Labels) => boolean;

/** What a field selector can ask of an object. */
interface Fields {
  readonly name: string;
  readonly namespace: string | undefined;
}
export type FieldMatch = (fields: Fields) => boolean;

/** Why a selector cannot be read. */
export interface SelectorProblem {
  readonly problem: string;
}

const key = '(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?';
const value = '(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?';
const absent = new RegExp(`^!\\s*(${key})$`);
const exists = new RegExp(`^(${key})$`);
const equality = new RegExp(`^(${key})\\s*(==|=|!=)\\s*(${value})$`);
const setBased = new RegExp(`^(${key})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const ordered = new RegExp(`^(${key})\\s*(>|<)\\s*(-?[0-9]+)$`);
const plainValue = new RegExp(`^${value}$`);

const wholeNumber = /^-?[0-9]+$/;

const readSet = (text: string): readonly string[] | undefined => {
  const values = text.split(',').map((one) => one.trim());
  return values.every((one) => plainValue.test(one)) ? values : undefined;
};

/** One requirement of a label selector; undefined if it is none. An absent label satisfies `!=` and `notin`. */
const requirement = (text: string): LabelMatch | undefined => {
  const [, absentKey] = absent.exec(text) ?? [];
  if (absentKey !== undefined) return (labels) => !labels.has(absentKey);
  const [, presentKey] = exists.exec(text) ?? [];
  if (presentKey !== undefined) return (labels) => labels.has(presentKey);
  const [, left = '', sign, right = ''] = equality.exec(text) ?? [];
  if (sign !== undefined) return (labels) => (labels.get(left) === right) === (sign !== '!=');
  const [, member = '', word, list = ''] = setBased.exec(text) ?? [];
  if (word !== undefined) {
    const values = readSet(list);
    return values && ((labels) => values.includes(labels.get(member) ?? '\0') === (word === 'in'));
  }
  const [, number = '', direction, bound] = ordered.exec(text) ?? [];
  if (direction === undefined) return undefined;
  return (labels) => {
    const found = labels.get(number) ?? '';
    return (
      wholeNumber.test(found) &&
      (direction === '>' ? Number(found) > Number(bound) : Number(found) < Number(bound))
    );
  };
};

/** Splits at the commas that are not inside parentheses. */
const split = (text: string): string[] => text.split(/,(?![^(]*\))/).map((part) => part.trim());

/** Reads a label selector in the API's syntax: `a=b,c!=d,e in (f,g),h notin (i),j,!k`. Empty or absent picks all. */
export const labelMatcher = (selector: string | undefined): LabelMatch | SelectorProblem => {
  if (selector === undefined || selector.trim() === '') return () => true;
  const all: LabelMatch[] = [];
  for (const part of split(selector)) {
    const match = requirement(part);
    if (match === undefined) return { problem: `unable to parse requirement: "${part}"` };
    all.push(match);
  }
  return (labels) => all.every((match) => match(labels));
};

/** Reads a field selector over `metadata.name` and `metadata.namespace`, the only fields every kind can be asked for. */
export const fieldMatcher = (selector: string | undefined): FieldMatch | SelectorProblem => {
  if (selector === undefined || selector.trim() === '') return () => true;
  const all: FieldMatch[] = [];
  for (const part of selector.split(',')) {
    const [, field = '', sign, wanted] = /^\s*([\w.]+)\s*(==|=|!=)\s*(.*?)\s*$/.exec(part) ?? [];
    if (sign === undefined) return { problem: `invalid field selector: "${part}"` };
    if (field !== 'metadata.name' && field !== 'metadata.namespace') {
      return { problem: `field label not supported: ${field}` };
    }
    const same = sign !== '!=';
    all.push(
      (fields) => ((field === 'metadata.name' ? fields.name : (fields.namespace ?? '')) === wanted) === same,
    );
  }
  return (fields) => all.every((match) => match(fields));
};
