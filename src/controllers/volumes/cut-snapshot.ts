import { getObject } from '../../cluster/get-object.js';
import type { Cluster, ObjectRef, ResourceType, Written } from '../../cluster/port.js';
import { labelsOf } from '../../domain/item.js';
import { at, textAt, type JsonObject } from '../../domain/json.js';
import { cutOf, type CutSnapshot } from '../../domain/volumes/snapshot-objects.js';
import type { FollowedSnapshots } from './followed-snapshots.js';
import type { SnapshotKinds } from './snapshot-kinds.js';
import { awaitGone } from './watched-object.js';
import { BACKUP_UID_LABEL } from '../../domain/labels.js';

export interface Cutting {
  readonly cluster: Cluster;
  readonly kinds: SnapshotKinds;
  /** Of the backup, for the VolumeSnapshotContent. */
  readonly labels: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface CuttingOne extends Cutting {
  /** Those of the whole backup: each of its volumes followed by itself would cost two connections. */
  readonly followed: FollowedSnapshots;
}

export type Cut = { readonly cut: CutSnapshot } | { readonly failed: string };

const isBeingDeleted = (object: JsonObject): boolean =>
  (at(object, 'metadata', 'deletionTimestamp') ?? null) !== null;

/**
 * Creates an object of a backup under a name that follows from it. One that is there is of this very attempt if it bears the backup's
 * uid, by a create whose answer was lost; one that is on its way out belongs to an earlier attempt and is waited for. Answers a refusal.
 */
export const createOwned = async (
  { cluster, labels }: Pick<Cutting, 'cluster' | 'labels'>,
  type: ResourceType,
  body: JsonObject,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const ref = { namespace: textAt(body, 'metadata', 'namespace'), name: textAt(body, 'metadata', 'name') };
  for (;;) {
    const made: Written = await cluster.create(type, ref.namespace, JSON.stringify(body), { signal });
    if (made.ok) return undefined;
    if (made.reason !== 'AlreadyExists') return made.message;
    const present = await getObject(cluster, type, ref, { signal });
    if (!present) continue;
    const ours = labelsOf(present)[BACKUP_UID_LABEL] === labels[BACKUP_UID_LABEL];
    if (!isBeingDeleted(present))
      return ours
        ? undefined
        : `a ${type.kind} ${ref.name} is there already and is not of this backup; delete it`;
    if (!(await awaitGone(cluster, type, ref, signal))) return 'an earlier snapshot is still being removed';
  }
};

/** What the driver or the snapshot controller says is wrong; they go on trying, so it is told when the time is up. */
const complaintOf = (object: JsonObject | undefined): string => textAt(object, 'status', 'error', 'message');

const awaitHandle = async (
  { followed }: CuttingOne,
  ref: ObjectRef,
  signal: AbortSignal,
): Promise<CutSnapshot | { readonly complaint: string }> => {
  let complaint = '';
  const bound = await followed.snapshot(
    ref,
    (snapshot) => {
      complaint = complaintOf(snapshot) || complaint;
      return textAt(snapshot, 'status', 'boundVolumeSnapshotContentName') === '' ? undefined : snapshot;
    },
    signal,
  );
  if (!bound) return { complaint };
  const name = textAt(bound, 'status', 'boundVolumeSnapshotContentName');
  const cut = await followed.content(
    { name },
    (content) => {
      complaint = complaintOf(content) || complaint;
      return content && cutOf(bound, content);
    },
    signal,
  );
  return cut ?? { complaint };
};

/**
 * Keeps the physical snapshot whatever happens to the VolumeSnapshot from now on, such as the deletion of its namespace, and marks
 * whose it is.
 */
const keep = async ({ cluster, kinds, labels, signal }: Cutting, { content }: CutSnapshot) => {
  const patch = JSON.stringify({ metadata: { labels }, spec: { deletionPolicy: 'Retain' } });
  return cluster.patch(kinds.contents, { name: content }, 'merge', patch, { signal });
};

const inSeconds = (milliseconds: number): string => `${Math.round(milliseconds / 1000)} s`;

/** Makes sure that the VolumeSnapshot is there; answers why it cannot be. */
type Making = (signal: AbortSignal) => Promise<string | undefined>;

const follow = async (cutting: CuttingOne, ref: ObjectRef, make: Making): Promise<Cut> => {
  const { timeoutMs, followed } = cutting;
  followed.expect(ref);
  const limit = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([cutting.signal, limit]);
  const attempt = async () => {
    const refused = await make(signal);
    return refused === undefined ? awaitHandle(cutting, ref, signal) : { failed: refused };
  };
  const found = await attempt().catch((error: unknown) => {
    if (cutting.signal.aborted || !limit.aborted) throw error;
    return { complaint: '' };
  });
  cutting.signal.throwIfAborted();
  if ('failed' in found) return found;
  if ('complaint' in found) {
    const why = found.complaint === '' ? '' : `; the driver says: ${found.complaint}`;
    return { failed: `no snapshot was cut within ${inSeconds(timeoutMs)} (csiSnapshotTimeout)${why}` };
  }
  const kept = await keep(cutting, found);
  return kept.ok ? { cut: found } : { failed: `its VolumeSnapshotContent cannot be kept: ${kept.message}` };
};

/**
 * Has one snapshot cut and waits until the driver has given it a handle: from then on its content does not change, though it may not be
 * ready to make a volume of. By watching, for `timeoutMs` at most. What was created for a failed one is left for the caller to remove.
 * Faults are those of `Cluster`.
 */
export const cutSnapshot = async (cutting: CuttingOne, body: JsonObject): Promise<Cut> => {
  const ref = { namespace: textAt(body, 'metadata', 'namespace'), name: textAt(body, 'metadata', 'name') };
  return follow(cutting, ref, (signal) => createOwned(cutting, cutting.kinds.snapshots, body, signal));
};

/** The same for a VolumeSnapshot that is there already, since it was made with a group. */
export const takeOverSnapshot = (cutting: CuttingOne, ref: ObjectRef): Promise<Cut> =>
  follow(cutting, ref, () => Promise.resolve(undefined));
