import { groupResource, type ResourceType } from '../../cluster/port.js';
import { itemKey, nameOf } from '../../domain/item.js';
import { messageOf } from '../../faults.js';
import { endsRun, type Candidate } from './archive.js';
import type { Collecting } from './collecting.js';
import { blocksOf, stagePod, type StagedPod } from './pods.js';

/** Pods that wait until all are known, since those that share a volume are archived together. */
export interface StagedPods {
  isEmpty(): boolean;
  has(candidate: Candidate): boolean;
  /** One that waits already keeps its place. `mustInclude` as for `ItemArchiver.consider`. */
  add(candidate: Candidate, mustInclude?: boolean): void;
  /** Archives them block after block, in the order in which they came, and forgets them. */
  archive(): Promise<void>;
}

interface Waiting extends StagedPod {
  readonly type: ResourceType;
  readonly mustInclude: boolean;
}

/**
 * Reads a staged pod once more: it may be gone by now, and only its name was kept, so that memory stays flat. One that cannot be
 * read is an error of its own, and keeps no other pod out.
 */
const unstage = async (
  { cluster, archiver, log, signal }: Collecting,
  { type, namespace, name, mustInclude }: Waiting,
): Promise<Candidate | undefined> => {
  try {
    const json = await cluster.get(type, { namespace, name }, { signal });
    return json && archiver.consider(json, type, mustInclude);
  } catch (error) {
    if (endsRun(error)) throw error;
    const item = { resource: groupResource(type), namespace, name };
    log.error('Error backing up item', { ...item, error: messageOf(error) });
    return undefined;
  }
};

export const createStagedPods = (collecting: Collecting): StagedPods => {
  const waiting = new Map<string, Waiting>();
  return {
    isEmpty: () => waiting.size === 0,
    has: ({ object }) => waiting.has(itemKey(object)),
    add: (candidate, mustInclude = false) => {
      const { object, type } = candidate;
      const key = itemKey(object);
      // Several selectors may choose one pod: its hooks run once.
      if (!waiting.has(key)) waiting.set(key, { ...stagePod(candidate, nameOf(object)), type, mustInclude });
    },
    archive: async () => {
      const blocks = blocksOf([...waiting.values()]);
      waiting.clear();
      for (const block of blocks) {
        const candidates: Candidate[] = [];
        for (const pod of block) {
          const candidate = await unstage(collecting, pod);
          if (candidate) candidates.push(candidate);
        }
        await collecting.pods.archive(candidates);
      }
    },
  };
};
