import { RESTORE_UID_LABEL } from '../../domain/labels.js';
import { hasCopyEnded } from '../../domain/volumes/copy-objects.js';
import type { ControllerPorts } from '../ports.js';

/** Tells the agents to break off what a restore that ends has asked for; safe to repeat. Faults are those of `Resources`. */
export const cancelFills = async (
  { resources }: Pick<ControllerPorts, 'resources'>,
  restoreUid: string,
  signal: AbortSignal,
): Promise<void> => {
  for (const one of await resources.list('PodVolumeRestore', signal)) {
    if (one.metadata.labels?.[RESTORE_UID_LABEL] !== restoreUid || hasCopyEnded(one)) continue;
    await resources.patch('PodVolumeRestore', one.metadata.name, { spec: { cancel: true } }, signal);
  }
};
