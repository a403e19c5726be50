import { annotationsOf, labelsOf, nameOf, type Labels } from '../item.js';
import { listAt, textAt, type JsonObject } from '../json.js';
import type { SnapshotDecision } from './snapshot-decision.js';

const GROUP = 'groupsnapshot.storage.k8s.io';
export const GROUP_SNAPSHOTS = `volumegroupsnapshots.${GROUP}`;
export const GROUP_SNAPSHOT_CONTENTS = `volumegroupsnapshotcontents.${GROUP}`;
export const GROUP_SNAPSHOT_CLASSES = `volumegroupsnapshotclasses.${GROUP}`;

/** On a claim: which class to take for its group. */
const CLAIM_CLASS_KEY = 'velero.io/csi-volume-group-snapshot-class';
/** On a Backup, followed by `_` and the driver. On a class as a label with the value `true`: take this one. */
const CLASS_KEY = 'velero.io/csi-volumegroupsnapshot-class';

const IN_GROUP = [
  'snapshot.storage.kubernetes.io/volumesnapshot-in-group-protection',
  'snapshot.storage.kubernetes.io/volumesnapshot-as-source-protection',
];

const own = (map: Labels, key: string): string => (Object.hasOwn(map, key) ? (map[key] ?? '') : '');

/** The group that a claim belongs to; '' for one that is snapshotted by itself. */
export const groupOfClaim = (claim: JsonObject, labelKey: string): string =>
  labelKey === '' ? '' : own(labelsOf(claim), labelKey);

/** A claim of a group, and whether its volume is to be snapshotted. */
export interface GroupClaim {
  readonly claim: JsonObject;
  readonly decision: SnapshotDecision;
}

/** The claims to wait for and their common driver, or why there can be no snapshot of the group. */
export type GroupPlan =
  | {
      readonly claims: readonly JsonObject[];
      readonly driver: string;
      /** Claims of the group whose volumes nobody wants: the driver cuts them with the others all the same. */
      readonly leftOut: readonly { readonly claim: JsonObject; readonly reason: string }[];
    }
  | { readonly problem: string };

/** `pkg/backup/actions/csi/pvc_action.go`: all volumes of a group have to be of one CSI driver. */
export const planGroup = (members: readonly GroupClaim[]): GroupPlan => {
  const claims: JsonObject[] = [];
  const leftOut: { claim: JsonObject; reason: string }[] = [];
  const drivers = new Set<string>();
  for (const { claim, decision } of members) {
    if ('problem' in decision) leftOut.push({ claim, reason: decision.problem });
    else if (decision.take) {
      claims.push(claim);
      drivers.add(decision.driver);
    } else if (decision.wanted)
      return {
        problem: `its volume group cannot be snapshotted: of claim ${nameOf(claim)}, ${decision.reason}; take that one out of the group`,
      };
    else leftOut.push({ claim, reason: decision.reason });
  }
  const [driver = '', ...others] = [...drivers].sort();
  if (others.length > 0)
    return {
      problem: `the volumes of its group are of several drivers (${[driver, ...others].join(', ')}); give each driver a group of its own`,
    };
  return { claims, driver, leftOut };
};

export type GroupClassChoice = { readonly className: string } | { readonly problem: string };

/**
 * The VolumeGroupSnapshotClass of a group: the one that a claim names, the one that the backup names for the driver, the only one with
 * the label. A name that is no class of the driver is a problem: with it, no snapshot would ever be cut.
 */
export const chooseGroupClass = (question: {
  readonly driver: string;
  readonly claims: readonly JsonObject[];
  readonly backupAnnotations: Labels;
  readonly classes: readonly JsonObject[];
}): GroupClassChoice => {
  const { driver, claims, backupAnnotations } = question;
  const ofDriver = question.classes.filter((one) => textAt(one, 'driver') === driver);
  const byClaim = claims
    .map((claim) => own(annotationsOf(claim), CLAIM_CLASS_KEY))
    .find((name) => name !== '');
  const named = byClaim ?? own(backupAnnotations, `${CLASS_KEY}_${driver}`);
  if (named !== '')
    return ofDriver.some((one) => nameOf(one) === named)
      ? { className: named }
      : {
          problem: `there is no VolumeGroupSnapshotClass ${named} for the driver ${driver}, which an annotation names`,
        };
  const labelled = ofDriver.filter((one) => own(labelsOf(one), CLASS_KEY) === 'true');
  const [only, ...others] = labelled;
  if (only && others.length === 0) return { className: nameOf(only) };
  const found = only ? `there are ${labelled.length}` : 'there is none';
  return {
    problem: `exactly one VolumeGroupSnapshotClass of the driver ${driver} must have the label ${CLASS_KEY}=true; ${found}`,
  };
};

/** The VolumeGroupSnapshot to create; `type` says in which version the cluster serves them. */
export const groupToCreate = (
  type: { readonly apiVersion: string },
  place: { readonly namespace: string; readonly name: string },
  className: string,
  group: { readonly labelKey: string; readonly value: string; readonly labels: Labels },
): JsonObject => ({
  apiVersion: type.apiVersion,
  kind: 'VolumeGroupSnapshot',
  metadata: { ...place, labels: { ...group.labels, [group.labelKey]: group.value } },
  spec: {
    volumeGroupSnapshotClassName: className,
    source: { selector: { matchLabels: { [group.labelKey]: group.value } } },
  },
});

/** The claim that a VolumeSnapshot of this group is of; `undefined` for one of another group. */
export const claimInGroup = (snapshot: JsonObject, groupName: string): string | undefined => {
  const owned = listAt(snapshot, 'metadata', 'ownerReferences').some(
    (owner) => textAt(owner, 'kind') === 'VolumeGroupSnapshot' && textAt(owner, 'name') === groupName,
  );
  const claim = textAt(snapshot, 'spec', 'source', 'persistentVolumeClaimName');
  const isOf = owned || textAt(snapshot, 'status', 'volumeGroupSnapshotName') === groupName;
  return isOf && claim !== '' ? claim : undefined;
};

/** It belongs to no group. */
export const standsAlone = (snapshot: JsonObject): boolean =>
  listAt(snapshot, 'metadata', 'ownerReferences').length === 0 &&
  !listAt(snapshot, 'metadata', 'finalizers').some(
    (one) => typeof one === 'string' && IN_GROUP.includes(one),
  );

/** What makes a VolumeSnapshot of a group one that stands alone, so that it does not go with the group. */
export const standaloneSnapshot = (snapshot: JsonObject, labels: Labels): JsonObject => ({
  metadata: {
    // With the version that was read, so that a finalizer somebody else just added is not lost.
    resourceVersion: textAt(snapshot, 'metadata', 'resourceVersion'),
    ownerReferences: null,
    finalizers: listAt(snapshot, 'metadata', 'finalizers').filter(
      (one) => typeof one === 'string' && !IN_GROUP.includes(one),
    ),
    labels: { ...labels },
  },
});

/** The handle of the group that the physical snapshot behind a VolumeSnapshotContent belongs to; '' if it belongs to none. */
export const groupHandleOf = (content: unknown): string =>
  textAt(content, 'status', 'volumeGroupSnapshotHandle');

/**
 * What has to be written on the content of a VolumeSnapshot that has left its group, before it can be deleted; `undefined` for one that was
 * in none. The snapshot controller no longer looks after it: the sidecar of the driver lets go only if somebody says that its VolumeSnapshot goes.
 */
export const partingPatch = (content: unknown): JsonObject | undefined =>
  groupHandleOf(content) === ''
    ? undefined
    : {
        metadata: { annotations: { 'snapshot.storage.kubernetes.io/volumesnapshot-being-deleted': 'yes' } },
      };
