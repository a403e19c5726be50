import { groupResource } from '../../cluster/port.js';
import { claimsOfPod } from '../../domain/backup-actions.js';
import { namespaceOf } from '../../domain/item.js';
import type { JsonObject } from '../../domain/json.js';
import type { Candidate, ItemArchiver } from './archive.js';
import type { PodCopies } from './pod-copies.js';

/** The hooks of one backup, as far as archiving has to know them. */
export interface HooksOfPods {
  has(pod: JsonObject): boolean;
  /** Whether it has any that run afterwards. */
  thaws(pod: JsonObject): boolean;
  /** Runs the pre hooks. False: one failed whose failure matters, so that the pod stays out and has no post hooks. */
  before(pod: JsonObject): Promise<boolean>;
  after(pod: JsonObject): Promise<void>;
}

/** Archives objects, pods with hooks between their pre and post hooks. */
export interface PodArchiver {
  hasHooks(candidate: Candidate): boolean;
  /** Objects that belong together: all pre hooks, then all pods and their volumes, then, when these are copied, all post hooks. */
  archive(block: readonly Candidate[]): Promise<void>;
}

const claimsOf = (pod: JsonObject): readonly string[] =>
  claimsOfPod(pod).map((claim) => `${namespaceOf(pod)}/${claim}`);

/** What is known of a pod that waits for its turn. */
export interface StagedPod {
  readonly namespace: string;
  readonly name: string;
  readonly claims: readonly string[];
}

export const stagePod = ({ object, type }: Candidate, name: string): StagedPod => ({
  namespace: namespaceOf(object),
  name,
  claims: groupResource(type) === 'pods' ? claimsOf(object) : [],
});

/**
 * Pods that share a claim are one block, also by way of a third one: their applications have to be quiet at the same time
 * for the shared volume to be whole (`pkg/backup/backup.go`). Blocks and their pods keep the order given.
 */
export const blocksOf = <P extends StagedPod>(pods: readonly P[]): readonly (readonly P[])[] => {
  const blocks: Set<P>[] = [];
  const blockOfClaim = new Map<string, Set<P>>();
  for (const pod of pods) {
    const touched = new Set(
      pod.claims.map((claim) => blockOfClaim.get(claim)).filter((one) => one !== undefined),
    );
    const [block = new Set<P>(), ...others] = touched;
    if (touched.size === 0) blocks.push(block);
    for (const other of others) {
      for (const one of other) block.add(one);
      blocks.splice(blocks.indexOf(other), 1);
    }
    block.add(pod);
    for (const one of block) for (const claim of one.claims) blockOfClaim.set(claim, block);
  }
  return blocks.map((block) => [...block]);
};

export const createPodArchiver = (options: {
  readonly hooks?: HooksOfPods;
  readonly copies?: Pick<PodCopies, 'settled'>;
  readonly archiver: ItemArchiver;
  /** Archives the claims and volumes that archived pods have named. */
  readonly archiveVolumes: () => Promise<void>;
}): PodArchiver => {
  const { hooks, copies, archiver, archiveVolumes } = options;
  const hasHooks = ({ object, type }: Candidate): boolean =>
    hooks !== undefined && groupResource(type) === 'pods' && hooks.has(object);

  const archiveHooked = async (block: readonly Candidate[], running: HooksOfPods): Promise<void> => {
    const quiet: Candidate[] = [];
    try {
      for (const candidate of block) {
        if (await running.before(candidate.object)) quiet.push(candidate);
        else archiver.leaveOut(candidate);
      }
      for (const candidate of quiet) await archiver.archive(candidate);
      await archiveVolumes();
      // Whoever shares the volumes stays quiet until they are copied (`pkg/backup/backup.go`).
      const pods = quiet.map(({ object }) => object);
      if (pods.some((pod) => running.thaws(pod))) await copies?.settled(pods);
    } finally {
      // Also when the run is about to fail: an application must not stay frozen for a backup that will not be.
      for (const { object } of quiet) await running.after(object);
    }
  };

  return {
    hasHooks,
    archive: async (block) => {
      if (hooks && block.some(hasHooks)) await archiveHooked(block, hooks);
      else for (const candidate of block) await archiver.archive(candidate);
    },
  };
};
