import { RESTORE_UID_LABEL } from '../../domain/labels.js';
import type { ControllerPorts } from '../ports.js';
import { cancelRequests } from '../volumes/awaited-move.js';
import { removeGroupStubs } from './settle-groups.js';

/** Ends what a restore has set going that ends before its time; safe to repeat. Faults mean that it is to be repeated. */
export const breakOff = async (
  ports: ControllerPorts,
  restoreUid: string,
  signal: AbortSignal,
): Promise<void> => {
  const ofRestore = { label: RESTORE_UID_LABEL, value: restoreUid };
  for (const kind of ['PodVolumeRestore', 'DataDownload'] as const)
    await cancelRequests(ports, kind, ofRestore, signal);
  await removeGroupStubs(ports, restoreUid, signal);
};
