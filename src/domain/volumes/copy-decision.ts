import { annotationsOf } from '../item.js';
import { at, isObject, listAt, textAt, type JsonObject } from '../json.js';
import { matchVolumePolicy } from '../resource-policies/match.js';
import type { ResourcePolicies } from '../resource-policies/policies.js';

/** Volumes that are copied although copies are not the default, by name. */
export const OPT_IN = 'backup.velero.io/backup-volumes';
/** Volumes that are not copied although copies are the default. */
export const OPT_OUT = 'backup.velero.io/backup-volumes-excludes';

/** They show what the cluster or the node has anyway. */
const NEVER = ['hostPath', 'secret', 'configMap', 'projected', 'downwardAPI'];
const TOKENS = 'default-token';

/** A list as Velero reads it: the names between the commas, blanks and all. */
const namesIn = (pod: JsonObject, annotation: string): readonly string[] => {
  const text = annotationsOf(pod)[annotation] ?? '';
  return text === '' ? [] : text.split(',');
};

/** What a pod says about one of its volumes, where no policy does (`pkg/util/podvolume/pod_volume.go`). */
export const isChosenByPod = (pod: JsonObject, volume: string, copiesAreDefault: boolean): boolean =>
  copiesAreDefault ? !namesIn(pod, OPT_OUT).includes(volume) : namesIn(pod, OPT_IN).includes(volume);

/** Names in the annotation of a pod that are none of its volumes. */
export const unknownVolumes = (pod: JsonObject): readonly string[] => {
  const known = listAt(pod, 'spec', 'volumes').map((volume) => textAt(volume, 'name'));
  return namesIn(pod, OPT_IN).filter((name) => !known.includes(name));
};

export const claimOfVolume = (volume: JsonObject): string =>
  textAt(volume, 'persistentVolumeClaim', 'claimName');

const isNeverCopied = (volume: JsonObject): boolean =>
  NEVER.some((source) => isObject(at(volume, source))) || textAt(volume, 'name').startsWith(TOKENS);

/** Claims of which this pod chooses the volume to be copied: no snapshot is taken of them, whatever becomes of the copy. */
export const claimsChosenBy = (pod: JsonObject, copiesAreDefault: boolean): readonly string[] =>
  listAt(pod, 'spec', 'volumes')
    .filter(isObject)
    .filter((volume) => claimOfVolume(volume) !== '' && !isNeverCopied(volume))
    .filter((volume) => isChosenByPod(pod, textAt(volume, 'name'), copiesAreDefault))
    .map(claimOfVolume);

/** A volume of a pod, and what is known of it when the backup meets the pod. */
export interface PodVolume {
  readonly pod: JsonObject;
  /** An entry of the pod's `spec.volumes`. */
  readonly volume: JsonObject;
  readonly claim?: JsonObject;
  /** The one the claim is bound to; absent if there is none. */
  readonly persistentVolume?: JsonObject;
}

export interface CopyRules {
  readonly policies?: Pick<ResourcePolicies, 'volumePolicies'>;
  /** `spec.defaultVolumesToFsBackup`. */
  readonly copiesAreDefault: boolean;
  /** Whether the backup takes claims at all. */
  readonly takesClaims: boolean;
}

export type CopyDecision =
  | { readonly copy: true }
  /** `reason` is there where somebody said no. */
  | { readonly copy: false; readonly reason?: string };

/** A claim that is not there has no traits to go by. */
const byPolicy = ({ volume, claim, persistentVolume }: PodVolume, { policies }: CopyRules) => {
  if (!policies) return undefined;
  if (claim) return matchVolumePolicy(policies, { claim, ...(persistentVolume && { persistentVolume }) });
  return claimOfVolume(volume) === '' ? matchVolumePolicy(policies, { podVolume: volume }) : undefined;
};

/**
 * Whether a volume of a pod is copied file by file (`internal/volumehelper/volume_policy_helper.go`). A policy that fits decides alone;
 * else the pod's annotations do. A claim that is not bound is judged by its own traits, and is no error: a pod that cannot run yet has
 * nothing to lose.
 */
export const decideCopy = (of: PodVolume, rules: CopyRules): CopyDecision => {
  const { pod, volume } = of;
  if (isNeverCopied(volume)) return { copy: false };
  if (claimOfVolume(volume) !== '' && !rules.takesClaims) return { copy: false };
  const action = byPolicy(of, rules);
  if (action)
    return action.type === 'fs-backup'
      ? { copy: true }
      : { copy: false, reason: `a volume policy says ${action.type}` };
  if (isChosenByPod(pod, textAt(volume, 'name'), rules.copiesAreDefault)) return { copy: true };
  return rules.copiesAreDefault
    ? { copy: false, reason: `opted out due to annotation in pod ${textAt(pod, 'metadata', 'name')}` }
    : { copy: false };
};

const isUsed = (pod: JsonObject, volume: string, by: 'volumeMounts' | 'volumeDevices'): boolean =>
  listAt(pod, 'spec', 'containers').some((container) =>
    listAt(container, by).some((use) => textAt(use, 'name') === volume),
  );

/**
 * Why a volume that is to be copied cannot be (`pkg/podvolume/backupper.go`); undefined if it can. Init containers do not count: what only
 * they mounted need not be there any more.
 */
export const copyHindrance = ({ pod, volume, persistentVolume }: PodVolume): string | undefined => {
  const name = textAt(volume, 'name');
  if (isObject(at(persistentVolume, 'spec', 'hostPath')))
    return 'it is a hostPath volume, which stays on its node; it is not copied';
  if (isUsed(pod, name, 'volumeDevices')) return 'it is a block volume, which has no files to copy';
  if (!isUsed(pod, name, 'volumeMounts'))
    return 'no container of the pod mounts it, so there is no folder to copy';
  return undefined;
};

/** Why none of a pod's volumes can be copied; undefined if it runs (`IsPodRunning` in `pkg/util/kube/pod.go`). */
export const whyNotRunning = (pod: JsonObject): string | undefined => {
  const phase = textAt(pod, 'status', 'phase');
  if ((at(pod, 'metadata', 'deletionTimestamp') ?? null) !== null) return 'the pod is being deleted';
  if (textAt(pod, 'spec', 'nodeName') === '') return 'the pod is not on a node yet';
  return phase === 'Running' ? undefined : `the pod does not run: it is ${phase === '' ? 'new' : phase}`;
};
