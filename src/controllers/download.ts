import type { DownloadRequest } from '../domain/velero.gen.js';
import { isFault, messageOf } from '../faults.js';
import { openNamedLocation } from './location/named-location.js';
import { timestamp, type ControllerPorts } from './ports.js';
import type { Requeue } from './queue.js';

/** How long a signed link can be used (`pkg/controller/download_request_controller.go`). */
const LINK_SECONDS = 600;

type Target = NonNullable<DownloadRequest['spec']>['target'];

/** The backup whose location holds the file; undefined if the restore or backup is not there. */
const backupNameOf = async (
  ports: ControllerPorts,
  target: Target,
  signal: AbortSignal,
): Promise<string | undefined> => {
  if (!target.kind.startsWith('Restore')) return target.name;
  return (await ports.resources.read('Restore', target.name, signal))?.spec?.backupName;
};

/** A link to one file of a backup or restore; undefined where there is nothing to link to. A missing file answers 404 there. */
const linkTo = async (
  ports: ControllerPorts,
  target: Target,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const name = await backupNameOf(ports, target, signal);
  const backup = name ? await ports.resources.read('Backup', name, signal) : undefined;
  const location = backup?.spec?.storageLocation;
  if (!location) return undefined;
  const { store, layout } = await openNamedLocation(ports, location, signal);
  try {
    return await store.presign(layout.download(target.kind, target.name), LINK_SECONDS);
  } finally {
    store.close();
  }
};

/**
 * Answers a request of the CLI for a file with a signed link, and takes the request away when the link has expired. A request
 * whose target does not exist stays unanswered until then, as with Velero.
 */
export const reconcileDownload =
  (ports: ControllerPorts) =>
  async (name: string, signal: AbortSignal): Promise<Requeue> => {
    const request = await ports.resources.read('DownloadRequest', name, signal);
    if (!request?.spec) return { done: true };
    const now = ports.clock().getTime();
    const expiration = request.status?.expiration;
    if (expiration && new Date(expiration).getTime() <= now) {
      await ports.resources.delete('DownloadRequest', name, signal);
      return { done: true };
    }
    if (request.status?.phase === 'Processed') return { after: LINK_SECONDS * 1000 };
    const expires = timestamp(new Date(now + LINK_SECONDS * 1000));
    let downloadURL: string | undefined;
    try {
      downloadURL = await linkTo(ports, request.spec.target, signal);
    } catch (error) {
      if (!isFault(error) || error.retriable) throw error;
      ports.log.warn({ request: name }, `a download cannot be offered: ${messageOf(error)}`);
    }
    const status = downloadURL
      ? { downloadURL, phase: 'Processed', expiration: expires }
      : { expiration: expires };
    if (downloadURL || !expiration) await ports.resources.patch('DownloadRequest', name, { status }, signal);
    return { after: LINK_SECONDS * 1000 };
  };
