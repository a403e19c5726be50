import { HOOK_ERROR_MODE } from './enums.js';
import type { Resolvers } from './types.gen.js';

/** A map as the list of its entries, by key. */
export const labelsOf = (map: Readonly<Record<string, string>> | null | undefined) =>
  Object.entries(map ?? {})
    .map(([key, value]) => ({ key, value }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));

/** The parts of specs that have another shape here than in the custom resource; everything else answers for itself. */
export const specResolvers: Resolvers = {
  LabelSelector: {
    matchLabels: ({ matchLabels }) => labelsOf(matchLabels),
    matchExpressions: ({ matchExpressions }) => matchExpressions ?? [],
  },
  LabelSelectorRequirement: { values: ({ values }) => values ?? [] },
  BackupSpec: {
    orderedResources: ({ orderedResources }) => (orderedResources ? labelsOf(orderedResources) : null),
  },
  BackupMetadata: { labels: ({ labels }) => labelsOf(labels) },
  BackupHooks: { resources: ({ resources }) => resources ?? [] },
  BackupResourceHookSpec: { pre: ({ pre }) => pre ?? [], post: ({ post }) => post ?? [] },
  BackupExecHook: { onError: ({ onError }) => (onError ? HOOK_ERROR_MODE[onError] : null) },
  RestoreSpec: {
    namespaceMapping: ({ namespaceMapping }) =>
      namespaceMapping
        ? labelsOf(namespaceMapping).map(({ key, value }) => ({ from: key, to: value }))
        : null,
  },
  RestoreHooks: { resources: ({ resources }) => resources ?? [] },
  RestoreResourceHookSpec: { postHooks: ({ postHooks }) => postHooks ?? [] },
  RestoreExecHook: { onError: ({ onError }) => (onError ? HOOK_ERROR_MODE[onError] : null) },
  RestoreInitHook: { initContainers: ({ initContainers }) => initContainers ?? [] },
};
