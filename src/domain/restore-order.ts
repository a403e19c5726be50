import type { KindResolver } from './resource-kinds.js';

/** Kinds restored before and after all others, as names the cluster's discovery can resolve. */
export interface RestorePriorities {
  readonly high: readonly string[];
  readonly low: readonly string[];
}

/** Velero's defaults (`pkg/cmd/server/config/config.go`): what others refer to comes before them. */
export const DEFAULT_PRIORITIES: RestorePriorities = {
  high: [
    'customresourcedefinitions',
    'namespaces',
    'storageclasses',
    'volumesnapshotclass.snapshot.storage.k8s.io',
    'volumesnapshotcontents.snapshot.storage.k8s.io',
    'volumesnapshots.snapshot.storage.k8s.io',
    'datauploads.velero.io',
    'persistentvolumes',
    'persistentvolumeclaims',
    'clusterroles',
    'roles',
    'serviceaccounts',
    'clusterrolebindings',
    'rolebindings',
    'secrets',
    'configmaps',
    'limitranges',
    'priorityclasses',
    'pods',
    'replicasets.apps',
    'clusterclasses.cluster.x-k8s.io',
    'endpoints',
    'services',
  ],
  low: [
    'clusterbootstraps.run.tanzu.vmware.com',
    'clusters.cluster.x-k8s.io',
    'clusterresourcesets.addons.cluster.x-k8s.io',
    'apps.kappctrl.k14s.io',
    'packageinstalls.packaging.carvel.dev',
  ],
};

/**
 * Reads `--restore-resource-priorities` (`pkg/types/priority.go`): a comma list in which the element `-` parts high from
 * low. A part that is not given keeps its default. Answers with the problem as a text if `-` comes twice.
 */
export const parsePriorities = (flag: string): RestorePriorities | string => {
  if (flag === '') return { high: [], low: [] };
  const names = flag.split(',').map((name) => name.trim());
  const dash = names.indexOf('-');
  if (dash !== names.lastIndexOf('-'))
    return 'the list has more than one "-"; write it once, between high and low';
  if (names.includes('')) return 'the list has an empty element; remove the extra comma';
  const high = dash < 0 ? names : names.slice(0, dash);
  const low = dash < 0 ? [] : names.slice(dash + 1);
  return {
    high: high.length > 0 ? high : DEFAULT_PRIORITIES.high,
    low: low.length > 0 ? low : DEFAULT_PRIORITIES.low,
  };
};

const CRDS = 'customresourcedefinitions.apiextensions.k8s.io';

/**
 * The kinds of an archive in waves; a wave may begin when the one before has ended (`pkg/restore/restore.go`). CRDs
 * come first, each high-priority kind is a wave of its own, all others are one wave in alphabetical order, and each
 * low-priority kind follows alone. Namespaces are in no wave: they are made before, or as items need them. A kind the
 * cluster does not know is still attempted, so that each of its items gets its error. After the first wave discovery
 * may know more kinds, so it is done anew before the others are resolved.
 */
export const orderKinds = (
  archived: readonly string[],
  priorities: RestorePriorities,
  resolve: KindResolver,
): readonly (readonly string[])[] => {
  const left = new Set(archived.filter((kind) => kind !== 'namespaces'));
  const take = (name: string): readonly string[] => {
    const kind = resolve(name) ?? name;
    return left.delete(kind) ? [kind] : [];
  };
  const resolved = (names: readonly string[]): ReadonlySet<string> =>
    new Set(names.map((name) => resolve(name) ?? name));
  const last = resolved(priorities.low);
  const first = left.delete(CRDS) ? [CRDS] : [];
  const high = priorities.high.map(take);
  const others = [...left].filter((kind) => !last.has(kind)).sort();
  const low = priorities.low.map(take);
  return [first, ...high, others, ...low].filter((wave) => wave.length > 0);
};
