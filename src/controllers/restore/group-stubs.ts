import { RESTORE_NAME_LABEL, RESTORE_UID_LABEL } from '../../domain/labels.js';
import type { BackupVolumeInfo } from '../../archive/sidecar-types.js';
import { getObject } from '../../cluster/get-object.js';
import { apiVersionOf, groupResource, type Cluster, type ResourceType } from '../../cluster/port.js';
import { objectAt, put, textAt } from '../../domain/json.js';
import { forKinds, type RestoreItemAction } from '../../domain/restore-actions/action.js';
import { mapNamespace } from '../../domain/restore-selection.js';
import type { RestoreSpec } from '../../domain/velero.gen.js';
import { groupedSnapshotOf, groupStub, type GroupedSnapshot } from '../../domain/volumes/group-stub.js';
import { GROUP_SNAPSHOT_CONTENTS } from '../../domain/volumes/snapshot-group.js';
import { SNAPSHOT_CONTENTS, VOLUME_SNAPSHOTS } from '../../domain/volumes/snapshot-objects.js';
import { Fault } from '../../faults.js';
import { restoredSnapshotName } from './snapshot-data.js';

/** Stand-ins for the volume groups of snapshots that a restore brings back. */
export interface GroupStubs {
  /** Has to run before VolumeSnapshots and their contents are restored. */
  readonly action: RestoreItemAction;
  /** So many groups have one. */
  readonly count: () => number;
}

interface StubsOfRestore {
  readonly cluster: Pick<Cluster, 'create' | 'get' | 'replace'>;
  readonly spec: RestoreSpec;
  readonly restoreUid: string;
  /** Value of the label that objects of this restore bear. */
  readonly restoreLabel: string;
  readonly volumeInfo: readonly BackupVolumeInfo[];
  readonly typeOf: (kind: string) => ResourceType | undefined;
  readonly signal: AbortSignal;
}

/** Of all snapshots of the group that the backup knows. */
const handlesOf = (volumeInfo: readonly BackupVolumeInfo[], one: GroupedSnapshot): readonly string[] => {
  const infos = volumeInfo.flatMap(({ csiSnapshotInfo }) => csiSnapshotInfo ?? []);
  const ofGroup = infos.filter(
    ({ driver, volumeGroupSnapshotHandle }) =>
      driver === one.driver && volumeGroupSnapshotHandle === one.group,
  );
  return [...new Set([one.handle, ...ofGroup.map(({ snapshotHandle }) => snapshotHandle)])].sort();
};

/**
 * The snapshot controller looks for the handle in the status, which the sidecar fills in only if its driver can look a group up: so it is
 * written here. Whoever else has written it meanwhile has written the same.
 */
const showHandle = async (
  { cluster, signal }: StubsOfRestore,
  type: ResourceType,
  name: string,
  group: string,
): Promise<void> => {
  const present = await getObject(cluster, type, { name }, { signal });
  if (!present || textAt(present, 'status', 'volumeGroupSnapshotHandle') !== '') return;
  const status = { ...objectAt(present, 'status'), volumeGroupSnapshotHandle: group };
  const body = JSON.stringify(put(present, ['status'], status));
  const written = await cluster.replace(type, { name }, body, { signal, subresource: 'status' });
  if (!written.ok && written.reason !== 'Conflict') throw new Fault('LB_CLUSTER_REFUSED', written.message);
};

const ensureStub = async (of: StubsOfRestore, one: GroupedSnapshot, namespace: string): Promise<void> => {
  const { cluster, restoreUid, restoreLabel, volumeInfo, typeOf, signal } = of;
  const type = typeOf(GROUP_SNAPSHOT_CONTENTS);
  if (!type) return;
  const name = restoredSnapshotName(restoreUid, one.group);
  const body = groupStub({ apiVersion: apiVersionOf(type) }, one, {
    name,
    namespace,
    labels: { [RESTORE_NAME_LABEL]: restoreLabel, [RESTORE_UID_LABEL]: restoreUid },
    handles: handlesOf(volumeInfo, one),
  });
  const made = await cluster.create(type, undefined, JSON.stringify(body), { signal });
  if (!made.ok && made.reason !== 'AlreadyExists') throw new Fault('LB_CLUSTER_REFUSED', made.message);
  await showHandle(of, type, name, one.group);
};

/**
 * Has a VolumeGroupSnapshotContent stand for each group as long as its snapshots are brought back; where a cluster serves no groups, none.
 * Without it a snapshot controller that knows groups lets none of them get ready (`pkg/restore/actions/csi/volumesnapshot_action.go`).
 */
export const createGroupStubs = (of: StubsOfRestore): GroupStubs => {
  const { spec, typeOf } = of;
  const made = new Map<string, Promise<void>>();
  return {
    count: () => made.size,
    action: {
      name: 'lifeboat.io/volume-group-stub',
      appliesTo: forKinds(SNAPSHOT_CONTENTS, VOLUME_SNAPSHOTS),
      execute: async ({ archived }) => {
        const one = groupedSnapshotOf(archived);
        const type = typeOf(GROUP_SNAPSHOT_CONTENTS);
        if (!one || spec.restorePVs === false || !type || groupResource(type) !== GROUP_SNAPSHOT_CONTENTS)
          return {};
        const key = `${one.driver}\n${one.group}`;
        const namespace = mapNamespace(spec.namespaceMapping, one.namespace);
        const making = made.get(key) ?? ensureStub(of, one, namespace);
        made.set(key, making);
        await making;
        return {};
      },
    },
  };
};
