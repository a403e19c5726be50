import { includesExcludes, type IncludesExcludes, type NameList } from './includes-excludes.js';
import {
  findKind,
  groupResourceOf,
  hasNeededVerbs,
  inProcessingOrder,
  withoutCohabitants,
  type ResourceKind,
} from './resource-kinds.js';
import type { BackupSpec } from './velero.gen.js';

/** The part of a backup's spec that says which kinds belong to it. */
export type ResourceFilterSpec = Pick<
  BackupSpec,
  | 'includedResources'
  | 'excludedResources'
  | 'includeClusterResources'
  | 'includedClusterScopedResources'
  | 'excludedClusterScopedResources'
  | 'includedNamespaceScopedResources'
  | 'excludedNamespaceScopedResources'
>;

/** The lists of a resource policy's `includeExcludePolicy`; they only add to scoped filters, the spec wins. */
export type ResourcePolicyLists = Pick<
  ResourceFilterSpec,
  | 'includedClusterScopedResources'
  | 'excludedClusterScopedResources'
  | 'includedNamespaceScopedResources'
  | 'excludedNamespaceScopedResources'
>;

export interface SelectedKind extends ResourceKind {
  readonly groupResource: string;
}

/** What a backup takes, by kind. Kinds are named by group resource; one that discovery does not know is never taken. */
export interface ResourceSelection {
  readonly family: 'old' | 'scoped';
  /** Kinds to list, in processing order, with the verbs needed and without cohabitants. */
  readonly kinds: readonly SelectedKind[];
  /** Velero's ShouldInclude: whether objects of the kind are listed. */
  readonly lists: (groupResource: string) => boolean;
  /** The opposite of Velero's ShouldExclude: whether an object named by an action, or a CRD, may come in. */
  readonly allowsAdditional: (groupResource: string) => boolean;
  /** CRDs are neither listed nor shut out, so each archived custom kind brings its own (`pkg/backup/backup.go`). */
  readonly addsDefinitions: boolean;
}

const filled = (list: NameList): boolean => (list?.length ?? 0) > 0;

/** A spec without any filter is of the scoped family, since Velero 1.17. */
export const filterFamily = (spec: ResourceFilterSpec): 'old' | 'scoped' =>
  typeof spec.includeClusterResources === 'boolean' ||
  filled(spec.includedResources) ||
  filled(spec.excludedResources)
    ? 'old'
    : 'scoped';

interface Rules {
  readonly lists: (kind: SelectedKind) => boolean;
  readonly excludes: (kind: SelectedKind) => boolean;
}

/** Names become group resources where discovery knows them; others stay and may act as globs (`*.velero.io`). */
const resolved = (
  list: NameList,
  kinds: readonly ResourceKind[],
  scope?: 'cluster' | 'namespaced',
): readonly string[] =>
  (list ?? []).flatMap((name) => {
    const kind = name === '*' ? undefined : findKind(kinds, name);
    if (!kind) return [name];
    return scope === undefined || kind.namespaced === (scope === 'namespaced') ? [groupResourceOf(kind)] : [];
  });

const oldRules = (
  spec: ResourceFilterSpec,
  kinds: readonly ResourceKind[],
  everyNamespace: boolean,
): Rules => {
  const excludes = resolved(spec.excludedResources, kinds).filter((name) => name !== '*');
  const filter = includesExcludes(resolved(spec.includedResources, kinds), excludes);
  const cluster = spec.includeClusterResources ?? undefined;
  return {
    lists: ({ namespaced, groupResource }) => {
      if (!filter.shouldInclude(groupResource)) return false;
      if (namespaced || cluster === true) return true;
      return cluster === undefined && (groupResource === 'namespaces' || everyNamespace);
    },
    excludes: ({ namespaced, groupResource }) => {
      if (filter.excluded(groupResource)) return true;
      if (namespaced || cluster === true) return false;
      return cluster === false || !filter.shouldInclude(groupResource);
    },
  };
};

const withPolicy = (
  spec: IncludesExcludes,
  includes: readonly string[],
  excludes: readonly string[],
): IncludesExcludes => {
  const open = (filter: IncludesExcludes, name: string): boolean =>
    !filter.namedByIncludes(name) && !filter.excluded(name);
  const added = excludes.filter((name) => open(spec, name));
  const narrowed = includesExcludes(spec.includes, [...spec.excludes, ...added]);
  // An include that an exclude of the policy swallows must not count: one include keeps out all that are not named.
  const wanted = includes.filter((name) => open(narrowed, name));
  return includesExcludes([...spec.includes, ...wanted], narrowed.excludes);
};

const scopedRules = (
  spec: ResourceFilterSpec,
  kinds: readonly ResourceKind[],
  everyNamespace: boolean,
  policy: ResourcePolicyLists,
): Rules => {
  const cluster = withPolicy(
    includesExcludes(
      resolved(spec.includedClusterScopedResources, kinds, 'cluster'),
      resolved(spec.excludedClusterScopedResources, kinds, 'cluster'),
    ),
    resolved(policy.includedClusterScopedResources, kinds, 'cluster'),
    resolved(policy.excludedClusterScopedResources, kinds, 'cluster'),
  );
  const namespaced = withPolicy(
    includesExcludes(
      resolved(spec.includedNamespaceScopedResources, kinds, 'namespaced'),
      resolved(spec.excludedNamespaceScopedResources, kinds, 'namespaced'),
    ),
    resolved(policy.includedNamespaceScopedResources, kinds, 'namespaced'),
    resolved(policy.excludedNamespaceScopedResources, kinds, 'namespaced'),
  );
  const noClusterLists = cluster.includes.length === 0 && cluster.excludes.length === 0;
  const everyCluster = noClusterLists && everyNamespace && namespaced.everything;
  return {
    lists: (kind) => {
      const name = kind.groupResource;
      if (kind.namespaced) return namespaced.shouldInclude(name);
      if (cluster.excluded(name)) return false;
      return cluster.namedByIncludes(name) || name === 'namespaces' || everyCluster;
    },
    excludes: (kind) => (kind.namespaced ? namespaced : cluster).excluded(kind.groupResource),
  };
};

const CRDS = 'customresourcedefinitions.apiextensions.k8s.io';

/**
 * Which kinds a backup takes (`pkg/util/collections/includes_excludes.go`, `pkg/backup/item_collector.go`). `spec` is
 * the prepared one, so its exclude lists name the CSI snapshot kinds already; `kinds` are all that discovery found;
 * `everyNamespace` is the "everything" of the namespace filter, since cluster-scoped kinds come along only then.
 */
export const selectKinds = (
  spec: ResourceFilterSpec,
  kinds: readonly ResourceKind[],
  scope: { readonly everyNamespace: boolean; readonly policy?: ResourcePolicyLists },
): ResourceSelection => {
  const family = filterFamily(spec);
  const rules =
    family === 'old'
      ? oldRules(spec, kinds, scope.everyNamespace)
      : scopedRules(spec, kinds, scope.everyNamespace, scope.policy ?? {});
  const known = kinds.map((kind): SelectedKind => ({ ...kind, groupResource: groupResourceOf(kind) }));
  // Asked for every item: decided once for every kind. Of several versions the first one, the preferred, decides.
  const listed = new Set(known.filter(rules.lists).map((kind) => kind.groupResource));
  const allowed = new Set(known.filter((kind) => !rules.excludes(kind)).map((kind) => kind.groupResource));
  const candidates = known.filter((kind) => hasNeededVerbs(kind) && listed.has(kind.groupResource));
  return {
    family,
    kinds: withoutCohabitants(inProcessingOrder(candidates)),
    lists: (groupResource) => listed.has(groupResource),
    allowsAdditional: (groupResource) => allowed.has(groupResource),
    addsDefinitions: allowed.has(CRDS) && !listed.has(CRDS),
  };
};
