import { RESTORE_UID_LABEL } from '../../domain/labels.js';
import { setMaxListeners } from 'node:events';
import { nameOf, namespaceOf } from '../../domain/item.js';
import type { JsonObject } from '../../domain/json.js';
import { messageOf } from '../../faults.js';
import { followCopies } from '../volumes/followed-copies.js';
import { ask, follow, nodeWithAgent } from './pod-fill.js';
import { copiesFor, told, type AskedFill, type Filling, type PodFillsOptions } from './pod-filling.js';
import { isFatal } from './outcomes.js';

/** The volumes of restored pods, filled by the agents while the restore goes on. */
export interface PodFills {
  /** Names of the volumes of an archived pod that get their data back. */
  readonly volumesOf: (pod: JsonObject) => readonly string[];
  /** Takes on a pod as the API server made it, and returns at once. `then` is called when its volumes are filled, or given up. */
  readonly made: (pod: JsonObject, original: string, then: () => void) => void;
  /** `namespace/name` of the claims of pods that were taken on: their data was asked for, or there is an error. */
  readonly claims: ReadonlySet<string>;
  /** Waits for all; answers what was asked for. Faults: those of the watch and of the facts. */
  readonly done: () => Promise<readonly AskedFill[]>;
  /** Ends the waiting, because the restore ends. */
  readonly stop: () => void;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What keeps all volumes of a pod from being filled, before any is asked for. */
const obstacle = async (
  { agents, repositoryOf }: Filling,
  namespaces: readonly string[],
): Promise<string | undefined> => {
  if (!(await agents.isAnywhere())) return 'no node agent runs; start them, and restore again';
  for (const namespace of namespaces) {
    const problem = await repositoryOf(namespace);
    if (problem !== undefined) return problem;
  }
  return undefined;
};

const fillPod = async (filling: Filling, pod: JsonObject, original: string): Promise<void> => {
  const { copies, earlier, outcomes, asked } = filling;
  const wanted = copiesFor(copies, pod, original);
  const problem = await obstacle(filling, [...new Set(wanted.map(({ namespace }) => namespace))]);
  if (problem !== undefined) {
    for (const { volume } of wanted)
      outcomes.error(
        undefined,
        told({ namespace: namespaceOf(pod), pod: nameOf(pod), volume, name: '' }, problem),
      );
    return;
  }
  const requests: AskedFill[] = [];
  for (const copy of wanted) requests.push(await ask(filling, pod, copy));
  const open = requests.filter(({ fill }) => !earlier.some((one) => one.fill.name === fill.name));
  const over = new AbortController();
  const lost = { signal: new AbortController(), reason: '' };
  const placed = nodeWithAgent(filling, pod, over.signal).then((found) => {
    if ('problem' in found && !over.signal.aborted) {
      lost.reason = found.problem;
      lost.signal.abort();
    }
    return 'node' in found ? found.node : '';
  });
  placed.catch(() => undefined);
  const ends = open.map((one) =>
    follow(filling, one, { signal: lost.signal.signal, reason: () => lost.reason }),
  );
  try {
    await Promise.all(ends);
  } finally {
    over.abort();
    await Promise.allSettled(ends);
  }
  const node = await placed;
  asked.push(...requests.map((one) => ({ ...one, node })));
};

/**
 * Fills the volumes of restored pods (`pkg/podvolume/restorer.go`). How each ended is a fact at once; a further attempt waits only for the
 * others. Trouble with one pod is an error of the restore, and of nothing else.
 */
export const createPodFills = (options: PodFillsOptions): PodFills => {
  const { cluster, resources, restore, copies, earlier, outcomes, timeoutMs } = options;
  const stopping = new AbortController();
  const signal = AbortSignal.any([options.signal, stopping.signal]);
  const timeUp = AbortSignal.timeout(Math.min(timeoutMs, LONGEST_TIMER_MS));
  setMaxListeners(0, timeUp, signal); // every volume listens to them
  const { namespace } = resources;
  const of = { label: RESTORE_UID_LABEL, value: restore.uid };
  const followed = followCopies({ cluster, kind: 'PodVolumeRestore', namespace, ...of, signal });
  const filling: Filling = { ...options, signal, followed, timeUp, asked: [] };
  const runs: Promise<void>[] = [];
  const claims = new Set<string>();
  for (const { fill, reason } of earlier)
    if (reason !== undefined) outcomes.error(undefined, told(fill, reason));

  const fillGuarded = async (pod: JsonObject, original: string): Promise<void> => {
    try {
      await fillPod(filling, pod, original);
    } catch (error) {
      if (isFatal(error) || signal.aborted) throw error;
      outcomes.error(
        undefined,
        `the volumes of pod ${namespaceOf(pod)}/${nameOf(pod)} do not have their data back: ${messageOf(error)}`,
      );
    }
  };
  return {
    volumesOf: (pod) => copiesFor(copies, pod, namespaceOf(pod)).map(({ volume }) => volume),
    claims,
    made: (pod, original, then) => {
      const wanted = copiesFor(copies, pod, original);
      for (const { claimName } of wanted) claims.add(`${namespaceOf(pod)}/${claimName}`);
      if (wanted.length === 0) {
        then();
        return;
      }
      const run = fillGuarded(pod, original).then(then);
      run.catch(() => undefined); // whoever waits for it is told
      runs.push(run);
    },
    done: async () => {
      await Promise.all(runs);
      return filling.asked;
    },
    stop: () => stopping.abort(),
  };
};
