import { createHash } from 'node:crypto';
import type { Cluster } from '../../cluster/port.js';
import { at, textAt, type JsonObject } from '../../domain/json.js';
import { SNAPSHOT_GROUP } from '../../domain/volumes/snapshot-objects.js';
import type { SnapshotKinds } from './snapshot-kinds.js';
import { awaitGone, awaitObject } from './watched-object.js';

/** A snapshot as its driver knows it. */
export interface PhysicalSnapshot {
  readonly driver: string;
  readonly handle: string;
  /** Of the VolumeSnapshotContent it was archived with: they name the Secret the driver needs to delete it. */
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Deleting {
  readonly cluster: Cluster;
  readonly kinds: SnapshotKinds;
  /** Of the server: the VolumeSnapshot that the temporary content names, and that never is, would be there. */
  readonly namespace: string;
  /** For each of the two waits. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const DELETION_SECRET = ['name', 'namespace'].map(
  (part) => `snapshot.storage.kubernetes.io/deletion-secret-${part}`,
);

/** The same snapshot always has the same temporary content, so that a repeat finds that of a run that died. */
const temporaryContent = (snapshot: PhysicalSnapshot, namespace: string) => {
  const { driver, handle, annotations = {} } = snapshot;
  const name = `velero-delete-${createHash('sha256').update(`${driver}\n${handle}`).digest('hex').slice(0, 32)}`;
  const secrets = Object.entries(annotations).filter(([key]) => DELETION_SECRET.includes(key));
  return {
    apiVersion: `${SNAPSHOT_GROUP}/v1`,
    kind: 'VolumeSnapshotContent',
    // Without the finalizer the object would go at once, and the driver would not be asked.
    metadata: {
      name,
      finalizers: ['snapshot.storage.kubernetes.io/volumesnapshotcontent-bound-protection'],
      ...(secrets.length > 0 && { annotations: Object.fromEntries(secrets) }),
    },
    spec: {
      deletionPolicy: 'Delete',
      driver,
      source: { snapshotHandle: handle },
      volumeSnapshotRef: {
        apiVersion: `${SNAPSHOT_GROUP}/v1`,
        kind: 'VolumeSnapshot',
        name,
        namespace,
      },
    },
  };
};

/** The driver has looked for the snapshot, and found it or not. */
const isSeen = (content: JsonObject): boolean =>
  at(content, 'status', 'readyToUse') === true || textAt(content, 'status', 'error', 'message') !== '';

const withLimit = (signal: AbortSignal, timeoutMs: number): AbortSignal =>
  AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);

/**
 * Has a driver delete one physical snapshot: a temporary VolumeSnapshotContent takes it up and is deleted with it
 * (`csi-volumesnapshotcontent-delete` in `internal/delete/actions/csi`). One that is gone already is fine. Answers why it is not deleted,
 * `undefined` if it is. Faults are those of `Cluster`.
 */
export const deletePhysicalSnapshot = async (
  deleting: Deleting,
  snapshot: PhysicalSnapshot,
): Promise<string | undefined> => {
  const { cluster, kinds, namespace, timeoutMs, signal } = deleting;
  const body = temporaryContent(snapshot, namespace);
  const ref = { name: body.metadata.name };
  const made = await cluster.create(kinds.contents, undefined, JSON.stringify(body), { signal });
  if (!made.ok && made.reason !== 'AlreadyExists') return made.message;
  const look = (content: JsonObject | undefined) => {
    if (content) return isSeen(content) ? 'seen' : undefined;
    return made.ok ? undefined : 'gone'; // that of an earlier run was on its way out
  };
  const seen = await awaitObject(cluster, kinds.contents, ref, look, withLimit(signal, timeoutMs));
  if (seen === 'gone') return undefined;
  if (seen === 'seen') {
    const deleted = await cluster.delete(kinds.contents, ref, { signal });
    if (!deleted.ok && deleted.reason !== 'NotFound') return deleted.message;
    if (await awaitGone(cluster, kinds.contents, ref, withLimit(signal, timeoutMs))) return undefined;
  }
  signal.throwIfAborted();
  const present = await cluster.get(kinds.contents, ref, { signal });
  if (!present) return undefined;
  const said = textAt(JSON.parse(present.toString('utf8')) as JsonObject, 'status', 'error', 'message');
  return said === ''
    ? `the driver ${snapshot.driver} has not deleted snapshot ${snapshot.handle} in time; is it running?`
    : `the driver ${snapshot.driver} does not delete snapshot ${snapshot.handle}: ${said}`;
};
