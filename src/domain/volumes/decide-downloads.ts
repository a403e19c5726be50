import { refuse, type Refusal } from '../decider.js';
import {
  downloadOf,
  type VolumeDownload,
  type RestoreMoveCommand,
  type RestoreMoveEvent,
} from './restore-moves.js';

/** What of a restore decides on its downloads. */
interface FilledRestore {
  readonly phase: string;
  readonly attempt?: number;
  readonly running?: boolean;
  readonly cancelled?: boolean;
  readonly downloads?: readonly VolumeDownload[];
}

/**
 * Volumes as they begin and end to be filled. They begin while items are applied and are awaited when all are; a further attempt of the
 * restore goes on with those of the one before.
 */
export const decideDownloads = (
  command: RestoreMoveCommand,
  state: FilledRestore,
): readonly RestoreMoveEvent[] | Refusal => {
  const { attempt, now: at } = command;
  const wrong = refuse('WRONG_PHASE', `${command.type} is not possible while the restore is ${state.phase}`);
  if (state.attempt !== attempt) return wrong;
  const { downloads = [] } = state;
  if (command.type === 'HandOverClaim') {
    const { volume } = command;
    if (state.phase !== 'InProgress' || !state.running || state.cancelled) return wrong;
    if (downloadOf(downloads, volume)) return [];
    return [{ type: 'RestoreVolumeHandedOver', v: 1, data: { attempt, volume, at } }];
  }
  if (state.phase !== 'Applied') return wrong;
  const { claim } = command;
  const known = downloadOf(downloads, claim);
  // One that has ended has ended: told twice is once, and the first answer holds.
  if (!known || known.end !== undefined) return [];
  if (command.type === 'FailDownload')
    return [{ type: 'RestoreVolumeMoveFailed', v: 1, data: { attempt, claim, reason: command.reason, at } }];
  return [{ type: 'RestoreVolumeMoved', v: 1, data: { attempt, claim, bytes: command.bytes, at } }];
};
