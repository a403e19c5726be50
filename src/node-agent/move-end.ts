import type { Requeue } from '../controllers/queue.js';
import { MOVE_FINALIZER, type Movement, type Moving } from './movement.js';
import type { Nodes } from './nodes.js';
import type { AgentPorts } from './ports.js';
import { endRequest } from './request.js';
import type { CopySlots } from './slots.js';

/** What the steps of one direction share. */
export interface MoveContext {
  readonly ports: AgentPorts;
  readonly movement: Movement;
  readonly slots: CopySlots;
  readonly nodes: Nodes;
  /** What is under way in this process, by name. */
  readonly runs: Map<string, AbortController>;
}

export const AGAIN: Requeue = { after: 0 };
export const CANCELLED = 'it was cancelled';

export const isHeld = ({ metadata }: Moving): boolean =>
  metadata.finalizers?.includes(MOVE_FINALIZER) === true;

export const patchMove = (
  { ports, movement }: MoveContext,
  name: string,
  body: object,
  signal: AbortSignal,
) => ports.resources.patch(movement.kind, name, body, signal);

/** Writes how a move ended. */
export const endMove = (
  { ports, movement: { kind } }: MoveContext,
  { metadata: { name } }: Moving,
  end: Parameters<typeof endRequest>[2],
  signal: AbortSignal,
): Promise<Requeue> => endRequest(ports, { kind, name }, end, signal);

/** What was made for it goes; then whoever wants to delete it may. */
export const letGo = async (context: MoveContext, moving: Moving, signal: AbortSignal): Promise<Requeue> => {
  const { ports, movement } = context;
  const { name, resourceVersion, finalizers = [] } = moving.metadata;
  await movement.cleanUp(ports, moving, signal);
  const left = finalizers.filter((one) => one !== MOVE_FINALIZER);
  await patchMove(context, name, { metadata: { resourceVersion, finalizers: left } }, signal);
  return AGAIN;
};
