import { RESTORE_UID_LABEL } from '../../domain/labels.js';
import type { ControllerPorts } from '../ports.js';
import { cancelMoves } from '../volumes/awaited-move.js';
import { cancelFills } from './cancel-fills.js';
import { removeGroupStubs } from './settle-groups.js';

/** Ends what a restore has set going that ends before its time; safe to repeat. Faults mean that it is to be repeated. */
export const breakOff = async (
  ports: ControllerPorts,
  restoreUid: string,
  signal: AbortSignal,
): Promise<void> => {
  await cancelFills(ports, restoreUid, signal);
  await cancelMoves(ports, 'DataDownload', { label: RESTORE_UID_LABEL, value: restoreUid }, signal);
  await removeGroupStubs(ports, restoreUid, signal);
};
