import { getObject } from '../cluster/get-object.js';
import type { Requeue } from '../controllers/queue.js';
import { textAt, type JsonObject } from '../domain/json.js';
import { PODS } from '../domain/known-kinds.js';
import { hasMoveEnded } from '../domain/phases.js';
import { timestamp } from '../domain/timestamp.js';
import { messageOf } from '../faults.js';
import { HOSTED_VOLUME } from './hosting-pod.js';
import { isForBuiltInMover, MOVE_FINALIZER, type Movement, type Moving } from './movement.js';
import { EXPOSE_LABEL } from './next-step.js';
import { volumeFolderOf } from './pod-volume.js';
import type { AgentPorts } from './ports.js';
import { createProgressWriter } from './progress-writer.js';
import type { CopyController } from './reconcile.js';
import type { CopySlots } from './slots.js';

interface Context {
  readonly ports: AgentPorts;
  readonly movement: Movement;
  readonly slots: CopySlots;
  /** What is under way in this process, by name. */
  readonly runs: Map<string, AbortController>;
}

const DONE: Requeue = { done: true };
const AGAIN: Requeue = { after: 0 };
const LOOK: Requeue = { after: 2_000 };
const CANCELLED = 'it was cancelled';

type EndPhase = 'Failed' | 'Canceled' | 'Completed';

const patch = ({ ports, movement }: Context, name: string, body: object, signal: AbortSignal) =>
  ports.resources.patch(movement.kind, name, body, signal);

const end = async (
  context: Context,
  { metadata: { name } }: Moving,
  [phase, more]: readonly [EndPhase, object],
  signal: AbortSignal,
): Promise<Requeue> => {
  const completionTimestamp = timestamp(context.ports.clock());
  const status = { phase, completionTimestamp, ...more };
  await patch(context, name, { metadata: { labels: { [EXPOSE_LABEL]: null } }, status }, signal);
  return AGAIN;
};

const isUnwanted = ({ metadata, spec }: Moving): boolean =>
  spec?.cancel === true || metadata.deletionTimestamp !== undefined;

const isHeld = ({ metadata }: Moving): boolean => metadata.finalizers?.includes(MOVE_FINALIZER) === true;

/** Every agent sees every request. The first write wins: it is conditional on what was read. */
const accept = async (context: Context, moving: Moving, signal: AbortSignal): Promise<Requeue> => {
  const { ports, movement } = context;
  const { name, resourceVersion, finalizers = [] } = moving.metadata;
  if (!(await movement.acceptable(ports, moving, signal))) return LOOK;
  const body = {
    metadata: {
      resourceVersion,
      labels: { [EXPOSE_LABEL]: 'true' },
      finalizers: [...new Set([...finalizers, MOVE_FINALIZER])],
    },
    status: {
      phase: 'Accepted',
      acceptedByNode: ports.config.nodeName,
      acceptedTimestamp: timestamp(ports.clock()),
    },
  };
  await patch(context, name, body, signal);
  return AGAIN;
};

const isInTime = ({ ports }: Context, { status }: Moving): boolean =>
  ports.clock().getTime() - Date.parse(status?.acceptedTimestamp ?? '') < ports.config.prepareTimeout;

const prepare = async (context: Context, moving: Moving, signal: AbortSignal): Promise<Requeue> => {
  const { ports, movement } = context;
  const exposure = await movement.expose(ports, moving, signal);
  if ('problem' in exposure) return end(context, moving, ['Failed', { message: exposure.problem }], signal);
  if ('node' in exposure) {
    await patch(
      context,
      moving.metadata.name,
      { status: { phase: 'Prepared', node: exposure.node } },
      signal,
    );
    return AGAIN;
  }
  const { prepareTimeout } = ports.config;
  if (isInTime(context, moving)) return LOOK;
  const message = `it was not prepared within ${prepareTimeout / 1_000} s: it waits for ${exposure.waitsFor}`;
  return end(context, moving, ['Failed', { message }], signal);
};

/** Does the work, and writes what came of it. A stop of the agent leaves the resource as it is: the next agent does it again. */
const work = async (
  context: Context,
  moving: Moving,
  folder: string,
  signal: AbortSignal,
): Promise<Requeue> => {
  const { ports, movement, runs } = context;
  const { name } = moving.metadata;
  const stop = new AbortController();
  const writer = createProgressWriter((progress) => patch(context, name, { status: { progress } }, signal));
  runs.set(name, stop);
  const both = AbortSignal.any([signal, stop.signal]);
  try {
    // A wish that was written before `runs` knew of this one is seen here; a later one comes by the watch.
    const fresh: Moving | undefined = await ports.resources.read(movement.kind, name, both);
    if (!fresh || isUnwanted(fresh)) return AGAIN;
    const result = await movement.run(ports, moving, { folder, onProgress: writer.onProgress, signal: both });
    await writer.close();
    return await end(context, moving, ['Completed', result], signal);
  } catch (error) {
    await writer.close();
    if (signal.aborted) throw error;
    if (stop.signal.aborted) return await end(context, moving, ['Canceled', { message: CANCELLED }], signal);
    ports.log.warn({ name, kind: movement.kind, err: error }, `data was not moved: ${messageOf(error)}`);
    return await end(context, moving, ['Failed', { message: messageOf(error) }], signal);
  } finally {
    runs.delete(name);
  }
};

const begin = async (context: Context, moving: Moving, signal: AbortSignal): Promise<Requeue> => {
  const { ports, slots } = context;
  const { name } = moving.metadata;
  const pod = await getObject(
    ports.cluster,
    PODS,
    { namespace: ports.resources.namespace, name },
    { signal },
  );
  if (!pod)
    return end(context, moving, ['Failed', { message: 'the pod that mounted the volume is gone' }], signal);
  const volume = await volumeFolderOf(ports, pod, HOSTED_VOLUME, signal);
  if ('problem' in volume) {
    // The pod runs a moment before the mount is to be seen here.
    if (volume.final !== true && isInTime(context, moving)) return LOOK;
    return end(context, moving, ['Failed', { message: volume.problem }], signal);
  }
  if (!slots.free()) return LOOK;
  const giveBack = slots.take();
  try {
    if (moving.status?.phase === 'Prepared') {
      const status = { phase: 'InProgress', startTimestamp: timestamp(ports.clock()) };
      await patch(context, name, { metadata: { labels: { [EXPOSE_LABEL]: null } }, status }, signal);
    }
    return await work(context, moving, volume.folder, signal);
  } finally {
    giveBack();
  }
};

/** What was made for it goes; then whoever wants to delete it may. */
const letGo = async (context: Context, moving: Moving, signal: AbortSignal): Promise<Requeue> => {
  const { ports, movement } = context;
  const { name, resourceVersion, finalizers = [] } = moving.metadata;
  await movement.cleanUp(ports, moving, signal);
  const left = finalizers.filter((one) => one !== MOVE_FINALIZER);
  await patch(context, name, { metadata: { resourceVersion, finalizers: left } }, signal);
  return AGAIN;
};

const reconcileOne = async (context: Context, name: string, signal: AbortSignal): Promise<Requeue> => {
  const { ports, movement, runs } = context;
  const { nodeName } = ports.config;
  const moving: Moving | undefined = await ports.resources.read(movement.kind, name, signal);
  if (!moving || !isForBuiltInMover(moving) || runs.has(name)) return DONE;
  const { status } = moving;
  const phase = status?.phase;
  const mine = (status?.node || status?.acceptedByNode) === nodeName;
  if (hasMoveEnded(phase)) return mine && isHeld(moving) ? letGo(context, moving, signal) : DONE;
  const taken = phase !== undefined && phase !== 'New';
  if (taken && !mine) return DONE;
  if (isUnwanted(moving)) return end(context, moving, ['Canceled', { message: CANCELLED }], signal);
  switch (phase) {
    case undefined:
    case 'New':
      return accept(context, moving, signal);
    case 'Accepted':
      return prepare(context, moving, signal);
    case 'Prepared':
    case 'InProgress':
      return begin(context, moving, signal);
    case 'Canceling':
      return end(context, moving, ['Canceled', { message: CANCELLED }], signal);
    case 'Completed':
    case 'Failed':
    case 'Canceled':
      return DONE;
  }
};

/** Looks after the moves of one direction that are the work of this node. */
export const moveController = (ports: AgentPorts, movement: Movement, slots: CopySlots): CopyController => {
  const context: Context = { ports, movement, slots, runs: new Map() };
  return {
    reconcile: (name, signal) => reconcileOne(context, name, signal),
    seen: (object?: JsonObject) => {
      if (object && isUnwanted(object as unknown as Moving))
        context.runs.get(textAt(object, 'metadata', 'name'))?.abort();
    },
  };
};
