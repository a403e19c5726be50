import type { Restore } from '../../domain/velero.gen.js';
import { openNamedLocation } from '../location/named-location.js';
import type { ControllerPorts } from '../ports.js';
import { removeUnder } from '../deletion/stored-files.js';
import { FILES_FINALIZER } from '../../domain/labels.js';

export const holdsFiles = ({ metadata }: Restore): boolean =>
  metadata.finalizers?.includes(FILES_FINALIZER) === true;

/** Before there is any file. A conflict means that somebody else wrote; the next look does it. */
export const holdFiles = async (
  { resources }: ControllerPorts,
  { metadata }: Restore,
  signal: AbortSignal,
): Promise<void> => {
  const finalizers = [...(metadata.finalizers ?? []), FILES_FINALIZER];
  const patch = { metadata: { finalizers, resourceVersion: metadata.resourceVersion } };
  await resources.patch('Restore', metadata.name, patch, signal);
};

/**
 * Deletes the files of a Restore that somebody deleted, and lets it go. Where the backup or its location is gone there is nothing
 * to be deleted from. Faults of the store leave the Restore as it is, to be looked at again.
 */
export const releaseFiles = async (
  ports: ControllerPorts,
  restore: Restore,
  signal: AbortSignal,
): Promise<void> => {
  const { resources } = ports;
  const { name, finalizers = [], resourceVersion } = restore.metadata;
  const backup = await resources.read('Backup', restore.spec?.backupName ?? '', signal);
  const location = backup?.spec?.storageLocation;
  if (location && (await resources.read('BackupStorageLocation', location, signal))) {
    const { store, layout } = await openNamedLocation(ports, location, signal);
    try {
      await removeUnder(store, layout.restoreDir(name), signal);
    } finally {
      store.close();
    }
  }
  const left = finalizers.filter((one) => one !== FILES_FINALIZER);
  await resources.patch('Restore', name, { metadata: { finalizers: left, resourceVersion } }, signal);
};
