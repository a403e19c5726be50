import { getObject } from '../../cluster/get-object.js';
import { groupResource, type Cluster, type Discovery, type ObjectRef } from '../../cluster/port.js';
import { isBoundClaim } from '../../domain/backup-actions.js';
import { namespaceOf } from '../../domain/item.js';
import { isObject, listAt, textAt, type JsonObject } from '../../domain/json.js';
import {
  claimOfVolume,
  decideCopy,
  type CopyRules,
  type PodVolume,
} from '../../domain/volumes/copy-decision.js';

export interface LookingAtVolumes {
  readonly cluster: Pick<Cluster, 'get'>;
  readonly discovery: Pick<Discovery, 'resources'>;
  readonly signal: AbortSignal;
}

const read = async (
  { cluster, discovery, signal }: LookingAtVolumes,
  kind: string,
  ref: ObjectRef,
): Promise<JsonObject | undefined> => {
  const type = discovery.resources.find((one) => groupResource(one) === kind);
  return type && getObject(cluster, type, ref, { signal });
};

/** The PersistentVolume a claim is bound to; undefined if it is not bound, or its volume is gone. */
export const boundVolumeOf = async (
  looking: LookingAtVolumes,
  claim: JsonObject,
): Promise<JsonObject | undefined> =>
  isBoundClaim(claim)
    ? read(looking, 'persistentvolumes', { name: textAt(claim, 'spec', 'volumeName') })
    : undefined;

const withClaim = async (looking: LookingAtVolumes, of: PodVolume): Promise<PodVolume> => {
  const name = claimOfVolume(of.volume);
  if (name === '') return of;
  const claim = await read(looking, 'persistentvolumeclaims', { namespace: namespaceOf(of.pod), name });
  if (!claim) return of;
  const persistentVolume = await boundVolumeOf(looking, claim);
  return { ...of, claim, ...(persistentVolume && { persistentVolume }) };
};

export interface VolumesOfPod {
  readonly chosen: readonly PodVolume[];
  /** Those of claims that somebody has taken out. */
  readonly left: readonly (PodVolume & { readonly reason: string })[];
}

/**
 * Which volumes of a pod are to be copied. Claims are looked up only where they can matter: most pods choose nothing, and cost no
 * request. Faults are those of `Cluster.get`.
 */
export const chooseVolumes = async (
  looking: LookingAtVolumes,
  pod: JsonObject,
  rules: CopyRules,
): Promise<VolumesOfPod> => {
  const chosen: PodVolume[] = [];
  const left: (PodVolume & { readonly reason: string })[] = [];
  for (const volume of listAt(pod, 'spec', 'volumes').filter(isObject)) {
    const bare = decideCopy({ pod, volume }, rules);
    if (!rules.policies && !bare.copy && bare.reason === undefined) continue;
    const known = await withClaim(looking, { pod, volume });
    const decision = decideCopy(known, rules);
    if (decision.copy) chosen.push(known);
    else if (decision.reason !== undefined) left.push({ ...known, reason: decision.reason });
  }
  return { chosen, left };
};
