import { encodeItemOperations } from '../../archive/sidecars.js';
import type { RestoreItemOperation } from '../../archive/sidecar-types.js';
import { parseGoDuration } from '../../domain/go-duration.js';
import { hasMoveEnded } from '../../domain/phases.js';
import { downloadsOf } from '../../domain/restore-facts.js';
import type { DataDownload } from '../../domain/velero.gen.js';
import { endOfDownload } from '../../domain/volumes/data-download.js';
import { downloadOperation } from '../../domain/volumes/download-info.js';
import { waitingDownloads, type VolumeDownload } from '../../domain/volumes/restore-moves.js';
import { OPERATION_TIMED_OUT } from '../../domain/volumes/data-upload.js';
import { openNamedLocation } from '../location/named-location.js';
import type { ControllerPorts, OpenedLocation } from '../ports.js';
import type { RestoreSession } from './session.js';

const UID_LABEL = 'velero.io/restore-uid';

type End = NonNullable<ReturnType<typeof endOfDownload>>;

const limitOf = ({ config }: ControllerPorts, { row }: RestoreSession): number =>
  parseGoDuration(row?.spec.itemOperationTimeout ?? '') || config.itemOperationTimeout;

const cancelDownload = ({ resources }: ControllerPorts, name: string, signal: AbortSignal) =>
  resources.patch('DataDownload', name, { spec: { cancel: true } }, signal);

const lookAt = async (
  ports: ControllerPorts,
  session: RestoreSession,
  { download, since }: VolumeDownload,
  signal: AbortSignal,
): Promise<End | undefined> => {
  const found = await ports.resources.read('DataDownload', download, signal);
  if (!found) return { is: 'failed', reason: `DataDownload ${download} was deleted before it had ended` };
  const end = endOfDownload(found);
  if (end) return end;
  if (ports.clock().getTime() - Date.parse(since) <= limitOf(ports, session)) return undefined;
  await cancelDownload(ports, download, signal);
  return { is: 'failed', reason: `${OPERATION_TIMED_OUT} (itemOperationTimeout)` };
};

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
  for (const one of waitingDownloads(downloadsOf(session.state))) {
    const end = await lookAt(ports, session, one, signal);
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

/**
 * Tells the movers of a restore that nobody waits for them any more: also those no fact knows, by the label they bear. To be called before
 * the restore is said to have failed. Repeating it is harmless.
 */
export const cancelDownloads = async (
  ports: ControllerPorts,
  restoreUid: string,
  signal: AbortSignal,
): Promise<void> => {
  const resources = await ports.resources.list('DataDownload', signal);
  for (const { metadata, spec, status } of resources)
    if (metadata.labels?.[UID_LABEL] === restoreUid && !hasMoveEnded(status?.phase) && spec?.cancel !== true)
      await cancelDownload(ports, metadata.name, signal);
};
