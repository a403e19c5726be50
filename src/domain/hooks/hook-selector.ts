import { includesExcludes, type NameList } from '../includes-excludes.js';
import type { Labels } from '../item.js';
import { kindFilter } from '../kind-filter.js';
import { compileSelector, type Selector } from '../label-selector.js';
import type { KindResolver } from '../resource-kinds.js';

/** Which pods a set of hooks is for. */
export type PodChoice = (namespace: string, labels: Labels) => boolean;

/** Namespaces by name or glob, and labels; compiled once for all pods. */
export const compilePodChoice = (spec: {
  readonly includedNamespaces?: NameList;
  readonly excludedNamespaces?: NameList;
  readonly labelSelector?: Selector;
}): PodChoice => {
  const namespaces = includesExcludes(spec.includedNamespaces, spec.excludedNamespaces);
  const matches = compileSelector(spec.labelSelector);
  return (namespace, labels) => namespaces.shouldInclude(namespace) && matches(labels);
};

/** Whether the resource lists of a set of hooks let pods in; nothing but pods has hooks. */
export const choosesPods = (
  spec: { readonly includedResources?: NameList; readonly excludedResources?: NameList },
  resolve: KindResolver,
): boolean => kindFilter(spec, resolve).shouldInclude('pods');
