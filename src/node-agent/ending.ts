import type { Requeue } from '../controllers/queue.js';
import { messageOf } from '../faults.js';
import type { Direction } from './direction.js';
import type { Copying } from './next-step.js';
import type { AgentPorts } from './ports.js';
import { endRequest } from './request.js';

export interface Work {
  readonly ports: AgentPorts;
  readonly direction: Direction;
}

/** So long at most who cancels waits for a repository. */
const ABANDON_LIMIT_MS = 60_000;

export const patchCopy = async (
  { ports, direction }: Work,
  name: string,
  body: object,
  signal: AbortSignal,
) => ports.resources.patch(direction.kind, name, body, signal);

/** Writes how a copy ended. */
export const endCopy = (
  { ports, direction: { kind } }: Work,
  name: string,
  phase: 'Failed' | 'Canceled' | 'Completed',
  more: object,
  signal: AbortSignal,
): Promise<Requeue> => endRequest(ports, { kind, name }, [phase, more], signal);

/**
 * Ends what had begun and cannot or shall not go on. It may have come to its end before it could be broken off: a copy that no status
 * names would stay in the repository for good. A repository that cannot be reached does not hold the end up.
 */
export const giveUp = async (
  work: Work,
  copying: Copying,
  [phase, message]: readonly ['Failed' | 'Canceled', string],
  signal: AbortSignal,
): Promise<Requeue> => {
  const { ports, direction } = work;
  const { name } = copying.metadata;
  try {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(ABANDON_LIMIT_MS)]);
    await direction.abandon?.(ports, copying, limited);
  } catch (error) {
    if (signal.aborted) throw error;
    ports.log.warn(
      { name, err: error },
      `a copy may be left in its repository that nobody wants: ${messageOf(error)}`,
    );
  }
  return endCopy(work, name, phase, { message }, signal);
};
