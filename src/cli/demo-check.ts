import { parseItem } from '../archive/json.js';
import { groupResource, type Cluster } from '../cluster/port.js';
import { nameOf } from '../domain/item.js';
import { listAt, objectAt, put, sameJson, textAt, without, type JsonObject } from '../domain/json.js';
import { isCompleted } from '../domain/restore-item.js';

/** The objects of one namespace by kind and name, without what every cluster gives anew. */
export type Inventory = ReadonlyMap<string, JsonObject>;

const SERVER_SET = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'managedFields',
  'ownerReferences',
  'namespace',
];
const RESTORE_LABELS = ['velero.io/backup-name', 'velero.io/restore-name'];
const BIND_ANNOTATIONS = ['pv.kubernetes.io/bind-completed', 'pv.kubernetes.io/bound-by-controller'];

/** Kinds a cluster keeps for itself, or that report and are not configuration. */
const PASSED_OVER = ['events', 'events.events.k8s.io', 'endpoints', 'endpointslices.discovery.k8s.io'];

const emptyAway = (object: JsonObject, path: readonly string[]): JsonObject =>
  Object.keys(objectAt(object, ...path)).length === 0 ? put(object, path, undefined) : object;

/** What must be the same after a restore: everything but what the cluster assigns (names of addresses, ids, times). */
const essence = (object: JsonObject, kind: string): JsonObject => {
  let kept = without(put(object, ['metadata'], without(objectAt(object, 'metadata'), SERVER_SET)), [
    'status',
  ]);
  kept = put(kept, ['metadata', 'labels'], without(objectAt(kept, 'metadata', 'labels'), RESTORE_LABELS));
  kept = put(
    kept,
    ['metadata', 'annotations'],
    without(objectAt(kept, 'metadata', 'annotations'), BIND_ANNOTATIONS),
  );
  kept = emptyAway(emptyAway(kept, ['metadata', 'labels']), ['metadata', 'annotations']);
  if (kind === 'services')
    kept = put(kept, ['spec'], without(objectAt(kept, 'spec'), ['clusterIP', 'clusterIPs']));
  if (kind === 'persistentvolumeclaims')
    kept = put(kept, ['spec'], without(objectAt(kept, 'spec'), ['volumeName']));
  if (kind === 'rolebindings.rbac.authorization.k8s.io')
    kept = put(
      kept,
      ['subjects'],
      listAt(kept, 'subjects').map((subject) => without(subject as JsonObject, ['namespace'])),
    );
  return kept;
};

/** Everything in a namespace that a restore brings back. */
export const takeInventory = async (
  cluster: Cluster,
  namespace: string,
  signal: AbortSignal,
): Promise<Inventory> => {
  const inventory = new Map<string, JsonObject>();
  const { resources } = await cluster.discover(signal);
  for (const type of resources) {
    const kind = groupResource(type);
    if (!type.namespaced || !type.verbs.includes('list') || PASSED_OVER.includes(kind)) continue;
    for await (const page of cluster.list(type, { namespace, signal }))
      for (const json of page.items) {
        const object = parseItem(json).value as JsonObject;
        if (!isCompleted(kind, object))
          inventory.set(`${textAt(object, 'kind')} ${nameOf(object)}`, essence(object, kind));
      }
  }
  return inventory;
};

/** One sentence for each difference; none means that what came back is what was there. */
export const compareInventories = (before: Inventory, after: Inventory): readonly string[] => [
  ...[...before].flatMap(([name, object]) => {
    const back = after.get(name);
    if (!back) return [`${name} did not come back`];
    return sameJson(object, back) ? [] : [`${name} came back different`];
  }),
  ...[...after.keys()].filter((name) => !before.has(name)).map((name) => `${name} was not there before`),
];
