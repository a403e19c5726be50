import { decodeResults, encodeResults } from '../../archive/sidecars.js';
import { withErrors } from '../../archive/merge-results.js';
import { isFault, messageOf } from '../../faults.js';
import { openNamedLocation } from '../location/named-location.js';
import type { ControllerPorts } from '../ports.js';
import { readObject } from '../stored-object.js';
import type { RestoreSession } from './session.js';

const merge = async (ports: ControllerPorts, session: RestoreSession, signal: AbortSignal): Promise<void> => {
  const { state, key, row } = session;
  if (state.phase !== 'Applied') return;
  const backup = await ports.resources.read('Backup', row?.spec.backupName ?? '', signal);
  const { store, layout } = await openNamedLocation(ports, backup?.spec?.storageLocation ?? '', signal);
  try {
    const file = layout.restoreResults(key.name);
    const bytes = await readObject(store, file, signal);
    const results = bytes ? await decodeResults(bytes, file) : { errors: {}, warnings: {} };
    const late = (state.unsettled ?? []).map(({ namespace, reason }) => ({ namespace, text: reason }));
    await store.put(file, await encodeResults(withErrors(results, late)), { signal });
  } finally {
    store.close();
  }
};

/**
 * Brings what went wrong after the results were stored into them. Made from facts, so that a repeat makes the same file. Where that is
 * impossible for good the errors are in status and story alone. Other faults mean that it is to be repeated.
 */
export const mergeUnsettled = async (
  ports: ControllerPorts,
  session: RestoreSession,
  signal: AbortSignal,
): Promise<void> => {
  const { state, stream } = session;
  if (state.phase !== 'Applied' || !state.unsettled?.length) return;
  try {
    await merge(ports, session, signal);
  } catch (error) {
    if (signal.aborted || !isFault(error) || error.retriable) throw error;
    ports.log.warn(
      { stream },
      `errors could not be added to the results of the restore: ${messageOf(error)}`,
    );
  }
};
