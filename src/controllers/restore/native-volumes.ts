import { RESTORE_NAME_LABEL } from '../../domain/labels.js';
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { NativeSnapshot, RestoreVolumeInfo } from '../../archive/sidecar-types.js';
import type { OperationLog } from '../../archive/oplog.js';
import { getObject } from '../../cluster/get-object.js';
import type { Cluster } from '../../cluster/port.js';
import { labelsOf, nameOf } from '../../domain/item.js';
import { textAt, type JsonObject } from '../../domain/json.js';
import { CLAIMS, NAMESPACES, VOLUMES } from '../../domain/known-kinds.js';
import { releaseVolume } from '../../domain/restore-item.js';
import { mapNamespace } from '../../domain/restore-selection.js';
import type { RestoreSpec } from '../../domain/velero.gen.js';
import { renamedVolume, standingOfVolume, type PresentVolume } from '../../domain/volumes/native-restore.js';
import { Fault, isFault } from '../../faults.js';
import type { VolumeSnapshotter } from '../../snapshotters/port.js';
import type { OpenSnapshotters } from '../volumes/snapshot-location.js';

export interface NativeRestoring {
  readonly cluster: Cluster;
  readonly spec: RestoreSpec;
  readonly restoreUid: string;
  /** Value of the label that objects of this restore bear. */
  readonly restoreLabel: string;
  /** Since when the restore exists, by the API server's clock. */
  readonly startedAt: string;
  /** Of the backup. */
  readonly snapshots: readonly NativeSnapshot[];
  readonly snapshotters: OpenSnapshotters;
  /** Milliseconds to wait for a volume that is on its way out. */
  readonly terminatingTimeout: number;
  /** Milliseconds for a new disk, and for its snapshot to be complete before. */
  readonly timeoutMs: number;
  readonly log: OperationLog;
  readonly signal: AbortSignal;
}

/** Volumes that are made anew from the snapshots of their providers. */
export interface NativeVolumes {
  /** The list of the backup names a snapshot of this volume. */
  readonly knows: (name: string) => boolean;
  /**
   * The volume as it is to be created: with a new disk, and under a new name where the old one is taken by a volume that another namespace
   * uses. One that is in use stays, and the volume as archived meets it. Faults: those of provider and cluster.
   */
  readonly restore: (volume: JsonObject) => Promise<JsonObject>;
  /**
   * Removes the new disk of a volume that was not created after all, so that nobody pays for what nobody uses. Answers why it stays, if it does.
   * A further attempt would take it over, but the refusal of one object is no reason for one.
   */
  readonly giveUp: (name: string) => Promise<string | undefined>;
  /** What a volume is called now. */
  readonly nameNow: (name: string) => string;
  /** Entries of the restore's file about volumes. */
  readonly entries: () => readonly RestoreVolumeInfo[];
}

const POLL_MS = 1_000;

/** Always the same for one volume of one restore: another attempt makes no second clone. */
const cloneName = (restoreUid: string, volume: string): string => {
  const hex = createHash('sha256').update(`${restoreUid}/${volume}`).digest('hex');
  return `velero-clone-${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
};

const claimNamespace = (volume: JsonObject): string => textAt(volume, 'spec', 'claimRef', 'namespace');

/** Looks at what bears the name of a volume in the cluster. */
const presentVolume = async (
  { cluster, restoreLabel, startedAt, signal }: NativeRestoring,
  name: string,
): Promise<PresentVolume> => {
  const volume = await getObject(cluster, VOLUMES, { name }, { signal });
  if (!volume) return 'absent';
  const bornWithUs = textAt(volume, 'metadata', 'creationTimestamp') >= startedAt;
  if (bornWithUs && labelsOf(volume)[RESTORE_NAME_LABEL] === restoreLabel) return 'ours';
  const [namespace, claim] = [claimNamespace(volume), textAt(volume, 'spec', 'claimRef', 'name')];
  if (namespace === '' || claim === '')
    return standingOfVolume(volume, { claim: undefined, namespace: undefined });
  return standingOfVolume(volume, {
    claim: await getObject(cluster, CLAIMS, { namespace, name: claim }, { signal }),
    namespace: await getObject(cluster, NAMESPACES, { name: namespace }, { signal }),
  });
};

/** Waits for what is on its way out; one that stays too long counts as used, and is told (`shouldRestore` in `pkg/restore/restore.go`). */
const settledVolume = async (
  run: NativeRestoring,
  name: string,
): Promise<Exclude<PresentVolume, 'leaving'>> => {
  const deadline = Date.now() + run.terminatingTimeout;
  for (;;) {
    const present = await presentVolume(run, name);
    if (present !== 'leaving') return present;
    if (Date.now() >= deadline) {
      const seconds = run.terminatingTimeout / 1_000;
      run.log.warn(`The volume was on its way out and is still there after ${seconds} s; it stays as it is`, {
        resource: 'persistentvolumes',
        namespace: '',
        name,
      });
      return 'used';
    }
    await delay(POLL_MS, undefined, { signal: run.signal });
  }
};

const withNewDisk = async (
  run: NativeRestoring,
  volume: JsonObject,
  snapshot: NativeSnapshot | undefined,
): Promise<MadeDisk & { readonly made: JsonObject }> => {
  const name = nameOf(volume);
  const snapshotId = snapshot?.status.providerSnapshotID ?? '';
  if (!snapshot || snapshotId === '')
    throw new Fault(
      'LB_BACKUP_FILE_DAMAGED',
      `the backup says that there is a snapshot of volume ${name}, and its list of snapshots does not name it`,
    );
  const { location, volumeType: type, volumeAZ: zone = '', volumeIOPS: iops } = snapshot.spec;
  const snapshotter = await run.snapshotters.open(location);
  const cause = `${run.restoreUid}/${name}`;
  const volumeId = await snapshotter.createVolume(
    { snapshotId, zone, type, ...(iops !== undefined && { iops }), cause },
    AbortSignal.any([run.signal, AbortSignal.timeout(run.timeoutMs)]),
  );
  run.log.info('Made a disk from a snapshot', {
    persistentVolume: name,
    snapshot: snapshotId,
    disk: volumeId,
  });
  return { volumeId, snapshotter, made: snapshotter.withVolumeId(volume, volumeId) };
};

/** The disk that was made for a volume. */
interface MadeDisk {
  readonly volumeId: string;
  readonly snapshotter: VolumeSnapshotter;
}

const removeDisk = async (
  { cluster, timeoutMs, signal }: NativeRestoring,
  { volumeId, snapshotter }: MadeDisk,
  volume: string,
): Promise<string | undefined> => {
  try {
    const present = await getObject(cluster, VOLUMES, { name: volume }, { signal });
    // Whoever created it, it has the disk.
    if (present && snapshotter.volumeIdOf(present) === volumeId) return undefined;
    await snapshotter.deleteVolume(volumeId, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
    return undefined;
  } catch (error) {
    if (signal.aborted || !isFault(error)) throw error;
    return `the disk ${volumeId}, made for volume ${volume}, which was not created, stays: ${error.message}; delete it`;
  }
};

/** How volumes with a snapshot of their provider come back (`pkg/restore/restore.go`, `pkg/restore/pv_restorer.go`). */
export const createNativeVolumes = (run: NativeRestoring): NativeVolumes => {
  const { spec, restoreUid, snapshots } = run;
  const byVolume = new Map(snapshots.map((one) => [one.spec.persistentVolumeName, one]));
  const renamed = new Map<string, string>();
  const restored = new Map<string, RestoreVolumeInfo>();
  const disks = new Map<string, MadeDisk>();
  const map = (namespace: string) => mapNamespace(spec.namespaceMapping, namespace);

  const note = (volume: JsonObject, pvName: string): void => {
    const { status, spec: facts } = byVolume.get(nameOf(volume)) ?? {};
    restored.set(nameOf(volume), {
      pvcName: textAt(volume, 'spec', 'claimRef', 'name'),
      pvcNamespace: map(claimNamespace(volume)),
      pvName,
      restoreMethod: 'NativeSnapshot',
      snapshotDataMoved: false,
      nativeSnapshotInfo: {
        snapshotHandle: status?.providerSnapshotID ?? '',
        volumeType: facts?.volumeType ?? '',
        volumeAZ: facts?.volumeAZ ?? '',
        iops: String(facts?.volumeIOPS ?? 0),
        Phase: status?.phase ?? '',
      },
    });
  };

  const restore = async (volume: JsonObject): Promise<JsonObject> => {
    const name = nameOf(volume);
    const namespace = claimNamespace(volume);
    const elsewhere = namespace !== '' && Object.hasOwn(spec.namespaceMapping ?? {}, namespace);
    // With a mapping the claim is another one: the old volume need not go, and the new one gets out of its way.
    const present = elsewhere ? await presentVolume(run, name) : await settledVolume(run, name);
    if (present === 'used' && !elsewhere) return volume;
    // For the one that an earlier attempt made, this is the disk it has.
    const { made, ...disk } = await withNewDisk(run, releaseVolume(volume, map), byVolume.get(name));
    disks.set(name, disk);
    const now = present === 'absent' || present === 'ours' ? name : cloneName(restoreUid, name);
    note(volume, now);
    if (now === name) return made;
    renamed.set(name, now);
    return renamedVolume(made, name, now);
  };

  return {
    knows: (name) => byVolume.has(name),
    restore,
    giveUp: async (name) => {
      const disk = disks.get(name);
      if (!disk) return undefined;
      disks.delete(name);
      restored.delete(name);
      return removeDisk(run, disk, renamed.get(name) ?? name);
    },
    nameNow: (name) => renamed.get(name) ?? name,
    entries: () => [...restored.values()],
  };
};
