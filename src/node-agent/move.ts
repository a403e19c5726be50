import type { Requeue } from '../controllers/queue.js';
import { textAt, type JsonObject } from '../domain/json.js';
import { PODS } from '../domain/known-kinds.js';
import { hasMoveEnded } from '../domain/phases.js';
import { timestamp } from '../domain/timestamp.js';
import { removeOnce } from './hosting-pod.js';
import { AGAIN, CANCELLED, endMove, letGo, patchMove, type MoveContext } from './move-end.js';
import { begin, isInTime } from './move-run.js';
import { isForBuiltInMover, MOVE_FINALIZER, type Movement, type Moving } from './movement.js';
import { createNodes, someTimeLater } from './nodes.js';
import type { AgentPorts } from './ports.js';
import type { CopyController } from './reconcile.js';
import { EXPOSE_LABEL, isUnwanted } from './request.js';
import type { CopySlots } from './slots.js';
import { holderOf, isOpen, lookAfterOthers } from './stranded-move.js';

const DONE: Requeue = { done: true };

/** Every agent sees every request. The first write wins: it is conditional on what was read. */
const accept = async (context: MoveContext, moving: Moving, signal: AbortSignal): Promise<Requeue> => {
  const { ports, movement } = context;
  const { name, resourceVersion, finalizers = [] } = moving.metadata;
  if (!(await movement.acceptable(ports, moving, signal))) return { after: ports.config.intervals.look };
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
  await patchMove(context, name, body, signal);
  return AGAIN;
};

/** The volume is mounted on a node: that does the rest. A pod that a node which is gone was to run is made once more. */
const handOver = async (
  context: MoveContext,
  { metadata: { name } }: Moving,
  node: string,
  signal: AbortSignal,
): Promise<Requeue> => {
  const { ports, nodes } = context;
  const state = await nodes.stateOf(node, signal);
  if (state === 'there') {
    await patchMove(context, name, { status: { phase: 'Prepared', node } }, signal);
    return AGAIN;
  }
  if (state === 'gone') await removeOnce(ports, PODS, { namespace: ports.resources.namespace, name }, signal);
  return { after: ports.config.intervals.look };
};

const prepare = async (context: MoveContext, moving: Moving, signal: AbortSignal): Promise<Requeue> => {
  const { ports, movement } = context;
  const exposure = await movement.expose(ports, moving, signal);
  if ('problem' in exposure)
    return endMove(context, moving, ['Failed', { message: exposure.problem }], signal);
  if ('node' in exposure) return handOver(context, moving, exposure.node, signal);
  const { prepareTimeout, intervals } = ports.config;
  if (isInTime(context, moving)) return { after: intervals.look };
  const message = `it was not prepared within ${prepareTimeout / 1_000} s: it waits for ${exposure.waitsFor}`;
  return endMove(context, moving, ['Failed', { message }], signal);
};

const isMine = ({ ports }: MoveContext, moving: Moving): boolean =>
  ['', ports.config.nodeName].includes(holderOf(moving));

const reconcileOne = async (context: MoveContext, name: string, signal: AbortSignal): Promise<Requeue> => {
  const { ports, movement, runs } = context;
  const moving: Moving | undefined = await ports.resources.read(movement.kind, name, signal);
  if (!moving || !isForBuiltInMover(moving) || !isOpen(moving) || runs.has(name)) return DONE;
  if (!isMine(context, moving)) return lookAfterOthers(context, moving, signal);
  const phase = moving.status?.phase;
  if (hasMoveEnded(phase)) return letGo(context, moving, signal);
  if (isUnwanted(moving)) return endMove(context, moving, ['Canceled', { message: CANCELLED }], signal);
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
      return endMove(context, moving, ['Canceled', { message: CANCELLED }], signal);
    case 'Completed':
    case 'Failed':
    case 'Canceled':
      return DONE;
  }
};

/** Looks after the moves of one direction that are the work of this node, and after those of nodes that are gone. */
export const moveController = (ports: AgentPorts, movement: Movement, slots: CopySlots): CopyController => {
  const context: MoveContext = { ports, movement, slots, nodes: createNodes(ports), runs: new Map() };
  return {
    reconcile: (name, signal) => reconcileOne(context, name, signal),
    patience: (object) => {
      const moving = object as unknown as Moving;
      if (!isForBuiltInMover(moving) || !isOpen(moving)) return Infinity;
      return isMine(context, moving) ? 0 : someTimeLater(ports.config.intervals.others);
    },
    seen: (object?: JsonObject) => {
      if (object && isUnwanted(object as unknown as Moving))
        context.runs.get(textAt(object, 'metadata', 'name'))?.abort();
    },
  };
};
