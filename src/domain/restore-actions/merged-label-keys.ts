import { listAt, mapList, objectAt, put, textAt, type JsonObject } from '../json.js';

/** As the API server writes them: one value, the pod's own. */
const isMerged = (expression: unknown, operator: string, keys: readonly unknown[]): boolean =>
  textAt(expression, 'operator') === operator &&
  keys.includes(textAt(expression, 'key')) &&
  listAt(expression, 'values').length === 1;

const withoutMerged = (term: JsonObject): JsonObject => {
  const [keys, others] = [listAt(term, 'matchLabelKeys'), listAt(term, 'mismatchLabelKeys')];
  const expressions = listAt(term, 'labelSelector', 'matchExpressions');
  const left = expressions.filter((one) => !isMerged(one, 'In', keys) && !isMerged(one, 'NotIn', others));
  if (left.length === expressions.length) return term;
  return put(term, ['labelSelector', 'matchExpressions'], left.length === 0 ? undefined : left);
};

const AFFINITIES = ['podAffinity', 'podAntiAffinity'];

const inAffinity = (pod: JsonObject, affinity: string): JsonObject => {
  const path = ['spec', 'affinity', affinity];
  const required = [...path, 'requiredDuringSchedulingIgnoredDuringExecution'];
  const preferred = [...path, 'preferredDuringSchedulingIgnoredDuringExecution'];
  return mapList(mapList(pod, required, withoutMerged), preferred, (weighted) => {
    const term = objectAt(weighted, 'podAffinityTerm');
    const left = withoutMerged(term);
    return left === term ? weighted : put(weighted, ['podAffinityTerm'], left);
  });
};

/**
 * When a pod is created, the API server adds what `matchLabelKeys` and `mismatchLabelKeys` mean for it to the label selector
 * beside them (Kubernetes, `pkg/registry/core/pod/strategy.go`), and it refuses a pod that comes with both. So what it
 * added goes, and is added again. Velero leaves it there, and such pods are not restored.
 */
export const withoutMergedLabelKeys = (pod: JsonObject): JsonObject =>
  AFFINITIES.reduce(inAffinity, mapList(pod, ['spec', 'topologySpreadConstraints'], withoutMerged));
