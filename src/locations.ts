import type { Cluster, ResourceType } from './cluster/port.js';
import type { OpenedLocation } from './controllers/ports.js';
import type { BackupStorageLocationSpec, VolumeSnapshotLocationSpec } from './domain/velero.gen.js';
import { openLocation, type LocationSpec } from './objectstore/location.js';
import { openSnapshotLocation } from './snapshotters/location.js';
import type { VolumeSnapshotter } from './snapshotters/port.js';
import { repositoryStorageOf } from './objectstore/repository-storage.js';
import type { OpenRepositoryStorage } from './repositories/storage.js';

/** Opens storage locations with the credentials that Secrets of the server's namespace hold at that moment. */
export type LocationOpener = (spec: BackupStorageLocationSpec) => Promise<OpenedLocation>;

const SECRETS: ResourceType = {
  group: '',
  version: 'v1',
  resource: 'secrets',
  kind: 'Secret',
  singular: 'secret',
  shortNames: [],
  namespaced: true,
  verbs: ['get'],
};
const SECRET_DEADLINE_MS = 60_000;

export const readSecret = (cluster: Cluster, namespace: string) => async (name: string, key: string) => {
  const bytes = await cluster.get(
    SECRETS,
    { namespace, name },
    { signal: AbortSignal.timeout(SECRET_DEADLINE_MS) },
  );
  const secret =
    bytes && (JSON.parse(bytes.toString('utf8')) as { readonly data?: Readonly<Record<string, string>> });
  const value = secret?.data?.[key];
  return value === undefined ? undefined : Buffer.from(value, 'base64');
};

const secretKey = (selector: { readonly name?: string; readonly key: string }) => ({
  name: selector.name ?? '',
  key: selector.key,
});

/** A Secret that is named without a name is one that is missing: the location then says so. */
const locationSpec = ({ credential, objectStorage, ...spec }: BackupStorageLocationSpec): LocationSpec => {
  const { caCertRef, ...storage } = objectStorage;
  return {
    ...spec,
    objectStorage: { ...storage, ...(caCertRef && { caCertRef: secretKey(caCertRef) }) },
    ...(credential && { credential: secretKey(credential) }),
  };
};

/** `sign` makes download links for files of `filesystem` locations; without it these give none. */
export const locationOpener =
  (cluster: Cluster, namespace: string, sign?: (path: string, seconds: number) => string): LocationOpener =>
  async (spec) =>
    openLocation(locationSpec(spec), {
      readSecret: readSecret(cluster, namespace),
      ...(sign && { filesystemSign: sign }),
    });

/** Opens what takes the snapshots of volume snapshot locations, with the credentials that Secrets of the server's namespace hold at that moment. */
export type SnapshotterOpener = (spec: VolumeSnapshotLocationSpec) => Promise<VolumeSnapshotter>;

export const snapshotterOpener =
  (cluster: Cluster, namespace: string): SnapshotterOpener =>
  ({ credential, ...spec }) =>
    openSnapshotLocation(
      { ...spec, ...(credential && { credential: secretKey(credential) }) },
      { readSecret: readSecret(cluster, namespace) },
    );
/** The same access for the repositories of volume copies, whose engine reaches the storage by itself. */
export const repositoryStorageOpener =
  (cluster: Cluster, namespace: string): OpenRepositoryStorage =>
  (spec) =>
    repositoryStorageOf(locationSpec(spec), { readSecret: readSecret(cluster, namespace) });
