import { isBoundClaim } from '../backup-actions.js';
import { at, isObject, textAt, type JsonObject } from '../json.js';
import type { VolumeAction } from '../resource-policies/policies.js';

/** What is known of the volume of a claim when a backup meets the claim. */
export interface VolumeInQuestion {
  readonly claim: JsonObject;
  /** The PersistentVolume the claim is bound to; absent if it is not bound, or its volume is gone. */
  readonly volume?: JsonObject;
  /** The action of the first volume policy that fits; absent where none does. */
  readonly policyAction?: VolumeAction['type'];
  /** A pod that mounts the claim chose this volume for a file-system copy. */
  readonly copied: boolean;
  /** `spec.snapshotVolumes`, which is true where it is absent. */
  readonly snapshotVolumes: boolean;
}

export type SnapshotDecision =
  | { readonly take: true; readonly driver: string }
  /** `wanted` is false where somebody said that the data need not be in the backup, or that somebody else takes it. */
  | { readonly take: false; readonly reason: string; readonly wanted: boolean }
  | { readonly problem: string };

const refuse = (reason: string, wanted = false): SnapshotDecision => ({ take: false, reason, wanted });

const ofCsi = (volume: JsonObject): SnapshotDecision =>
  isObject(at(volume, 'spec', 'csi'))
    ? { take: true, driver: textAt(volume, 'spec', 'csi', 'driver') }
    : refuse('the volume is not one of a CSI driver', true);

/**
 * Whether the volume of a claim is snapshotted (`internal/volumehelper/volume_policy_helper.go`). A policy that fits decides alone,
 * also against `snapshotVolumes`. A claim without a volume is a problem, unless nobody asked for data: there is nothing to snapshot
 * where somebody expects a snapshot.
 */
export const decideSnapshot = (question: VolumeInQuestion): SnapshotDecision => {
  const { claim, volume, policyAction, copied, snapshotVolumes } = question;
  if (policyAction !== undefined && policyAction !== 'snapshot')
    return refuse(`a volume policy says ${policyAction}`);
  if (!volume) {
    if (policyAction === undefined && !snapshotVolumes) return refuse('the backup takes no snapshots');
    return {
      problem: isBoundClaim(claim)
        ? `its volume ${textAt(claim, 'spec', 'volumeName')} does not exist, so it cannot be snapshotted`
        : 'the claim is not bound to a volume, so it cannot be snapshotted; bind it, or let a volume policy with pvcPhase skip it',
    };
  }
  if (policyAction === 'snapshot') return ofCsi(volume);
  if (copied) return refuse('a pod chose it for a file-system copy');
  return snapshotVolumes ? ofCsi(volume) : refuse('the backup takes no snapshots');
};
