import type { BackupVolumeInfo } from '../../archive/sidecar-types.js';
import { labelsOf } from '../../domain/item.js';
import { textAt, type JsonObject } from '../../domain/json.js';
import { STORAGE_CLASSES } from '../../domain/known-kinds.js';
import { mapNamespace } from '../../domain/restore-selection.js';
import { sideBySide, takingFrom } from '../side-by-side.js';
import { awaitObject } from '../volumes/watched-object.js';
import type { RestoreContext } from './context.js';

type Recorded = NonNullable<BackupVolumeInfo['pvInfo']>;

/** A claim whose volume is to become as it was. */
export interface VolumeToSettle {
  readonly namespace: string;
  readonly name: string;
  readonly recorded: Recorded;
}

type Settling = Pick<RestoreContext, 'cluster' | 'types' | 'resourceTimeout' | 'signal'>;

const AT_ONCE = 3;

const read = async (
  { cluster, signal }: Settling,
  type: Parameters<RestoreContext['cluster']['get']>[0] | undefined,
  ref: { readonly name: string; readonly namespace?: string },
): Promise<JsonObject | undefined> => {
  const bytes = type && (await cluster.get(type, ref, { signal }));
  return bytes && (JSON.parse(bytes.toString('utf8')) as JsonObject);
};

/** What the driver made of the volume follows from the class; only where that is not as recorded is there anything to wait for. */
const mayDiffer = ({ labels, reclaimPolicy }: Recorded, storageClass: JsonObject | undefined): boolean =>
  Object.keys(labels ?? {}).length > 0 ||
  reclaimPolicy !== (textAt(storageClass, 'reclaimPolicy') || 'Delete');

/** The labels become those recorded: others are taken away (`patchDynamicPVWithVolumeInfo` in `pkg/controller/restore_finalizer_controller.go`). */
const patchOf = (volume: JsonObject, { labels, reclaimPolicy }: Recorded) => {
  const present = labelsOf(volume);
  const wanted = labels ?? {};
  const gone = Object.keys(present).filter((key) => !Object.hasOwn(wanted, key));
  const complete = Object.entries(wanted).every(([key, value]) => present[key] === value);
  const samePolicy = textAt(volume, 'spec', 'persistentVolumeReclaimPolicy') === reclaimPolicy;
  if (complete && samePolicy) return undefined;
  return {
    metadata: { labels: { ...Object.fromEntries(gone.map((key) => [key, null])), ...wanted } },
    ...(reclaimPolicy !== '' && { spec: { persistentVolumeReclaimPolicy: reclaimPolicy } }),
  };
};

/**
 * Waits until the claim has its volume, where there may be something to change, and gives that the recorded labels and reclaim policy.
 * Answers what keeps it from that. Faults are those of `Cluster`.
 */
export const settleVolume = async (
  settling: Settling,
  { namespace, name, recorded }: VolumeToSettle,
): Promise<string | undefined> => {
  const { cluster, types, resourceTimeout, signal } = settling;
  const [claims, volumes] = [
    types.typeOf('persistentvolumeclaims', 'v1'),
    types.typeOf('persistentvolumes', 'v1'),
  ];
  const claim = await read(settling, claims, { namespace, name });
  if (!claim || !claims || !volumes) return undefined;
  const className = textAt(claim, 'spec', 'storageClassName');
  const storageClass =
    className === '' ? undefined : await read(settling, STORAGE_CLASSES, { name: className });
  if (!mayDiffer(recorded, storageClass)) return undefined;
  const waits = textAt(storageClass, 'volumeBindingMode') === 'WaitForFirstConsumer';
  if (waits && textAt(claim, 'status', 'phase') === 'Pending') return undefined; // no pod asks for it yet, perhaps never
  const bound = await awaitObject(
    cluster,
    claims,
    { namespace, name },
    (one) => (textAt(one, 'status', 'phase') === 'Bound' ? textAt(one, 'spec', 'volumeName') : undefined),
    AbortSignal.any([signal, AbortSignal.timeout(resourceTimeout)]),
  );
  signal.throwIfAborted();
  const keeps = 'its volume keeps the labels and the reclaim policy that the driver gave it';
  if (bound === undefined) return `claim ${name} was not bound within ${resourceTimeout / 1_000} s; ${keeps}`;
  const volume = await read(settling, volumes, { name: bound });
  const patch = volume && patchOf(volume, recorded);
  if (!patch) return undefined;
  const written = await cluster.patch(volumes, { name: bound }, 'merge', JSON.stringify(patch), { signal });
  return written.ok ? undefined : `volume ${bound} of claim ${name}: ${written.message}; ${keeps}`;
};

const settle = async (context: RestoreContext, volume: VolumeToSettle): Promise<void> => {
  const problem = await settleVolume(context, volume);
  if (problem !== undefined) context.outcomes.error(volume.namespace, problem);
};

/**
 * Gives the new volumes of claims that this restore made from snapshots the labels and the reclaim policy of the old ones
 * (`pkg/controller/restore_finalizer_controller.go`). Waits for a volume only where there may be something to change.
 */
export const settleVolumes = async (
  context: RestoreContext,
  volumeInfo: readonly BackupVolumeInfo[],
): Promise<void> => {
  const { spec, outcomes } = context;
  const made = new Set(outcomes.byKind.get('v1/PersistentVolumeClaim') ?? []);
  const settling = volumeInfo.flatMap((info): readonly VolumeToSettle[] => {
    const { backupMethod, snapshotDataMoved, pvcName: name = '', pvcNamespace = '', pvInfo } = info;
    const namespace = mapNamespace(spec.namespaceMapping, pvcNamespace);
    const fromSnapshot = backupMethod === 'CSISnapshot' && !snapshotDataMoved && spec.restorePVs !== false;
    if (!fromSnapshot || !pvInfo || !made.has(`${namespace}/${name}(created)`)) return [];
    return [{ namespace, name, recorded: pvInfo }];
  });
  await sideBySide(takingFrom(settling), AT_ONCE, (one) => settle(context, one));
};
