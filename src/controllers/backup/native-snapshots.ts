import type { OperationLog } from '../../archive/oplog.js';
import type { BackupItemAction } from '../../domain/backup-actions.js';
import { nameOf } from '../../domain/item.js';
import { at, isObject, type JsonObject } from '../../domain/json.js';
import { matchVolumePolicy } from '../../domain/resource-policies/match.js';
import type { ResourcePolicies } from '../../domain/resource-policies/policies.js';
import type { BackupSpec } from '../../domain/velero.gen.js';
import type { NativeVolume } from '../../domain/volumes/native-snapshot-files.js';
import type { FailedProviderSnapshot, ProviderSnapshot } from '../../domain/volumes/provider-snapshots.js';
import { zoneOf } from '../../domain/volumes/zone.js';
import { isFault, messageOf } from '../../faults.js';
import type { VolumeSnapshotter } from '../../snapshotters/port.js';
import type { OpenSnapshotters } from '../volumes/snapshot-location.js';
import { endsRun } from './archive.js';
import { POLICY_SAYS_SKIP } from './pod-copies.js';

/** What is written down about the snapshots that providers take for one attempt. */
export interface NativeSnapshotFacts {
  /** Before the first one is asked for, so that whatever is left of it can be found. */
  readonly begun: () => Promise<void>;
  readonly taken: (snapshot: ProviderSnapshot) => Promise<void>;
  readonly failed: (snapshot: FailedProviderSnapshot) => Promise<void>;
}

export interface NativeSnapshotting {
  readonly spec: BackupSpec;
  /** Tags of every snapshot but the name of its volume; they tell this attempt from every other one. */
  readonly tags: Readonly<Record<string, string>>;
  readonly policies?: Pick<ResourcePolicies, 'volumePolicies'>;
  readonly snapshotters: OpenSnapshotters;
  /** The claim that a volume is bound to, if it is there. */
  readonly claimOf: (volume: JsonObject) => Promise<JsonObject | undefined>;
  /** Volumes of CSI drivers have their snapshots taken by the cluster. */
  readonly csiApart: boolean;
  /** A pod that mounts the volume chose it for a file-system copy. */
  readonly isCopied: (volume: JsonObject) => boolean | Promise<boolean>;
  readonly facts: NativeSnapshotFacts;
  readonly timeoutMs: number;
  readonly log: OperationLog;
  readonly signal: AbortSignal;
}

/** The snapshots by providers of one run: taken as volumes are archived. */
export interface NativeSnapshots {
  readonly action: BackupItemAction;
  readonly met: readonly NativeVolume[];
}

const VOLUMES = 'persistentvolumes';

type Skipped = NonNullable<NativeVolume['skipped']>;

/** Why there is to be no snapshot (`internal/volumehelper/volume_policy_helper.go`); undefined if there is to be one. */
const reasonAgainst = async (
  { spec, policies, claimOf, isCopied }: NativeSnapshotting,
  volume: JsonObject,
): Promise<Skipped | undefined> => {
  const refuse = (reason: string): Skipped => ({ reason, wanted: false });
  const action = policies && matchVolumePolicy(policies, { persistentVolume: volume })?.type;
  if (action !== undefined && action !== 'snapshot') return refuse(`a volume policy says ${action}`);
  if (action === undefined && (await isCopied(volume)))
    return refuse('a pod chose it for a file-system copy');
  if (action === undefined && spec.snapshotVolumes === false) return refuse('the backup takes no snapshots');
  // Of what policies say of the claim, Velero heeds only that the volume is to be skipped (`pkg/backup/item_backupper.go`).
  const claim = policies && (await claimOf(volume));
  const ofBoth = claim && matchVolumePolicy(policies, { persistentVolume: volume, claim })?.type;
  return ofBoth === 'skip' ? refuse(POLICY_SAYS_SKIP) : undefined;
};

interface Taker {
  readonly location: string;
  readonly snapshotter: VolumeSnapshotter;
  readonly volumeId: string;
}

/** The first location whose provider knows the disk. One that cannot be used is an error of the backup, and the next is asked. */
const takerFor = async (
  { spec, snapshotters, log }: NativeSnapshotting,
  volume: JsonObject,
): Promise<Taker | undefined> => {
  for (const location of spec.volumeSnapshotLocations ?? []) {
    try {
      const snapshotter = await snapshotters.open(location);
      const volumeId = snapshotter.volumeIdOf(volume);
      if (volumeId !== undefined) return { location, snapshotter, volumeId };
    } catch (error) {
      if (endsRun(error)) throw error;
      const about = { resource: VOLUMES, namespace: '', name: nameOf(volume) };
      log.error(`Error using the volume snapshot location ${location}`, {
        ...about,
        error: messageOf(error),
      });
    }
  }
  return undefined;
};

/** With what the provider threw, where it has failed. */
interface Met extends NativeVolume {
  readonly error?: Error;
}

const taken = async (
  { tags, facts, timeoutMs, signal }: NativeSnapshotting,
  volume: JsonObject,
  { location, snapshotter, volumeId }: Taker,
): Promise<Omit<Met, 'volume'>> => {
  const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const zone = zoneOf(volume);
  const info = await snapshotter.volumeInfo(volumeId, zone, within);
  const about = { volume: nameOf(volume), location, volumeId, ...info, zone };
  await facts.begun();
  try {
    const request = { volumeId, zone, tags: { ...tags, 'velero.io/pv': about.volume } };
    const snapshotId = await snapshotter.createSnapshot(request, within);
    const snapshot = { ...about, snapshotId };
    await facts.taken(snapshot);
    return { taken: snapshot };
  } catch (error) {
    if (signal.aborted || endsRun(error) || !isFault(error)) throw error;
    const failed = { ...about, reason: messageOf(error) };
    await facts.failed(failed);
    return { failed, error };
  }
};

const meet = async (run: NativeSnapshotting, volume: JsonObject): Promise<Met | undefined> => {
  if (run.csiApart && isObject(at(volume, 'spec', 'csi'))) return undefined;
  const skipped = await reasonAgainst(run, volume);
  if (skipped) return { volume, skipped };
  const taker = await takerFor(run, volume);
  if (!taker) return { volume, skipped: { reason: 'no volume snapshot location fits it', wanted: true } };
  if (run.spec.snapshotMoveData === true)
    run.log.warn(
      'The data of the volume is not moved, only that of CSI volumes can be; its snapshot stays with its provider',
      {
        resource: VOLUMES,
        namespace: '',
        name: nameOf(volume),
      },
    );
  return { volume, ...(await taken(run, volume, taker)) };
};

/**
 * The action that has snapshots taken of volumes by their providers when they are archived (`takePVSnapshot` in
 * `pkg/backup/item_backupper.go`). A snapshot that fails is an error of the volume, which then is not archived: it would come back with the
 * disk it has now.
 */
export const createNativeSnapshots = (run: NativeSnapshotting): NativeSnapshots => {
  const met: NativeVolume[] = [];
  return {
    met,
    action: {
      name: 'velero.io/volume-snapshotter',
      looksOnly: true,
      appliesTo: (groupResource) => groupResource === VOLUMES,
      execute: async ({ object }) => {
        const one = await meet(run, object);
        if (!one) return { related: [] };
        const { error, ...volume } = one;
        met.push(volume);
        if (error !== undefined) throw error;
        return { related: [] };
      },
    },
  };
};
