/** Which objects the built-in actions of a backup ask for: `pkg/backup/actions` and `pkg/itemblock/actions`. */
import type { KubeObject } from '../builders.js';
import { fullName } from './rules.js';
import type { Served, SmallCluster } from './small-cluster.js';

interface PodLike {
  readonly spec?: {
    readonly priorityClassName?: string;
    readonly nodeName?: string;
    readonly volumes?: readonly { readonly persistentVolumeClaim?: { readonly claimName: string } }[];
  };
  readonly status?: { readonly phase?: string };
}
interface ClaimLike {
  readonly spec?: { readonly volumeName?: string };
  readonly status?: { readonly phase?: string };
}
interface BindingLike {
  readonly subjects?: readonly {
    readonly kind: string;
    readonly namespace?: string;
    readonly name: string;
  }[];
  readonly roleRef: { readonly name: string };
}

const RBAC = 'rbac.authorization.k8s.io';
const GROUP_LABEL = 'velero.io/volume-group';

const claimsOf = (pod: KubeObject): readonly string[] =>
  ((pod as PodLike).spec?.volumes ?? []).flatMap(({ persistentVolumeClaim }) =>
    persistentVolumeClaim ? [persistentVolumeClaim.claimName] : [],
  );

/** On a node, too; one that is ending stays out of a backup anyway. */
const isRunning = (pod: KubeObject): boolean =>
  (pod as PodLike).status?.phase === 'Running' && ((pod as PodLike).spec?.nodeName ?? '') !== '';

/** Whether `item` asks for `other`. */
const asksFor = (item: Served, other: Served, cluster: SmallCluster): boolean => {
  const [from, to] = [fullName(item.kind), fullName(other.kind)];
  const [a, b] = [item.object, other.object];
  const { name, namespace } = a.metadata;
  const sameNamespace = namespace === b.metadata.namespace;
  if (from === 'pods') {
    const priority = (a as PodLike).spec?.priorityClassName;
    if (to === 'priorityclasses.scheduling.k8s.io') return priority === b.metadata.name;
    return to === 'persistentvolumeclaims' && sameNamespace && claimsOf(a).includes(b.metadata.name);
  }
  if (from === 'persistentvolumeclaims') {
    const { spec, status } = a as ClaimLike;
    if (status?.phase !== 'Bound' || (spec?.volumeName ?? '') === '') return false;
    if (to === 'persistentvolumes') return spec?.volumeName === b.metadata.name;
    if (to === 'pods') return sameNamespace && isRunning(b) && claimsOf(b).includes(name);
    const group = a.metadata.labels?.[GROUP_LABEL] ?? '';
    return to === from && sameNamespace && group !== '' && b.metadata.labels?.[GROUP_LABEL] === group;
  }
  if (from === 'serviceaccounts') {
    const binds = (binding: KubeObject) =>
      ((binding as unknown as BindingLike).subjects ?? []).some(
        (subject) =>
          subject.kind === 'ServiceAccount' && subject.name === name && subject.namespace === namespace,
      );
    if (to === `clusterrolebindings.${RBAC}`) return binds(b);
    if (to !== `clusterroles.${RBAC}`) return false;
    return cluster.objects.some(
      ({ kind, object }) =>
        fullName(kind) === `clusterrolebindings.${RBAC}` &&
        binds(object) &&
        (object as unknown as BindingLike).roleRef.name === b.metadata.name,
    );
  }
  return false;
};

/** The objects themselves and, again and again, those they ask for that `passes` lets through. */
export const closureOf = (
  start: readonly Served[],
  cluster: SmallCluster,
  passes: (other: Served) => boolean,
): readonly Served[] => {
  const found = new Set(start);
  const isNew = (other: Served): boolean =>
    !found.has(other) && passes(other) && [...found].some((item) => asksFor(item, other, cluster));
  for (let more = cluster.objects.filter(isNew); more.length > 0; more = cluster.objects.filter(isNew)) {
    for (const item of more) found.add(item);
  }
  return [...found];
};

/** The definitions of the kinds of these items. */
export const definitionsOf = (items: readonly Served[], cluster: SmallCluster): readonly Served[] =>
  cluster.objects.filter(
    ({ kind, object }) =>
      fullName(kind) === 'customresourcedefinitions.apiextensions.k8s.io' &&
      items.some((item) => fullName(item.kind) === object.metadata.name),
  );
