import { includesExcludes } from './includes-excludes.js';
import type { Labels } from './item.js';
import { kindFilter } from './kind-filter.js';
import { compileSelector } from './label-selector.js';
import type { KindResolver } from './resource-kinds.js';
import type { RestoreSpec } from './velero.gen.js';

/** An archived item as the selection sees it; no namespace, or an empty one, means cluster-scoped. */
export interface ArchivedItem {
  readonly groupResource: string;
  /** The one it was backed up from, before any mapping. */
  readonly namespace?: string;
  readonly labels: Labels;
}

export interface RestoreSelection {
  /** Whether the restore takes the item by itself. */
  readonly selects: (item: ArchivedItem) => boolean;
  /** Whether the item may come in because an action asked for it; labels do not count then. */
  readonly allowsAdditional: (item: Omit<ArchivedItem, 'labels'>) => boolean;
  /** Whether the kind passes the resource lists, whatever the item. */
  readonly includesKind: (groupResource: string) => boolean;
}

/** Without these no volume data comes back, so filters do not keep them out (`resourceMustHave` in `pkg/restore/restore.go`). */
const MUST_HAVE = ['datauploads.velero.io', 'volumesnapshotcontents.snapshot.storage.k8s.io'];

/** A claim that names one would wait for ever for it. It comes with its claim, and by itself only if the lists take it. */
const VOLUME_SNAPSHOTS = 'volumesnapshots.snapshot.storage.k8s.io';

type SelectionSpec = Pick<
  RestoreSpec,
  | 'includedNamespaces'
  | 'excludedNamespaces'
  | 'includedResources'
  | 'excludedResources'
  | 'includeClusterResources'
  | 'labelSelector'
  | 'orLabelSelectors'
>;

const labelFilter = ({ labelSelector, orLabelSelectors }: SelectionSpec): ((labels: Labels) => boolean) => {
  if (orLabelSelectors && orLabelSelectors.length > 0) {
    const any = orLabelSelectors.map(compileSelector);
    return (labels) => any.some((matches) => matches(labels));
  }
  return compileSelector(labelSelector);
};

/** Which items of an archive a restore takes (`pkg/restore/restore.go`). Globs of namespaces are matched, never expanded. */
export const restoreSelection = (spec: SelectionSpec, resolve: KindResolver): RestoreSelection => {
  const kinds = kindFilter(spec, resolve);
  const namespaces = includesExcludes(spec.includedNamespaces, spec.excludedNamespaces);
  const matchesLabels = labelFilter(spec);
  const cluster = spec.includeClusterResources ?? undefined;

  const allowsAdditional = ({ groupResource, namespace = '' }: Omit<ArchivedItem, 'labels'>): boolean => {
    if (namespace === '' && cluster === false) return false;
    if (MUST_HAVE.includes(groupResource)) return true;
    if (groupResource === VOLUME_SNAPSHOTS) return namespaces.shouldInclude(namespace);
    return kinds.shouldInclude(groupResource) && (namespace === '' || namespaces.shouldInclude(namespace));
  };
  return {
    allowsAdditional,
    includesKind: kinds.shouldInclude,
    selects: (item) => {
      if (!allowsAdditional(item)) return false;
      if (item.groupResource === VOLUME_SNAPSHOTS && !kinds.shouldInclude(VOLUME_SNAPSHOTS)) return false;
      if (!item.namespace && cluster === undefined && !namespaces.everything) return false;
      return MUST_HAVE.includes(item.groupResource) || matchesLabels(item.labels);
    },
  };
};

/** Where an item of a namespace goes: exact names only, several may share a target, all others stay. */
export const mapNamespace = (mapping: RestoreSpec['namespaceMapping'], namespace: string): string =>
  (mapping && Object.hasOwn(mapping, namespace) ? mapping[namespace] : undefined) ?? namespace;
