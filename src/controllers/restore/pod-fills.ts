import { setMaxListeners } from 'node:events';
import type { Cluster, ResourceType } from '../../cluster/port.js';
import { printGoDuration } from '../../domain/go-duration.js';
import { nameOf, namespaceOf, type Labels } from '../../domain/item.js';
import { at, isObject, listAt, textAt, type JsonObject } from '../../domain/json.js';
import { PODS } from '../../domain/known-kinds.js';
import { claimOfVolume } from '../../domain/volumes/copy-decision.js';
import { podVolumeRestore, RESTORE_UID_LABEL, type CopiedVolume } from '../../domain/volumes/copy-objects.js';
import type { FillOfVolume, SettledFill } from '../../domain/volumes/restore-fills.js';
import { messageOf } from '../../faults.js';
import { labelValue } from '../label-value.js';
import type { Resources } from '../resources.js';
import { copyNameOf } from '../volumes/copy-name.js';
import { followCopies, type FollowedCopies } from '../volumes/followed-copies.js';
import type { NodeAgents } from '../volumes/node-agents.js';
import { awaitObject } from '../volumes/watched-object.js';
import { isFatal, type Outcomes } from './outcomes.js';

/** What is written down about volumes that get their data back. */
export interface FillFacts {
  readonly filled: (fill: FillOfVolume, bytes: number) => Promise<void>;
  readonly failed: (fill: FillOfVolume, reason: string) => Promise<void>;
}

export interface PodFillsOptions {
  readonly cluster: Pick<Cluster, 'get' | 'watch'>;
  readonly resources: Resources;
  readonly restore: { readonly name: string; readonly uid: string; readonly location: string };
  /** Those of the backup that hold anything. */
  readonly copies: readonly CopiedVolume[];
  readonly settings?: Labels;
  /** How those ended that earlier attempts have waited for. */
  readonly earlier: readonly SettledFill[];
  readonly agents: NodeAgents;
  /** Makes sure of the repository of a namespace; answers what is wrong with it. */
  readonly repositoryOf: (namespace: string) => Promise<string | undefined>;
  readonly claims: ResourceType | undefined;
  readonly facts: FillFacts;
  readonly outcomes: Outcomes;
  /** Milliseconds for all of them together, from now on. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** A volume whose data was asked for, for the files of the restore. */
export interface AskedFill {
  readonly fill: FillOfVolume;
  readonly copy: CopiedVolume;
  /** Empty for a volume without a claim. */
  readonly claim: string;
  readonly node: string;
}

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
/** Velero looks that long for the node of a pod (`pkg/podvolume/restorer.go`). */
const SCHEDULING_MS = 600_000;

/** Of one attempt. */
interface Filling extends PodFillsOptions {
  readonly followed: FollowedCopies;
  readonly timeUp: AbortSignal;
  readonly asked: AskedFill[];
}

const copiesFor = (
  copies: readonly CopiedVolume[],
  pod: JsonObject,
  namespace: string,
): readonly (CopiedVolume & { readonly claimName: string })[] =>
  copies
    .filter((copy) => copy.namespace === namespace && copy.pod === nameOf(pod))
    .flatMap((copy) => {
      const volume = listAt(pod, 'spec', 'volumes').find((one) => textAt(one, 'name') === copy.volume);
      // What is projected is made by the cluster, whatever the volume was when it was copied.
      if (!isObject(volume) || isObject(at(volume, 'projected'))) return [];
      return [{ ...copy, claimName: claimOfVolume(volume) }];
    });

const told = ({ namespace, pod, volume }: FillOfVolume, reason: string): string =>
  `volume ${volume} of pod ${namespace}/${pod} does not have its data back: ${reason}`;

const giveUp = async ({ facts, outcomes }: Filling, fill: FillOfVolume, reason: string): Promise<void> => {
  await facts.failed(fill, reason);
  outcomes.error(undefined, told(fill, reason));
};

const cancel = async ({ resources, signal }: Filling, fill: FillOfVolume): Promise<void> => {
  await resources.patch('PodVolumeRestore', fill.name, { spec: { cancel: true } }, signal);
};

/** Where the pod runs, and that an agent is there; else why not. */
const nodeWithAgent = async (
  { cluster, agents, signal }: Filling,
  pod: JsonObject,
  over: AbortSignal,
): Promise<{ readonly node: string } | { readonly problem: string }> => {
  const until = AbortSignal.any([signal, over, AbortSignal.timeout(SCHEDULING_MS)]);
  const node = await awaitObject(
    cluster,
    PODS,
    { namespace: namespaceOf(pod), name: nameOf(pod) },
    (present) => textAt(present, 'spec', 'nodeName') || undefined,
    until,
  );
  signal.throwIfAborted();
  if (node === undefined) return { problem: 'the pod was not put on a node in time' };
  return (await agents.isOn(node))
    ? { node }
    : { problem: `no node agent runs on node ${node}, where the pod is; start one there` };
};

const uidOfClaim = async (
  { cluster, claims, signal }: Filling,
  namespace: string,
  name: string,
): Promise<string | undefined> => {
  if (name === '' || !claims) return undefined;
  const bytes = await cluster.get(claims, { namespace, name }, { signal });
  return bytes && textAt(JSON.parse(bytes.toString('utf8')), 'metadata', 'uid');
};

/** Asks for the data of one volume; the same again in a further attempt, which finds it asked for. */
const ask = async (
  filling: Filling,
  pod: JsonObject,
  copy: CopiedVolume & { readonly claimName: string },
): Promise<AskedFill> => {
  const { resources, restore, settings, signal } = filling;
  const name = copyNameOf(restore.name, [restore.uid, textAt(pod, 'metadata', 'uid'), copy.volume]);
  const claimUid = await uidOfClaim(filling, namespaceOf(pod), copy.claimName);
  const request = podVolumeRestore({
    name,
    namespace: resources.namespace,
    restore: { ...restore, label: labelValue(restore.name) },
    location: restore.location,
    pod,
    copy,
    ...(claimUid !== undefined && { claimUid }),
    ...(settings && { settings }),
  });
  await resources.create('PodVolumeRestore', request, signal);
  const fill = { namespace: namespaceOf(pod), pod: nameOf(pod), volume: copy.volume, name };
  return { fill, copy, claim: copy.claimName, node: '' };
};

const failureOf = (end: JsonObject | undefined): string | undefined => {
  if (!end) return 'its PodVolumeRestore was deleted';
  const phase = textAt(end, 'status', 'phase');
  if (phase === 'Completed') return undefined;
  return (
    textAt(end, 'status', 'message') || (phase === 'Canceled' ? 'it was cancelled' : 'the agent says no more')
  );
};

/** Follows one to its end; `lost` ends the waiting with a reason. */
const follow = async (
  filling: Filling,
  { fill, copy }: AskedFill,
  lost: { readonly signal: AbortSignal; readonly reason: () => string },
): Promise<void> => {
  const { followed, timeUp, timeoutMs, facts } = filling;
  const end = await followed.ended(fill.name, AbortSignal.any([timeUp, lost.signal]));
  if (!end && (lost.signal.aborted || timeUp.aborted)) {
    await cancel(filling, fill);
    const reason = lost.signal.aborted
      ? lost.reason()
      : `it was not done within ${printGoDuration(timeoutMs)}; it is cancelled`;
    return giveUp(filling, fill, reason);
  }
  const reason = failureOf(end);
  return reason === undefined ? facts.filled(fill, copy.bytes) : giveUp(filling, fill, reason);
};

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
