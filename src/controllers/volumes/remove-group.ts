import { getObject } from '../../cluster/get-object.js';
import type { Cluster, ObjectRef } from '../../cluster/port.js';
import { refOf } from '../../domain/item.js';
import { textAt, type JsonObject } from '../../domain/json.js';
import { claimInGroup } from '../../domain/volumes/snapshot-group.js';
import { Fault } from '../../faults.js';
import { listObjects } from './listed-objects.js';
import { discardSnapshot } from './remove-snapshot.js';
import type { GroupSnapshotKinds, SnapshotKinds } from './snapshot-kinds.js';

interface Removing {
  readonly cluster: Cluster;
  readonly kinds: SnapshotKinds;
  readonly groupKinds: GroupSnapshotKinds;
  readonly signal: AbortSignal;
}

/** How the snapshot controller names the content of a VolumeGroupSnapshot that is not bound yet. */
const contentNameOf = (group: JsonObject): string =>
  textAt(group, 'status', 'boundVolumeGroupSnapshotContentName') ||
  `groupsnapcontent-${textAt(group, 'metadata', 'uid')}`;

/**
 * Removes a VolumeGroupSnapshot with its physical snapshots and its VolumeSnapshots; that there is none is fine. The content may come into
 * being just now; it is looked for before and after, so that its class does not keep what it holds. Faults mean that it is to be repeated.
 */
export const discardGroup = async (removing: Removing, ref: ObjectRef): Promise<void> => {
  const { cluster, kinds, groupKinds, signal } = removing;
  const group = await getObject(cluster, groupKinds.snapshots, ref, { signal });
  const namespace = ref.namespace ?? '';
  const members = (await listObjects(removing, kinds.snapshots, { namespace })).filter(
    (snapshot) => claimInGroup(snapshot, ref.name) !== undefined,
  );
  if (group) {
    const content = { name: contentNameOf(group) };
    const patch = JSON.stringify({ spec: { deletionPolicy: 'Delete' } });
    const remove = async () => cluster.patch(groupKinds.contents, content, 'merge', patch, { signal });
    const changed = await remove();
    const deleted = await cluster.delete(groupKinds.snapshots, ref, { signal });
    if (!deleted.ok && deleted.reason !== 'NotFound')
      throw new Fault(
        'LB_CLUSTER_REFUSED',
        `the deletion of VolumeGroupSnapshot ${ref.name}: ${deleted.message}`,
      );
    if (!changed.ok) await remove();
  }
  for (const member of members) await discardSnapshot(removing, refOf(member));
};
