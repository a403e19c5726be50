/** One kind of object the API server serves, as discovery tells it; `cluster/port.ts` has the same shape. */
export interface ResourceKind {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** Lower-case plural. */
  readonly resource: string;
  readonly kind: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

/** `pods`, `deployments.apps`: how Velero writes a kind. */
export const groupResourceOf = ({ group, resource }: Pick<ResourceKind, 'group' | 'resource'>): string =>
  group === '' ? resource : `${resource}.${group}`;

/** Gives the group resource of a name as people write it, `undefined` if the cluster has no such kind. */
export type KindResolver = (name: string) => string | undefined;

const inGroup = (kinds: readonly ResourceKind[], group: string | undefined): readonly ResourceKind[] => {
  if (group === undefined) return kinds;
  const exact = kinds.filter((kind) => kind.group === group);
  return exact.length > 0 ? exact : kinds.filter((kind) => kind.group.startsWith(group));
};

const NEEDED_VERBS = ['list', 'create', 'get', 'delete'];

/** Velero passes over kinds it could not list, restore or clean up (`pkg/discovery/helper.go`). */
export const hasNeededVerbs = (kind: Pick<ResourceKind, 'verbs'>): boolean =>
  NEEDED_VERBS.every((verb) => kind.verbs.includes(verb));

/** Discovery leaves some singular names empty; Kubernetes then takes the kind's. */
const singularOf = ({ singular, kind }: ResourceKind): string => singular || kind.toLowerCase();

/**
 * Finds a kind by plural, singular or short name, with `.group` or without; a group may be cut short
 * (`ingresses.networking`). Several groups serving one name: the first in discovery order. A short name is looked up first,
 * as it is written, and stands for the plural only: `fy` for `ferries` then finds the first group that has ferries. So do
 * Velero's own short names (`third_party/kubernetes/pkg/kubectl/cmd/util/shortcut_expander.go`), and behind them the REST
 * mapper of Kubernetes, to which case does not matter (`pkg/discovery/helper.go`). Names of kinds without the needed verbs mean
 * nothing.
 */
export const findKind = (kinds: readonly ResourceKind[], name: string): ResourceKind | undefined => {
  const dot = name.indexOf('.');
  const given = dot < 0 ? name : name.slice(0, dot);
  if (given === '') return undefined;
  const candidates = inGroup(kinds, dot < 0 ? undefined : name.slice(dot + 1));
  const short = candidates.find((kind) => hasNeededVerbs(kind) && kind.shortNames.includes(given));
  const wanted = (short?.resource ?? given).toLowerCase();
  const found = candidates.find((kind) => kind.resource === wanted || singularOf(kind) === wanted);
  return found && hasNeededVerbs(found) ? found : undefined;
};

/** A resolver over the kinds of a cluster. */
export const kindResolver =
  (kinds: readonly ResourceKind[]): KindResolver =>
  (name) => {
    const kind = findKind(kinds, name);
    return kind && groupResourceOf(kind);
  };

/** Pods before what they use, so that hooks run just before their volumes are taken (`pkg/backup/item_collector.go`). */
const CORE_ORDER = ['pods', 'persistentvolumeclaims', 'persistentvolumes'];

const placeInGroup = (kind: ResourceKind): number => {
  const place = kind.group === '' ? CORE_ORDER.indexOf(kind.resource) : -1;
  return place < 0 ? CORE_ORDER.length : place;
};

/**
 * The order in which a backup collects kinds: groups as discovery has them, `extensions` last; inside the core group
 * pods, claims and volumes first (`pkg/discovery/helper.go`, `pkg/backup/item_collector.go`).
 */
export const inProcessingOrder = <K extends ResourceKind>(kinds: readonly K[]): readonly K[] => {
  const groups = [...new Set(kinds.map((kind) => kind.group))];
  const placeOfGroup = new Map(groups.map((group, i) => [group, group === 'extensions' ? groups.length : i]));
  const place = (kind: ResourceKind): number => placeOfGroup.get(kind.group) ?? 0;
  return [...kinds].sort((a, b) => place(a) - place(b) || placeInGroup(a) - placeInGroup(b));
};

const COHABITANTS: Readonly<Record<string, readonly string[]>> = {
  deployments: ['extensions', 'apps'],
  daemonsets: ['extensions', 'apps'],
  replicasets: ['extensions', 'apps'],
  networkpolicies: ['extensions', 'networking.k8s.io'],
  events: ['', 'events.k8s.io'],
};

const sharesObjects = ({ group, resource }: ResourceKind): boolean =>
  Object.hasOwn(COHABITANTS, resource) && (COHABITANTS[resource] ?? []).includes(group);

/** Kinds that two groups serve from the same objects are kept once, from the first group in the list. */
export const withoutCohabitants = <K extends ResourceKind>(kinds: readonly K[]): readonly K[] => {
  const seen = new Set<string>();
  return kinds.filter((kind) => {
    if (!sharesObjects(kind)) return true;
    const first = !seen.has(kind.resource);
    seen.add(kind.resource);
    return first;
  });
};
