import type { OperationLog } from '../../archive/oplog.js';
import type { Cluster, Discovery } from '../../cluster/port.js';
import type { BackupItemAction } from '../../domain/backup-actions.js';
import { nameOf, namespaceOf } from '../../domain/item.js';
import { textAt, type JsonObject } from '../../domain/json.js';
import { matchVolumePolicy } from '../../domain/resource-policies/match.js';
import type { ResourcePolicies } from '../../domain/resource-policies/policies.js';
import {
  claimOfVolume,
  copyHindrance,
  unknownVolumes,
  whyNotRunning,
  type PodVolume,
} from '../../domain/volumes/copy-decision.js';
import type { CopyInfo, SkippedVolume } from '../../domain/volumes/copy-info.js';
import { Fault } from '../../faults.js';
import type { NodeAgents } from '../volumes/node-agents.js';
import { createChosenClaims } from './chosen-claims.js';
import type { CopyRuns } from './copy-runs.js';
import { boundVolumeOf, chooseVolumes } from './volumes-of-pod.js';

const CLAIMS = 'persistentvolumeclaims';
/** Velero's words; scripts look for them in the volume information (`pkg/backup/item_backupper.go`). */
export const POLICY_SAYS_SKIP = 'skipped due to resource policy ';

/** The copies of volumes of one backup, as far as archiving has to know them. */
export interface PodCopies {
  /** Asks for the copies of a pod's volumes. Throws what keeps the pod out of the archive. `takesClaims`: the backup takes claims. */
  begin(pod: JsonObject, takesClaims: boolean): Promise<void>;
  /** Waits until the copies of these pods have ended, well or not. */
  settled(pods: readonly JsonObject[]): Promise<void>;
  /** Waits for all of them. */
  done(): Promise<TakenCopies>;
  /** Whether a pod chooses the volume of this claim, so that it is not snapshotted. */
  readonly isChosen: (claim: JsonObject) => Promise<boolean>;
  /** Notice which claims a policy takes out. */
  readonly actions: readonly BackupItemAction[];
}

export interface TakenCopies {
  readonly ended: readonly CopyInfo[];
  readonly skipped: readonly SkippedVolume[];
}

export interface PodCopiesOptions {
  readonly cluster: Cluster;
  readonly discovery: Discovery;
  readonly copiesAreDefault: boolean;
  readonly policies?: Pick<ResourcePolicies, 'volumePolicies'>;
  readonly runs: CopyRuns;
  readonly agents: NodeAgents;
  /** Makes sure of the repository of a namespace; answers what is wrong with it. */
  readonly repositoryOf: (namespace: string) => Promise<string | undefined>;
  readonly log: OperationLog;
  readonly signal: AbortSignal;
}

const volumeNameOf = ({ volume }: PodVolume): string => textAt(volume, 'name');

const skippedOf = ({ claim, persistentVolume }: PodVolume, reason: string): readonly SkippedVolume[] =>
  claim && persistentVolume ? [{ claim, persistentVolume, approach: 'podvolume', reason }] : [];

const unreadable = ({ pod, volume }: PodVolume): Fault =>
  new Fault(
    'LB_ITEM_ACTION',
    `volume ${textAt(volume, 'name')} cannot be copied: its claim ${namespaceOf(pod)}/${claimOfVolume(volume)} does not exist`,
  );

/** Asked once for each namespace; a fault is forgotten, so that the next pod asks again. */
const oncePerNamespace = <T>(ask: (namespace: string) => Promise<T>) => {
  const answers = new Map<string, Promise<T>>();
  return (namespace: string): Promise<T> => {
    const answer =
      answers.get(namespace) ??
      ask(namespace).catch((error: unknown) => {
        answers.delete(namespace);
        throw error;
      });
    answers.set(namespace, answer);
    return answer;
  };
};

interface Copying extends Omit<PodCopiesOptions, 'repositoryOf'> {
  readonly repositoryOf: (namespace: string) => Promise<string | undefined>;
  readonly skipped: SkippedVolume[];
  /** Claims whose volume a pod has brought. */
  readonly taken: Set<string>;
}

const skip = ({ skipped }: Copying, volumes: readonly PodVolume[], reason: string): void => {
  for (const volume of volumes) skipped.push(...skippedOf(volume, reason));
};

const warn = ({ log }: Copying, pod: JsonObject, volume: string, reason: string): void =>
  log.warn(`Volume ${volume} is not copied: ${reason}`, {
    resource: 'pods',
    namespace: namespaceOf(pod),
    name: nameOf(pod),
  });

const refuse = (copying: Copying, volumes: readonly PodVolume[], reason: string): never => {
  skip(copying, volumes, reason);
  const names = volumes.map(volumeNameOf).join(', ');
  throw new Fault('LB_ITEM_ACTION', `the volumes ${names} of the pod cannot be copied: ${reason}`);
};

/** False if another pod has brought the volume already. */
const take = ({ taken }: Copying, { claim }: PodVolume): boolean => {
  if (!claim) return true;
  const key = `${namespaceOf(claim)}/${nameOf(claim)}`;
  if (taken.has(key)) return false;
  taken.add(key);
  return true;
};

/** The rules for one pod, in Velero's order (`pkg/podvolume/backupper.go`). */
const beginAll = async (copying: Copying, pod: JsonObject, chosen: readonly PodVolume[]): Promise<void> => {
  const { agents, runs } = copying;
  const missing = chosen.find(({ volume, claim }) => claimOfVolume(volume) !== '' && !claim);
  if (missing) throw unreadable(missing);
  const why = whyNotRunning(pod);
  if (why !== undefined) {
    skip(copying, chosen, why);
    for (const volume of chosen) warn(copying, pod, volumeNameOf(volume), why);
    return;
  }
  const node = textAt(pod, 'spec', 'nodeName');
  if (!(await agents.isOn(node)))
    refuse(copying, chosen, `no node agent runs on node ${node}; start one, or leave the volumes out`);
  const problem = await copying.repositoryOf(namespaceOf(pod));
  if (problem !== undefined) refuse(copying, chosen, problem);
  for (const volume of chosen) {
    const hindrance = copyHindrance(volume);
    if (hindrance !== undefined) {
      skip(copying, [volume], hindrance);
      warn(copying, pod, volumeNameOf(volume), hindrance);
    } else if (take(copying, volume)) await runs.start(volume);
  }
};

const policyNotice = ({ cluster, discovery, policies, skipped, signal }: Copying): BackupItemAction => ({
  name: 'lifeboat.io/volume-policy',
  looksOnly: true,
  appliesTo: (kind) => policies !== undefined && kind === CLAIMS,
  execute: async ({ object: claim }) => {
    const persistentVolume = await boundVolumeOf({ cluster, discovery, signal }, claim);
    const action = policies && persistentVolume && matchVolumePolicy(policies, { claim, persistentVolume });
    if (persistentVolume && action?.type === 'skip')
      skipped.push({ claim, persistentVolume, approach: 'any', reason: POLICY_SAYS_SKIP });
    return { related: [] };
  },
});

export const createPodCopies = (options: PodCopiesOptions): PodCopies => {
  const { cluster, discovery, copiesAreDefault, policies, runs, signal } = options;
  const skipped: SkippedVolume[] = [];
  const repositoryOf = oncePerNamespace(options.repositoryOf);
  const copying: Copying = { ...options, repositoryOf, skipped, taken: new Set() };
  return {
    actions: [policyNotice(copying)],
    isChosen: createChosenClaims({ cluster, discovery, copiesAreDefault, signal }),
    begin: async (pod, takesClaims) => {
      const rules = { copiesAreDefault, takesClaims, ...(policies && { policies }) };
      if (!copiesAreDefault)
        for (const name of unknownVolumes(pod))
          warn(copying, pod, name, 'the pod has no volume of that name');
      const { chosen, left } = await chooseVolumes({ cluster, discovery, signal }, pod, rules);
      for (const volume of left) skipped.push(...skippedOf(volume, volume.reason));
      if (chosen.length > 0) await beginAll(copying, pod, chosen);
    },
    settled: async (pods) => {
      for (const pod of pods) await runs.settled(textAt(pod, 'metadata', 'uid'));
    },
    done: async () => {
      await runs.settled();
      return { ended: runs.ended, skipped };
    },
  };
};
