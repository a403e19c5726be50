import type { BackupEvent, BackupState } from '../backup-facts.js';
import { snapshotsOf } from '../backup-facts.js';
import { refuse, type Refusal } from '../decider.js';
import { moveOf, waitingMoves, type BackupMoveCommand } from './backup-moves.js';

/**
 * Moves of volume data as they begin and end. They belong to one attempt, begin while it collects, and are awaited when its contents are
 * stored; only when all have ended can the archive be completed.
 */
export const decideMoves = (
  command: BackupMoveCommand,
  state: BackupState,
): readonly BackupEvent[] | Refusal => {
  const { attempt, now: at } = command;
  const { begun, moves } = snapshotsOf(state);
  const wrong = refuse('WRONG_PHASE', `${command.type} is not possible while the backup is ${state.phase}`);
  if (!('attempt' in state) || state.attempt !== attempt) return wrong;
  if (command.type === 'HandOverVolume') {
    const { volume } = command;
    if (state.phase !== 'InProgress' || !state.running || !begun) return wrong;
    return moveOf(moves, volume)
      ? []
      : [{ type: 'BackupVolumeHandedOver', v: 1, data: { attempt, volume, at } }];
  }
  if (state.phase !== 'Stored') return wrong;
  if (command.type === 'CompleteContents') {
    const { bytes, sha256 } = command;
    if (waitingMoves(moves).length > 0) return wrong;
    if (moves.length === 0 || state.completed) return [];
    return [{ type: 'BackupContentsCompleted', v: 1, data: { attempt, bytes, sha256, at } }];
  }
  const { claim } = command;
  // One that has ended has ended: told twice is once, and the first answer holds.
  if (moveOf(moves, claim)?.end !== undefined || !moveOf(moves, claim)) return [];
  if (command.type === 'FailMove')
    return [{ type: 'BackupVolumeMoveFailed', v: 1, data: { attempt, claim, reason: command.reason, at } }];
  const { snapshotId, bytes, incrementalBytes } = command;
  const data = { attempt, claim, snapshotId, bytes, incrementalBytes, at };
  return [{ type: 'BackupVolumeMoved', v: 1, data }];
};
