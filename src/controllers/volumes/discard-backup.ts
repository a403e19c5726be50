import type { Cluster, ResourceType } from '../../cluster/port.js';
import { nameOf, refOf } from '../../domain/item.js';
import { textAt, type JsonObject } from '../../domain/json.js';
import type { TakenSnapshot } from '../../domain/volumes/backup-snapshots.js';
import { Fault } from '../../faults.js';
import { sideBySide, takingFrom } from '../side-by-side.js';
import { deletePhysicalSnapshot } from './delete-physical.js';
import { discardSnapshot } from './remove-snapshot.js';
import { snapshotKindsOf } from './snapshot-kinds.js';
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

const listMarked = async (
  { cluster, backupUid, signal }: Discarding,
  type: ResourceType,
): Promise<readonly JsonObject[]> => {
  const found: JsonObject[] = [];
  for await (const page of cluster.list(type, { labelSelector: `${BACKUP_UID_LABEL}=${backupUid}`, signal }))
    for (const item of page.items) found.push(JSON.parse(item.toString('utf8')) as JsonObject);
  return found;
};

/**
 * Removes every snapshot that an attempt left behind, with the physical ones: VolumeSnapshots by the label they bear, also those no fact
 * tells of, and by their handles those whose VolumeSnapshot is gone already. Safe to repeat; a fault means that it is to be repeated.
 */
export const discardSnapshotsOfBackup = async (discarding: Discarding): Promise<void> => {
  const { cluster, namespace, taken, signal } = discarding;
  const kinds = snapshotKindsOf((await cluster.discover(signal)).resources);
  if (!kinds) return; // the definitions were removed, and all snapshots with them
  const removing = { cluster, kinds, signal };
  const snapshots = await listMarked(discarding, kinds.snapshots);
  const contents = await listMarked(discarding, kinds.contents);
  await sideBySide(takingFrom(snapshots), AT_ONCE, (one) => discardSnapshot(removing, refOf(one)));
  const bound = new Set(snapshots.map((one) => textAt(one, 'status', 'boundVolumeSnapshotContentName')));
  const orphans = contents.filter((one) => !bound.has(nameOf(one)));
  await sideBySide(takingFrom(orphans), AT_ONCE, (one) =>
    cluster.delete(kinds.contents, { name: nameOf(one) }, { signal }),
  );
  const lost = [
    ...taken.filter(({ content }) => !bound.has(content)),
    ...orphans.map((one) => ({
      driver: textAt(one, 'spec', 'driver'),
      handle: textAt(one, 'status', 'snapshotHandle'),
    })),
  ].filter(({ handle }) => handle !== '');
  const byHandle = new Map(lost.map(({ driver, handle }) => [`${driver}\n${handle}`, { driver, handle }]));
  await sideBySide(takingFrom(byHandle.values()), AT_ONCE, async (snapshot) => {
    const problem = await deletePhysicalSnapshot(
      { cluster, kinds, namespace, timeoutMs: WAIT_MS, signal },
      snapshot,
    );
    if (problem !== undefined) throw new Fault('LB_DEADLINE', problem);
  });
};
