import { at, isObject, type JsonObject } from '../json.js';
import type { ResourcePolicyLists } from '../resource-filter.js';
import { shown } from '../shown.js';
import {
  readFields,
  readList,
  readText,
  readTexts,
  under,
  type DocumentProblem,
  type Tell,
} from './document.js';
import { readConditions, type VolumeConditions } from './volume-conditions.js';

const ACTIONS = ['skip', 'fs-backup', 'snapshot', 'custom'] as const;

export interface VolumeAction {
  /** `custom` leaves the volume to somebody else's plugin. */
  readonly type: (typeof ACTIONS)[number];
  /** As written; Velero 1.18 looks at none of them. */
  readonly parameters: JsonObject;
}

export interface VolumePolicy {
  readonly conditions: VolumeConditions;
  readonly action: VolumeAction;
}

/** The content of a resource policy ConfigMap. */
export interface ResourcePolicies {
  readonly volumePolicies: readonly VolumePolicy[];
  /** Works with the scoped resource filters only. */
  readonly includeExclude?: ResourcePolicyLists;
}

export type ParsedPolicies =
  { readonly policies: ResourcePolicies } | { readonly problems: readonly DocumentProblem[] };

/** A status holds them all, so a large broken document does not tell each of its mistakes. */
const MOST_PROBLEMS = 20;
const LONGEST_TEXT = 300;

const readAction = (policy: JsonObject, path: string, tell: Tell): VolumeAction => {
  const here = under(path, 'action');
  const action = readFields(at(policy, 'action'), here, ['type', 'parameters'], tell);
  const name = readText(action, 'type', here, tell);
  const type = ACTIONS.find((known) => known === name);
  if (!type)
    tell(under(here, 'type'), `"${shown(name)}" is not an action; write one of ${ACTIONS.join(', ')}`);
  const parameters = at(action, 'parameters') ?? {};
  if (!isObject(parameters)) tell(under(here, 'parameters'), 'is not a map; write keys with a value each');
  return { type: type ?? 'skip', parameters: isObject(parameters) ? parameters : {} };
};

const readVolumePolicies = (document: JsonObject, tell: Tell): readonly VolumePolicy[] =>
  readList(document, 'volumePolicies', '', tell).map((entry, i) => {
    const path = `volumePolicies[${i}]`;
    const policy = readFields(entry, path, ['conditions', 'action'], tell);
    return {
      conditions: readConditions(at(policy, 'conditions'), under(path, 'conditions'), tell),
      action: readAction(policy, path, tell),
    };
  });

const LISTS = [
  ['includedClusterScopedResources', 'excludedClusterScopedResources'],
  ['includedNamespaceScopedResources', 'excludedNamespaceScopedResources'],
] as const;

const readIncludeExclude = (document: JsonObject, tell: Tell): ResourcePolicyLists | undefined => {
  const path = 'includeExcludePolicy';
  const value = at(document, path) ?? undefined;
  if (value === undefined) return undefined;
  const policy = readFields(value, path, LISTS.flat(), tell);
  const pairs = LISTS.map(([included, excluded]): ResourcePolicyLists => {
    const lists = {
      [included]: readTexts(policy, included, path, tell),
      [excluded]: readTexts(policy, excluded, path, tell),
    };
    for (const [field, list] of Object.entries(lists))
      if (list.includes('*'))
        tell(under(path, field), 'has *, which a policy may not have; name each resource');
    for (const name of lists[excluded] ?? [])
      if (lists[included]?.includes(name) && name !== '*')
        tell(under(path, excluded), `"${shown(name)}" is in ${included} too; remove it from one of the two`);
    return lists;
  });
  return Object.assign({}, ...pairs) as ResourcePolicyLists;
};

/**
 * Reads a parsed policy document, strictly: what is not known is refused, so that a slip of the pen cannot widen a policy
 * (`internal/resourcepolicies/resource_policies.go`). All problems come at once, up to twenty.
 */
export const parseResourcePolicies = (document: unknown): ParsedPolicies => {
  const problems: DocumentProblem[] = [];
  const tell: Tell = (path, message) => {
    if (problems.length < MOST_PROBLEMS)
      problems.push({ path: shown(path, LONGEST_TEXT), message: shown(message, LONGEST_TEXT) });
  };
  if (document !== null && document !== undefined && !isObject(document))
    return { problems: [{ path: 'document', message: 'is not a map; begin it with version: v1' }] };
  const top = readFields(document, '', ['version', 'volumePolicies', 'includeExcludePolicy'], tell);
  const version = readText(top, 'version', '', tell);
  if (version !== 'v1')
    tell('version', version === '' ? 'is missing; write v1' : `"${shown(version)}" is unknown; write v1`);
  const volumePolicies = readVolumePolicies(top, tell);
  const includeExclude = readIncludeExclude(top, tell);
  if (problems.length > 0) return { problems };
  return { policies: { volumePolicies, ...(includeExclude && { includeExclude }) } };
};
