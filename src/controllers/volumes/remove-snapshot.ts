import { getObject } from '../../cluster/get-object.js';
import type { Cluster, ObjectRef, ResourceType, Written } from '../../cluster/port.js';
import { textAt, type JsonObject } from '../../domain/json.js';
import { partingPatch } from '../../domain/volumes/snapshot-group.js';
import { Fault } from '../../faults.js';
import type { SnapshotKinds } from './snapshot-kinds.js';

interface Removing {
  readonly cluster: Cluster;
  readonly kinds: SnapshotKinds;
  readonly signal: AbortSignal;
}

/** "There is none" is fine: it is gone. Any other refusal has to be heard, or a snapshot would be lost or left over in silence. */
const done = (written: Written, what: string): boolean => {
  if (written.ok) return true;
  if (written.reason === 'NotFound') return false;
  throw new Fault('LB_CLUSTER_REFUSED', `${what}: ${written.message}`);
};

const setPolicy = async (
  { cluster, kinds, signal }: Removing,
  content: string,
  deletionPolicy: 'Retain' | 'Delete',
): Promise<boolean> => {
  const patch = JSON.stringify({ spec: { deletionPolicy } });
  const written = await cluster.patch(kinds.contents, { name: content }, 'merge', patch, { signal });
  return done(written, `the deletion policy of VolumeSnapshotContent ${content}`);
};

const remove = async ({ cluster, signal }: Removing, type: ResourceType, ref: ObjectRef): Promise<boolean> =>
  done(await cluster.delete(type, ref, { signal }), `the deletion of ${type.kind} ${ref.name}`);

/** The content of a VolumeSnapshot that has left its group does not go by itself. The physical snapshot stays; it goes with its group. */
const dropGrouped = async (
  { cluster, kinds, signal }: Removing,
  name: string,
  content: JsonObject | undefined,
): Promise<void> => {
  const parting = content && partingPatch(content);
  if (!parting) return;
  const patch = JSON.stringify(parting);
  const what = `the deletion of VolumeSnapshotContent ${name}`;
  done(await cluster.patch(kinds.contents, { name }, 'merge', patch, { signal }), what);
  done(await cluster.delete(kinds.contents, { name }, { signal }), what);
};

/** How the snapshot controller names the content of a VolumeSnapshot that is not bound yet. */
const contentNameOf = (snapshot: JsonObject): string =>
  textAt(snapshot, 'status', 'boundVolumeSnapshotContentName') ||
  `snapcontent-${textAt(snapshot, 'metadata', 'uid')}`;

/**
 * Removes a VolumeSnapshot with its physical snapshot. True if there was one. Its content may come into being just now; it is looked for
 * before and after, so that neither the class nor an earlier decision keeps the physical snapshot.
 */
export const discardSnapshot = async (removing: Removing, ref: ObjectRef): Promise<boolean> => {
  const { cluster, kinds, signal } = removing;
  const snapshot = await getObject(cluster, kinds.snapshots, ref, { signal });
  if (!snapshot) return false;
  const content = contentNameOf(snapshot);
  const changed = await setPolicy(removing, content, 'Delete');
  await remove(removing, kinds.snapshots, ref);
  if (!changed) await setPolicy(removing, content, 'Delete');
  await dropGrouped(
    removing,
    content,
    await getObject(removing.cluster, removing.kinds.contents, { name: content }, removing),
  );
  return true;
};

/**
 * Takes a VolumeSnapshot and its content out of the cluster; the physical snapshot stays. Done already is fine. `seen` is the content as
 * somebody has just read it, who saves a request by it.
 */
export const releaseSnapshot = async (
  removing: Removing,
  snapshot: ObjectRef,
  content: string,
  seen?: JsonObject,
): Promise<void> => {
  const { kinds } = removing;
  const present =
    seen ?? (await getObject(removing.cluster, removing.kinds.contents, { name: content }, removing));
  if (present && textAt(present, 'spec', 'deletionPolicy') !== 'Retain')
    await setPolicy(removing, content, 'Retain');
  await remove(removing, kinds.snapshots, snapshot);
  if (!present) return;
  await dropGrouped(removing, content, present);
  await remove(removing, kinds.contents, { name: content });
};
