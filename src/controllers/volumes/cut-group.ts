import { getObject, parseObject } from '../../cluster/get-object.js';
import type { ObjectRef, Written } from '../../cluster/port.js';
import { nameOf, refOf } from '../../domain/item.js';
import { at, textAt, type JsonObject } from '../../domain/json.js';
import { claimInGroup, standaloneSnapshot, standsAlone } from '../../domain/volumes/snapshot-group.js';
import { Fault } from '../../faults.js';
import { createOwned, type Cutting } from './cut-snapshot.js';
import { discardGroup } from './remove-group.js';
import type { GroupSnapshotKinds } from './snapshot-kinds.js';
import { awaitGone, awaitObject } from './watched-object.js';

export interface GroupCutting extends Cutting {
  readonly groupKinds: GroupSnapshotKinds;
}

/** Names of VolumeSnapshots by their claims, also of claims that were not asked for; or why there are none. */
export type CutGroup = { readonly snapshots: ReadonlyMap<string, string> } | { readonly failed: string };

/**
 * Not only cut: the snapshot controller takes a VolumeSnapshot that leaves its group before it is ready for a new one, and has its
 * volume snapshotted once more.
 */
const isReady = (snapshot: JsonObject): boolean =>
  textAt(snapshot, 'status', 'boundVolumeSnapshotContentName') !== '' &&
  at(snapshot, 'status', 'readyToUse') === true;

/** Follows the namespace until each claim has a VolumeSnapshot of the group that is ready; all that there are by then, by claim. */
const awaitSnapshots = async (
  { cluster, kinds }: GroupCutting,
  { namespace = '', name }: ObjectRef,
  claims: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, JsonObject> | undefined> => {
  const watching = new AbortController();
  const found = new Map<string, JsonObject>();
  const options = { namespace, signal: AbortSignal.any([signal, watching.signal]) };
  try {
    for await (const event of cluster.watch(kinds.snapshots, options)) {
      if (event.type === 'DELETED') continue;
      for (const snapshot of (event.type === 'SYNCED' ? event.items : [event.object]).map(parseObject)) {
        const claim = claimInGroup(snapshot, name);
        if (claim !== undefined && isReady(snapshot)) found.set(claim, snapshot);
      }
      if (claims.every((claim) => found.has(claim))) return found;
    }
    return undefined;
  } finally {
    watching.abort();
  }
};

const FIX_ATTEMPTS = 10;

/** The snapshot controller writes to it as well, so that the first try may be behind. */
const standAlone = async (cutting: GroupCutting, seen: JsonObject, signal: AbortSignal): Promise<void> => {
  const { cluster, kinds, labels } = cutting;
  const ref = { namespace: textAt(seen, 'metadata', 'namespace'), name: nameOf(seen) };
  for (let attempt = 1; ; attempt += 1) {
    const present = await getObject(cluster, kinds.snapshots, ref, { signal });
    if (!present)
      throw new Fault('LB_CLUSTER_REFUSED', `the VolumeSnapshot ${ref.name} of its group is gone`);
    if (standsAlone(present)) return;
    const patch = JSON.stringify(standaloneSnapshot(present, labels));
    const written = await cluster.patch(kinds.snapshots, ref, 'merge', patch, { signal });
    if (written.ok) return;
    if (written.reason !== 'Conflict' || attempt === FIX_ATTEMPTS)
      throw new Fault('LB_CLUSTER_REFUSED', `the VolumeSnapshot ${ref.name}: ${written.message}`);
  }
};

/** Some snapshot controllers keep the content as long as there is the group. */
const CONTENT_GONE_MS = 1_500;

/** That went with their group all the same: an archive would be without them, and their claims would come back without data. */
const areThere = async (
  { cluster, kinds }: GroupCutting,
  snapshots: Iterable<JsonObject>,
  signal: AbortSignal,
): Promise<boolean> => {
  for (const one of snapshots) {
    const present = await getObject(cluster, kinds.snapshots, refOf(one), { signal });
    if (!present || (at(present, 'metadata', 'deletionTimestamp') ?? null) !== null) return false;
  }
  return true;
};

/** Takes the group out of the cluster; its physical snapshots and its VolumeSnapshots stay. */
const dissolve = async (
  cutting: GroupCutting,
  ref: ObjectRef,
  members: readonly JsonObject[],
  signal: AbortSignal,
): Promise<boolean> => {
  const { cluster, groupKinds } = cutting;
  // Until it is ready, the snapshot controller writes its membership into the VolumeSnapshots again.
  const nameOfContent = (group: JsonObject | undefined) =>
    at(group, 'status', 'readyToUse') === true
      ? textAt(group, 'status', 'boundVolumeGroupSnapshotContentName') || undefined
      : undefined;
  const name = await awaitObject(cluster, groupKinds.snapshots, ref, nameOfContent, signal);
  if (name === undefined) return false;
  for (const member of members) await standAlone(cutting, member, signal);
  const retain = JSON.stringify({ spec: { deletionPolicy: 'Retain' } });
  const done = (written: Written): void => {
    if (!written.ok && written.reason !== 'NotFound')
      throw new Fault('LB_CLUSTER_REFUSED', `the VolumeGroupSnapshot ${ref.name}: ${written.message}`);
  };
  done(await cluster.patch(groupKinds.contents, { name }, 'merge', retain, { signal }));
  done(await cluster.delete(groupKinds.contents, { name }, { signal }));
  // The snapshot controller deletes the VolumeSnapshots that it believes to be of a group that goes. Having seen the content go, it has
  // seen them leave, too.
  const seen = AbortSignal.any([signal, AbortSignal.timeout(CONTENT_GONE_MS)]);
  await awaitGone(cluster, groupKinds.contents, { name }, seen);
  signal.throwIfAborted();
  for (const member of members) await standAlone(cutting, member, signal);
  done(await cluster.delete(groupKinds.snapshots, ref, { signal }));
  await awaitGone(cluster, groupKinds.snapshots, ref, signal);
  signal.throwIfAborted();
  return true;
};

const attempt = async (
  cutting: GroupCutting,
  body: JsonObject,
  ref: ObjectRef,
  claims: readonly string[],
  signal: AbortSignal,
): Promise<CutGroup | undefined> => {
  const refused = await createOwned(cutting, cutting.groupKinds.snapshots, body, signal);
  if (refused !== undefined) return { failed: refused };
  const found = await awaitSnapshots(cutting, ref, claims, signal);
  if (!found) return undefined;
  if (!(await dissolve(cutting, ref, [...found.values()], signal))) return undefined;
  if (!(await areThere(cutting, found.values(), signal)))
    return {
      failed: 'the snapshot controller deleted its VolumeSnapshot together with the group; try again',
    };
  return { snapshots: new Map([...found].map(([claim, snapshot]) => [claim, nameOf(snapshot)])) };
};

const complaintOf = async (
  { cluster, groupKinds, signal }: GroupCutting,
  ref: ObjectRef,
): Promise<string> => {
  const present = await getObject(cluster, groupKinds.snapshots, ref, { signal });
  const said = textAt(present, 'status', 'error', 'message');
  return said ? `; the driver says: ${said}` : '';
};

/**
 * Has the volumes of several claims of a namespace snapshotted at one moment (`pkg/backup/actions/csi/pvc_action.go`): a VolumeGroupSnapshot
 * is created, waited for, and dissolved into VolumeSnapshots that stand alone. Within `timeoutMs`. Of a group that failed nothing is left in the
 * cluster. Faults are those of `Cluster`.
 */
export const cutGroup = async (
  cutting: GroupCutting,
  body: JsonObject,
  claims: readonly string[],
): Promise<CutGroup> => {
  const ref = { namespace: textAt(body, 'metadata', 'namespace'), name: textAt(body, 'metadata', 'name') };
  const limit = AbortSignal.timeout(cutting.timeoutMs);
  const signal = AbortSignal.any([cutting.signal, limit]);
  let made: CutGroup | undefined;
  try {
    made = await attempt(cutting, body, ref, claims, signal);
  } catch (error) {
    cutting.signal.throwIfAborted();
    if (!limit.aborted) made = { failed: error instanceof Error ? error.message : String(error) };
  }
  cutting.signal.throwIfAborted();
  if (made && 'snapshots' in made) return made;
  const late = `no snapshot of its volume group was cut within ${Math.round(cutting.timeoutMs / 1000)} s (csiSnapshotTimeout)`;
  const failed = made?.failed ?? late + (await complaintOf(cutting, ref));
  await discardGroup(cutting, ref);
  return { failed };
};
