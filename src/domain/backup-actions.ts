import { BACKUP_NAME_LABEL, RESTORE_NAME_LABEL } from './labels.js';
import { itemRef, labelsOf, nameOf, namespaceOf, type ItemRef } from './item.js';
import { at, listAt, objectAt, put, textAt, without, type JsonObject } from './json.js';

export interface BackupActionInput {
  readonly object: JsonObject;
  readonly backupName: string;
  /** From `indexAccountBindings`, made once a run; without it service accounts bring no roles along. */
  readonly bindingsOfAccounts?: AccountBindings;
}

export interface BackupActionResult {
  /** The object to archive instead; absent means unchanged. */
  readonly object?: JsonObject;
  /** Objects to archive as well, as far as the filters allow them. */
  readonly related: readonly ItemRef[];
  /** The related objects come in whatever the filters say; see also `MUST_INCLUDE_RELATED`. */
  readonly mustInclude?: boolean;
}

/**
 * What a backup does with an object beside archiving it. The built-in ones are pure: what they would look up comes in as
 * data. Others may look and wait; a rejection is an error of this item, which then is not archived.
 */
export interface BackupItemAction {
  readonly name: string;
  readonly appliesTo: (groupResource: string) => boolean;
  /** It never answers with an object, so it may be given one in which numbers beyond 2^53 are not exact. */
  readonly looksOnly?: true;
  readonly execute: (input: BackupActionInput) => BackupActionResult | Promise<BackupActionResult>;
}

/** An action puts it on an object to take it out of the backup, whatever its value (`pkg/backup/item_backupper.go`). */
export const SKIP_ANNOTATION = 'velero.io/skip-from-backup';
/** With the value `true` on an object that comes out of an action, its related objects pass every filter. Never archived. */
export const MUST_INCLUDE_RELATED = 'backup.velero.io/must-include-additional-items';

export const PRIORITY_CLASSES = 'priorityclasses.scheduling.k8s.io';

/** Names of the claims a pod's volumes refer to. */
export const claimsOfPod = (pod: JsonObject): readonly string[] => [
  ...new Set(
    listAt(pod, 'spec', 'volumes')
      .map((volume) => textAt(volume, 'persistentVolumeClaim', 'claimName'))
      .filter((name) => name !== ''),
  ),
];

/** `pkg/backup/actions/pod_action.go`: a pod brings its priority class and its claims. */
const pod: BackupItemAction = {
  name: 'velero.io/pod',
  looksOnly: true,
  appliesTo: (groupResource) => groupResource === 'pods',
  execute: ({ object }) => {
    const priorityClass = textAt(object, 'spec', 'priorityClassName');
    const claims = claimsOfPod(object).map((name) =>
      itemRef('persistentvolumeclaims', namespaceOf(object), name),
    );
    return {
      related: priorityClass === '' ? claims : [itemRef(PRIORITY_CLASSES, '', priorityClass), ...claims],
    };
  },
};

export const isBoundClaim = (claim: JsonObject): boolean =>
  textAt(claim, 'status', 'phase') === 'Bound' && textAt(claim, 'spec', 'volumeName') !== '';

const STALE_LABELS = [RESTORE_NAME_LABEL, 'velero.io/volume-snapshot-name', MUST_INCLUDE_RELATED];

const withoutStaleLabels = (claim: JsonObject, backupName: string): JsonObject => {
  const own = labelsOf(claim)[BACKUP_NAME_LABEL] === backupName;
  const stale = own ? STALE_LABELS : [...STALE_LABELS, BACKUP_NAME_LABEL];
  const labels = objectAt(claim, 'metadata', 'labels');
  const left = without(labels, stale);
  return left === labels ? claim : put(claim, ['metadata', 'labels'], left);
};

/** The selector that chose the volume would keep a new one from being provisioned; a claim of no class needs it. */
const withoutSelector = (claim: JsonObject): JsonObject => {
  if (at(claim, 'spec', 'storageClassName') !== '') return put(claim, ['spec', 'selector'], undefined);
  const labels = objectAt(claim, 'spec', 'selector', 'matchLabels');
  const ours = Object.keys(labels).filter((key) => key.startsWith('velero.io/'));
  return ours.length === 0 ? claim : put(claim, ['spec', 'selector', 'matchLabels'], without(labels, ours));
};

/**
 * `pkg/backup/actions/backup_pv_action.go`: a bound claim brings its volume, and loses what would tie the restored one to
 * the source it was filled from or to an earlier backup.
 */
const claim: BackupItemAction = {
  name: 'velero.io/pv',
  appliesTo: (groupResource) => groupResource === 'persistentvolumeclaims',
  execute: ({ object, backupName }) => {
    if (!isBoundClaim(object)) return { related: [] };
    const unsourced = put(
      object,
      ['spec'],
      without(objectAt(object, 'spec'), ['dataSource', 'dataSourceRef']),
    );
    return {
      object: withoutStaleLabels(withoutSelector(unsourced), backupName),
      related: [itemRef('persistentvolumes', '', textAt(object, 'spec', 'volumeName'))],
    };
  },
};

/** By `namespace/name` of a service account: the cluster role bindings that name it, each followed by its role. */
export type AccountBindings = ReadonlyMap<string, readonly ItemRef[]>;

/** Reads all ClusterRoleBindings once, so that a service account costs one look-up (`pkg/util/actionhelpers/rbac.go`). */
export const indexAccountBindings = (bindings: Iterable<JsonObject>): AccountBindings => {
  const index = new Map<string, ItemRef[]>();
  for (const binding of bindings) {
    const accounts = listAt(binding, 'subjects').filter(
      (subject) => textAt(subject, 'kind') === 'ServiceAccount',
    );
    const keys = accounts.map((subject) => `${textAt(subject, 'namespace')}/${textAt(subject, 'name')}`);
    const refs = [
      itemRef('clusterrolebindings.rbac.authorization.k8s.io', '', nameOf(binding)),
      itemRef('clusterroles.rbac.authorization.k8s.io', '', textAt(binding, 'roleRef', 'name')),
    ];
    for (const key of new Set(keys)) index.set(key, [...(index.get(key) ?? []), ...refs]);
  }
  return index;
};

/** `pkg/backup/actions/service_account_action.go`: an account brings its cluster-wide rights. */
const serviceAccount: BackupItemAction = {
  name: 'velero.io/service-account',
  looksOnly: true,
  appliesTo: (groupResource) => groupResource === 'serviceaccounts',
  execute: ({ object, bindingsOfAccounts }) => ({
    related: bindingsOfAccounts?.get(`${namespaceOf(object)}/${nameOf(object)}`) ?? [],
  }),
};

/** The built-in actions that touch no volume's data, in Velero's order; each gets the output of the one before. */
export const BACKUP_ITEM_ACTIONS: readonly BackupItemAction[] = [pod, claim, serviceAccount];
