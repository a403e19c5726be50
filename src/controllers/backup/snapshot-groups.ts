import { createHash } from 'node:crypto';
import type { OperationLog } from '../../archive/oplog.js';
import { getObject } from '../../cluster/get-object.js';
import { apiVersionOf, type Cluster, type ResourceType } from '../../cluster/port.js';
import { nameOf, namespaceOf } from '../../domain/item.js';
import { textAt, type JsonObject } from '../../domain/json.js';
import type { SnapshotDecision } from '../../domain/volumes/snapshot-decision.js';
import {
  chooseGroupClass,
  groupOfClaim,
  groupToCreate,
  planGroup,
} from '../../domain/volumes/snapshot-group.js';
import { cutGroup } from '../volumes/cut-group.js';
import { listObjects } from '../volumes/listed-objects.js';
import { releaseSnapshot } from '../volumes/remove-snapshot.js';
import type { GroupSnapshotKinds, SnapshotKinds } from '../volumes/snapshot-kinds.js';

export interface GroupsOfRun {
  readonly cluster: Cluster;
  readonly kinds: SnapshotKinds;
  /** Absent where the cluster serves no groups. */
  readonly groupKinds?: GroupSnapshotKinds | undefined;
  readonly claims?: ResourceType | undefined;
  /** `spec.volumeGroupSnapshotLabelKey` */
  readonly labelKey: string;
  readonly backup: { readonly uid: string; readonly annotations: Readonly<Record<string, string>> };
  /** Of the backup, for whatever is created. */
  readonly labels: Readonly<Record<string, string>>;
  readonly decide: (claim: JsonObject) => Promise<SnapshotDecision>;
  readonly begun: () => Promise<void>;
  readonly timeoutMs: number;
  readonly log: OperationLog;
  readonly signal: AbortSignal;
}

/** The VolumeSnapshot that was made of a claim together with those of its group. */
export type GroupMember = { readonly snapshot: string } | { readonly problem: string };

export interface SnapshotGroups {
  /** `undefined` for a claim of no group. */
  readonly memberOf: (claim: JsonObject) => Promise<GroupMember> | undefined;
  /** Takes VolumeSnapshots out of the cluster that came with a group and that no archived claim has asked for. */
  readonly releaseRest: () => Promise<void>;
}

interface Cut {
  readonly namespace: string;
  /** By claim, those that nobody has asked for yet. */
  readonly left: Map<string, string>;
}

const groupName = (backupUid: string, namespace: string, value: string): string => {
  const cause = `${backupUid}/${namespace}/${value}`;
  const part =
    value
      .toLowerCase()
      .replace(/[^a-z0-9.-]/g, '-')
      .replace(/^[.-]+|[.-]+$/g, '') || 'group';
  return `velero-${part}-${createHash('sha256').update(cause).digest('hex').slice(0, 8)}`;
};

const planOf = async (run: GroupsOfRun, namespace: string, value: string) => {
  const { claims: type, labelKey, log, decide } = run;
  const labelSelector = `${labelKey}=${value}`;
  const claims = type ? await listObjects(run, type, { namespace, labelSelector }) : [];
  const members = await Promise.all(claims.map(async (claim) => ({ claim, decision: await decide(claim) })));
  const plan = planGroup(members);
  if ('claims' in plan)
    for (const { claim, reason } of plan.leftOut)
      log.warn('Claim is left out of its volume group', {
        resource: 'persistentvolumeclaims',
        namespace,
        name: nameOf(claim),
        error: reason,
      });
  return plan;
};

const cut = async (
  run: GroupsOfRun,
  { namespace, value }: { namespace: string; value: string },
): Promise<Cut | { readonly problem: string }> => {
  const { groupKinds, labelKey, backup, labels } = run;
  if (!groupKinds)
    return {
      problem: `its label ${labelKey} asks for a snapshot of its volume group, and the cluster serves no VolumeGroupSnapshots; install them, or take the label off`,
    };
  const plan = await planOf(run, namespace, value);
  if ('problem' in plan) return plan;
  const { driver, claims } = plan;
  const classes = await listObjects(run, groupKinds.classes);
  const choice = chooseGroupClass({ driver, claims, backupAnnotations: backup.annotations, classes });
  if ('problem' in choice) return choice;
  await run.begun();
  const made = await cutGroup(
    { ...run, groupKinds },
    groupToCreate(
      { apiVersion: apiVersionOf(groupKinds.snapshots) },
      { namespace, name: groupName(backup.uid, namespace, value) },
      choice.className,
      { labelKey, value, labels },
    ),
    claims.map(nameOf),
  );
  return 'failed' in made ? { problem: made.failed } : { namespace, left: new Map(made.snapshots) };
};

/** The volume groups of one run (`pkg/backup/actions/csi/pvc_action.go`): the first claim of a group that is met has all of it cut. */
export const createSnapshotGroups = (run: GroupsOfRun): SnapshotGroups => {
  const groups = new Map<string, ReturnType<typeof cut>>();
  const take = async (claim: JsonObject, group: ReturnType<typeof cut>): Promise<GroupMember> => {
    const found = await group;
    if ('problem' in found) return found;
    const snapshot = found.left.get(nameOf(claim));
    found.left.delete(nameOf(claim));
    return snapshot === undefined
      ? {
          problem: 'its volume group was snapshotted without it; was its label changed while the backup ran?',
        }
      : { snapshot };
  };
  return {
    memberOf: (claim) => {
      const [namespace, value] = [namespaceOf(claim), groupOfClaim(claim, run.labelKey)];
      if (value === '') return undefined;
      const key = `${namespace}/${value}`;
      const group = groups.get(key) ?? cut(run, { namespace, value });
      groups.set(key, group);
      return take(claim, group);
    },
    releaseRest: async () => {
      const { cluster, kinds, signal } = run;
      for (const group of await Promise.all(groups.values())) {
        if ('problem' in group) continue;
        for (const name of group.left.values()) {
          const ref = { namespace: group.namespace, name };
          const snapshot = await getObject(cluster, kinds.snapshots, ref, { signal });
          if (!snapshot) continue;
          await releaseSnapshot(run, ref, textAt(snapshot, 'status', 'boundVolumeSnapshotContentName'));
        }
      }
    },
  };
};
