import { getObject } from '../../cluster/get-object.js';
import type { Cluster, ResourceType } from '../../cluster/port.js';
import { nameOf, refOf } from '../../domain/item.js';
import { textAt, type JsonObject } from '../../domain/json.js';
import type { TakenSnapshot } from '../../domain/volumes/taken-snapshot.js';
import { Fault } from '../../faults.js';
import { sideBySide, takingFrom } from '../side-by-side.js';
import { physicalSnapshotOf } from './delete-backup-snapshots.js';
import { deletePhysicalSnapshots } from './delete-physical.js';
import { listObjects } from './listed-objects.js';
import { discardGroup } from './remove-group.js';
import { discardSnapshot } from './remove-snapshot.js';
import { groupSnapshotKindsOf, snapshotKindsOf, type SnapshotKinds } from './snapshot-kinds.js';
import { BACKUP_UID_LABEL } from '../../domain/labels.js';

const AT_ONCE = 8;
const WAIT_MS = 60_000;

interface Discarding {
  readonly cluster: Cluster;
  /** Of the server. */
  readonly namespace: string;
  readonly backupUid: string;
  readonly taken: readonly TakenSnapshot[];
  readonly signal: AbortSignal;
}

const listMarked = (discarding: Discarding, type: ResourceType): Promise<readonly JsonObject[]> =>
  listObjects(discarding, type, { labelSelector: `${BACKUP_UID_LABEL}=${discarding.backupUid}` });

/** The contents of those that were cut with a group. */
const groupedSnapshots = async (
  { cluster, signal }: Discarding,
  kinds: SnapshotKinds,
  snapshots: readonly JsonObject[],
): Promise<readonly JsonObject[]> => {
  const found: JsonObject[] = [];
  for (const snapshot of snapshots) {
    if (textAt(snapshot, 'status', 'volumeGroupSnapshotName') === '') continue;
    const name = textAt(snapshot, 'status', 'boundVolumeSnapshotContentName');
    const content = name === '' ? undefined : await getObject(cluster, kinds.contents, { name }, { signal });
    if (content) found.push(content);
  }
  return found;
};

/**
 * Removes every snapshot that an attempt left behind, with the physical ones: VolumeSnapshots by the label they bear, also those no fact
 * tells of, and by their handles those whose VolumeSnapshot is gone already. Safe to repeat; a fault means that it is to be repeated.
 */
export const discardSnapshotsOfBackup = async (discarding: Discarding): Promise<void> => {
  const { cluster, namespace, taken, signal } = discarding;
  const { resources } = await cluster.discover(signal);
  const kinds = snapshotKindsOf(resources);
  if (!kinds) return; // the definitions were removed, and all snapshots with them
  const groupKinds = groupSnapshotKindsOf(resources);
  const removing = { cluster, kinds, signal };
  const snapshots = await listMarked(discarding, kinds.snapshots);
  const contents = await listMarked(discarding, kinds.contents);
  const ofGroups = await groupedSnapshots(discarding, kinds, snapshots);
  // A group first: whatever still belongs to it goes with it, and bears no label.
  for (const group of groupKinds ? await listMarked(discarding, groupKinds.snapshots) : [])
    if (groupKinds) await discardGroup({ ...removing, groupKinds }, refOf(group));
  await sideBySide(takingFrom(snapshots), AT_ONCE, (one) => discardSnapshot(removing, refOf(one)));
  const bound = new Set(snapshots.map((one) => textAt(one, 'status', 'boundVolumeSnapshotContentName')));
  const orphans = contents.filter((one) => !bound.has(nameOf(one)));
  await sideBySide(takingFrom(orphans), AT_ONCE, (one) =>
    cluster.delete(kinds.contents, { name: nameOf(one) }, { signal }),
  );
  const lost = [
    // With its VolumeSnapshot goes no snapshot of a group.
    ...taken.filter(({ content, group }) => group !== undefined || !bound.has(content)),
    ...[...orphans, ...ofGroups].flatMap((content) => physicalSnapshotOf(content) ?? []),
  ];
  const byHandle = new Map(lost.map((one) => [`${one.driver}\n${one.handle}`, one]));
  const deleting = { cluster, kinds, groupKinds, namespace, timeoutMs: WAIT_MS, signal };
  const [problem] = await deletePhysicalSnapshots(deleting, [...byHandle.values()]);
  if (problem !== undefined) throw new Fault('LB_DEADLINE', problem);
};
