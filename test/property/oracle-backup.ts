/**
 * What a backup has to hold, decided object by object from the rules of Velero 1.18.2 and from nothing else: this file
 * must not learn from the product what the product should do. Places in Velero: `pkg/controller/backup_controller.go`,
 * `pkg/util/collections/includes_excludes.go`, `pkg/backup/item_collector.go`, `pkg/backup/item_backupper.go`,
 * `pkg/backup/actions`, `pkg/itemblock/actions`.
 */
import type { ResourceType } from '../../src/cluster/port.js';
import type { BackupSpec } from '../../src/domain/velero.gen.js';
import type { KubeObject } from '../builders.js';
import { closureOf, definitionsOf } from './oracle-related.js';
import {
  anyFits,
  chosen,
  fits,
  fullName,
  fullNames,
  hasSelector,
  idOf,
  isPattern,
  isUsable,
  kindCalled,
  listsClash,
  wanted,
} from './rules.js';
import type { Served, SmallCluster } from './small-cluster.js';

export type Expected =
  | { readonly refused: true }
  | {
      readonly refused: false;
      /** `kind|namespace|name`, in order. */
      readonly items: readonly string[];
      /** Literal names among the included namespaces that do not exist. */
      readonly missing: readonly string[];
    };

const SNAPSHOTS = 'volumesnapshots.snapshot.storage.k8s.io';
const CONTENTS = 'volumesnapshotcontents.snapshot.storage.k8s.io';
export const EXCLUDE_LABEL = 'velero.io/exclude-from-backup';

const isMarkedOut = ({ metadata }: KubeObject): boolean => metadata.labels?.[EXCLUDE_LABEL] === 'true';
const isEnding = ({ metadata }: KubeObject): boolean => 'deletionTimestamp' in metadata;

const namespacesOf = (cluster: SmallCluster): readonly KubeObject[] =>
  cluster.objects.filter(({ kind }) => fullName(kind) === 'namespaces').map(({ object }) => object);

const given = (list: readonly string[] | null | undefined): readonly string[] => list ?? [];

const usesOldFilters = (spec: BackupSpec): boolean =>
  (spec.includeClusterResources ?? undefined) !== undefined ||
  given(spec.includedResources).length > 0 ||
  given(spec.excludedResources).length > 0;

const usesScopedFilters = (spec: BackupSpec): boolean =>
  [
    spec.includedNamespaceScopedResources,
    spec.excludedNamespaceScopedResources,
    spec.includedClusterScopedResources,
    spec.excludedClusterScopedResources,
  ].some((list) => given(list).length > 0);

const scopedListsClash = (
  includes: readonly string[] | null | undefined,
  excludes: readonly string[] | null | undefined,
): boolean => {
  const [ins, outs] = [given(includes), given(excludes)];
  return (
    (ins.includes('*') && ins.length > 1) ||
    (outs.includes('*') && (outs.length > 1 || ins.length > 0)) ||
    ins.some((name) => outs.includes(name))
  );
};

const isBadNamespace = (entry: string): boolean => {
  if (entry === '') return false;
  if (/[|()!{},]/.test(entry) || entry.includes('**')) return true;
  if (entry.includes('[]')) return true;
  const brackets = entry.replaceAll(/[^[\]]/g, '');
  if (brackets.replaceAll('[]', '') !== '') return true;
  const name = entry.replaceAll(/[*?[\]]/g, 'x');
  return name.length > 63 || !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name);
};

const markedNamespaces = (cluster: SmallCluster): readonly string[] =>
  namespacesOf(cluster)
    .filter(isMarkedOut)
    .map(({ metadata }) => metadata.name);

const isRefused = (spec: BackupSpec, cluster: SmallCluster): boolean => {
  const excludedNamespaces = [...given(spec.excludedNamespaces), ...markedNamespaces(cluster)];
  return (
    (usesOldFilters(spec) && usesScopedFilters(spec)) ||
    listsClash(spec.includedNamespaces, excludedNamespaces) ||
    [...given(spec.includedNamespaces), ...excludedNamespaces].some(isBadNamespace) ||
    (usesOldFilters(spec)
      ? listsClash(spec.includedResources, spec.excludedResources)
      : scopedListsClash(spec.includedNamespaceScopedResources, spec.excludedNamespaceScopedResources) ||
        scopedListsClash(spec.includedClusterScopedResources, spec.excludedClusterScopedResources)) ||
    ((spec.labelSelector ?? undefined) !== undefined && given(spec.orLabelSelectors as never).length > 0)
  );
};

/** The rules of one backup about namespaces. */
interface Namespaces {
  readonly has: (namespace: string) => boolean;
  readonly everything: boolean;
  readonly missing: readonly string[];
}

const namespaceRules = (spec: BackupSpec, cluster: SmallCluster): Namespaces => {
  const existing = namespacesOf(cluster).map(({ metadata }) => metadata.name);
  const asked = given(spec.includedNamespaces).length === 0 ? ['*'] : given(spec.includedNamespaces);
  const unwanted = [...given(spec.excludedNamespaces), ...markedNamespaces(cluster)];
  const expands = !asked.includes('*') && [...asked, ...unwanted].some(isPattern);
  const names = (list: readonly string[]) =>
    list.flatMap((entry) => (isPattern(entry) ? existing.filter((name) => fits(entry, name)) : [entry]));
  const includes = expands ? names(asked) : asked;
  const excludes = expands ? names(unwanted) : unwanted;
  const isAll =
    includes.length === 0 ||
    (includes.length === 1 && includes[0] === '*') ||
    [...new Set(includes)].sort().join() === [...existing].sort().join();
  return {
    has: (namespace) => !anyFits(excludes, namespace) && anyFits(includes, namespace),
    everything: excludes.length === 0 && isAll,
    missing: [...new Set(asked)].filter((entry) => !isPattern(entry) && !existing.includes(entry)).sort(),
  };
};

/** The rules of one backup about kinds: what is looked for, and what is turned away when something else asks for it. */
interface Kinds {
  readonly listed: (kind: ResourceType) => boolean;
  readonly turnedAway: (kind: ResourceType) => boolean;
}

/** The snapshots' kinds join the excludes and leave the includes. */
const withoutSnapshots = (
  includes: readonly string[] | null | undefined,
  excludes: readonly string[] | null | undefined,
  more: readonly string[],
) => {
  const outs = [...given(excludes), ...more];
  return { ins: given(includes).filter((name) => !outs.includes(name)), outs };
};

const oldKindRules = (spec: BackupSpec, cluster: SmallCluster, namespaces: Namespaces): Kinds => {
  const { ins, outs } = withoutSnapshots(spec.includedResources, spec.excludedResources, [
    SNAPSHOTS,
    CONTENTS,
  ]);
  const includes = fullNames(ins, cluster.kinds);
  const excludes = fullNames(outs, cluster.kinds);
  const allowed = (name: string) => !anyFits(excludes, name) && wanted(includes, name);
  const whole = spec.includeClusterResources ?? undefined;
  return {
    listed: (kind) => {
      const name = fullName(kind);
      if (kind.namespaced || whole === true) return allowed(name);
      if (whole === false) return false;
      return allowed(name) && (namespaces.everything || name === 'namespaces');
    },
    turnedAway: (kind) => {
      const name = fullName(kind);
      if (anyFits(excludes, name)) return true;
      if (kind.namespaced) return false;
      return whole === false || (whole === undefined && !wanted(includes, name));
    },
  };
};

const scopedKindRules = (spec: BackupSpec, cluster: SmallCluster, namespaces: Namespaces): Kinds => {
  const ofScope = (names: readonly string[], namespaced: boolean) =>
    fullNames(
      names.filter((name) => (kindCalled(name, cluster.kinds)?.namespaced ?? namespaced) === namespaced),
      cluster.kinds,
    );
  const inner = withoutSnapshots(
    spec.includedNamespaceScopedResources,
    spec.excludedNamespaceScopedResources,
    [SNAPSHOTS],
  );
  const outer = withoutSnapshots(spec.includedClusterScopedResources, spec.excludedClusterScopedResources, [
    CONTENTS,
  ]);
  const [innerIns, innerOuts] = [ofScope(inner.ins, true), ofScope(inner.outs, true)];
  const [outerIns, outerOuts] = [ofScope(outer.ins, false), ofScope(outer.outs, false)];
  const wholeCluster =
    outerIns.length === 0 &&
    outerOuts.length === 0 &&
    namespaces.everything &&
    innerOuts.length === 0 &&
    (innerIns.length === 0 || innerIns.includes('*'));
  return {
    listed: (kind) => {
      const name = fullName(kind);
      if (kind.namespaced) return !anyFits(innerOuts, name) && wanted(innerIns, name);
      if (anyFits(outerOuts, name)) return false;
      return name === 'namespaces' || anyFits(outerIns, name) || wholeCluster;
    },
    turnedAway: (kind) => anyFits(kind.namespaced ? innerOuts : outerOuts, fullName(kind)),
  };
};

/** Of kinds that are served in two groups only the first that is wanted is taken. */
const COHABITING: readonly (readonly [string, string])[] = [
  ['deployments', 'extensions apps'],
  ['daemonsets', 'extensions apps'],
  ['replicasets', 'extensions apps'],
  ['networkpolicies', 'extensions networking.k8s.io'],
  ['events', ' events.k8s.io'],
];

const listedKinds = (cluster: SmallCluster, kinds: Kinds): readonly ResourceType[] => {
  const lastExtensions = [
    ...cluster.kinds.filter(({ group }) => group !== 'extensions'),
    ...cluster.kinds.filter(({ group }) => group === 'extensions'),
  ];
  const wantedKinds = lastExtensions.filter((kind) => isUsable(kind) && kinds.listed(kind));
  return wantedKinds.filter((kind, i) => {
    const [, groups] = COHABITING.find(([resource]) => resource === kind.resource) ?? [];
    if (groups === undefined || !groups.split(' ').includes(kind.group)) return true;
    return !wantedKinds
      .slice(0, i)
      .some(({ resource, group }) => resource === kind.resource && groups.split(' ').includes(group));
  });
};

const isActive = (object: KubeObject): boolean =>
  (object['status'] as { readonly phase?: string } | undefined)?.phase === 'Active';

export const expectedBackup = (spec: BackupSpec, cluster: SmallCluster): Expected => {
  if (isRefused(spec, cluster)) return { refused: true };
  const namespaces = namespaceRules(spec, cluster);
  const kinds = (usesOldFilters(spec) ? oldKindRules : scopedKindRules)(spec, cluster, namespaces);
  const listed = listedKinds(cluster, kinds);
  const collected = cluster.objects.filter(
    ({ kind, object }) =>
      listed.includes(kind) &&
      fullName(kind) !== 'namespaces' &&
      (!hasSelector(spec) || chosen(spec, object)) &&
      (!kind.namespaced || namespaces.has(object.metadata.namespace ?? '')),
  );
  const isTracked = (object: KubeObject): boolean => {
    if (!isActive(object)) return false;
    const { name } = object.metadata;
    if (chosen(spec, object)) return true;
    if (!namespaces.has(name)) return false;
    if (!namespaces.everything || !hasSelector(spec)) return true;
    return collected.some((item) => item.object.metadata.namespace === name);
  };
  const takesNamespaces = listed.some((kind) => fullName(kind) === 'namespaces');
  const tracked = cluster.objects.filter(
    ({ kind, object }) => takesNamespaces && fullName(kind) === 'namespaces' && isTracked(object),
  );
  const passes = ({ kind, object }: Served): boolean => {
    if (isMarkedOut(object) || isEnding(object)) return false;
    if (kind.namespaced) return namespaces.has(object.metadata.namespace ?? '') && kinds.listed(kind);
    return fullName(kind) === 'namespaces' || !kinds.turnedAway(kind);
  };
  const items = closureOf([...collected, ...tracked].filter(passes), cluster, passes);
  const definitionKind = kindCalled('customresourcedefinitions', cluster.kinds);
  const addsDefinitions =
    definitionKind !== undefined && !kinds.turnedAway(definitionKind) && !kinds.listed(definitionKind);
  const all = addsDefinitions ? [...items, ...definitionsOf(items, cluster).filter(passes)] : items;
  const ids = all.map(({ kind, object }) =>
    idOf(fullName(kind), object.metadata.namespace, object.metadata.name),
  );
  return {
    refused: false,
    items: [...new Set(ids)].sort(),
    missing: takesNamespaces ? namespaces.missing : [],
  };
};
