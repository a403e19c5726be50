import { getObject } from '../../cluster/get-object.js';
import type { Cluster, ObjectRef } from '../../cluster/port.js';
import { nameOf, namespaceOf } from '../../domain/item.js';
import { objectAt, textAt, type JsonObject } from '../../domain/json.js';
import { BACKUP_UID_LABEL } from '../../domain/labels.js';
import { followObjects } from './followed-objects.js';
import type { SnapshotKinds } from './snapshot-kinds.js';

/** What becomes of an object; see `FollowedObjects.found`. */
type Found = <T>(
  ref: ObjectRef,
  look: (object: JsonObject | undefined) => T | undefined,
  until: AbortSignal,
) => Promise<T | undefined>;

/** The VolumeSnapshots of one backup and their contents, however many there are, by a watch for each kind. */
export interface FollowedSnapshots {
  /** To be called before a VolumeSnapshot can be bound: contents of others are not kept. */
  readonly expect: (snapshot: ObjectRef) => void;
  /** Of a VolumeSnapshot that bears the uid of the backup. */
  readonly snapshot: Found;
  /** Of the content of a VolumeSnapshot that is expected. */
  readonly content: Found;
}

const keyOf = ({ namespace = '', name }: ObjectRef): string => `${namespace}/${name}`;

/** Begins with the first question; `signal` ends it. */
export const followSnapshots = (following: {
  readonly cluster: Pick<Cluster, 'watch' | 'get'>;
  readonly kinds: SnapshotKinds;
  readonly backupUid: string;
  readonly signal: AbortSignal;
}): FollowedSnapshots => {
  const { cluster, kinds, backupUid, signal } = following;
  const expected = new Set<string>();
  const snapshots = followObjects({
    cluster,
    type: kinds.snapshots,
    labelSelector: `${BACKUP_UID_LABEL}=${backupUid}`,
    keyOf: (object) => keyOf({ namespace: namespaceOf(object), name: nameOf(object) }),
    signal,
  });
  const contents = followObjects({
    cluster,
    type: kinds.contents,
    // They bear no label yet, and a cluster may have those of many backups.
    keyOf: (object) => {
      const of = objectAt(object, 'spec', 'volumeSnapshotRef');
      const snapshot = { namespace: textAt(of, 'namespace'), name: textAt(of, 'name') };
      return expected.has(keyOf(snapshot)) ? nameOf(object) : undefined;
    },
    signal,
  });
  return {
    expect: (snapshot) => void expected.add(keyOf(snapshot)),
    snapshot: (ref, look, until) => snapshots.found(keyOf(ref), look, until),
    content: async (ref, look, until) => {
      if (!contents.seen(ref.name)) {
        // It may have been there before anybody expected it.
        const found = look(await getObject(cluster, kinds.contents, ref, { signal: until }));
        if (found !== undefined) return found;
      }
      return contents.found(ref.name, look, until);
    },
  };
};
