import { apiVersionOf, groupResource, type ResourceType } from '../cluster/port.js';
import type { JsonObject } from '../domain/json.js';
import { partingPatch } from '../domain/volumes/snapshot-group.js';
import { SNAPSHOT_CONTENTS, SNAPSHOT_GROUP, VOLUME_SNAPSHOTS } from '../domain/volumes/snapshot-objects.js';
import { Fault } from '../faults.js';
import { removeOnce } from './hosting-pod.js';
import type { AgentPorts } from './ports.js';

/** The kinds by which the cluster knows a snapshot of a volume. */
export interface SnapshotTypes {
  readonly snapshots: ResourceType;
  readonly contents: ResourceType;
}

/** A fault where the cluster does not serve both in version 1. */
export const snapshotTypesOf = async (
  { cluster }: AgentPorts,
  signal: AbortSignal,
): Promise<SnapshotTypes> => {
  const { resources } = await cluster.discover(signal);
  const find = (kind: string) =>
    resources.find((type) => groupResource(type) === kind && apiVersionOf(type) === `${SNAPSHOT_GROUP}/v1`);
  const [snapshots, contents] = [find(VOLUME_SNAPSHOTS), find(SNAPSHOT_CONTENTS)];
  if (!snapshots || !contents) throw new Fault('LB_CLUSTER_REFUSED', 'the cluster takes no CSI snapshots');
  return { snapshots, contents };
};

/** A VolumeSnapshot, and the content that it is bound to. */
export interface BoundSnapshot {
  readonly ref: { readonly namespace: string; readonly name: string };
  readonly content: { readonly name: string; readonly object: JsonObject };
}

/** Takes both out of the cluster; the physical snapshot stays. Done already is fine. */
export const letGo = async (
  ports: AgentPorts,
  { snapshots, contents }: SnapshotTypes,
  { ref, content: { name, object } }: BoundSnapshot,
  signal: AbortSignal,
): Promise<void> => {
  const change = async (patch: JsonObject): Promise<void> => {
    const written = await ports.cluster.patch(contents, { name }, 'merge', JSON.stringify(patch), { signal });
    if (!written.ok && written.reason !== 'NotFound')
      throw new Fault('LB_CLUSTER_REFUSED', `VolumeSnapshotContent ${name}: ${written.message}`);
  };
  await change({ spec: { deletionPolicy: 'Retain' } });
  await removeOnce(ports, snapshots, ref, signal);
  const parting = partingPatch(object);
  if (parting) await change(parting);
  await removeOnce(ports, contents, { name }, signal);
};
