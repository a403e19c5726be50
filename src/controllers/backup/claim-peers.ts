import { groupResource, type Cluster, type Discovery, type ResourceType } from '../../cluster/port.js';
import { claimsOfPod, isBoundClaim, type BackupItemAction } from '../../domain/backup-actions.js';
import { itemRef, labelsOf, nameOf, namespaceOf, type ItemRef } from '../../domain/item.js';
import { at, textAt, type JsonObject } from '../../domain/json.js';
import type { BackupSpec } from '../../domain/velero.gen.js';

const PODS = 'pods';
const CLAIMS = 'persistentvolumeclaims';

interface Looking {
  readonly cluster: Cluster;
  readonly types: ReadonlyMap<string, ResourceType>;
  /** Claims with the same value of this label are snapshotted together. */
  readonly groupLabel: string;
  readonly signal: AbortSignal;
}

/** On a node, and not on its way out (`IsPodRunning` in `pkg/util/kube/pod.go`). */
const isRunning = (pod: JsonObject): boolean =>
  textAt(pod, 'status', 'phase') === 'Running' &&
  textAt(pod, 'spec', 'nodeName') !== '' &&
  (at(pod, 'metadata', 'deletionTimestamp') ?? null) === null;

/** Names of the running pods of one namespace by the claim they mount. */
const readMounts = async (
  { cluster, types, signal }: Looking,
  namespace: string,
): Promise<ReadonlyMap<string, readonly string[]>> => {
  const mounts = new Map<string, string[]>();
  const type = types.get(PODS);
  if (!type) return mounts;
  for await (const page of cluster.list(type, { namespace, signal }))
    for (const item of page.items) {
      const pod = JSON.parse(item.toString('utf8')) as JsonObject;
      if (!isRunning(pod)) continue;
      for (const claim of claimsOfPod(pod)) mounts.set(claim, [...(mounts.get(claim) ?? []), nameOf(pod)]);
    }
  return mounts;
};

const readGroup = async (
  { cluster, types, groupLabel, signal }: Looking,
  claim: JsonObject,
): Promise<readonly ItemRef[]> => {
  const labels = labelsOf(claim);
  const group = Object.hasOwn(labels, groupLabel) ? (labels[groupLabel] ?? '') : '';
  const type = types.get(CLAIMS);
  if (!type || group === '') return [];
  const namespace = namespaceOf(claim);
  const peers: ItemRef[] = [];
  for await (const page of cluster.list(type, {
    namespace,
    labelSelector: `${groupLabel}=${group}`,
    signal,
  }))
    for (const item of page.items)
      peers.push(itemRef(CLAIMS, namespace, nameOf(JSON.parse(item.toString('utf8')) as JsonObject)));
  return peers;
};

/**
 * A bound claim brings the running pods that mount it and the claims of its volume group, whatever their labels, so that a
 * shared volume is never taken without those who write to it (`pkg/itemblock/actions/pvc_action.go`). Without a label
 * selector all of them are listed anyway, and nothing has to be looked up. One list of pods for each namespace.
 */
const claimPeers = (looking: Looking): BackupItemAction => {
  const known = new Map<string, Promise<ReadonlyMap<string, readonly string[]>>>();
  const mountsOf = (namespace: string) => {
    const mounts = known.get(namespace) ?? readMounts(looking, namespace);
    known.set(namespace, mounts);
    return mounts;
  };
  return {
    name: 'velero.io/pvc',
    looksOnly: true,
    appliesTo: (groupResource) => groupResource === CLAIMS,
    execute: async ({ object }) => {
      if (!isBoundClaim(object)) return { related: [] };
      const namespace = namespaceOf(object);
      const pods = (await mountsOf(namespace)).get(nameOf(object)) ?? [];
      const group = await readGroup(looking, object);
      return { related: [...pods.map((name) => itemRef(PODS, namespace, name)), ...group] };
    },
  };
};

/** The action for a backup with a label selector; without one, nothing that shares a volume can be left out. */
export const claimPeersFor = (
  { labelSelector, orLabelSelectors, volumeGroupSnapshotLabelKey }: BackupSpec,
  cluster: Cluster,
  discovery: Discovery,
  signal: AbortSignal,
): readonly BackupItemAction[] => {
  if (!labelSelector && !orLabelSelectors?.length) return [];
  const types = new Map(discovery.resources.map((type) => [groupResource(type), type]));
  return [claimPeers({ cluster, types, groupLabel: volumeGroupSnapshotLabelKey ?? '', signal })];
};
