import { evolveDeletion, type BackupDeletionEvent } from './backup-deletion.js';
import {
  copiesOf,
  owedPostHooks,
  snapshotsOf,
  type BackupEvent,
  type BackupOutcome,
  type BackupState,
  type HookedPod,
} from './backup-facts.js';
import { evolveMoves, isMoveEvent, type BackupMoveEvent } from './volumes/backup-moves.js';
import { evolveCopies, isCopyEvent, NO_COPIES, type BackupCopyEvent } from './volumes/backup-copies.js';
import { evolveSnapshots, NO_SNAPSHOTS, type BackupSnapshotEvent } from './volumes/backup-snapshots.js';
import {
  evolveProviderSnapshots,
  isProviderSnapshotEvent,
  type ProviderSnapshotEvent,
} from './volumes/provider-snapshots.js';

/** One pod, and not another one that was made anew under the same name. */
export const samePod = (one: HookedPod, other: HookedPod): boolean =>
  one.uid === other.uid && one.name === other.name && one.namespace === other.namespace;

const withDeletion = (state: BackupState, fact: BackupDeletionEvent): BackupState => {
  const deletion = evolveDeletion(state.phase === 'Deleting' ? state.deletion : undefined, fact);
  if (!deletion) return state;
  const uid = 'uid' in state ? state.uid : '';
  return {
    phase: 'Deleting',
    uid,
    deletion,
    owed: owedPostHooks(state),
    snapshots: snapshotsOf(state),
    copies: copiesOf(state),
  };
};

const withSnapshots = (state: BackupState, fact: BackupSnapshotEvent): BackupState => {
  if (!('owed' in state)) return state;
  const changed = { ...state, snapshots: evolveSnapshots(snapshotsOf(state), fact) };
  const late = fact.type === 'BackupSnapshotFailed' && fact.data.afterwards && changed.phase === 'Stored';
  return late ? { ...changed, errors: changed.errors + 1 } : changed;
};

const withMoves = (state: BackupState, fact: BackupMoveEvent): BackupState => {
  if (!('owed' in state)) return state;
  const snapshots = snapshotsOf(state);
  const changed = { ...state, snapshots: { ...snapshots, moves: evolveMoves(snapshots.moves, fact) } };
  if (changed.phase !== 'Stored') return changed;
  if (fact.type === 'BackupVolumeMoveFailed') return { ...changed, errors: changed.errors + 1 };
  return fact.type === 'BackupContentsCompleted' ? { ...changed, completed: true } : changed;
};

const withProviderSnapshots = (state: BackupState, fact: ProviderSnapshotEvent): BackupState => {
  if (!('owed' in state)) return state;
  const { provider, ...others } = snapshotsOf(state);
  const changed = evolveProviderSnapshots(provider, fact);
  return { ...state, snapshots: { ...others, ...(changed && { provider: changed }) } };
};

const withCopies = (state: BackupState, fact: BackupCopyEvent): BackupState =>
  'owed' in state ? { ...state, copies: evolveCopies(copiesOf(state), fact) } : state;

/** What the backup holds is its own from now on; only what a failed one has taken is still to be cared for. */
const leftOf = (state: BackupState, outcome: BackupOutcome) =>
  outcome === 'Failed'
    ? { snapshots: snapshotsOf(state), copies: copiesOf(state) }
    : { snapshots: NO_SNAPSHOTS, copies: NO_COPIES };

/** What a backup is after a fact about it. */
export const evolveBackup = (state: BackupState, fact: BackupEvent): BackupState => {
  if (isCopyEvent(fact)) return withCopies(state, fact);
  if (isMoveEvent(fact)) return withMoves(state, fact);
  if (isProviderSnapshotEvent(fact)) return withProviderSnapshots(state, fact);
  const { type, data } = fact;
  const uid = 'uid' in state ? state.uid : '';
  const owed = owedPostHooks(state);
  const taken = { snapshots: snapshotsOf(state), copies: copiesOf(state) };
  switch (type) {
    case 'BackupRequested':
      return { phase: 'New', uid: data.uid };
    case 'BackupRejected':
      return { phase: 'Ended', uid, outcome: 'FailedValidation', owed: [] };
    case 'BackupStarted':
      return {
        phase: 'InProgress',
        uid,
        attempt: data.attempt,
        running: true,
        prepared: data.prepared,
        owed,
        ...taken,
      };
    case 'BackupPostHooksOwed':
      return state.phase === 'InProgress' ? { ...state, owed: [...owed, data.pod] } : state;
    case 'BackupPostHooksSettled':
      return 'owed' in state ? { ...state, owed: owed.filter((pod) => !samePod(pod, data.pod)) } : state;
    case 'BackupInterrupted':
      return state.phase === 'InProgress' ? { ...state, running: false } : state;
    case 'BackupCancelRequested':
      return state.phase === 'InProgress' || state.phase === 'Stored' ? { ...state, cancelled: true } : state;
    case 'BackupContentsStored':
      return {
        phase: 'Stored',
        uid,
        attempt: data.attempt,
        errors: data.tally.errors,
        owed,
        ...taken,
      };
    case 'BackupFinished':
      return { phase: 'Ended', uid, outcome: data.outcome, owed, ...leftOf(state, data.outcome) };
    case 'BackupDiscovered':
      return { phase: 'Ended', uid: data.uid, outcome: data.found.phase, owed: [] };
    case 'BackupDeletionStarted':
    case 'BackupDeletionStepDone':
    case 'BackupDeletionFailed':
      return withDeletion(state, fact);
    case 'BackupDeleted':
      return { phase: 'Absent' };
    case 'BackupVanished':
      return state.phase === 'Ended' ? { ...state, vanished: true } : state;
    case 'BackupSnapshotsBegun':
    case 'BackupSnapshotTaken':
    case 'BackupSnapshotFailed':
    case 'BackupSnapshotReady':
    case 'BackupSnapshotsDiscarded':
      return withSnapshots(state, fact);
  }
};
