import { getObject } from '../cluster/get-object.js';
import type { Requeue } from '../controllers/queue.js';
import { PODS } from '../domain/known-kinds.js';
import { timestamp } from '../domain/timestamp.js';
import { messageOf } from '../faults.js';
import { HOSTED_VOLUME } from './hosting-pod.js';
import { AGAIN, CANCELLED, endMove, patchMove, type MoveContext } from './move-end.js';
import type { Moving } from './movement.js';
import { volumeFolderOf } from './pod-volume.js';
import { createProgressWriter } from './progress-writer.js';
import { EXPOSE_LABEL, isUnwanted } from './request.js';

/** True until a move that was accepted should have its volume. */
export const isInTime = ({ ports }: MoveContext, { status }: Moving): boolean =>
  ports.clock().getTime() - Date.parse(status?.acceptedTimestamp ?? '') < ports.config.prepareTimeout;

/** Does the work, and writes what came of it. A stop of the agent leaves the resource as it is: the next agent does it again. */
const work = async (
  context: MoveContext,
  moving: Moving,
  folder: string,
  signal: AbortSignal,
): Promise<Requeue> => {
  const { ports, movement, runs } = context;
  const { name } = moving.metadata;
  const stop = new AbortController();
  const writer = createProgressWriter((progress) =>
    patchMove(context, name, { status: { progress } }, signal),
  );
  runs.set(name, stop);
  const both = AbortSignal.any([signal, stop.signal]);
  try {
    // A wish that was written before `runs` knew of this one is seen here; a later one comes by the watch.
    const fresh: Moving | undefined = await ports.resources.read(movement.kind, name, both);
    if (!fresh || isUnwanted(fresh)) return AGAIN;
    const result = await movement.run(ports, moving, { folder, onProgress: writer.onProgress, signal: both });
    await writer.close();
    return await endMove(context, moving, ['Completed', result], signal);
  } catch (error) {
    await writer.close();
    if (signal.aborted) throw error;
    if (stop.signal.aborted)
      return await endMove(context, moving, ['Canceled', { message: CANCELLED }], signal);
    ports.log.warn({ name, kind: movement.kind, err: error }, `data was not moved: ${messageOf(error)}`);
    return await endMove(context, moving, ['Failed', { message: messageOf(error) }], signal);
  } finally {
    runs.delete(name);
  }
};

/** Of one whose agent died when the data was there already, the rest is done. `undefined` where nothing tells of that. */
export const finishRest = async (
  context: MoveContext,
  moving: Moving,
  signal: AbortSignal,
): Promise<Requeue | undefined> => {
  if (moving.status?.phase !== 'InProgress') return undefined;
  const rest = await context.movement.finish?.(context.ports, moving, signal);
  return rest && endMove(context, moving, ['Completed', rest], signal);
};

/** Moves the data once the volume is mounted here and a place is free. */
export const begin = async (context: MoveContext, moving: Moving, signal: AbortSignal): Promise<Requeue> => {
  const { ports, slots } = context;
  const { look } = ports.config.intervals;
  const { name } = moving.metadata;
  const ref = { namespace: ports.resources.namespace, name };
  const pod = await getObject(ports.cluster, PODS, ref, { signal });
  if (!pod) {
    const message = 'the pod that mounted the volume is gone';
    return (
      (await finishRest(context, moving, signal)) ?? endMove(context, moving, ['Failed', { message }], signal)
    );
  }
  const volume = await volumeFolderOf(ports, pod, HOSTED_VOLUME, signal);
  if ('problem' in volume) {
    // The pod runs a moment before the mount is to be seen here.
    if (volume.final !== true && isInTime(context, moving)) return { after: look };
    return endMove(context, moving, ['Failed', { message: volume.problem }], signal);
  }
  if (!slots.free()) return { after: look };
  const giveBack = slots.take();
  try {
    if (moving.status?.phase === 'Prepared') {
      const status = { phase: 'InProgress', startTimestamp: timestamp(ports.clock()) };
      await patchMove(context, name, { metadata: { labels: { [EXPOSE_LABEL]: null } }, status }, signal);
    }
    return await work(context, moving, volume.folder, signal);
  } finally {
    giveBack();
  }
};
