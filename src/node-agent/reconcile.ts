import type { Requeue } from '../controllers/queue.js';
import { textAt, type JsonObject } from '../domain/json.js';
import { hasMoveEnded } from '../domain/phases.js';
import { timestamp } from '../domain/timestamp.js';
import { messageOf } from '../faults.js';
import type { Direction } from './direction.js';
import { endCopy, giveUp, patchCopy, type Work } from './ending.js';
import { FINALIZER, nextStep, type Copying, type Step } from './next-step.js';
import { createNodes, someTimeLater, type Nodes } from './nodes.js';
import { podOf, volumeFolderOf, type VolumeFolder } from './pod-volume.js';
import type { AgentPorts } from './ports.js';
import { createProgressWriter } from './progress-writer.js';
import { EXPOSE_LABEL, isUnwanted } from './request.js';
import type { CopySlots } from './slots.js';

export interface CopyController {
  readonly reconcile: (name: string, signal: AbortSignal) => Promise<Requeue>;
  /** How long a sight of a resource may wait: what other nodes do is told every agent, each time they have come a bit further. */
  readonly patience: (object: JsonObject) => number;
  /** Told of each sight of a resource: one that is to end breaks off at once. */
  readonly seen: (object?: JsonObject) => void;
}

interface Context extends Work {
  readonly slots: CopySlots;
  readonly nodes: Nodes;
  /** What is under way in this process, by name. */
  readonly runs: Map<string, AbortController>;
}

const DONE: Requeue = { done: true };
const AGAIN: Requeue = { after: 0 };
const GONE = 'the pod is gone';
const CANCELLED = ['Canceled', 'it was cancelled'] as const;

/** Copies, and writes what came of it. A stop of the agent leaves the resource as it is: the next agent runs it again. */
const copyNow = async (
  context: Context,
  copying: Copying,
  folder: string,
  signal: AbortSignal,
): Promise<Requeue> => {
  const { ports, direction, runs } = context;
  const { name } = copying.metadata;
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const writer = createProgressWriter((progress) =>
    patchCopy(context, name, { status: { progress } }, signal),
  );
  const telling = () => {
    patchCopy(context, name, { status: { phase: 'Canceling' } }, signal).catch((error: unknown) =>
      ports.log.debug({ err: error, name }, 'a cancellation could not be shown'),
    );
  };
  stop.signal.addEventListener('abort', telling, { once: true });
  runs.set(name, stop);
  try {
    // A wish that was written before `runs` knew of this one is seen here; a later one comes by the watch.
    const fresh = await ports.resources.read(direction.kind, name, both);
    if (!fresh || isUnwanted(fresh)) return AGAIN;
    const result = await direction.run(ports, copying, {
      folder,
      onProgress: writer.onProgress,
      signal: both,
    });
    await writer.close();
    return await endCopy(context, name, 'Completed', result, signal);
  } catch (error) {
    await writer.close();
    if (signal.aborted) throw error;
    if (stop.signal.aborted) return await giveUp(context, copying, CANCELLED, signal);
    ports.log.warn(
      { name, kind: direction.kind, err: error },
      `a volume was not copied: ${messageOf(error)}`,
    );
    return await endCopy(context, name, 'Failed', { message: messageOf(error) }, signal);
  } finally {
    runs.delete(name);
  }
};

const begin = async (
  context: Context,
  copying: Copying,
  volume: VolumeFolder,
  signal: AbortSignal,
): Promise<Requeue> => {
  const { name } = copying.metadata;
  if ('problem' in volume) return giveUp(context, copying, ['Failed', volume.problem], signal);
  const giveBack = context.slots.take();
  try {
    if (copying.status?.phase !== 'InProgress') {
      const startTimestamp = timestamp(context.ports.clock());
      const body = {
        metadata: { labels: { [EXPOSE_LABEL]: null } },
        status: { phase: 'InProgress', startTimestamp },
      };
      await patchCopy(context, name, body, signal);
    }
    return await copyNow(context, copying, volume.folder, signal);
  } finally {
    giveBack();
  }
};

/**
 * Looks at a copy that is another node's. One whose node is gone has failed: nobody can copy what only that had mounted. Any agent says so,
 * since otherwise its backup would wait for it until its time is up, and its finalizer would hold it for good.
 */
const lookAfterOthers = async (
  context: Context,
  copying: Copying,
  node: string,
  signal: AbortSignal,
): Promise<Requeue> => {
  const wait = await context.nodes.waitFor(node, signal);
  if (wait !== undefined) return { after: wait };
  if (isUnwanted(copying)) return giveUp(context, copying, CANCELLED, signal);
  return giveUp(context, copying, ['Failed', `the node ${node} is gone`], signal);
};

const finalizersOf = ({ metadata }: Copying): readonly string[] => metadata.finalizers ?? [];

const carryOut = async (
  context: Context,
  copying: Copying,
  step: Step,
  volume: VolumeFolder,
  signal: AbortSignal,
): Promise<Requeue> => {
  const { name, resourceVersion } = copying.metadata;
  const change = async (body: object): Promise<Requeue> => {
    await patchCopy(context, name, body, signal);
    return AGAIN;
  };
  switch (step.do) {
    case 'nothing':
      return DONE;
    case 'wait':
      return { after: step.milliseconds };
    case 'hold':
      return change({ metadata: { resourceVersion, finalizers: [...finalizersOf(copying), FINALIZER] } });
    case 'release': {
      const finalizers = finalizersOf(copying).filter((one) => one !== FINALIZER);
      return change({ metadata: { resourceVersion, finalizers } });
    }
    case 'ask to cancel':
      return change({ spec: { cancel: true } });
    case 'accept': {
      const acceptedTimestamp = timestamp(context.ports.clock());
      const status = { phase: 'Accepted', acceptedTimestamp, ...context.direction.accepted(context.ports) };
      return change({ metadata: { labels: { [EXPOSE_LABEL]: 'true' } }, status });
    }
    case 'prepare':
      return change({ status: { phase: 'Prepared' } });
    case 'run':
      return begin(context, copying, volume, signal);
    case 'cancel':
      return copying.status?.startTimestamp === undefined
        ? endCopy(context, name, 'Canceled', { message: CANCELLED[1] }, signal)
        : giveUp(context, copying, CANCELLED, signal);
    case 'fail':
      return endCopy(context, name, 'Failed', { message: step.message }, signal);
  }
};

const reconcileOne = async (context: Context, name: string, signal: AbortSignal): Promise<Requeue> => {
  const { ports, direction, slots, runs } = context;
  const copying: Copying | undefined = await ports.resources.read(direction.kind, name, signal);
  // Velero reads an empty type as restic, whose copies need another program; it refuses them since 1.17.
  if (copying?.spec?.uploaderType !== 'kopia') return DONE;
  const target = direction.target(copying);
  const open = !hasMoveEnded(copying.status?.phase);
  const pod = open ? await podOf(ports, target.pod, signal) : undefined;
  if (open) {
    const ours = direction.ownership(copying, pod, ports);
    if (ours === 'not ours') return lookAfterOthers(context, copying, direction.holder(copying, pod), signal);
    if (ours !== 'ours' && !isUnwanted(copying)) return { after: ours.lookAgainAfter };
  }
  const volume: VolumeFolder = pod
    ? await volumeFolderOf(ports, pod, target.volume, signal)
    : { problem: GONE, final: true };
  const step = nextStep(copying, {
    now: ports.clock(),
    prepareTimeout: ports.config.prepareTimeout,
    running: runs.has(name),
    volume: 'folder' in volume ? 'ready' : volume,
    slotFree: slots.free(),
  });
  return carryOut(context, copying, step, volume, signal);
};

/** Looks after the copies of one direction that are the work of this node. */
export const copyController = (ports: AgentPorts, direction: Direction, slots: CopySlots): CopyController => {
  const context: Context = { ports, direction, slots, nodes: createNodes(ports), runs: new Map() };
  return {
    reconcile: (name, signal) => reconcileOne(context, name, signal),
    patience: (object) => {
      const copying = object as unknown as Copying;
      const open = !hasMoveEnded(copying.status?.phase);
      if (!open && !copying.metadata.finalizers?.includes(FINALIZER)) return Infinity;
      const holder = direction.holder(copying, undefined);
      return ['', ports.config.nodeName].includes(holder) ? 0 : someTimeLater(ports.config.intervals.others);
    },
    seen: (object) => {
      if (object && isUnwanted(object as unknown as Copying))
        context.runs.get(textAt(object, 'metadata', 'name'))?.abort();
    },
  };
};
