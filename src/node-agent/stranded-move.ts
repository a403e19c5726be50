import type { Requeue } from '../controllers/queue.js';
import { hasMoveEnded } from '../domain/phases.js';
import { timestamp } from '../domain/timestamp.js';
import { AGAIN, CANCELLED, endMove, isHeld, letGo, patchMove, type MoveContext } from './move-end.js';
import { finishRest } from './move-run.js';
import type { Moving } from './movement.js';
import { EXPOSE_LABEL, isUnwanted } from './request.js';

/** The node whose agent has taken it on; empty: none. */
export const holderOf = ({ status }: Moving): string => status?.node || status?.acceptedByNode || '';

/** True while somebody has something to do about it. */
export const isOpen = (moving: Moving): boolean => !hasMoveEnded(moving.status?.phase) || isHeld(moving);

/** From the beginning, here. What was copied before is found by the tag of the request, and not copied twice. */
const takeOver = async (context: MoveContext, moving: Moving, signal: AbortSignal): Promise<Requeue> => {
  const { ports, movement } = context;
  const { name, resourceVersion } = moving.metadata;
  const status = {
    phase: 'Accepted',
    acceptedByNode: ports.config.nodeName,
    acceptedTimestamp: timestamp(ports.clock()),
    node: '',
  };
  const body = { metadata: { resourceVersion, labels: { [EXPOSE_LABEL]: 'true' } }, status };
  // One that another agent has taken over meanwhile is read once more.
  if ((await patchMove(context, name, body, signal)) === 'patched')
    ports.log.info(
      { name, kind: movement.kind, node: holderOf(moving) },
      'the node that moved this data is gone; it is moved here',
    );
  return AGAIN;
};

/**
 * Looks at what another node has taken on. As long as that is there it is that node's business; of one that is gone, any agent takes over
 * what goes on, and lets go of what has ended. Without that the finalizer would hold the resource, and its backup, for good: Velero leaves
 * such a move to a cancel, hours later (`pkg/controller/data_upload_controller.go`).
 */
export const lookAfterOthers = async (
  context: MoveContext,
  moving: Moving,
  signal: AbortSignal,
): Promise<Requeue> => {
  const wait = await context.nodes.waitFor(holderOf(moving), signal);
  if (wait !== undefined) return { after: wait };
  if (hasMoveEnded(moving.status?.phase)) return letGo(context, moving, signal);
  if (isUnwanted(moving)) return endMove(context, moving, ['Canceled', { message: CANCELLED }], signal);
  return (await finishRest(context, moving, signal)) ?? takeOver(context, moving, signal);
};
