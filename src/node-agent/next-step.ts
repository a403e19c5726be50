import { hasMoveEnded } from '../domain/phases.js';
import type { PodVolumeBackup, PodVolumeRestore } from '../domain/velero.gen.js';
import { isUnwanted } from './request.js';

export type Copying = PodVolumeBackup | PodVolumeRestore;

/** Held until nothing is to be done any more (`pkg/controller/constant.go`). */
export const FINALIZER = 'velero.io/pod-volume-finalizer';

/** What this agent knows of a copy beside its resource. */
export interface Situation {
  readonly now: Date;
  readonly prepareTimeout: number;
  /** It is under way in this process. */
  readonly running: boolean;
  /** Whether the volume can be worked on, or why not yet. Looked at only once the copy was accepted. */
  readonly volume: 'ready' | { readonly problem: string; readonly final?: true };
  readonly slotFree: boolean;
}

export type Step =
  | { readonly do: 'nothing' }
  | { readonly do: 'hold' }
  | { readonly do: 'release' }
  | { readonly do: 'ask to cancel' }
  | { readonly do: 'accept' }
  | { readonly do: 'prepare' }
  | { readonly do: 'run' }
  | { readonly do: 'wait'; readonly milliseconds: number }
  | { readonly do: 'cancel' }
  | { readonly do: 'fail'; readonly message: string };

const VOLUME_WAIT_MS = 2_000;
const SLOT_WAIT_MS = 1_000;

const whenAccepted = ({ status }: Copying, situation: Situation): Step => {
  if (situation.volume === 'ready') return { do: 'prepare' };
  if (situation.volume.final) return { do: 'fail', message: situation.volume.problem };
  const accepted = Date.parse(status?.acceptedTimestamp ?? '');
  const waited = situation.now.getTime() - accepted;
  if (waited < situation.prepareTimeout) return { do: 'wait', milliseconds: VOLUME_WAIT_MS };
  return {
    do: 'fail',
    message: `the volume was not there within ${situation.prepareTimeout / 1000} s: ${situation.volume.problem}`,
  };
};

/**
 * The next step of a copy of a pod's volume, in either direction (`pkg/controller/pod_volume_backup_controller.go`,
 * `pod_volume_restore_controller.go`). One that was under way when its agent stopped is run again: Velero gives it up unless the pod
 * that did the work is still there.
 */
export const nextStep = (copying: Copying, situation: Situation): Step => {
  const { metadata, spec, status } = copying;
  const held = metadata.finalizers?.includes(FINALIZER) === true;
  const phase = status?.phase;
  if (hasMoveEnded(phase)) return held ? { do: 'release' } : { do: 'nothing' };
  if (situation.running) return { do: 'nothing' };
  if (metadata.deletionTimestamp !== undefined && spec?.cancel !== true && held)
    return { do: 'ask to cancel' };
  if (!held) return metadata.deletionTimestamp === undefined ? { do: 'hold' } : { do: 'nothing' };
  if (isUnwanted(copying)) return { do: 'cancel' };
  switch (phase) {
    case undefined:
    case 'New':
      return { do: 'accept' };
    case 'Accepted':
      return whenAccepted(copying, situation);
    case 'Prepared':
    case 'InProgress':
      return situation.slotFree ? { do: 'run' } : { do: 'wait', milliseconds: SLOT_WAIT_MS };
    case 'Canceling':
      return { do: 'cancel' };
    case 'Completed':
    case 'Failed':
    case 'Canceled':
      return { do: 'nothing' };
  }
};
