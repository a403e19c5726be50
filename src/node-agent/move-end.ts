import type { Requeue } from '../controllers/queue.js';
import { timestamp } from '../domain/timestamp.js';
import { MOVE_FINALIZER, type Movement, type Moving } from './movement.js';
import { EXPOSE_LABEL } from './next-step.js';
import type { Nodes } from './nodes.js';
import type { AgentPorts } from './ports.js';
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

type EndPhase = 'Failed' | 'Canceled' | 'Completed';

/** Whether somebody wants it to end: by the field, or by deleting it. */
export const isUnwanted = ({ metadata, spec }: Moving): boolean =>
  spec?.cancel === true || metadata.deletionTimestamp !== undefined;

export const isHeld = ({ metadata }: Moving): boolean =>
  metadata.finalizers?.includes(MOVE_FINALIZER) === true;

export const patchMove = (
  { ports, movement }: MoveContext,
  name: string,
  body: object,
  signal: AbortSignal,
) => ports.resources.patch(movement.kind, name, body, signal);

/** Writes how a move ended. */
export const endMove = async (
  context: MoveContext,
  { metadata: { name } }: Moving,
  [phase, more]: readonly [EndPhase, object],
  signal: AbortSignal,
): Promise<Requeue> => {
  const completionTimestamp = timestamp(context.ports.clock());
  const status = { phase, completionTimestamp, ...more };
  await patchMove(context, name, { metadata: { labels: { [EXPOSE_LABEL]: null } }, status }, signal);
  return AGAIN;
};

/** What was made for it goes; then whoever wants to delete it may. */
export const letGo = async (context: MoveContext, moving: Moving, signal: AbortSignal): Promise<Requeue> => {
  const { ports, movement } = context;
  const { name, resourceVersion, finalizers = [] } = moving.metadata;
  await movement.cleanUp(ports, moving, signal);
  const left = finalizers.filter((one) => one !== MOVE_FINALIZER);
  await patchMove(context, name, { metadata: { resourceVersion, finalizers: left } }, signal);
  return AGAIN;
};
