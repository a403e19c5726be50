import { labelsOf, type Labels } from '../item.js';
import { at, textAt, type JsonObject } from '../json.js';

/** What the backup remembers of a volume beside its data. */
export interface RecordedVolume {
  readonly reclaimPolicy: string;
  readonly labels?: Labels | null;
}

/** What the driver made of a volume follows from the class; only where that is not as recorded is there anything to wait for. */
export const mayDiffer = (
  { labels, reclaimPolicy }: RecordedVolume,
  storageClass: JsonObject | undefined,
): boolean =>
  Object.keys(labels ?? {}).length > 0 ||
  reclaimPolicy !== (textAt(storageClass, 'reclaimPolicy') || 'Delete');

/** The claim that a volume is bound to. */
export const bindingOf = (volume: JsonObject) => {
  const ref = at(volume, 'spec', 'claimRef');
  return { namespace: textAt(ref, 'namespace'), name: textAt(ref, 'name') };
};

/**
 * The patch that gives a new volume labels and reclaim policy of the old one; `undefined` where it has them. Its labels become those
 * recorded: others are taken away (`patchDynamicPVWithVolumeInfo` in `pkg/controller/restore_finalizer_controller.go`).
 */
export const settledVolume = (
  volume: JsonObject,
  { labels, reclaimPolicy }: RecordedVolume,
): JsonObject | undefined => {
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
