import { messageOf } from '../../faults.js';
import { cancelOriginOf, tidySignal } from '../cancel.js';
import { storeCancelledLog, type CancelledLog } from '../cancelled-log.js';
import { openNamedLocation } from '../location/named-location.js';
import type { ControllerPorts, OpenedLocation } from '../ports.js';
import type { BackupSession } from './session.js';
import { backupLogOf } from './log.js';

/** A backup has about ten files; more than these are somebody else's matter. */
const MOST_FILES = 1_000;
const CANCELLED = 'cancelled while it ran';

/** Where its log goes, and what the last line of that says. */
export const cancelledBackupLog = (
  ports: ControllerPorts,
  session: BackupSession,
  { store, layout }: OpenedLocation,
): CancelledLog => ({
  store,
  key: layout.backupLog(session.key.name),
  logIn: (sink) => backupLogOf(ports, session, sink),
  told: 'The backup was cancelled; everything it had stored but this log is removed',
});

/** Removes what the attempts have stored, but for the log. A mark there belongs to another backup of the name: then all of it does. */
const removeFiles = async (
  ports: ControllerPorts,
  session: BackupSession,
  signal: AbortSignal,
): Promise<void> => {
  const { name } = session.key;
  const location = await openNamedLocation(ports, session.row?.spec.storageLocation ?? '', signal);
  const { store, layout } = location;
  try {
    if (await store.head(layout.backupMetadata(name), signal)) return;
    const keys: string[] = [];
    for await (const listed of store.list(layout.backupDir(name), { signal })) {
      if (listed.kind === 'object' && listed.key !== layout.backupLog(name)) keys.push(listed.key);
      if (keys.length === MOST_FILES) break;
    }
    for (const key of keys) await store.delete(key, signal);
    const log = cancelledBackupLog(ports, session, location);
    // The run stored its own, unless it died with the server.
    if (!(await store.head(log.key, signal))) await storeCancelledLog(ports, log, [], signal);
  } finally {
    store.close();
  }
};

/**
 * Brings a cancelled backup to its end: who asked, then the bucket, then the fact. Its run has ended before, and no post hooks are
 * owed. A storage that does not let itself be tidied in time does not keep the backup open; the reason says so.
 */
export const endCancelledBackup = async (
  ports: ControllerPorts,
  session: BackupSession,
  signal: AbortSignal,
): Promise<void> => {
  const { resource } = session;
  if (resource)
    await session.send({ type: 'CancelBackup', now: session.now() }, cancelOriginOf(resource.metadata));
  const { phase } = session.state;
  if (phase !== 'InProgress' && phase !== 'Stored') return; // what had not begun has ended with the request
  let reason = CANCELLED;
  try {
    await removeFiles(ports, session, tidySignal(signal));
  } catch (error) {
    signal.throwIfAborted();
    reason = `${CANCELLED}; its files could not be removed from object storage: ${messageOf(error)}`;
    ports.log.warn(
      { err: error, stream: session.stream },
      'the files of a cancelled backup could not be removed',
    );
  }
  await session.send({ type: 'FailBackup', reason, now: session.now() });
};
