import { problem, type Problem } from '../domain/problem.js';
import { validateLocation } from '../domain/validate-location.js';
import type { BackupStorageLocationSpec } from '../domain/velero.gen.js';
import { ACCESS_MODE, veleroName } from './enums.js';
import { mapOf, repeatedLabels } from './spec-input.js';
import type { BackupStorageLocationSpecInput } from './types.gen.js';

type Fields = Readonly<Record<string, unknown>>;
type Spec = Partial<BackupStorageLocationSpec>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** What was given, under the custom resource's own values; a null stays one, a field that was left out stays out. */
const translated = (input: BackupStorageLocationSpecInput): Fields => {
  const { accessMode, config, objectStorage, ...rest } = input;
  const fields: Record<string, unknown> = { ...rest };
  if (objectStorage !== undefined) fields['objectStorage'] = objectStorage && { ...objectStorage };
  if (accessMode !== undefined) fields['accessMode'] = accessMode && veleroName(ACCESS_MODE, accessMode);
  if (config !== undefined) fields['config'] = config && mapOf(config);
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
};

/** A null takes the field away; of `objectStorage` each field by itself. */
const merged = (present: Fields, change: Fields): Fields => {
  const laidOver = Object.entries(change).map(([field, value]): [string, unknown] => {
    const former = present[field];
    return field === 'objectStorage' && isFields(value)
      ? [field, merged(isFields(former) ? former : {}, value)]
      : [field, value];
  });
  const all = new Map<string, unknown>([...Object.entries(present), ...laidOver]);
  return Object.fromEntries([...all].filter(([, value]) => value !== null && value !== undefined));
};

/** The spec that a location has after what was given is laid over what it has. */
export const locationSpecOf = (input: BackupStorageLocationSpecInput, present: Spec = {}): Spec =>
  merged({ ...present }, translated(input));

/** As a JSON merge patch: what is gone has to be named with null. */
export const patchBetween = (before: Fields, after: Fields): Fields => {
  const patch: Record<string, unknown> = {};
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [former, latter] = [before[field], after[field]];
    if (latter === undefined) patch[field] = null;
    else if (isFields(former) && isFields(latter)) patch[field] = patchBetween(former, latter);
    else if (former !== latter) patch[field] = latter;
  }
  return patch;
};

/** What can be said against a location before it exists, or before it is changed. */
export const locationInputProblems = (
  input: BackupStorageLocationSpecInput,
  spec: Spec,
): readonly Problem[] => {
  const selectors = [
    [['spec', 'credential'], input.credential],
    [['spec', 'objectStorage', 'caCertRef'], input.objectStorage?.caCertRef],
  ] as const;
  return [
    ...repeatedLabels(['spec', 'config'], input.config),
    ...selectors.flatMap(([field, selector]) =>
      selector && (selector.name === '' || selector.key === '')
        ? [problem(field, 'has to name a Secret and one of its keys')]
        : [],
    ),
    ...validateLocation(spec),
  ];
};
