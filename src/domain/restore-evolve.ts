import { downloadsOf, type RestoreEvent, type RestoredPod, type RestoreState } from './restore-facts.js';
import { isFillEvent, settledFill, type RestoreFillEvent } from './volumes/restore-fills.js';
import { evolveDownloads, isDownloadEvent, type RestoreMoveEvent } from './volumes/restore-moves.js';

export const samePod = (one: RestoredPod, other: RestoredPod): boolean =>
  one.name === other.name && one.namespace === other.namespace;

const withDownloads = (state: RestoreState, fact: RestoreMoveEvent): RestoreState => {
  if (state.phase !== 'InProgress' && state.phase !== 'Applied') return state;
  const changed = { ...state, downloads: evolveDownloads(downloadsOf(state), fact) };
  if (changed.phase !== 'Applied') return changed;
  // A claim is bound when it is filled: until then the time that its new volume has to come does not run.
  const since = changed.settlingSince === undefined ? {} : { settlingSince: fact.data.at };
  const failed = fact.type === 'RestoreVolumeMoveFailed' ? 1 : 0;
  return { ...changed, ...since, errors: changed.errors + failed };
};

const withFill = (state: RestoreState, fact: RestoreFillEvent): RestoreState =>
  state.phase === 'InProgress' ? { ...state, fills: [...(state.fills ?? []), settledFill(fact)] } : state;

/** How one fact changes a restore; what belongs to another phase changes nothing. */
export const evolveRestore = (state: RestoreState, fact: RestoreEvent): RestoreState => {
  if (isFillEvent(fact)) return withFill(state, fact);
  if (isDownloadEvent(fact)) return withDownloads(state, fact);
  const { type, data } = fact;
  const downloads = downloadsOf(state);
  const uid = 'uid' in state ? state.uid : '';
  switch (type) {
    case 'RestoreRequested':
      return { phase: 'New', uid: data.uid };
    case 'RestoreRejected':
      return { phase: 'Ended', uid, outcome: 'FailedValidation' };
    case 'RestoreStarted':
      return {
        phase: 'InProgress',
        uid,
        attempt: data.attempt,
        running: true,
        spec: data.spec,
        hooksRun: state.phase === 'InProgress' ? state.hooksRun : [],
        downloads,
        ...(state.phase === 'InProgress' && state.fills && { fills: state.fills }),
      };
    case 'RestoreHooksRun': {
      const { pod, hooksAttempted, hooksFailed } = data;
      const run = { pod, hooksAttempted, hooksFailed };
      return state.phase === 'InProgress' ? { ...state, hooksRun: [...state.hooksRun, run] } : state;
    }
    case 'RestoreInterrupted':
      return state.phase === 'InProgress' ? { ...state, running: false } : state;
    case 'RestoreCancelRequested':
      return state.phase === 'InProgress' || state.phase === 'Applied'
        ? { ...state, cancelled: true }
        : state;
    case 'RestoreItemsApplied':
      return state.phase === 'InProgress'
        ? {
            phase: 'Applied',
            uid,
            attempt: data.attempt,
            errors: data.tally.errors,
            spec: state.spec,
            downloads,
            ...(data.settling && { settlingSince: data.at }),
          }
        : state;
    case 'RestoreVolumesSettled': {
      if (state.phase !== 'Applied') return state;
      const { settlingSince: _since, ...settled } = state;
      return { ...settled, errors: state.errors + data.errors, unsettled: data.failed };
    }
    case 'RestoreFinished':
      return { phase: 'Ended', uid, outcome: data.outcome };
    case 'RestoreDiscovered':
      return { phase: 'Ended', uid: data.uid, outcome: data.found.phase };
    case 'RestoreDeleted':
      return { phase: 'Absent' };
  }
};
