import { problem, type Problem } from '../domain/problem.js';
import type {
  BackupResourceHook,
  BackupResourceHookSpec,
  BackupSpec,
  LabelSelector,
  RestoreResourceHook,
  RestoreResourceHookSpec,
  RestoreSpec,
} from '../domain/velero.gen.js';
import { isObject } from '../domain/json.js';
import { shown } from '../domain/shown.js';
import { HOOK_ERROR_MODE, veleroName } from './enums.js';
import type {
  BackupExecHookInput,
  BackupResourceHookSpecInput,
  BackupSpecInput,
  HookErrorMode,
  LabelInput,
  LabelSelectorInput,
  RestoreExecHookInput,
  RestoreResourceHookInput,
  RestoreResourceHookSpecInput,
  RestoreSpecInput,
} from './types.gen.js';

type Given<T> = T | null | undefined;
type Filled<T> = { readonly [K in keyof T]?: NonNullable<T[K]> };

/** What was really given: for the API server a field that is null is not the same as one that is left out. */
const given = <T extends object>(input: T): Filled<T> =>
  Object.fromEntries(
    Object.entries(input).filter(([, value]) => value !== null && value !== undefined),
  ) as Filled<T>;

/** A list of entries as the map it stands for. */
export const mapOf = (entries: readonly Omit<LabelInput, '__typename'>[]): Readonly<Record<string, string>> =>
  Object.fromEntries(entries.map(({ key, value }) => [key, value]));

const selectorOf = ({ matchLabels, matchExpressions }: LabelSelectorInput): LabelSelector => ({
  ...(matchLabels && { matchLabels: mapOf(matchLabels) }),
  ...(matchExpressions && {
    matchExpressions: matchExpressions.map(({ key, operator, values }) => ({
      key,
      operator,
      ...(values && { values }),
    })),
  }),
});

const onErrorOf = (mode: Given<HookErrorMode>) => {
  const onError = mode && veleroName(HOOK_ERROR_MODE, mode);
  return onError ? { onError } : {};
};

const backupHookOf = ({ onError, command, ...rest }: BackupExecHookInput): BackupResourceHook => ({
  exec: { command, ...given(rest), ...onErrorOf(onError) },
});

const backupHooksOf = (input: BackupResourceHookSpecInput): BackupResourceHookSpec => {
  const { name, labelSelector, pre, post, ...rest } = input;
  return {
    name,
    ...given(rest),
    ...(labelSelector && { labelSelector: selectorOf(labelSelector) }),
    ...(pre && { pre: pre.map(({ exec }) => backupHookOf(exec)) }),
    ...(post && { post: post.map(({ exec }) => backupHookOf(exec)) }),
  };
};

/** The custom resource's spec for what was given through the API. */
export const backupSpecOf = (input: BackupSpecInput): BackupSpec => {
  const {
    hooks,
    labelSelector,
    metadata,
    orLabelSelectors,
    orderedResources,
    resourcePolicy,
    uploaderConfig,
    ...rest
  } = input;
  return {
    ...given(rest),
    ...(hooks?.resources && { hooks: { resources: hooks.resources.map(backupHooksOf) } }),
    ...(labelSelector && { labelSelector: selectorOf(labelSelector) }),
    ...(metadata?.labels && { metadata: { labels: mapOf(metadata.labels) } }),
    ...(orLabelSelectors && { orLabelSelectors: orLabelSelectors.map(selectorOf) }),
    ...(orderedResources && { orderedResources: mapOf(orderedResources) }),
    ...(resourcePolicy && { resourcePolicy: referenceOf(resourcePolicy) }),
    ...(uploaderConfig && { uploaderConfig: given(uploaderConfig) }),
  };
};

const referenceOf = (input: {
  readonly apiGroup?: Given<string>;
  readonly kind: string;
  readonly name: string;
}) => ({
  kind: input.kind,
  name: input.name,
  ...(input.apiGroup && { apiGroup: input.apiGroup }),
});

const restoreExecOf = ({ onError, command, ...rest }: RestoreExecHookInput) => ({
  command,
  ...given(rest),
  ...onErrorOf(onError),
});

const restoreHookOf = ({ exec, init }: RestoreResourceHookInput): RestoreResourceHook => ({
  ...(exec && { exec: restoreExecOf(exec) }),
  ...(init && {
    init: {
      ...(init.initContainers && { initContainers: init.initContainers.filter(isObject) }),
      ...(init.timeout && { timeout: init.timeout }),
    },
  }),
});

const restoreHooksOf = (input: RestoreResourceHookSpecInput): RestoreResourceHookSpec => {
  const { name, labelSelector, postHooks, ...rest } = input;
  return {
    name,
    ...given(rest),
    ...(labelSelector && { labelSelector: selectorOf(labelSelector) }),
    ...(postHooks && { postHooks: postHooks.map(restoreHookOf) }),
  };
};

/** The custom resource's spec for what was given through the API. */
export const restoreSpecOf = (input: RestoreSpecInput): RestoreSpec => {
  const {
    hooks,
    labelSelector,
    namespaceMapping,
    orLabelSelectors,
    resourceModifier,
    restoreStatus,
    uploaderConfig,
    ...rest
  } = input;
  return {
    ...given(rest),
    ...(hooks?.resources && { hooks: { resources: hooks.resources.map(restoreHooksOf) } }),
    ...(labelSelector && { labelSelector: selectorOf(labelSelector) }),
    ...(namespaceMapping && {
      namespaceMapping: Object.fromEntries(namespaceMapping.map(({ from, to }) => [from, to])),
    }),
    ...(orLabelSelectors && { orLabelSelectors: orLabelSelectors.map(selectorOf) }),
    ...(resourceModifier && { resourceModifier: referenceOf(resourceModifier) }),
    ...(restoreStatus && { restoreStatus: given(restoreStatus) }),
    ...(uploaderConfig && { uploaderConfig: given(uploaderConfig) }),
  };
};

const repeated = (field: readonly string[], keys: readonly string[]): readonly Problem[] => {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const key of keys) (seen.has(key) ? twice : seen).add(key);
  return [...twice].map((key) => problem(field, `"${shown(key)}" is given twice; give each key once`));
};

/** Keys given twice: in a map only one of the values could be kept. */
export const repeatedLabels = (
  field: readonly string[],
  entries: Given<readonly { readonly key: string }[]>,
): readonly Problem[] =>
  repeated(
    field,
    (entries ?? []).map(({ key }) => key),
  );

export const repeatedInBackup = (input: BackupSpecInput): readonly Problem[] => [
  ...repeatedLabels(['spec', 'orderedResources'], input.orderedResources),
  ...repeatedLabels(['spec', 'metadata', 'labels'], input.metadata?.labels),
  ...repeatedLabels(['spec', 'labelSelector', 'matchLabels'], input.labelSelector?.matchLabels),
];

export const repeatedInRestore = (input: RestoreSpecInput): readonly Problem[] => [
  ...repeated(
    ['spec', 'namespaceMapping'],
    (input.namespaceMapping ?? []).map(({ from }) => from),
  ),
  ...repeatedLabels(['spec', 'labelSelector', 'matchLabels'], input.labelSelector?.matchLabels),
];
