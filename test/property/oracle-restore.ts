/**
 * What a restore into an empty cluster has to bring back, decided object by object from the rules of Velero 1.18.2 and
 * from nothing else. Places in Velero: `pkg/controller/restore_controller.go`, `pkg/restore/restore.go`,
 * `pkg/restore/actions`.
 */
import type { ResourceType } from '../../src/cluster/port.js';
import type { RestoreSpec } from '../../src/domain/velero.gen.js';
import type { KubeObject } from '../builders.js';
import { anyFits, chosen, fullName, fullNames, hasSelector, idOf, listsClash, wanted } from './rules.js';
import type { Served } from './small-cluster.js';

export type Expected =
  | { readonly refused: true }
  /** `kind|target namespace|name` of all that is made, the namespaces too, in order. */
  | {
      readonly refused: false;
      readonly items: readonly string[];
      /** Two pods, or two claims, would become one: which comes first, and so what they bring along, is not said. */
      readonly ambiguous: boolean;
    };

const NEVER_RESTORED = [
  'nodes',
  'events',
  'events.events.k8s.io',
  'backups.velero.io',
  'restores.velero.io',
  'resticrepositories.velero.io',
  'csinodes.storage.k8s.io',
  'volumeattachments.storage.k8s.io',
  'backuprepositories.velero.io',
];

const given = (list: readonly string[] | null | undefined): readonly string[] => list ?? [];

const isRefused = (spec: RestoreSpec): boolean =>
  given(spec.includedResources).some((name) => NEVER_RESTORED.includes(name)) ||
  listsClash(spec.includedResources, spec.excludedResources) ||
  listsClash(spec.includedNamespaces, spec.excludedNamespaces) ||
  ((spec.labelSelector ?? undefined) !== undefined && (spec.orLabelSelectors ?? []).length > 0);

interface Inside {
  readonly spec?: {
    readonly priorityClassName?: string;
    readonly volumes?: readonly { readonly persistentVolumeClaim?: { readonly claimName: string } }[];
    readonly volumeName?: string;
    readonly persistentVolumeReclaimPolicy?: string;
  };
  readonly status?: { readonly phase?: string; readonly completionTime?: string };
}

const insideOf = (object: KubeObject): Inside => object as unknown as Inside;

/** Objects that a restore leaves out whatever its filters say. */
const isLeftOut = ({ kind, object }: Served): boolean => {
  const { spec, status } = insideOf(object);
  switch (fullName(kind)) {
    case 'pods':
      return (
        ['Succeeded', 'Failed'].includes(status?.phase ?? '') ||
        (object.metadata.annotations?.['kubernetes.io/config.mirror'] ?? '') !== ''
      );
    case 'jobs.batch':
      return status?.completionTime !== undefined;
    case 'persistentvolumes':
      return spec?.persistentVolumeReclaimPolicy === 'Delete';
    default:
      return fullName(kind) === 'namespaces';
  }
};

const asksFor = (item: Served, other: Served): boolean => {
  const [from, to] = [fullName(item.kind), fullName(other.kind)];
  const { spec, status } = insideOf(item.object);
  const { name, namespace } = other.object.metadata;
  if (from === 'pods' && to === 'persistentvolumeclaims') {
    return (
      item.object.metadata.namespace === namespace &&
      (spec?.volumes ?? []).some((volume) => volume.persistentVolumeClaim?.claimName === name)
    );
  }
  if (from === 'pods') return to === 'priorityclasses.scheduling.k8s.io' && spec?.priorityClassName === name;
  return (
    from === 'persistentvolumeclaims' &&
    to === 'persistentvolumes' &&
    status?.phase === 'Bound' &&
    spec?.volumeName === name
  );
};

/** The items and all they ask for, through others too, that may come. */
const closureOf = (start: readonly Served[], archive: readonly Served[], may: (item: Served) => boolean) => {
  const found = new Set(start);
  const isNew = (other: Served): boolean =>
    !found.has(other) &&
    may(other) &&
    !isLeftOut(other) &&
    [...found].some((item) => !isLeftOut(item) && asksFor(item, other));
  for (let more = archive.filter(isNew); more.length > 0; more = archive.filter(isNew)) {
    for (const item of more) found.add(item);
  }
  return [...found];
};

export const expectedRestore = (
  spec: RestoreSpec,
  archive: readonly Served[],
  kinds: readonly ResourceType[],
): Expected => {
  if (isRefused(spec)) return { refused: true };
  const includes = fullNames(spec.includedResources, kinds);
  const excludes = fullNames([...given(spec.excludedResources), ...NEVER_RESTORED], kinds);
  const [namespaces, noNamespaces] = [given(spec.includedNamespaces), given(spec.excludedNamespaces)];
  const everyNamespace =
    noNamespaces.length === 0 &&
    (namespaces.length === 0 || (namespaces.length === 1 && namespaces[0] === '*'));
  const whole = spec.includeClusterResources ?? undefined;
  /** Also for what others ask for. */
  const may = ({ kind, object }: Served): boolean => {
    const name = fullName(kind);
    if (anyFits(excludes, name) || !wanted(includes, name)) return false;
    const namespace = object.metadata.namespace;
    if (namespace === undefined) return whole !== false;
    return !anyFits(noNamespaces, namespace) && wanted(namespaces, namespace);
  };
  const isChosen = (item: Served): boolean =>
    may(item) &&
    (item.object.metadata.namespace !== undefined || whole === true || everyNamespace) &&
    (!hasSelector(spec) || chosen(spec, item.object));
  const isNamespace = ({ kind }: Served): boolean => fullName(kind) === 'namespaces';
  const isSelected = (item: Served): boolean => isChosen(item) && !isNamespace(item);
  const found = closureOf(archive.filter(isSelected), archive, may);
  const targetOf = (namespace: string): string => spec.namespaceMapping?.[namespace] ?? namespace;
  // Namespaces that are chosen themselves are made, even if nothing goes into them.
  const made = archive
    .filter((item) => isNamespace(item) && isChosen(item))
    .map(({ object }) => idOf('namespaces', undefined, targetOf(object.metadata.name)));
  const ids = found.flatMap((item) => {
    const { name, namespace } = item.object.metadata;
    const target = namespace === undefined ? undefined : targetOf(namespace);
    return [
      ...(target === undefined ? [] : [idOf('namespaces', undefined, target)]),
      ...(isLeftOut(item) ? [] : [idOf(fullName(item.kind), target, name)]),
    ];
  });
  const asking = found
    .filter(({ kind }) => ['pods', 'persistentvolumeclaims'].includes(fullName(kind)))
    .map(({ kind, object: { metadata } }) =>
      idOf(kind.kind, targetOf(metadata.namespace ?? ''), metadata.name),
    );
  return {
    refused: false,
    items: [...new Set([...made, ...ids])].sort(),
    ambiguous: new Set(asking).size < asking.length,
  };
};
