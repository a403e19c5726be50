import { createHash } from 'node:crypto';
import type { OperationLog } from '../../archive/oplog.js';
import type { Cluster, Discovery } from '../../cluster/port.js';
import { annotationsOf, nameOf, namespaceOf } from '../../domain/item.js';
import { textAt, type JsonObject } from '../../domain/json.js';
import { BACKUP_NAME_LABEL, BACKUP_UID_LABEL } from '../../domain/labels.js';
import { matchVolumePolicy } from '../../domain/resource-policies/match.js';
import type { ResourcePolicies } from '../../domain/resource-policies/policies.js';
import type { BackupSpec } from '../../domain/velero.gen.js';
import { chooseSnapshotClass } from '../../domain/volumes/snapshot-class.js';
import { decideSnapshot } from '../../domain/volumes/snapshot-decision.js';
import { snapshotToCreate, type CutSnapshot } from '../../domain/volumes/snapshot-objects.js';
import type { MetVolume } from '../../domain/volumes/volume-info.js';
import { labelValue } from '../label-value.js';
import { cutSnapshot, takeOverSnapshot } from '../volumes/cut-snapshot.js';
import type { FollowedSnapshots } from '../volumes/followed-snapshots.js';
import { discardSnapshot } from '../volumes/remove-snapshot.js';
import type { GroupSnapshotKinds, SnapshotKinds } from '../volumes/snapshot-kinds.js';
import type { HandOver } from './hand-over.js';
import type { SnapshotGroups } from './snapshot-groups.js';

const LONGEST_NAME = 253;

/** What is written down about the snapshots of one attempt. */
export interface SnapshotFacts {
  /** Before the first VolumeSnapshot is created, so that whatever is left of it can be found. */
  readonly begun: () => Promise<void>;
  readonly taken: (claim: JsonObject, cut: CutSnapshot) => Promise<void>;
  readonly failed: (claim: JsonObject, reason: string) => Promise<void>;
  readonly ready: (claim: MetVolume['claim']) => Promise<void>;
}

/** What snapshots of one run are taken with. */
export interface Snapshotting {
  readonly cluster: Cluster;
  readonly discovery: Discovery;
  readonly kinds: SnapshotKinds;
  /** Absent where the cluster takes no snapshots of groups. */
  readonly groupKinds?: GroupSnapshotKinds | undefined;
  readonly spec: BackupSpec;
  readonly backup: {
    readonly name: string;
    readonly uid: string;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly policies?: Pick<ResourcePolicies, 'volumePolicies'>;
  readonly facts: SnapshotFacts;
  /** There where the data of the snapshots is to be moved into the bucket. */
  readonly handOver?: HandOver | undefined;
  /** Whether a pod chose the volume of this claim for a copy. */
  readonly isChosen: (claim: JsonObject) => Promise<boolean>;
  readonly timeoutMs: number;
  /** A claim without a volume is an error. */
  readonly volumeRequired: boolean;
  readonly log: OperationLog;
  readonly signal: AbortSignal;
}

/** The snapshots of one run as they are taken. */
export interface Taking {
  readonly run: Snapshotting;
  readonly met: MetVolume[];
  /** By namespace and name of the VolumeSnapshot. */
  readonly cuts: Map<string, CutSnapshot>;
  readonly classes: () => Promise<readonly JsonObject[]>;
  readonly groups: SnapshotGroups;
  readonly followed: FollowedSnapshots;
}

/** The same claim of the same backup always gets the same name: a crash cannot make two snapshots of it. */
export const snapshotNameOf = (backupUid: string, claim: JsonObject): string => {
  const cause = `${backupUid}/${textAt(claim, 'metadata', 'uid')}`;
  const end = `-${createHash('sha256').update(cause).digest('hex').slice(0, 8)}`;
  // A name must not end in a dot before the dash: the parts between dots are names of their own.
  const name = `velero-${nameOf(claim)}`.slice(0, LONGEST_NAME - end.length).replace(/[.-]+$/, '');
  return name + end;
};

/** Whether the volume of a claim is to be snapshotted, and by which driver. */
export const decide = async (
  { spec, policies, isChosen }: Snapshotting,
  claim: JsonObject,
  volume: JsonObject | undefined,
) => {
  const action =
    policies && matchVolumePolicy(policies, { claim, ...(volume && { persistentVolume: volume }) });
  return decideSnapshot({
    claim,
    ...(volume && { volume }),
    ...(action && { policyAction: action.type }),
    snapshotVolumes: spec.snapshotVolumes ?? true,
    copied: volume !== undefined && (await isChosen(claim)),
  });
};

export const labelsFor = ({ name, uid }: Snapshotting['backup']) => ({
  [BACKUP_NAME_LABEL]: labelValue(name),
  [BACKUP_UID_LABEL]: uid,
});

/** Takes the snapshot of one claim. A failure is an error of this claim, which then is not archived: it would come back empty. */
export const take = async (
  run: Snapshotting,
  claim: JsonObject,
  driver: string,
  { classes, groups, followed }: Pick<Taking, 'classes' | 'groups' | 'followed'>,
): Promise<CutSnapshot> => {
  const { cluster, kinds, backup, facts, timeoutMs, signal } = run;
  const choice = chooseSnapshotClass({
    driver,
    claimAnnotations: annotationsOf(claim),
    backupAnnotations: backup.annotations,
    classes: await classes(),
  });
  if ('problem' in choice) {
    await facts.failed(claim, choice.problem);
    throw new Error(choice.problem);
  }
  const labels = labelsFor(backup);
  const cutting = { cluster, kinds, labels, followed, timeoutMs, signal };
  await facts.begun();
  const member = await groups.memberOf(claim);
  if (member && 'problem' in member) {
    await facts.failed(claim, member.problem);
    throw new Error(member.problem);
  }
  const name = member?.snapshot ?? snapshotNameOf(backup.uid, claim);
  const made = member
    ? await takeOverSnapshot(cutting, { namespace: namespaceOf(claim), name })
    : await cutSnapshot(cutting, snapshotToCreate(claim, name, choice.className, labels));
  if ('cut' in made) {
    if (!run.handOver) await facts.taken(claim, made.cut);
    return made.cut;
  }
  await discardSnapshot({ cluster, kinds, signal }, { namespace: namespaceOf(claim), name });
  await facts.failed(claim, made.failed);
  throw new Error(made.failed);
};
