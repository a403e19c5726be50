import { join } from 'node:path';
import { printProblems } from '../domain/problem.js';
import { providerOf, validateLocation } from '../domain/validate-location.js';
import { Fault } from '../faults.js';
import { openFilesystemStore } from './filesystem.js';
import { pathOf } from './filesystem-paths.js';
import { createLayout, KNOWN_TOP_LEVEL, trimSlashes, type Layout } from './layout.js';
import { settingsOf } from './location-config.js';
import { type LocationEnvironment, type LocationSpec } from './location-spec.js';
import { type ObjectStore } from './port.js';

export { type LocationEnvironment, type LocationSpec } from './location-spec.js';

const openFilesystem = (spec: LocationSpec, bucket: string, env: LocationEnvironment): ObjectStore => {
  const root = join(settingsOf(spec.config).text('path') ?? '', bucket);
  const sign = env.filesystemSign;
  return openFilesystemStore({
    root,
    ...(sign && { sign: (key: string, seconds: number) => sign(pathOf(root, key), seconds) }),
  });
};

/** All that is wrong in one text: whoever puts one thing right should not have to come back for the next. */
export const checkSpec = (spec: LocationSpec): void => {
  const problems = validateLocation(spec);
  if (problems.length > 0) throw new Fault('LB_STORE_CONFIG', printProblems(problems).join('; '));
};

/**
 * Opens the object storage of a BackupStorageLocation. Sends nothing to the storage: `checkLocation` does.
 * Faults: `LB_STORE_CONFIG`, whose text begins with the field that is wrong, and those of `readSecret`.
 */
export const openLocation = async (
  spec: LocationSpec,
  env: LocationEnvironment,
): Promise<{ store: ObjectStore; layout: Layout }> => {
  checkSpec(spec);
  const bucket = trimSlashes(spec.objectStorage?.bucket ?? '');
  const layout = createLayout(spec.objectStorage?.prefix);
  switch (providerOf(spec.provider)) {
    case 'filesystem':
      return { store: openFilesystem(spec, bucket, env), layout };
    case undefined: // refused above
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
