import { BACKUP_NAME_LABEL, RESTORE_NAME_LABEL } from './labels.js';
import { annotationsOf } from './item.js';
import { at, objectAt, put, textAt, without, type JsonObject } from './json.js';

/** What the cluster gives an object, and what ties it to its former life. */
const RESET = [
  'generateName',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'ownerReferences',
];

/**
 * The object as it can be created anew: without status and without what the API server sets (`resetMetadataAndStatus`
 * in `pkg/restore/restore.go`). Name, namespace, labels, annotations, finalizers and managedFields stay.
 */
export const resetObject = (object: JsonObject): JsonObject =>
  put(without(object, ['status']), ['metadata'], without(objectAt(object, 'metadata'), RESET));

/** Label values, already shortened where the names are over 63 characters. */
export interface RestoreLabels {
  readonly backupLabel: string;
  readonly restoreLabel: string;
}

/** Says where the object came from; an older origin is overwritten. */
export const addRestoreLabels = (
  object: JsonObject,
  { backupLabel, restoreLabel }: RestoreLabels,
): JsonObject =>
  put(object, ['metadata', 'labels'], {
    ...objectAt(object, 'metadata', 'labels'),
    [BACKUP_NAME_LABEL]: backupLabel,
    [RESTORE_NAME_LABEL]: restoreLabel,
  });

/** The object in its target namespace; a cluster-scoped one stays as it is. */
export const inNamespace = (object: JsonObject, namespace: string): JsonObject =>
  namespace === '' ? object : put(object, ['metadata', 'namespace'], namespace);

/** Work that has ended is not started again: succeeded or failed pods, jobs with a completion time. */
export const isCompleted = (groupResource: string, archived: JsonObject): boolean => {
  if (groupResource === 'pods') return ['Succeeded', 'Failed'].includes(textAt(archived, 'status', 'phase'));
  return groupResource === 'jobs.batch' && textAt(archived, 'status', 'completionTime') !== '';
};

const MIRROR = 'kubernetes.io/config.mirror';

/** The kubelet makes mirror pods from files of its node; a restored one would be removed again at once. */
export const isMirrorPod = (groupResource: string, object: JsonObject): boolean =>
  groupResource === 'pods' && Boolean(annotationsOf(object)[MIRROR]);

const BINDING = ['pv.kubernetes.io/bind-completed', 'pv.kubernetes.io/bound-by-controller'];

/** Without the annotations by which the volume controller knows a pair as bound. */
export const withoutBindingAnnotations = (object: JsonObject): JsonObject =>
  at(object, 'metadata', 'annotations') === undefined
    ? object
    : put(object, ['metadata', 'annotations'], without(objectAt(object, 'metadata', 'annotations'), BINDING));

/**
 * A volume free to be bound by its claim once more: the claim's uid and version go, its namespace is mapped
 * (`resetVolumeBindingInfo`, `remapClaimRefNS` in `pkg/restore/restore.go`).
 */
export const releaseVolume = (volume: JsonObject, map: (namespace: string) => string): JsonObject => {
  const free = withoutBindingAnnotations(volume);
  if (at(free, 'spec', 'claimRef') === undefined) return free;
  const claim = without(objectAt(free, 'spec', 'claimRef'), ['uid', 'resourceVersion']);
  const namespace = textAt(claim, 'namespace');
  return put(free, ['spec', 'claimRef'], namespace === '' ? claim : { ...claim, namespace: map(namespace) });
};

/**
 * A claim free to be bound: to the volume it names, or to a newly provisioned one if its volume is not coming back.
 * A claim that names no volume stays as it is.
 */
export const releaseClaim = (claim: JsonObject, provisionAnew: boolean): JsonObject => {
  if (textAt(claim, 'spec', 'volumeName') === '') return claim;
  const free = withoutBindingAnnotations(claim);
  return provisionAnew ? put(free, ['spec', 'volumeName'], undefined) : free;
};
