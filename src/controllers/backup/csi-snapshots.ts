import { groupResource } from '../../cluster/port.js';
import type { BackupActionResult, BackupItemAction } from '../../domain/backup-actions.js';
import { itemRef, nameOf, namespaceOf } from '../../domain/item.js';
import type { JsonObject } from '../../domain/json.js';
import { claimWithUpload } from '../../domain/volumes/data-upload.js';
import {
  annotatedSnapshot,
  claimWithSnapshot,
  itemsOfSnapshot,
  secretOf,
  SNAPSHOT_CLASSES,
  SNAPSHOT_CONTENTS,
  VOLUME_SNAPSHOTS,
  type CutSnapshot,
} from '../../domain/volumes/snapshot-objects.js';
import type { MetVolume } from '../../domain/volumes/volume-info.js';
import { labelValue } from '../label-value.js';
import { followSnapshots } from '../volumes/followed-snapshots.js';
import { listObjects } from '../volumes/listed-objects.js';
import { discardSnapshot } from '../volumes/remove-snapshot.js';
import type { HandOver } from './hand-over.js';
import { createSnapshotGroups } from './snapshot-groups.js';
import { lookAtSnapshot } from './snapshots.js';
import { decide, labelsFor, take, type Snapshotting, type Taking } from './take-snapshot.js';
import { boundVolumeOf } from './volumes-of-pod.js';

const CLAIMS = 'persistentvolumeclaims';

/** The snapshots of one run: taken as claims are archived. */
export interface RunSnapshots {
  readonly actions: readonly BackupItemAction[];
  /** Every volume of a claim that was met, in the order in which that was known. */
  readonly met: readonly MetVolume[];
  /** Looks once more at those that were not ready when they were cut; most are by the end of a run. */
  readonly settle: () => Promise<void>;
}

const once = <T>(ask: () => Promise<T>): (() => Promise<T>) => {
  let answer: Promise<T> | undefined;
  return () => (answer ??= ask());
};

const NOTHING: BackupActionResult = { related: [] };

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
