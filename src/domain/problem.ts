import { parseGoDuration } from './go-duration.js';
import type { NameList } from './includes-excludes.js';
import { selectorProblems, type Selector } from './label-selector.js';
import { shown } from './shown.js';

export type ProblemCode = 'INVALID' | 'NOT_FOUND' | 'LOCATION_READ_ONLY' | 'LOCATION_UNAVAILABLE';

/** One thing that keeps a request from being carried out: where it is, and what to do about it. */
export interface Problem {
  /** Path of the field, `['spec', 'includedNamespaces']`. */
  readonly field: readonly string[];
  readonly message: string;
  readonly code: ProblemCode;
}

export const problem = (
  field: readonly string[],
  message: string,
  code: ProblemCode = 'INVALID',
): Problem => ({
  field,
  message,
  code,
});

/** Problems as one line each, as `status.validationErrors` shows them. */
export const printProblem = ({ field, message }: Problem): string => `${field.join('.')}: ${message}`;

/** A status holds as many, and so does an answer: the API server takes no more than some megabytes. */
export const MOST_PROBLEMS = 50;

export const morePast = (problems: number): string =>
  `and ${problems - MOST_PROBLEMS} more problems; correct these first`;

/** The first problems as lines, and how many more there are. */
export const printProblems = (problems: readonly Problem[]): readonly string[] => {
  const told = problems.slice(0, MOST_PROBLEMS).map(printProblem);
  return problems.length > MOST_PROBLEMS ? [...told, morePast(problems.length)] : told;
};

const both = (included: NameList, excluded: NameList): readonly string[] => {
  const unwanted = new Set(excluded ?? []);
  return [...new Set(included ?? [])].filter((name) => unwanted.has(name));
};

const hasStarAmongOthers = (list: NameList): boolean => new Set(list).size > 1 && (list ?? []).includes('*');

const listOf = (spec: object, name: string): NameList => (spec as Readonly<Record<string, NameList>>)[name];

/**
 * The rules every pair of lists keeps, by field name (`ValidateIncludesExcludes` in
 * `pkg/util/collections/includes_excludes.go`): `*` stands alone in the includes and never in the excludes, and
 * nothing is in both.
 */
export const listProblems = (spec: object, includes: string, excludes: string): readonly Problem[] => {
  const [wanted, unwanted] = [listOf(spec, includes), listOf(spec, excludes)];
  const star = hasStarAmongOthers(wanted)
    ? [problem(['spec', includes], 'has * beside other entries; write * alone, or leave it out')]
    : [];
  const starOut = unwanted?.includes('*')
    ? [problem(['spec', excludes], `has *, which would exclude everything; name what to exclude instead`)]
    : [];
  return [...star, ...starOut, ...bothProblems(spec, includes, excludes)];
};

/** The rules of a pair of scoped lists, where `*` alone may be excluded (`ValidateScopedIncludesExcludes`). */
export const scopedListProblems = (spec: object, includes: string, excludes: string): readonly Problem[] => {
  const [wanted, unwanted] = [listOf(spec, includes), listOf(spec, excludes)];
  const star = hasStarAmongOthers(wanted)
    ? [problem(['spec', includes], 'has * beside other entries; write * alone, or leave it out')]
    : [];
  const starAmong = hasStarAmongOthers(unwanted)
    ? [problem(['spec', excludes], 'has * beside other entries; write * alone, or leave it out')]
    : [];
  const nothingLeft =
    unwanted?.includes('*') && (wanted?.length ?? 0) > 0
      ? [problem(['spec', excludes], `has * while ${includes} names something; empty one of the two`)]
      : [];
  return [...star, ...starAmong, ...nothingLeft, ...bothProblems(spec, includes, excludes)];
};

const bothProblems = (spec: object, includes: string, excludes: string): readonly Problem[] =>
  both(listOf(spec, includes), listOf(spec, excludes)).map((name) =>
    problem(['spec', excludes], `"${shown(name)}" is in ${includes} too; remove it from one of the two`),
  );

/** At most one of the two ways to select by label, and selectors the API server will take. */
export const labelSelectorProblems = (spec: {
  readonly labelSelector?: Selector;
  readonly orLabelSelectors?: readonly Selector[] | null;
}): readonly Problem[] => {
  const { labelSelector, orLabelSelectors } = spec;
  const clash =
    labelSelector != null && orLabelSelectors != null
      ? [
          problem(
            ['spec', 'orLabelSelectors'],
            'cannot be set together with labelSelector; keep one of the two',
          ),
        ]
      : [];
  const one = selectorProblems(labelSelector).map((text) => problem(['spec', 'labelSelector'], text));
  const many = (orLabelSelectors ?? []).flatMap((selector, i) =>
    selectorProblems(selector).map((text) => problem(['spec', 'orLabelSelectors', String(i)], text)),
  );
  return [...clash, ...one, ...many];
};

/** Durations that Go could not read; without this they would silently become the default. */
export const durationProblems = <S extends object>(
  spec: S,
  fields: readonly (keyof S & string)[],
): readonly Problem[] =>
  fields.flatMap((field) => {
    const text: unknown = spec[field];
    if (typeof text !== 'string' || text === '' || parseGoDuration(text) !== undefined) return [];
    return [problem(['spec', field], `"${shown(text)}" is not a duration; write it like 720h, 90m or 1h30m`)];
  });

/** What is known of the storage location a request names. `phase` is absent until the first check of the location. */
export interface LocationFacts {
  readonly found: boolean;
  readonly name: string;
  readonly phase?: string;
  readonly accessMode?: string;
  /** The spec left it out and the server's default was taken. */
  readonly chosenByServer: boolean;
}

/** The location is there and answers; reading is enough for a restore, so it may be read-only there. */
export const locationProblems = (location: LocationFacts, use: 'write' | 'read'): readonly Problem[] => {
  const field = ['spec', use === 'write' ? 'storageLocation' : 'backupName'];
  const name = shown(location.name);
  if (!location.found) {
    const text = location.chosenByServer
      ? `the server's default storage location "${name}" does not exist; create it, or name another one`
      : `the storage location "${name}" does not exist; create it, or name another one`;
    return [problem(field, text, 'NOT_FOUND')];
  }
  const readOnly =
    use === 'write' && location.accessMode === 'ReadOnly'
      ? [
          problem(
            field,
            `the storage location "${name}" is read-only; use another one or set its accessMode to ReadWrite`,
            'LOCATION_READ_ONLY',
          ),
        ]
      : [];
  const state = location.phase ? `is ${location.phase}` : 'has not been checked yet';
  const away =
    location.phase === 'Available'
      ? []
      : [
          problem(
            field,
            `the storage location "${name}" ${state}; see its status.message and try again once it is Available`,
            'LOCATION_UNAVAILABLE',
          ),
        ];
  return [...readOnly, ...away];
};

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Problems of a name for a new custom resource: the API server would refuse it as well, only later. */
export const nameProblems = (name: string): readonly Problem[] => {
  const field = ['metadata', 'name'];
  if (name === '') return [problem(field, 'is empty; give it a name')];
  if (name.length > 253) return [problem(field, `has ${name.length} characters; at most 253 are allowed`)];
  if (SUBDOMAIN.test(name)) return [];
  return [
    problem(
      field,
      `"${name}" is not allowed; use lower-case letters, digits, dashes and dots, and begin and end each part with a letter or digit`,
    ),
  ];
};
