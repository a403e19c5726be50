import { createHash } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../faults.js';
import type { RepositoryPlace } from './port.js';
import type { RepositoryStorage } from '../domain/repository-storage.js';
import type { OpenRepositoryStorage } from './storage.js';

/** How the program `kopia` reaches one repository. */
export interface Connection {
  readonly configFile: string;
  /** Its folder for everything it keeps on this machine. */
  readonly home: string;
  /** What it is told by its environment, secrets among it. */
  readonly environment: Readonly<Record<string, string>>;
  /** The storage in the form in which kopia takes it for a new repository; no secret is in it. */
  readonly token: string;
  /** Of a repository that lies in a folder; only who makes the repository makes it. */
  readonly folder?: string;
  /** What no message may show. */
  readonly secrets: readonly string[];
}

export interface ConnectionOptions {
  /** Folder for config files and caches; may be emptied while nothing runs. */
  readonly scratch: string;
  readonly openStorage: OpenRepositoryStorage;
  /** Of all repositories (Velero: Secret `velero-repo-credentials`). */
  readonly password: (signal: AbortSignal) => Promise<string>;
}

/** Everybody is this user on this host for kopia, so that repositories have one owner (Velero: `pkg/repository/udmrepo/repo_options.go`). */
export const KOPIA_IDENTITY = 'default';
const DEFAULT_CACHE_MB = 5_000;
const MB = 1_000_000;
const FORMAT_CACHE_NS = 900_000_000_000;

/** One path element below `kopia/`: a namespace cannot be more, and a forged resource must not reach elsewhere. */
const checkNamespace = (namespace: string): string => {
  if (/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(namespace)) return namespace;
  throw new Fault('LB_REPOSITORY_FAILED', `"${namespace}" is not the name of a namespace`);
};

/** The storage as kopia writes it into its config files. Keys stay out: a secret is never written to a disk. */
const storageConfig = (storage: RepositoryStorage, volumeNamespace: string) => {
  const below = `kopia/${checkNamespace(volumeNamespace)}/`;
  switch (storage.kind) {
    case 'filesystem':
      return {
        type: 'filesystem' as const,
        config: { path: join(storage.folder, below), fileMode: 0o600, dirMode: 0o700, dirShards: null },
      };
    case 's3':
      return {
        type: 's3' as const,
        config: {
          bucket: storage.bucket,
          prefix: `${storage.prefix}${below}`,
          endpoint: storage.endpoint,
          doNotUseTLS: !storage.tls,
          doNotVerifyTLS: !storage.verifyTls,
          accessKeyID: '',
          secretAccessKey: '',
          ...(storage.region !== undefined && { region: storage.region }),
          ...(storage.caCert !== undefined && { rootCA: Buffer.from(storage.caCert).toString('base64') }),
        },
      };
  }
};

/** As the ConfigMap of repository settings says it, in MB (`cacheLimitMB`). */
const cacheBytes = (settings: RepositoryPlace['settings']): number => {
  const given = Number(settings?.['cacheLimitMB']);
  return (Number.isInteger(given) && given > 0 ? given : DEFAULT_CACHE_MB) * MB;
};

const secretsOf = async (storage: RepositoryStorage): Promise<Readonly<Record<string, string>>> => {
  if (storage.kind === 'filesystem') return {};
  const { accessKeyId, secretAccessKey, sessionToken } = await storage.keys();
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken !== undefined && { AWS_SESSION_TOKEN: sessionToken }),
  };
};

/**
 * Writes the config file of a repository anew, so that a change of the location counts at once. Two that do it at the same time
 * write the same. Faults: those of the location, of the Secret, and `LB_SPOOL_FAILED`.
 */
export const connect = async (
  { scratch, openStorage, password }: ConnectionOptions,
  place: RepositoryPlace,
  signal: AbortSignal,
): Promise<Connection> => {
  const opened = await openStorage(place.location);
  const storage = storageConfig(opened, place.volumeNamespace);
  const id = createHash('sha256').update(JSON.stringify(storage)).digest('hex').slice(0, 32);
  const home = join(scratch, 'kopia', id);
  const limit = cacheBytes(place.settings);
  const config = {
    storage,
    caching: {
      cacheDirectory: join(home, 'cache'),
      maxCacheSize: limit,
      contentCacheSizeLimitBytes: limit,
      maxMetadataCacheSize: limit,
      metadataCacheSizeLimitBytes: limit,
      maxListCacheDuration: 30,
    },
    hostname: KOPIA_IDENTITY,
    username: KOPIA_IDENTITY,
    description: `volumes of namespace ${place.volumeNamespace}`,
    enableActions: false,
    formatBlobCacheDuration: FORMAT_CACHE_NS,
  };
  const configFile = join(home, 'repository.config');
  try {
    await mkdir(home, { recursive: true, mode: 0o700 });
    const fresh = `${configFile}.${process.hrtime.bigint()}`;
    await writeFile(fresh, JSON.stringify(config), { mode: 0o600 });
    await rename(fresh, configFile);
  } catch (error) {
    throw new Fault('LB_SPOOL_FAILED', `the config of a repository cannot be written below ${home}`, {
      cause: error,
    });
  }
  const keys = await secretsOf(opened);
  const word = (await password(signal)).trim();
  return {
    configFile,
    home,
    token: Buffer.from(JSON.stringify({ version: '1', storage })).toString('base64url'),
    ...(storage.type === 'filesystem' && { folder: storage.config.path }),
    environment: { ...keys, KOPIA_PASSWORD: word },
    secrets: [word, ...Object.values(keys)],
  };
};
