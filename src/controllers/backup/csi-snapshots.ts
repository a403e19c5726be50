import { createHash } from 'node:crypto';
import type { OperationLog } from '../../archive/oplog.js';
import type { Cluster, Discovery } from '../../cluster/port.js';
import { groupResource } from '../../cluster/port.js';
import type { BackupActionResult, BackupItemAction } from '../../domain/backup-actions.js';
import { annotationsOf, itemRef, nameOf, namespaceOf } from '../../domain/item.js';
import { textAt, type JsonObject } from '../../domain/json.js';
import { matchVolumePolicy } from '../../domain/resource-policies/match.js';
import type { ResourcePolicies } from '../../domain/resource-policies/policies.js';
import type { BackupSpec } from '../../domain/velero.gen.js';
import { claimWithUpload } from '../../domain/volumes/data-upload.js';
import { chooseSnapshotClass } from '../../domain/volumes/snapshot-class.js';
import { decideSnapshot } from '../../domain/volumes/snapshot-decision.js';
import {
  annotatedSnapshot,
  BACKUP_NAME_LABEL,
  claimWithSnapshot,
  itemsOfSnapshot,
  secretOf,
  SNAPSHOT_CLASSES,
  SNAPSHOT_CONTENTS,
  snapshotToCreate,
  VOLUME_SNAPSHOTS,
  type CutSnapshot,
} from '../../domain/volumes/snapshot-objects.js';
import type { MetVolume } from '../../domain/volumes/volume-info.js';
import { labelValue } from '../label-value.js';
import { cutSnapshot, takeOverSnapshot } from '../volumes/cut-snapshot.js';
import { followSnapshots, type FollowedSnapshots } from '../volumes/followed-snapshots.js';
import { listObjects } from '../volumes/listed-objects.js';
import { discardSnapshot } from '../volumes/remove-snapshot.js';
import type { GroupSnapshotKinds, SnapshotKinds } from '../volumes/snapshot-kinds.js';
import { createSnapshotGroups, type SnapshotGroups } from './snapshot-groups.js';
import type { HandOver } from './hand-over.js';
import { lookAtSnapshot } from './snapshots.js';
import { boundVolumeOf } from './volumes-of-pod.js';
import { BACKUP_UID_LABEL } from '../../domain/labels.js';

const CLAIMS = 'persistentvolumeclaims';
const LONGEST_NAME = 253;

/** What is written down about the snapshots of one attempt. */
export interface SnapshotFacts {
  /** Before the first VolumeSnapshot is created, so that whatever is left of it can be found. */
  readonly begun: () => Promise<void>;
  readonly taken: (claim: JsonObject, cut: CutSnapshot) => Promise<void>;
  readonly failed: (claim: JsonObject, reason: string) => Promise<void>;
  readonly ready: (claim: MetVolume['claim']) => Promise<void>;
}

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

/** The snapshots of one run: taken as claims are archived. */
export interface RunSnapshots {
  readonly actions: readonly BackupItemAction[];
  /** Every volume of a claim that was met, in the order in which that was known. */
  readonly met: readonly MetVolume[];
  /** Looks once more at those that were not ready when they were cut; most are by the end of a run. */
  readonly settle: () => Promise<void>;
}

/** The same claim of the same backup always gets the same name: a crash cannot make two snapshots of it. */
export const snapshotNameOf = (backupUid: string, claim: JsonObject): string => {
  const cause = `${backupUid}/${textAt(claim, 'metadata', 'uid')}`;
  const end = `-${createHash('sha256').update(cause).digest('hex').slice(0, 8)}`;
  // A name must not end in a dot before the dash: the parts between dots are names of their own.
  const name = `velero-${nameOf(claim)}`.slice(0, LONGEST_NAME - end.length).replace(/[.-]+$/, '');
  return name + end;
};

const once = <T>(ask: () => Promise<T>): (() => Promise<T>) => {
  let answer: Promise<T> | undefined;
  return () => (answer ??= ask());
};

const decide = async (
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

const labelsFor = ({ name, uid }: Snapshotting['backup']) => ({
  [BACKUP_NAME_LABEL]: labelValue(name),
  [BACKUP_UID_LABEL]: uid,
});

/** Takes the snapshot of one claim. A failure is an error of this claim, which then is not archived: it would come back empty. */
const take = async (
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

const NOTHING: BackupActionResult = { related: [] };

interface Taking {
  readonly run: Snapshotting;
  readonly met: MetVolume[];
  /** By namespace and name of the VolumeSnapshot. */
  readonly cuts: Map<string, CutSnapshot>;
  readonly classes: () => Promise<readonly JsonObject[]>;
  readonly groups: SnapshotGroups;
  readonly followed: FollowedSnapshots;
}

/**
 * The data of a snapshot goes into the bucket, and the archived claim names the DataUpload in place of the snapshot. Where nobody can be
 * asked to move it, the snapshot goes and the claim is archived as it is, with an error that tells it.
 */
const move = async (
  { run, met }: Taking,
  handOver: HandOver,
  claim: JsonObject,
  { volume, cut }: { readonly volume: JsonObject | undefined; readonly cut: CutSnapshot },
): Promise<BackupActionResult> => {
  const { cluster, kinds, signal, log, facts } = run;
  const place = { namespace: namespaceOf(claim), name: nameOf(claim) };
  const handed = await handOver(claim, cut);
  if ('problem' in handed) {
    const { problem } = handed;
    await discardSnapshot({ cluster, kinds, signal }, { namespace: place.namespace, name: cut.name });
    await facts.failed(claim, problem);
    log.error('Error moving the data of a snapshot', { resource: CLAIMS, ...place, error: problem });
    met.push({ claim: place, volume, skipped: { reason: problem, wanted: true } });
    return NOTHING;
  }
  met.push({ claim: place, volume, move: handed });
  const named = {
    upload: `${handed.namespace}/${handed.upload}`,
    snapshotLabel: labelValue(cut.name),
    backupLabel: labelValue(run.backup.name),
  };
  return { object: claimWithUpload(claim, cut, named), related: [] };
};

/** `pkg/backup/actions/csi/pvc_action.go`: a claim has its volume snapshotted and brings the snapshot. */
const meetClaim = async (taking: Taking, claim: JsonObject): Promise<BackupActionResult> => {
  const { run, met, cuts } = taking;
  const volume = await boundVolumeOf(run, claim);
  const decision = await decide(run, claim, volume);
  const place = { namespace: namespaceOf(claim), name: nameOf(claim) };
  if ('problem' in decision) {
    // Told, and not thrown: there is nothing that could come back empty, so the claim is archived.
    const told = { resource: CLAIMS, ...place, error: decision.problem };
    if (run.volumeRequired) run.log.error('Error snapshotting volume', told);
    else run.log.info('Volume was not snapshotted', told);
    return NOTHING;
  }
  if (!decision.take) {
    met.push({ claim: place, volume, skipped: decision });
    return NOTHING;
  }
  const cut = await take(run, claim, decision.driver, taking);
  if (run.handOver) return move(taking, run.handOver, claim, { volume, cut });
  met.push({ claim: place, volume, cut });
  cuts.set(`${place.namespace}/${cut.name}`, cut);
  const labels = { snapshot: labelValue(cut.name), backup: labelValue(run.backup.name) };
  return {
    object: claimWithSnapshot(claim, cut, labels),
    related: [itemRef(VOLUME_SNAPSHOTS, place.namespace, cut.name)],
    mustInclude: true,
  };
};

/** An object that names a Secret of the driver brings it. */
const bringing = (name: string, kind: string, secret: string): BackupItemAction => ({
  name,
  looksOnly: true,
  appliesTo: (groupResourceOf) => groupResourceOf === kind,
  execute: ({ object }) => ({ related: secretOf(object, secret), mustInclude: true }),
});

const actionsOf = (taking: Taking): readonly BackupItemAction[] => [
  {
    name: 'velero.io/csi-pvc-backupper',
    appliesTo: (kind) => kind === CLAIMS,
    execute: ({ object }) => meetClaim(taking, object),
  },
  {
    name: 'velero.io/csi-volumesnapshot-backupper',
    appliesTo: (kind) => kind === VOLUME_SNAPSHOTS,
    execute: ({ object }) => {
      const cut = taking.cuts.get(`${namespaceOf(object)}/${nameOf(object)}`);
      if (!cut) return NOTHING;
      return { object: annotatedSnapshot(object, cut), related: itemsOfSnapshot(cut), mustInclude: true };
    },
  },
  bringing(
    'velero.io/csi-volumesnapshotclass-backupper',
    SNAPSHOT_CLASSES,
    'csi.storage.k8s.io/snapshotter-list-secret',
  ),
  bringing(
    'velero.io/csi-volumesnapshotcontent-backupper',
    SNAPSHOT_CONTENTS,
    'csi.storage.k8s.io/snapshotter-secret',
  ),
];

const settle = async ({ run, met, groups }: Taking): Promise<void> => {
  await groups.releaseRest();
  for (const [index, one] of met.entries()) {
    if (!one.cut || one.cut.ready) continue;
    if ((await lookAtSnapshot(run.cluster, run.kinds, one.cut.content, run.signal)) !== 'ready') continue;
    await run.facts.ready(one.claim);
    met[index] = { ...one, cut: { ...one.cut, ready: true } };
  }
};

/**
 * The actions that take snapshots through CSI and archive what belongs to them (`pkg/backup/actions/csi`). They are of one run, since
 * they remember what was cut.
 */
export const createRunSnapshots = (all: Snapshotting): RunSnapshots => {
  // The fact is one for all claims, and each would wait for it behind the facts of the others.
  const run = { ...all, facts: { ...all.facts, begun: once(all.facts.begun) } };
  const state = {
    run,
    met: [] as MetVolume[],
    cuts: new Map<string, CutSnapshot>(),
    classes: once(() => listObjects(run, run.kinds.classes)),
    followed: followSnapshots({ ...run, backupUid: run.backup.uid }),
    groups: createSnapshotGroups({
      ...run,
      labelKey: run.spec.volumeGroupSnapshotLabelKey ?? '',
      claims: run.discovery.resources.find((one) => groupResource(one) === CLAIMS),
      labels: labelsFor(run.backup),
      decide: async (claim) => decide(run, claim, await boundVolumeOf(run, claim)),
      begun: run.facts.begun,
    }),
  };
  return { met: state.met, actions: actionsOf(state), settle: () => settle(state) };
};
