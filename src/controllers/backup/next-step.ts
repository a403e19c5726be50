import { deletionFailed } from '../../domain/backup-deletion.js';
import {
  owedPostHooks,
  owesCopyDiscard,
  owesDiscard,
  snapshotsOf,
  type BackupState,
} from '../../domain/backup-facts.js';
import type { Backup } from '../../domain/velero.gen.js';
import { waitingMoves } from '../../domain/volumes/backup-moves.js';
import { waitingSnapshots } from '../../domain/volumes/backup-snapshots.js';
import { asksToCancel } from '../cancel.js';
import { standingOf } from '../standing.js';

/** What one backup needs next. */
export type BackupStep =
  | 'none'
  | 'forget'
  | 'abandon'
  | 'discover'
  | 'intake'
  | 'start'
  | 'thaw'
  | 'cancel'
  | 'discard'
  | 'recover'
  | 'collect'
  | 'await'
  | 'complete'
  | 'finish'
  | 'delete'
  | 'mirror';

/** Everything but the mark is stored; snapshots and moves of their data may still have to be waited for. */
const nextStoredStep = (
  state: Extract<BackupState, { phase: 'Stored' }>,
  resource: Backup | undefined,
): BackupStep => {
  const snapshots = snapshotsOf(state);
  const moving = waitingMoves(snapshots.moves).length > 0;
  if (state.cancelled || (moving && asksToCancel(resource))) return 'cancel';
  if (moving || waitingSnapshots(snapshots).length > 0) return 'await';
  return snapshots.moves.length > 0 && !state.completed ? 'complete' : 'finish';
};

/**
 * The next missing step, from the facts and the resource alone; every row of it is a table test. `begunHere` is memory of
 * this process: an attempt that another life began is never continued, it is recovered.
 */
export const nextBackupStep = (
  state: BackupState,
  resource: Backup | undefined,
  begunHere: boolean,
): BackupStep => {
  // Before anything else, and also when nobody wants the backup any more: an application must not stay frozen.
  if (owedPostHooks(state).length > 0) return 'thaw';
  // Snapshots and copies that no backup will hold cost money, and would be in the way of the next attempt.
  if (owesDiscard(state) || owesCopyDiscard(state)) return 'discard';
  const deleting = state.phase === 'Deleting';
  // Goes on whatever becomes of the resource: what it has begun leaves nothing that anybody could use.
  if (deleting && !deletionFailed(state.deletion)) return 'delete';
  const standing = standingOf(deleting ? { phase: 'Ended', uid: state.uid } : state, resource);
  if (standing !== 'ours') return standing;
  switch (state.phase) {
    case 'Absent':
      return 'none';
    case 'New':
      return asksToCancel(resource) ? 'cancel' : 'start';
    case 'InProgress':
      if (state.cancelled || asksToCancel(resource)) return 'cancel';
      if (!state.running) return 'start';
      return begunHere ? 'collect' : 'recover';
    case 'Stored':
      return nextStoredStep(state, resource);
    case 'Ended':
    case 'Deleting':
      return 'mirror';
  }
};
