import { textAt, type JsonObject } from '../../domain/json.js';
import { VELERO_TYPES, type BackupRepository } from '../../domain/velero.gen.js';
import { labelValue } from '../label-value.js';
import type { ControllerConfig, ControllerPorts } from '../ports.js';
import { awaitObject } from '../volumes/watched-object.js';

/** What it takes to look for a repository; a node agent has no more. */
export type RepositoryPorts = Pick<ControllerPorts, 'cluster' | 'resources'> & {
  readonly config: Pick<ControllerConfig, 'resourceTimeout'>;
};

interface Wanted {
  readonly volumeNamespace: string;
  readonly location: string;
}

export type Ensured = { readonly repository: BackupRepository } | { readonly problem: string };

/** By these a repository is found, never by its name (`pkg/repository/ensurer.go`). */
const labelsOf = ({ volumeNamespace, location }: Wanted): Readonly<Record<string, string>> => ({
  'velero.io/volume-namespace': labelValue(volumeNamespace),
  'velero.io/storage-location': labelValue(location),
  'velero.io/repository-type': 'kopia',
});

/** Labels hold shortened names: the spec tells apart what they cannot. Of several the oldest, so that everybody takes the same. */
const find = async (
  { resources }: RepositoryPorts,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<BackupRepository | undefined> => {
  const labels = Object.entries(labelsOf(wanted));
  const found = (await resources.list('BackupRepository', signal)).filter(
    ({ metadata, spec }) =>
      labels.every(([key, value]) => metadata.labels?.[key] === value) &&
      spec?.volumeNamespace === wanted.volumeNamespace &&
      spec.backupStorageLocation === wanted.location,
  );
  const ageOf = ({ metadata }: BackupRepository) => textAt(metadata, 'creationTimestamp');
  return found.sort(
    (a, b) => ageOf(a).localeCompare(ageOf(b)) || a.metadata.name.localeCompare(b.metadata.name),
  )[0];
};

/** Follows from what it is for, so that two who miss it make one. */
const resourceNameOf = ({ volumeNamespace, location }: Wanted): string =>
  `${volumeNamespace}-${labelValue(location)}-kopia`;

const createOne = async (
  { resources }: RepositoryPorts,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<void> => {
  await resources.create(
    'BackupRepository',
    {
      apiVersion: 'velero.io/v1',
      kind: 'BackupRepository',
      metadata: {
        name: resourceNameOf(wanted),
        namespace: resources.namespace,
        labels: labelsOf(wanted),
      },
      spec: {
        volumeNamespace: wanted.volumeNamespace,
        backupStorageLocation: wanted.location,
        repositoryType: 'kopia',
        maintenanceFrequency: '0s',
      },
    },
    signal,
  );
};

const named = ({ volumeNamespace, location }: Wanted): string =>
  `the repository of namespace ${volumeNamespace} in the storage location ${location}`;

const outcomeOf = (object: JsonObject | undefined, wanted: Wanted): Ensured | undefined => {
  if (!object) return { problem: `${named(wanted)} was deleted meanwhile` };
  switch (textAt(object, 'status', 'phase')) {
    case 'Ready':
      return { repository: object as unknown as BackupRepository };
    case 'NotReady':
      return {
        problem: `${named(wanted)} is not ready: ${textAt(object, 'status', 'message') || 'no reason is given'}`,
      };
    default:
      return undefined;
  }
};

/**
 * The repository for volumes of one namespace in one location, made if there is none, and waited for until it can be used
 * (`pkg/repository/ensurer.go`). One that is not ready is a problem at once. Faults are those of the API server.
 */
export const ensureRepository = async (
  ports: RepositoryPorts,
  wanted: { readonly volumeNamespace: string; readonly location: string },
  signal: AbortSignal,
): Promise<Ensured> => {
  let found = await find(ports, wanted, signal);
  if (!found) {
    await createOne(ports, wanted, signal);
    found = await find(ports, wanted, signal);
  }
  if (!found)
    return {
      problem: `${named(wanted)} cannot be found by its labels: BackupRepository ${resourceNameOf(wanted)} is another one; rename it`,
    };
  const { resourceTimeout } = ports.config;
  const limited = AbortSignal.any([signal, AbortSignal.timeout(resourceTimeout)]);
  const { namespace } = ports.resources;
  const ended = await awaitObject(
    ports.cluster,
    VELERO_TYPES.BackupRepository,
    { namespace, name: found.metadata.name },
    (object) => outcomeOf(object, wanted),
    limited,
  );
  signal.throwIfAborted();
  return (
    ended ?? {
      problem: `${named(wanted)} was not ready within ${resourceTimeout / 1000} s; the server makes it so: is it running?`,
    }
  );
};
