import { isAbsolute, join } from 'node:path';
import { Fault } from '../faults.js';
import { openFilesystemStore } from './filesystem.js';
import { pathOf } from './filesystem-paths.js';
import { createLayout, KNOWN_TOP_LEVEL, trimSlashes, type Layout } from './layout.js';
import { configFault, settingsOf } from './location-config.js';
import { type LocationEnvironment, type LocationSpec } from './location-spec.js';
import { type ObjectStore } from './port.js';

export { type LocationEnvironment, type LocationSpec } from './location-spec.js';

/** A name without a slash is one of Velero's own (`pkg/plugin/clientmgmt/manager.go`). */
const PROVIDERS: Readonly<Record<string, 'aws' | 'filesystem'>> = {
  aws: 'aws',
  'velero.io/aws': 'aws',
  filesystem: 'filesystem',
  'lifeboat.io/filesystem': 'filesystem',
};

const providerOf = ({ provider }: LocationSpec): 'aws' | 'filesystem' => {
  if (provider === '') throw configFault('spec.provider', 'is missing');
  const known = Object.hasOwn(PROVIDERS, provider) ? PROVIDERS[provider] : undefined;
  if (known !== undefined) return known;
  const supported = Object.keys(PROVIDERS).join(', ');
  throw configFault(
    'spec.provider',
    `${JSON.stringify(provider)} is not supported; supported are ${supported}`,
  );
};

/** The rules of Velero for what a location says about its bucket (`pkg/persistence/object_store.go`). */
const bucketOf = ({ objectStorage }: LocationSpec): { bucket: string; layout: Layout } => {
  if (objectStorage === undefined) throw configFault('spec.objectStorage', 'is missing');
  const bucket = trimSlashes(objectStorage.bucket);
  const field = 'spec.objectStorage.bucket';
  if (bucket === '') throw configFault(field, 'is missing');
  if (bucket.includes('/')) {
    throw configFault(
      field,
      `${JSON.stringify(bucket)} holds a slash; a path in the bucket belongs into prefix`,
    );
  }
  if (objectStorage.caCert && objectStorage.caCertRef) {
    throw configFault('spec.objectStorage', 'only one of caCert and caCertRef can be set');
  }
  return { bucket, layout: createLayout(objectStorage.prefix) };
};

const openFilesystem = (spec: LocationSpec, bucket: string, env: LocationEnvironment): ObjectStore => {
  const path = settingsOf(spec.config, ['path'], spec.provider).text('path');
  if (path === undefined)
    throw configFault('spec.config.path', 'is missing: the folder that holds the buckets');
  if (!isAbsolute(path))
    throw configFault('spec.config.path', `${JSON.stringify(path)} is not an absolute path`);
  if (bucket === '.' || bucket === '..' || bucket.includes('\0')) {
    throw configFault('spec.objectStorage.bucket', `${JSON.stringify(bucket)} is no name of a folder`);
  }
  const root = join(path, bucket);
  const sign = env.filesystemSign;
  return openFilesystemStore({
    root,
    ...(sign && { sign: (key: string, seconds: number) => sign(pathOf(root, key), seconds) }),
  });
};

/**
 * Opens the object storage of a BackupStorageLocation. Sends nothing to the storage: `checkLocation` does.
 * Faults: `LB_STORE_CONFIG`, whose text begins with the field that is wrong, and those of `readSecret`.
 */
export const openLocation = async (
  spec: LocationSpec,
  env: LocationEnvironment,
): Promise<{ store: ObjectStore; layout: Layout }> => {
  const provider = providerOf(spec);
  const { bucket, layout } = bucketOf(spec);
  switch (provider) {
    case 'filesystem':
      return { store: openFilesystem(spec, bucket, env), layout };
    case 'aws': {
      // The client of AWS is large; who keeps backups in a folder never loads it.
      const [{ s3OptionsOf }, { openS3Store }] = await Promise.all([
        import('./location-aws.js'),
        import('./s3.js'),
      ]);
      const options = await s3OptionsOf(spec, bucket, env);
      return { store: openS3Store(options), layout };
    }
  }
};

const SHOWN = 3;

/**
 * Velero's test of a location (`IsValid` in `pkg/persistence/object_store.go`): it can be listed, and no directory
 * under its prefix is a stranger. Files there are ignored, nothing is written. Fault `LB_STORE_CONFIG` for strangers:
 * the location points into a bucket, or a folder of it, that something else uses.
 */
export const checkLocation = async (
  store: ObjectStore,
  layout: Layout,
  signal?: AbortSignal,
): Promise<void> => {
  const known: readonly string[] = KNOWN_TOP_LEVEL;
  const shown: string[] = [];
  let strangers = 0;
  for await (const entry of store.list(layout.rootPrefix, { delimiter: '/', ...(signal && { signal }) })) {
    if (entry.kind !== 'prefix') continue;
    const name = layout.nameOf(entry.prefix);
    if (known.includes(name)) continue;
    strangers += 1;
    if (shown.length < SHOWN) shown.push(name);
  }
  if (strangers === 0) return;
  const names = strangers > SHOWN ? `${shown.join(', ')}, ... (${strangers} in all)` : shown.join(', ');
  throw new Fault('LB_STORE_CONFIG', `there are directories that no backup storage has: ${names}`);
};
