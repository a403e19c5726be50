import type { RestoreTally } from '../../domain/restore-facts.js';
import { messageOf } from '../../faults.js';
import { cancelOriginOf, tidySignal } from '../cancel.js';
import { storeCancelledLog, type CancelledLog } from '../cancelled-log.js';
import { openNamedLocation } from '../location/named-location.js';
import type { ControllerPorts, OpenedLocation } from '../ports.js';
import { breakOff } from './break-off.js';
import { restoreLogOf } from './log.js';
import type { RestoreSession } from './session.js';

const REASON = 'cancelled while it ran; what it had restored stays';

/** Where its log goes, and what the last line of that says. */
export const cancelledRestoreLog = (
  ports: ControllerPorts,
  session: RestoreSession,
  { store, layout }: OpenedLocation,
): CancelledLog => ({
  store,
  key: layout.restoreLog(session.key.name),
  logIn: (sink) => restoreLogOf(ports, session, sink),
  told: 'The restore was cancelled; what it had restored stays',
});

/** The run stored its own, unless it died with the server. */
const storeLogIfMissing = async (
  ports: ControllerPorts,
  session: RestoreSession,
  signal: AbortSignal,
): Promise<void> => {
  const backup = await ports.resources.read('Backup', session.row?.spec.backupName ?? '', signal);
  const location = await openNamedLocation(ports, backup?.spec?.storageLocation ?? '', signal);
  try {
    const log = cancelledRestoreLog(ports, session, location);
    if (!(await location.store.head(log.key, signal))) await storeCancelledLog(ports, log, [], signal);
  } finally {
    location.store.close();
  }
};

/**
 * Brings a cancelled restore to its end: who asked, then the log, then the fact. Its run has ended before. `done` is what that had
 * done, if it was of this process. A log that cannot be stored in time does not keep the restore open.
 */
export const endCancelledRestore = async (
  ports: ControllerPorts,
  session: RestoreSession,
  done: RestoreTally | undefined,
  signal: AbortSignal,
): Promise<void> => {
  const { resource } = session;
  if (resource)
    await session.send({ type: 'CancelRestore', now: session.now() }, cancelOriginOf(resource.metadata));
  const { state } = session;
  if (state.phase !== 'InProgress' && state.phase !== 'Applied') return; // what had not begun has ended with the request
  await breakOff(ports, state.uid, signal);
  try {
    await storeLogIfMissing(ports, session, tidySignal(signal));
  } catch (error) {
    signal.throwIfAborted();
    ports.log.warn(
      { stream: session.stream },
      `the log of a cancelled restore could not be stored: ${messageOf(error)}`,
    );
  }
  await session.send({
    type: 'FailRestore',
    reason: REASON,
    ...(done && { tally: done }),
    now: session.now(),
  });
};
