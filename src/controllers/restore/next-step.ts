import { downloadsOf, type RestoreState } from '../../domain/restore-facts.js';
import type { Restore } from '../../domain/velero.gen.js';
import { waitingDownloads } from '../../domain/volumes/restore-moves.js';
import { asksToCancel } from '../cancel.js';
import { standingOf } from '../standing.js';
import { holdsFiles } from './stored-restore.js';

/** What one restore needs next. */
export type RestoreStep =
  | 'none'
  | 'forget'
  | 'abandon'
  | 'discover'
  | 'intake'
  | 'hold'
  | 'start'
  | 'cancel'
  | 'recover'
  | 'apply'
  | 'await'
  | 'settle'
  | 'finish'
  | 'release'
  | 'mirror';

const isDownloading = (state: RestoreState): boolean => waitingDownloads(downloadsOf(state)).length > 0;

/** Somebody deleted the resource: what runs comes to its end, then the files go, then the resource. */
const lastStep = (state: RestoreState, resource: Restore): RestoreStep => {
  const standing = standingOf(state, resource);
  if (standing === 'abandon') return 'abandon';
  if (standing === 'ours') {
    if (state.phase === 'New' || state.phase === 'InProgress') return 'abandon';
    if (state.phase === 'Applied') return isDownloading(state) ? 'abandon' : 'finish';
  }
  if (holdsFiles(resource)) return 'release';
  return standing === 'ours' ? 'mirror' : 'none';
};

/** The next missing step, from the facts and the resource alone; the same idea as `nextBackupStep`. */
export const nextRestoreStep = (
  state: RestoreState,
  resource: Restore | undefined,
  begunHere: boolean,
): RestoreStep => {
  if (resource?.metadata.deletionTimestamp) return lastStep(state, resource);
  const standing = standingOf(state, resource);
  if (standing !== 'ours' || !resource) return standing === 'ours' ? 'none' : standing;
  switch (state.phase) {
    case 'Absent':
      return 'none';
    case 'New':
      if (asksToCancel(resource)) return 'cancel';
      return holdsFiles(resource) ? 'start' : 'hold';
    case 'InProgress':
      if (state.cancelled || asksToCancel(resource)) return 'cancel';
      if (!state.running) return 'start';
      return begunHere ? 'apply' : 'recover';
    case 'Applied':
      if (state.cancelled || (isDownloading(state) && asksToCancel(resource))) return 'cancel';
      if (isDownloading(state)) return 'await';
      return state.settlingSince === undefined ? 'finish' : 'settle';
    case 'Ended':
      return 'mirror';
  }
};
