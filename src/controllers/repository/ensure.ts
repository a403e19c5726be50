import { labelsOf } from '../../domain/item.js';
import type { JsonObject } from '../../domain/json.js';
import { textAt } from '../../domain/json.js';
import { VELERO_TYPES, type BackupRepository } from '../../domain/velero.gen.js';
import { labelValue } from '../label-value.js';
import type { ControllerPorts } from '../ports.js';
import { awaitObject } from '../volumes/watched-object.js';

/** The repository of a namespace in a location (`pkg/repository/ensurer.go`): found by its labels, created if there is none, awaited. */
export const ensureRepository = async (
  { cluster, resources, config }: ControllerPorts,
  { volumeNamespace, location }: { readonly volumeNamespace: string; readonly location: string },
  signal: AbortSignal,
): Promise<{ readonly repository: BackupRepository } | { readonly problem: string }> => {
  const labels = {
    'velero.io/volume-namespace': labelValue(volumeNamespace),
    'velero.io/storage-location': labelValue(location),
    'velero.io/repository-type': 'kopia',
  };
  const { namespace } = resources;
  const found = (await resources.list('BackupRepository', signal)).find((one) => {
    const present = labelsOf(one as unknown as JsonObject);
    return Object.entries(labels).every(([key, value]) => present[key] === value);
  });
  const name = found?.metadata.name ?? `${volumeNamespace}-${location}-kopia`;
  const spec = {
    volumeNamespace,
    backupStorageLocation: location,
    repositoryType: 'kopia',
    maintenanceFrequency: '0s',
  };
  const object = {
    apiVersion: 'velero.io/v1',
    kind: 'BackupRepository',
    metadata: { name, namespace, labels },
    spec,
  };
  if (!found) await resources.create('BackupRepository', object, signal);
  const settled = await awaitObject(
    cluster,
    VELERO_TYPES.BackupRepository,
    { namespace, name },
    (one) => (['Ready', 'NotReady'].includes(textAt(one, 'status', 'phase')) ? one : undefined),
    AbortSignal.any([signal, AbortSignal.timeout(config.resourceTimeout)]),
  );
  signal.throwIfAborted();
  if (textAt(settled, 'status', 'phase') === 'Ready')
    return { repository: settled as unknown as BackupRepository };
  const message = textAt(settled, 'status', 'message');
  return { problem: `the backup repository ${name} is not ready${message === '' ? '' : `: ${message}`}` };
};
