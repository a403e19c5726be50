import { byVersionPriority } from '../domain/api-group-versions.js';
import { type Refused } from './port.js';
import { invalid } from './memory-refusals.js';
import { at, clone, isObject, json, objectAt, textAt, type Json, type JsonObject } from './memory-json.js';
import { type ServedType } from './memory-types.js';

/** A kind that a CustomResourceDefinition brought in: one entry for each version it is served in. */
export interface CustomType extends ServedType {
  readonly schema: JsonObject | undefined;
}

const verbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];

const strings = (value: Json | undefined): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];

/** What is wrong with a definition, as far as the simulation depends on it. */
export const checkDefinition = (definition: JsonObject): Refused | undefined => {
  const name = textAt(definition, 'metadata', 'name') ?? '';
  const fail = (field: string, problem: string, reason?: string) =>
    invalid('CustomResourceDefinition.apiextensions.k8s.io', name, field, problem, reason);
  for (const path of [['group'], ['scope'], ['names', 'plural'], ['names', 'kind']]) {
    if (textAt(definition, 'spec', ...path) === undefined) {
      return fail(`spec.${path.join('.')}`, 'must be given', 'FieldValueRequired');
    }
  }
  const wanted = `${textAt(definition, 'spec', 'names', 'plural') ?? ''}.${textAt(definition, 'spec', 'group') ?? ''}`;
  if (name !== wanted) return fail('metadata.name', 'must be spec.names.plural+"."+spec.group');
  const versions = at(definition, 'spec', 'versions');
  const stored = Array.isArray(versions) ? versions.filter((one) => at(one, 'storage') === true) : [];
  return stored.length === 1
    ? undefined
    : fail('spec.versions', 'must have exactly one version marked as storage version');
};

/** The kinds a definition serves, the preferred version first. */
export const customTypes = (definition: JsonObject): readonly CustomType[] => {
  const names = objectAt(definition, 'spec', 'names');
  const kind = textAt(names, 'kind') ?? '';
  const versions = at(definition, 'spec', 'versions');
  const served = (Array.isArray(versions) ? versions : []).filter((one) => at(one, 'served') === true);
  return served
    .map((version) => ({
      group: textAt(definition, 'spec', 'group') ?? '',
      version: textAt(version, 'name') ?? '',
      resource: textAt(names, 'plural') ?? '',
      kind,
      singular: textAt(names, 'singular') ?? kind.toLowerCase(),
      shortNames: strings(at(names, 'shortNames')),
      namespaced: textAt(definition, 'spec', 'scope') === 'Namespaced',
      verbs,
      statusSubresource: objectAt(version, 'subresources', 'status') !== undefined,
      countsGeneration: true,
      schema: objectAt(version, 'schema', 'openAPIV3Schema'),
    }))
    .sort((a, b) => byVersionPriority(a.version, b.version));
};

/** The status an API server gives a definition whose names nobody else has. */
export const establish = (definition: JsonObject, time: string): void => {
  const condition = (type: string, reason: string, message: string) => ({
    type,
    status: 'True',
    lastTransitionTime: time,
    reason,
    message,
  });
  const versions = at(definition, 'spec', 'versions');
  const stored = (Array.isArray(versions) ? versions : []).find((one) => at(one, 'storage') === true);
  const conditions = [
    condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
    condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
  ];
  const status = json({ conditions, storedVersions: [textAt(stored, 'name') ?? ''] });
  const names = objectAt(definition, 'spec', 'names');
  if (isObject(status) && names !== undefined) status.set('acceptedNames', clone(names));
  definition.set('status', status);
};

const headFields = ['apiVersion', 'kind', 'metadata'];

const pruneObject = (value: JsonObject, schema: JsonObject, keep: readonly string[]): void => {
  const properties = objectAt(schema, 'properties');
  const additional = at(schema, 'additionalProperties');
  const keepsUnknown = at(schema, 'x-kubernetes-preserve-unknown-fields') === true || additional === true;
  for (const [key, member] of value) {
    if (keep.includes(key)) continue;
    const known = objectAt(properties, key) ?? (isObject(additional) ? additional : undefined);
    if (known !== undefined) prune(member, known);
    else if (!keepsUnknown) value.delete(key);
  }
  for (const [key, property] of properties ?? []) {
    const preset = at(property, 'default');
    if (preset !== undefined && !value.has(key)) value.set(key, clone(preset));
  }
};

const prune = (value: Json, schema: JsonObject): void => {
  if (isObject(value)) {
    pruneObject(value, schema, at(schema, 'x-kubernetes-embedded-resource') === true ? headFields : []);
  } else if (Array.isArray(value)) {
    const items = objectAt(schema, 'items');
    if (items !== undefined) for (const item of value) prune(item, items);
  }
};

/** Drops in place what a structural schema does not know and puts in its defaults; nothing is validated. */
export const fitSchema = (document: JsonObject, schema: JsonObject | undefined): void => {
  if (schema !== undefined) pruneObject(document, schema, headFields);
};
