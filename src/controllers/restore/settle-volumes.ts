import { getObject } from '../../cluster/get-object.js';
import type { BackupVolumeInfo } from '../../archive/sidecar-types.js';
import { decodeBackupVolumeInfo, decodeResourceList } from '../../archive/sidecars.js';
import type { Cluster, ResourceType } from '../../cluster/port.js';
import { groupResource } from '../../cluster/port.js';
import { textAt } from '../../domain/json.js';
import { STORAGE_CLASSES } from '../../domain/known-kinds.js';
import { downloadsOf, type UnsettledVolume } from '../../domain/restore-facts.js';
import { downloadOf } from '../../domain/volumes/restore-moves.js';
import { mapNamespace } from '../../domain/restore-selection.js';
import type { RestoreSpec } from '../../domain/velero.gen.js';
import {
  bindingOf,
  mayDiffer,
  settledVolume,
  type RecordedVolume,
} from '../../domain/volumes/settled-volume.js';
import { isFault, messageOf } from '../../faults.js';
import { openNamedLocation } from '../location/named-location.js';
import type { ControllerPorts, OpenedLocation } from '../ports.js';
import { sideBySide, takingFrom } from '../side-by-side.js';
import { readObject } from '../stored-object.js';
import { nameNewVolumes } from './volume-info.js';
import { awaitObject } from '../volumes/watched-object.js';
import type { RestoreSession } from './session.js';

const AT_ONCE = 16;
/** How long one look follows a claim: after that, everything is read anew. */
const LOOK_MS = 5_000;
const KEEPS = 'its volume keeps the labels and the reclaim policy that the driver gave it';

/** A claim that a restore made from a snapshot, and what its volume was like. */
export interface VolumeToSettle {
  readonly namespace: string;
  readonly claim: string;
  readonly recorded: RecordedVolume;
}

const VOLUME_NAMES = ['persistentvolumes', 'persistentvolume', 'pv'];

/** A claim whose volume is left out keeps naming the old one, for which it may wait for ever. */
const leavesVolumesOut = ({ includedResources, excludedResources, includeClusterResources }: RestoreSpec) => {
  const names = (list: readonly string[] | null | undefined) =>
    (list ?? []).some((name) => name === '*' || VOLUME_NAMES.includes(name.toLowerCase()));
  const included = !includedResources?.length || names(includedResources);
  return includeClusterResources === false || !included || names(excludedResources);
};

/** Those among the claims of a restore (`namespace/name(created)` in its resource list) that were made anew from snapshots or their moved data, or filled with copies. */
export const volumesToSettle = (restored: {
  readonly spec: RestoreSpec;
  readonly volumeInfo: readonly BackupVolumeInfo[];
  readonly claims: readonly string[];
}): readonly VolumeToSettle[] => {
  const { spec, volumeInfo } = restored;
  const made = new Set(restored.claims);
  return volumeInfo.flatMap((info): readonly VolumeToSettle[] => {
    const { backupMethod, pvcName: claim = '', pvcNamespace = '', pvInfo } = info;
    const namespace = mapNamespace(spec.namespaceMapping, pvcNamespace);
    const fromSnapshot = backupMethod === 'CSISnapshot' && spec.restorePVs !== false;
    const filled = backupMethod === 'PodVolumeBackup' && !leavesVolumesOut(spec);
    if (!(fromSnapshot || filled) || !pvInfo || !made.has(`${namespace}/${claim}(created)`)) return [];
    return [{ namespace, claim, recorded: pvInfo }];
  });
};

/** From the bucket and not from memory: whoever looks, after whatever crash, sees the same claims. */
const readVolumes = async (
  { store, layout }: OpenedLocation,
  { key, row, state }: RestoreSession,
  signal: AbortSignal,
): Promise<readonly VolumeToSettle[]> => {
  const spec = row?.spec ?? {};
  const backupName = spec.backupName ?? '';
  const keys = [layout.volumeInfo(backupName), layout.restoreResourceList(key.name)] as const;
  const [infos, list] = await Promise.all(keys.map((one) => readObject(store, one, signal)));
  const volumeInfo = infos ? await decodeBackupVolumeInfo(infos, keys[0]) : [];
  const resources = list ? await decodeResourceList(list, keys[1]) : {};
  const volumes = volumesToSettle({ spec, volumeInfo, claims: resources['v1/PersistentVolumeClaim'] ?? [] });
  // Nobody brings the volume of a claim that could not be filled.
  return volumes.filter((one) => downloadOf(downloadsOf(state), one)?.end?.is !== 'failed');
};

interface Settling {
  readonly cluster: Cluster;
  readonly claims: ResourceType;
  readonly volumes: ResourceType;
  /** Milliseconds that a claim had from the start. */
  readonly timeout: number;
  /** Milliseconds that are left of them; none or less when they are over. */
  readonly left: number;
  readonly signal: AbortSignal;
}

type Look = 'settled' | 'waiting' | { readonly failed: string };

const patchVolume = async (
  settling: Settling,
  { namespace, claim, recorded }: VolumeToSettle,
  name: string,
): Promise<Look> => {
  const { cluster, volumes, signal } = settling;
  const volume = await getObject(cluster, volumes, { name }, { signal });
  if (!volume) return { failed: `volume ${name} of claim ${claim} is gone` };
  const bound = bindingOf(volume);
  if (bound.namespace !== namespace || bound.name !== claim)
    return {
      failed: `volume ${name} of claim ${claim} is bound to ${bound.namespace}/${bound.name}; ${KEEPS}`,
    };
  const patch = settledVolume(volume, recorded);
  if (!patch) return 'settled';
  const written = await cluster.patch(volumes, { name }, 'merge', JSON.stringify(patch), { signal });
  return written.ok
    ? 'settled'
    : { failed: `volume ${name} of claim ${claim}: ${written.message}; ${KEEPS}` };
};

const look = async (settling: Settling, one: VolumeToSettle): Promise<Look> => {
  const { cluster, claims, timeout, left, signal } = settling;
  const ref = { namespace: one.namespace, name: one.claim };
  const claim = await getObject(cluster, claims, ref, { signal });
  if (!claim) return 'settled'; // somebody has deleted it since
  const className = textAt(claim, 'spec', 'storageClassName');
  const storageClass =
    className === '' ? undefined : await getObject(cluster, STORAGE_CLASSES, { name: className }, { signal });
  if (!mayDiffer(one.recorded, storageClass)) return 'settled';
  const waits = textAt(storageClass, 'volumeBindingMode') === 'WaitForFirstConsumer';
  if (waits && textAt(claim, 'status', 'phase') === 'Pending') return 'settled'; // no pod asks for it yet, perhaps never
  const limit = AbortSignal.timeout(Math.max(0, Math.min(LOOK_MS, left)));
  const bound = await awaitObject(
    cluster,
    claims,
    ref,
    (seen) => (textAt(seen, 'status', 'phase') === 'Bound' ? textAt(seen, 'spec', 'volumeName') : undefined),
    AbortSignal.any([signal, limit]),
  );
  signal.throwIfAborted();
  if (bound !== undefined) return patchVolume(settling, one, bound);
  return left > 0
    ? 'waiting'
    : { failed: `claim ${one.claim} was not bound within ${timeout / 1_000} s; ${KEEPS}` };
};

/** What the API server refuses is about one claim; that it is not there is about the whole look. */
const lookOrFail = (settling: Settling, one: VolumeToSettle): Promise<Look> =>
  look(settling, one).catch((error: unknown) => {
    if (settling.signal.aborted || !isFault(error) || error.retriable) throw error;
    return { failed: `claim ${one.claim}: ${error.message}; ${KEEPS}` };
  });

const lookAtAll = async (
  ports: ControllerPorts,
  volumes: readonly VolumeToSettle[],
  left: number,
  signal: AbortSignal,
): Promise<readonly UnsettledVolume[] | 'waiting'> => {
  const { cluster, config } = ports;
  const { resources } = await cluster.discover(signal);
  const typeOf = (kind: string) => resources.find((type) => groupResource(type) === kind);
  const [claims, persistentVolumes] = [typeOf('persistentvolumeclaims'), typeOf('persistentvolumes')];
  if (!claims || !persistentVolumes) return [];
  const settling = {
    cluster,
    claims,
    volumes: persistentVolumes,
    timeout: config.resourceTimeout,
    left,
    signal,
  };
  const failed: UnsettledVolume[] = [];
  let waiting = 0;
  await sideBySide(takingFrom(volumes), AT_ONCE, async (one) => {
    const found = await lookOrFail(settling, one);
    if (found === 'waiting') waiting += 1;
    else if (found !== 'settled')
      failed.push({ namespace: one.namespace, claim: one.claim, reason: found.failed });
  });
  return waiting > 0 ? 'waiting' : failed;
};

const settleOnce = async (
  ports: ControllerPorts,
  session: RestoreSession,
  left: number,
  signal: AbortSignal,
): Promise<readonly UnsettledVolume[] | 'waiting'> => {
  const backup = await ports.resources.read('Backup', session.row?.spec.backupName ?? '', signal);
  const location = await openNamedLocation(ports, backup?.spec?.storageLocation ?? '', signal);
  try {
    const found = await lookAtAll(ports, await readVolumes(location, session, signal), left, signal);
    if (found !== 'waiting') await nameNewVolumes(ports.cluster, location, session.key.name, signal);
    return found;
  } finally {
    location.store.close();
  }
};

/**
 * Gives the new volumes of claims that a restore made from snapshots the labels and the reclaim policy of the old ones
 * (`pkg/controller/restore_finalizer_controller.go`), and writes down which could not get them. Waits only where there may be something to
 * change, for the resource timeout since the items were applied, whatever happens to the server meanwhile. True once it is written
 * down; false if it is to be called again. Faults are those of the cluster and the store, and mean the same.
 */
export const settleVolumes = async (
  ports: ControllerPorts,
  session: RestoreSession,
  signal: AbortSignal,
): Promise<boolean> => {
  const { state } = session;
  if (state.phase !== 'Applied' || state.settlingSince === undefined) return true;
  const since = Date.parse(state.settlingSince);
  const left = since + ports.config.resourceTimeout - ports.clock().getTime();
  let failed: readonly UnsettledVolume[] | 'waiting';
  try {
    failed = await settleOnce(ports, session, left, signal);
  } catch (error) {
    if (signal.aborted || !isFault(error) || (error.retriable && left > 0)) throw error;
    failed = [
      { namespace: '', claim: '', reason: `the restored volumes were not looked at: ${messageOf(error)}` },
    ];
  }
  if (failed === 'waiting') return false;
  await session.send({ type: 'SettleVolumes', attempt: state.attempt, failed, now: session.now() });
  return true;
};
