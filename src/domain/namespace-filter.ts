import { includesExcludes, type NameList } from './includes-excludes.js';
import type { Labels } from './item.js';
import { matchesAnySelector, matchesSelector } from './label-selector.js';
import type { BackupSpec } from './velero.gen.js';
import { compileAny, hasWildcard } from './wildcard.js';

export interface ExistingNamespace {
  readonly name: string;
  readonly labels: Labels;
  readonly phase: string;
}

export interface NamespaceSelection {
  readonly includes: (namespace: string) => boolean;
  /** Namespaces to list, sorted; `*` asks for one list of the whole cluster, filtered by `includes` afterwards. */
  readonly list: '*' | readonly string[];
  /** No namespace is left out, so cluster-scoped objects may come along. */
  readonly everything: boolean;
  /** Names written out in includedNamespaces that do not exist, the empty one too: an error of the run, not of validation. */
  readonly missing: readonly string[];
}

/** The label by which a namespace or an object stays out of every backup; only the exact value `true` counts. */
export const EXCLUDE_LABEL = 'velero.io/exclude-from-backup';

export const isExcludedByLabel = (labels: Labels): boolean =>
  Object.hasOwn(labels, EXCLUDE_LABEL) && labels[EXCLUDE_LABEL] === 'true';

/** The names a backup's preparation appends to excludedNamespaces (`pkg/controller/backup_controller.go`). */
export const namespacesExcludedByLabel = (existing: readonly ExistingNamespace[]): readonly string[] =>
  existing.filter(({ labels }) => isExcludedByLabel(labels)).map(({ name }) => name);

const sorted = (names: Iterable<string>): readonly string[] => [...new Set(names)].sort();

/** Globs become the existing names they match; literals stay, even those of namespaces that do not exist. */
const expand = (patterns: readonly string[], names: readonly string[]): readonly string[] => {
  const matches = compileAny(patterns.filter(hasWildcard));
  return [...patterns.filter((pattern) => !hasWildcard(pattern)), ...names.filter(matches)];
};

const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name, i) => name === b[i]);

/**
 * Which namespaces a backup covers, against those existing when it starts (`pkg/util/wildcard/expand.go`,
 * `pkg/backup/backup.go`). With `*` in the includes nothing is expanded and the excludes stay globs. Includes that
 * expand to nothing take no namespaced object, yet count as everything for cluster-scoped ones when nothing is
 * excluded: Velero's oddity, kept because a spec must mean the same here.
 */
export const resolveNamespaces = (
  spec: Pick<BackupSpec, 'includedNamespaces' | 'excludedNamespaces'>,
  existing: readonly ExistingNamespace[],
): NamespaceSelection => {
  const included: NameList = spec.includedNamespaces ?? [];
  const excluded: NameList = spec.excludedNamespaces ?? [];
  const names = sorted(existing.map(({ name }) => name));
  const all = included.length === 0 || included.includes('*');
  const expands = !all && [...included, ...excluded].some(hasWildcard);
  const includes = expands ? expand(included, names) : included;
  const excludes = expands ? expand(excluded, names) : excluded;
  const nothing = expands && includes.length === 0;
  const filter = includesExcludes(includes, excludes);
  const covers = (namespace: string): boolean => !nothing && filter.shouldInclude(namespace);
  const literals = all ? [] : included.filter((name) => !hasWildcard(name));
  return {
    includes: covers,
    list: all ? '*' : names.filter(covers),
    everything: filter.everything || (filter.excludes.length === 0 && sameNames(sorted(includes), names)),
    missing: sorted(literals.filter((name) => !names.includes(name))),
  };
};

/**
 * Whether the Namespace object itself is archived, given that its kind is listed (`nsTracker` in
 * `pkg/backup/item_collector.go`). `hasItems`: the lists and selectors found something in it, even if an exclude label or its
 * deletion kept that out. A selector that matches its labels takes it even from outside includedNamespaces.
 */
export const tracksNamespace = (
  namespace: ExistingNamespace,
  spec: Pick<BackupSpec, 'labelSelector' | 'orLabelSelectors'>,
  selection: NamespaceSelection,
  hasItems: boolean,
): boolean => {
  if (namespace.phase !== 'Active') return false;
  const { labelSelector, orLabelSelectors } = spec;
  const selects = labelSelector ? matchesSelector(labelSelector, namespace.labels) : false;
  if (selects || matchesAnySelector(orLabelSelectors, namespace.labels)) return true;
  if (!selection.includes(namespace.name)) return false;
  const hasSelector = labelSelector != null || (orLabelSelectors?.length ?? 0) > 0;
  return hasItems || !selection.everything || !hasSelector;
};
