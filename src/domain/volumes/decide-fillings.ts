import { refuse, type Refusal } from '../decider.js';
import { fillingOf, type Filling, type RestoreMoveCommand, type RestoreMoveEvent } from './restore-moves.js';

/** What of a restore decides on its fillings. */
interface FilledRestore {
  readonly phase: string;
  readonly attempt?: number;
  readonly running?: boolean;
  readonly cancelled?: boolean;
  readonly fillings?: readonly Filling[];
}

/**
 * Volumes as they begin and end to be filled. They begin while items are applied and are awaited when all are; a further attempt of the
 * restore goes on with those of the one before.
 */
export const decideFillings = (
  command: RestoreMoveCommand,
  state: FilledRestore,
): readonly RestoreMoveEvent[] | Refusal => {
  const { attempt, now: at } = command;
  const wrong = refuse('WRONG_PHASE', `${command.type} is not possible while the restore is ${state.phase}`);
  if (state.attempt !== attempt) return wrong;
  const { fillings = [] } = state;
  if (command.type === 'HandOverClaim') {
    const { volume } = command;
    if (state.phase !== 'InProgress' || !state.running || state.cancelled) return wrong;
    if (fillingOf(fillings, volume)) return [];
    return [{ type: 'RestoreVolumeHandedOver', v: 1, data: { attempt, volume, at } }];
  }
  if (state.phase !== 'Applied') return wrong;
  const { claim } = command;
  const known = fillingOf(fillings, claim);
  // One that has ended has ended: told twice is once, and the first answer holds.
  if (!known || known.end !== undefined) return [];
  if (command.type === 'FailFilling')
    return [{ type: 'RestoreVolumeMoveFailed', v: 1, data: { attempt, claim, reason: command.reason, at } }];
  return [{ type: 'RestoreVolumeMoved', v: 1, data: { attempt, claim, bytes: command.bytes, at } }];
};
