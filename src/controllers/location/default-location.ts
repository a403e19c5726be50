import type { BackupStorageLocation } from '../../domain/velero.gen.js';
import type { ControllerPorts } from '../ports.js';

/** At start the location that the flag names becomes the default, unless some location is (`pkg/cmd/server/server.go`). */
export const markDefaultLocation = async (ports: ControllerPorts, signal: AbortSignal): Promise<void> => {
  const name = ports.config.defaultBackupStorageLocation;
  const locations = await ports.resources.list('BackupStorageLocation', signal);
  const named = locations.find(({ metadata }) => metadata.name === name);
  if (!named || locations.some(({ spec }) => spec?.default === true)) return;
  await ports.resources.patch('BackupStorageLocation', name, { spec: { default: true } }, signal);
};

/** The one created last; of those of one second the last by name, so that everybody chooses the same. */
const youngest = (locations: readonly BackupStorageLocation[]): BackupStorageLocation | undefined =>
  locations.reduce<BackupStorageLocation | undefined>((best, one) => {
    const age = ({ metadata }: BackupStorageLocation) =>
      `${metadata.creationTimestamp ?? ''}/${metadata.name}`;
    return best === undefined || age(one) > age(best) ? one : best;
  }, undefined);

/**
 * Leaves one default location: the youngest; the others lose the mark (`pkg/controller/backup_storage_location_controller.go`). Run at
 * each check of any location. That there is none is told once, until there has been one again.
 */
export const createDefaultRule = (ports: ControllerPorts) => {
  let warned = false;
  return async (signal: AbortSignal): Promise<void> => {
    const locations = await ports.resources.list('BackupStorageLocation', signal);
    const defaults = locations.filter(({ spec }) => spec?.default === true);
    if (defaults.length === 0 && locations.length > 0 && !warned)
      ports.log.warn(
        { server: ports.config.defaultBackupStorageLocation },
        'no storage location is the default; backups without a location go to the one of --default-backup-storage-location',
      );
    warned = defaults.length === 0;
    const stays = youngest(defaults);
    for (const { metadata } of defaults) {
      if (metadata.name === stays?.metadata.name) continue;
      // On what was read: who made it the default anew in this moment is younger in mind than this look.
      const { resourceVersion } = metadata;
      const patch = { metadata: { resourceVersion }, spec: { default: false } };
      const answer = await ports.resources.patch('BackupStorageLocation', metadata.name, patch, signal);
      if (answer === 'patched')
        ports.log.warn(
          { location: metadata.name, default: stays?.metadata.name },
          'is no longer the default, since there can be only one and another was created later',
        );
    }
  };
};
