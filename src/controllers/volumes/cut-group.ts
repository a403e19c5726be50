import type { ObjectRef } from '../../cluster/port.js';
import { nameOf } from '../../domain/item.js';
import { textAt, type JsonObject } from '../../domain/json.js';
import { claimInGroup, standaloneSnapshot } from '../../domain/volumes/snapshot-group.js';
import { Fault } from '../../faults.js';
import { createOwned, type Cutting } from './cut-snapshot.js';
import { discardGroup } from './remove-group.js';
import type { GroupSnapshotKinds } from './snapshot-kinds.js';
import { awaitObject } from './watched-object.js';

export interface GroupCutting extends Cutting {
  readonly groupKinds: GroupSnapshotKinds;
  /** That the VolumeSnapshots get: the group's controller gives them none. */
  readonly className: string;
}

/** Names of VolumeSnapshots by their claims, also of claims that were not asked for; or why there are none. */
export type CutGroup = { readonly snapshots: ReadonlyMap<string, string> } | { readonly failed: string };

const parse = (bytes: Buffer): JsonObject => JSON.parse(bytes.toString('utf8')) as JsonObject;

/** Follows the namespace until each claim has a VolumeSnapshot of the group; all that there are by then, by claim. */
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
      for (const snapshot of (event.type === 'SYNCED' ? event.items : [event.object]).map(parse)) {
        const claim = claimInGroup(snapshot, name);
        if (claim !== undefined && textAt(snapshot, 'status', 'boundVolumeSnapshotContentName') !== '')
          found.set(claim, snapshot);
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
  const { cluster, kinds, className, labels } = cutting;
  const ref = { namespace: textAt(seen, 'metadata', 'namespace'), name: nameOf(seen) };
  for (let attempt = 1; ; attempt += 1) {
    const bytes = await cluster.get(kinds.snapshots, ref, { signal });
    if (!bytes) throw new Fault('LB_CLUSTER_REFUSED', `the VolumeSnapshot ${ref.name} of its group is gone`);
    const patch = JSON.stringify(standaloneSnapshot(parse(bytes), className, labels));
    const written = await cluster.patch(kinds.snapshots, ref, 'merge', patch, { signal });
    if (written.ok) return;
    if (written.reason !== 'Conflict' || attempt === FIX_ATTEMPTS)
      throw new Fault('LB_CLUSTER_REFUSED', `the VolumeSnapshot ${ref.name}: ${written.message}`);
  }
};

/** Takes the group out of the cluster; its physical snapshots and its VolumeSnapshots stay. */
const dissolve = async (
  { cluster, groupKinds }: GroupCutting,
  ref: ObjectRef,
  signal: AbortSignal,
): Promise<boolean> => {
  const nameOfContent = (group: JsonObject | undefined) =>
    textAt(group, 'status', 'boundVolumeGroupSnapshotContentName') || undefined;
  const name = await awaitObject(cluster, groupKinds.snapshots, ref, nameOfContent, signal);
  if (name === undefined) return false;
  const retain = JSON.stringify({ spec: { deletionPolicy: 'Retain' } });
  for (const written of [
    await cluster.patch(groupKinds.contents, { name }, 'merge', retain, { signal }),
    await cluster.delete(groupKinds.contents, { name }, { signal }),
    await cluster.delete(groupKinds.snapshots, ref, { signal }),
  ])
    if (!written.ok && written.reason !== 'NotFound')
      throw new Fault('LB_CLUSTER_REFUSED', `the VolumeGroupSnapshot ${ref.name}: ${written.message}`);
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
  // Before the group goes: what still belongs to it then goes with it.
  for (const snapshot of found.values()) await standAlone(cutting, snapshot, signal);
  if (!(await dissolve(cutting, ref, signal))) return undefined;
  return { snapshots: new Map([...found].map(([claim, snapshot]) => [claim, nameOf(snapshot)])) };
};

const complaintOf = async (
  { cluster, groupKinds, signal }: GroupCutting,
  ref: ObjectRef,
): Promise<string> => {
  const bytes = await cluster.get(groupKinds.snapshots, ref, { signal });
  const said = bytes && textAt(parse(bytes), 'status', 'error', 'message');
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
