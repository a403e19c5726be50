import { annotationsOf } from '../item.js';
import { at, objectAt, put, textAt, type JsonObject } from '../json.js';

/** On a PersistentVolume that was restored under another name: the one it had (`pkg/restore/restore.go`). */
const ORIGINAL_NAME = 'velero.io/original-pv-name';

/** How a PersistentVolume of the same name stands in the cluster. */
export type PresentVolume =
  /** Nothing is in the way. */
  | 'absent'
  /** An earlier attempt of the same restore made it. */
  | 'ours'
  /** Somebody uses it, or may; it stays as it is. */
  | 'used'
  /** It is on its way out, or what it is bound to is. */
  | 'leaving';

const isLeaving = (object: JsonObject | undefined): boolean =>
  object === undefined ||
  at(object, 'metadata', 'deletionTimestamp') !== undefined ||
  textAt(object, 'status', 'phase') === 'Terminating';

/** Of a volume that is there and not ours: by what it is bound to, as it is now (`shouldRestore` in `pkg/restore/restore.go`). */
export const standingOfVolume = (
  volume: JsonObject,
  bound: { readonly claim: JsonObject | undefined; readonly namespace: JsonObject | undefined },
): 'used' | 'leaving' => {
  if (textAt(volume, 'status', 'phase') === 'Released' || isLeaving(volume)) return 'leaving';
  const claim = objectAt(volume, 'spec', 'claimRef');
  if (textAt(claim, 'namespace') === '' || textAt(claim, 'name') === '') return 'used';
  return isLeaving(bound.claim) || isLeaving(bound.namespace) ? 'leaving' : 'used';
};

/** The volume under another name, which says what it was called. */
export const renamedVolume = (volume: JsonObject, original: string, name: string): JsonObject =>
  put(put(volume, ['metadata', 'name'], name), ['metadata', 'annotations'], {
    ...annotationsOf(volume),
    [ORIGINAL_NAME]: original,
  });
