import { encodeItemOperations } from '../../archive/sidecars.js';
import type { RestoreItemOperation } from '../../archive/sidecar-types.js';
import { downloadsOf } from '../../domain/restore-facts.js';
import type { DataDownload } from '../../domain/velero.gen.js';
import { endOfDownload } from '../../domain/volumes/data-download.js';
import { downloadOperation } from '../../domain/volumes/download-info.js';
import { waitingDownloads } from '../../domain/volumes/restore-moves.js';
import { openNamedLocation } from '../location/named-location.js';
import { operationLimitMs } from '../operation-limit.js';
import type { ControllerPorts, OpenedLocation } from '../ports.js';
import { endOfMove } from '../volumes/awaited-move.js';
import type { RestoreSession } from './session.js';

/** Opens the location of the restored backup, which may be gone by now. */
const withLocation = async <T>(
  ports: ControllerPorts,
  session: RestoreSession,
  signal: AbortSignal,
  work: (location: OpenedLocation) => Promise<T>,
): Promise<T> => {
  const backup = await ports.resources.read('Backup', session.row?.spec.backupName ?? '', signal);
  const location = await openNamedLocation(ports, backup?.spec?.storageLocation ?? '', signal);
  try {
    return await work(location);
  } finally {
    location.store.close();
  }
};

/**
 * Looks at the volumes that are being filled and writes down which are done. True if none is awaited
 * any more. One that takes longer than `itemOperationTimeout` is cancelled and has failed.
 */
export const settleDownloads = async (
  ports: ControllerPorts,
  session: RestoreSession,
  signal: AbortSignal,
): Promise<boolean> => {
  const attempt = 'attempt' in session.state ? session.state.attempt : 0;
  const limitMs = operationLimitMs(session.row?.spec, ports.config);
  for (const one of waitingDownloads(downloadsOf(session.state))) {
    const { download: name, since } = one;
    const end = await endOfMove(ports, { kind: 'DataDownload', name, since, limitMs }, endOfDownload, signal);
    if (!end) continue;
    const { namespace, claim } = one;
    const about = { attempt, claim: { namespace, claim }, now: session.now() };
    await session.send(
      end.is === 'moved'
        ? { type: 'RecordDownload', ...about, bytes: end.bytes }
        : { type: 'FailDownload', ...about, reason: end.reason },
    );
  }
  return waitingDownloads(downloadsOf(session.state)).length === 0;
};

/** The operations of the restore as they stand now, for its files. */
export const downloadOperations = (
  session: RestoreSession,
  resources: ReadonlyMap<string, DataDownload> = new Map(),
): readonly RestoreItemOperation[] => {
  const restore = { name: session.key.name, uid: session.row?.uid ?? '' };
  return downloadsOf(session.state).map((one) =>
    downloadOperation(one, restore, resources.get(one.download)),
  );
};

/** The files of the restore say of each volume how its download ended. Safe to repeat. */
export const storeDownloads = async (
  ports: ControllerPorts,
  session: RestoreSession,
  signal: AbortSignal,
): Promise<void> => {
  if (downloadsOf(session.state).length === 0) return;
  const resources = new Map<string, DataDownload>();
  for (const { download } of downloadsOf(session.state)) {
    const found = await ports.resources.read('DataDownload', download, signal);
    if (found) resources.set(download, found);
  }
  const body = await encodeItemOperations(downloadOperations(session, resources));
  await withLocation(ports, session, signal, ({ store, layout }) =>
    store.put(layout.restoreItemOperations(session.key.name), body, { signal }),
  );
};
