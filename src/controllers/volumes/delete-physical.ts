import { createHash } from 'node:crypto';
import { getObject } from '../../cluster/get-object.js';
import { apiVersionOf, type Cluster, type ResourceType } from '../../cluster/port.js';
import { at, textAt, type JsonObject } from '../../domain/json.js';
import { SNAPSHOT_GROUP } from '../../domain/volumes/snapshot-objects.js';
import { sideBySide, takingFrom } from '../side-by-side.js';
import type { GroupSnapshotKinds, SnapshotKinds } from './snapshot-kinds.js';
import { awaitGone, awaitObject } from './watched-object.js';

const AT_ONCE = 8;

/** A snapshot as its driver knows it. */
export interface PhysicalSnapshot {
  readonly driver: string;
  readonly handle: string;
  /** Of the VolumeSnapshotContent it was archived with: they name the Secret the driver needs to delete it. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** The handle of the group it was cut with. The sidecar of a driver deletes no single snapshot of a group. */
  readonly group?: string;
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

/** Members are told, since a driver may want to know them; the group's handle decides. */
const temporaryGroupContent = (
  type: ResourceType,
  group: string,
  members: readonly PhysicalSnapshot[],
  namespace: string,
) => {
  const driver = members[0]?.driver ?? '';
  const name = `velero-delete-${createHash('sha256').update(`${driver}\n${group}`).digest('hex').slice(0, 32)}`;
  const handles = {
    volumeGroupSnapshotHandle: group,
    volumeSnapshotHandles: members.map((one) => one.handle),
  };
  const ref = { apiVersion: apiVersionOf(type), kind: 'VolumeGroupSnapshot', name, namespace };
  return {
    apiVersion: apiVersionOf(type),
    kind: 'VolumeGroupSnapshotContent',
    metadata: {
      name,
      finalizers: ['groupsnapshot.storage.kubernetes.io/volumegroupsnapshotcontent-bound-protection'],
    },
    spec: {
      deletionPolicy: 'Delete',
      driver,
      source: { groupSnapshotHandles: handles },
      volumeGroupSnapshotRef: ref,
    },
  };
};

/** The driver has looked for the snapshot, and found it or not. */
const isSeen = (content: JsonObject): boolean =>
  at(content, 'status', 'readyToUse') === true || textAt(content, 'status', 'error', 'message') !== '';

const withLimit = (signal: AbortSignal, timeoutMs: number): AbortSignal =>
  AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);

/** What is to be deleted, as a sentence names it. */
interface Doomed {
  readonly driver: string;
  readonly called: string;
}

const deleteThrough = async (
  { cluster, timeoutMs, signal }: Deleting,
  type: ResourceType,
  body: { readonly metadata: { readonly name: string } },
  { driver, called }: Doomed,
): Promise<string | undefined> => {
  const ref = { name: body.metadata.name };
  const made = await cluster.create(type, undefined, JSON.stringify(body), { signal });
  if (!made.ok && made.reason !== 'AlreadyExists') return made.message;
  const look = (content: JsonObject | undefined) => {
    if (content) return isSeen(content) ? 'seen' : undefined;
    return made.ok ? undefined : 'gone'; // that of an earlier run was on its way out
  };
  const seen = await awaitObject(cluster, type, ref, look, withLimit(signal, timeoutMs));
  if (seen === 'gone') return undefined;
  if (seen === 'seen') {
    const deleted = await cluster.delete(type, ref, { signal });
    if (!deleted.ok && deleted.reason !== 'NotFound') return deleted.message;
    if (await awaitGone(cluster, type, ref, withLimit(signal, timeoutMs))) return undefined;
  }
  signal.throwIfAborted();
  const present = await getObject(cluster, type, ref, { signal });
  if (!present) return undefined;
  const said = textAt(present, 'status', 'error', 'message');
  return said === ''
    ? `the driver ${driver} has not deleted ${called} in time; is it running?`
    : `the driver ${driver} does not delete ${called}: ${said}`;
};

/**
 * Has a driver delete one physical snapshot: a temporary VolumeSnapshotContent takes it up and is deleted with it
 * (`csi-volumesnapshotcontent-delete` in `internal/delete/actions/csi`). One that is gone already is fine. Answers why it is not deleted,
 * `undefined` if it is. Faults are those of `Cluster`.
 */
export const deletePhysicalSnapshot = (
  deleting: Deleting,
  snapshot: PhysicalSnapshot,
): Promise<string | undefined> => {
  const called = `snapshot ${snapshot.handle}`;
  const body = temporaryContent(snapshot, deleting.namespace);
  return deleteThrough(deleting, deleting.kinds.contents, body, { driver: snapshot.driver, called });
};

/** The same for all snapshots of one group, by a temporary VolumeGroupSnapshotContent. */
export const deletePhysicalGroup = (
  deleting: Deleting & { readonly groupKinds: GroupSnapshotKinds },
  group: string,
  members: readonly PhysicalSnapshot[],
): Promise<string | undefined> => {
  const { contents } = deleting.groupKinds;
  const body = temporaryGroupContent(contents, group, members, deleting.namespace);
  const doomed = { driver: members[0]?.driver ?? '', called: `the group of snapshots ${group}` };
  return deleteThrough(deleting, contents, body, doomed);
};

/**
 * Has drivers delete many physical snapshots, those of a group together where the cluster serves groups. Answers a sentence for each
 * snapshot, or group, that is still there. Faults are those of `Cluster`.
 */
export const deletePhysicalSnapshots = async (
  deleting: Deleting & { readonly groupKinds?: GroupSnapshotKinds | undefined },
  snapshots: readonly PhysicalSnapshot[],
): Promise<readonly string[]> => {
  const { groupKinds } = deleting;
  const groups = new Map<string, PhysicalSnapshot[]>();
  const works: (() => Promise<string | undefined>)[] = [];
  for (const snapshot of snapshots) {
    const { driver, group } = snapshot;
    if (!groupKinds || group === undefined) {
      works.push(() => deletePhysicalSnapshot(deleting, snapshot));
      continue;
    }
    const known = groups.get(`${driver}\n${group}`);
    if (known) {
      known.push(snapshot);
      continue;
    }
    const members = [snapshot];
    groups.set(`${driver}\n${group}`, members);
    works.push(() => deletePhysicalGroup({ ...deleting, groupKinds }, group, members));
  }
  const problems: string[] = [];
  await sideBySide(takingFrom(works), AT_ONCE, async (work) => {
    const problem = await work();
    if (problem !== undefined) problems.push(problem);
  });
  return problems;
};
