import { chooseStorageLocation } from '../domain/prepare-backup.js';
import { printKey } from '../domain/streams.js';
import type { DownloadRequest } from '../domain/velero.gen.js';
import { isFault, messageOf } from '../faults.js';
import { originOf } from './intake.js';
import { openNamedLocation } from './location/named-location.js';
import type { ControllerPorts } from './ports.js';
import type { Requeue } from './queue.js';
import { timestamp } from '../domain/timestamp.js';

/** How long a signed link can be used (`pkg/controller/download_request_controller.go`). */
const LINK_SECONDS = 600;

type Target = NonNullable<DownloadRequest['spec']>['target'];

/** What this controller needs of the world. */
export type DownloadPorts = Pick<
  ControllerPorts,
  'resources' | 'openLocation' | 'clock' | 'log' | 'config' | 'linkMade'
>;

/** The backup whose location holds the file; undefined if the restore or backup is not there. */
const backupNameOf = async (
  ports: DownloadPorts,
  target: Target,
  signal: AbortSignal,
): Promise<string | undefined> => {
  if (!target.kind.startsWith('Restore')) return target.name;
  return (await ports.resources.read('Restore', target.name, signal))?.spec?.backupName;
};

/**
 * Where a backup has its files. One that has not begun may name no location yet: it gets a link into the one it will have, so that
 * `velero backup describe` hears "no such file" and does not wait for half a minute.
 */
const locationOf = async (
  ports: DownloadPorts,
  backupName: string,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const backup = await ports.resources.read('Backup', backupName, signal);
  if (!backup) return undefined;
  if (backup.spec?.storageLocation) return backup.spec.storageLocation;
  const locations = (await ports.resources.list('BackupStorageLocation', signal)).map(
    ({ metadata, spec }) => ({ name: metadata.name, isDefault: spec?.default === true }),
  );
  return chooseStorageLocation({}, locations, ports.config.defaultBackupStorageLocation).name;
};

/** A link to one file of a backup or restore; undefined where there is nothing to link to. A missing file answers 404 there. */
const linkTo = async (
  ports: DownloadPorts,
  target: Target,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const name = await backupNameOf(ports, target, signal);
  const location = name ? await locationOf(ports, name, signal) : undefined;
  if (!location) return undefined;
  const { store, layout } = await openNamedLocation(ports, location, signal);
  try {
    return await store.presign(layout.download(target.kind, target.name), LINK_SECONDS);
  } finally {
    store.close();
  }
};

/** The fact comes before the link is shown: nobody has a link that the audit does not know of. */
const answer = async (
  ports: DownloadPorts,
  { metadata, spec }: DownloadRequest,
  downloadURL: string,
  signal: AbortSignal,
): Promise<Requeue> => {
  const now = ports.clock();
  const expiration = timestamp(new Date(now.getTime() + LINK_SECONDS * 1_000));
  const { name } = metadata;
  await ports.linkMade(
    {
      file: spec?.target.kind ?? '',
      target: printKey({ namespace: ports.resources.namespace, name: spec?.target.name ?? '' }),
      expiresAt: expiration,
      at: timestamp(now),
      correlationId: metadata.uid ?? name,
      ...originOf(metadata),
    },
    signal,
  );
  const status = { downloadURL, phase: 'Processed', expiration };
  await ports.resources.patch('DownloadRequest', name, { status }, signal);
  return { after: LINK_SECONDS * 1_000 };
};

/**
 * Answers a request of the CLI for a file with a signed link, and takes the request away when the link has expired. A request
 * whose target does not exist stays unanswered until then, as with Velero.
 */
export const reconcileDownload =
  (ports: DownloadPorts) =>
  async (name: string, signal: AbortSignal): Promise<Requeue> => {
    const request = await ports.resources.read('DownloadRequest', name, signal);
    if (!request?.spec) return { done: true };
    const now = ports.clock().getTime();
    const { expiration, phase } = request.status ?? {};
    const left = expiration ? new Date(expiration).getTime() - now : LINK_SECONDS * 1_000;
    if (left <= 0) {
      await ports.resources.delete('DownloadRequest', name, signal);
      return { done: true };
    }
    if (phase === 'Processed') return { after: left };
    try {
      const link = await linkTo(ports, request.spec.target, signal);
      if (link !== undefined) return await answer(ports, request, link, signal);
    } catch (error) {
      if (!isFault(error) || error.retriable) throw error;
      ports.log.warn({ request: name }, `a download cannot be offered: ${messageOf(error)}`);
    }
    const status = { expiration: timestamp(new Date(now + LINK_SECONDS * 1_000)) };
    if (!expiration) await ports.resources.patch('DownloadRequest', name, { status }, signal);
    return { after: left };
  };
