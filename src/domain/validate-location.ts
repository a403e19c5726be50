import { parseGoDuration } from './go-duration.js';
import { problem, type Problem } from './problem.js';
import { shown } from './shown.js';

/** The parts of a location's spec that can be judged without asking anybody. */
export interface LocationSpecFacts {
  readonly provider?: string;
  readonly objectStorage?: {
    readonly bucket?: string;
    readonly caCert?: string;
    readonly caCertRef?: object;
  };
  readonly config?: Readonly<Record<string, string>>;
  readonly backupSyncPeriod?: string | null;
  readonly validationFrequency?: string | null;
}

/** A name without a slash is one of Velero's own (`pkg/plugin/clientmgmt/manager.go`). */
const PROVIDERS: Readonly<Record<string, 'aws' | 'filesystem'>> = {
  aws: 'aws',
  'velero.io/aws': 'aws',
  filesystem: 'filesystem',
  'lifeboat.io/filesystem': 'filesystem',
};

/** The kind of storage a provider's name stands for; undefined for one that is not built in. */
export const providerOf = (name: string): 'aws' | 'filesystem' | undefined =>
  Object.hasOwn(PROVIDERS, name) ? PROVIDERS[name] : undefined;

/** The keys of `spec.config`; those of `aws` are the keys of Velero's plugin (`velero-plugin-for-aws/object_store.go`). */
const SETTINGS: Readonly<Record<'aws' | 'filesystem', readonly string[]>> = {
  aws: [
    'region',
    's3Url',
    'publicUrl',
    's3ForcePathStyle',
    'kmsKeyId',
    'serverSideEncryption',
    'customerKeyEncryptionFile',
    'customerKeyEncryptionSecret',
    'checksumAlgorithm',
    'tagging',
    'profile',
    'credentialsFile',
    'insecureSkipTLSVerify',
    // Accepted and without any effect, as in the plugin of today.
    'signatureVersion',
    'enableSharedConfig',
  ],
  filesystem: ['path'],
};

/** Velero adds these itself on the way to a plugin (`pkg/persistence/object_store.go`), so they are always allowed. */
const ALWAYS_ACCEPTED = ['bucket', 'prefix', 'caCert'];

// What Go's strconv.ParseBool accepts.
const TRUE = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const FALSE = ['0', 'f', 'F', 'false', 'FALSE', 'False'];

/** True as Go reads it; everything else that passed the checks is false. */
export const isTrue = (value: string | undefined): boolean => value !== undefined && TRUE.includes(value);

export const CHECKSUM_ALGORITHMS = ['CRC32', 'CRC32C', 'SHA1', 'SHA256', 'CRC64NVME'] as const;

type Config = Readonly<Record<string, string>>;

const at = (key: string): readonly string[] => ['spec', 'config', key];

const flagProblems = (config: Config): readonly Problem[] =>
  ['s3ForcePathStyle', 'insecureSkipTLSVerify'].flatMap((key) => {
    const value = config[key] ?? '';
    if (value === '' || TRUE.includes(value) || FALSE.includes(value)) return [];
    return [problem(at(key), `${JSON.stringify(shown(value))} is neither true nor false`)];
  });

const urlProblems = (config: Config): readonly Problem[] =>
  ['s3Url', 'publicUrl'].flatMap((key) => {
    const value = config[key] ?? '';
    if (value === '' || (/^https?:\/\/[^/]/i.test(value) && URL.canParse(value))) return [];
    const text = `${JSON.stringify(shown(value))} is not an address with http:// or https://`;
    return [problem(at(key), text)];
  });

const encryptionProblems = (config: Config): readonly Problem[] => {
  const exclusive = ['kmsKeyId', 'customerKeyEncryptionFile', 'customerKeyEncryptionSecret'];
  const given = exclusive.filter((key) => config[key]);
  if (given.length > 1) return [problem(['spec', 'config'], `only one of ${given.join(', ')} can be set`)];
  const secret = config['customerKeyEncryptionSecret'];
  if (!secret || /^[^/]+\/[^/]+$/.test(secret)) return [];
  const text = 'has to be the name of a Secret and its key, as in "name/key"';
  return [problem(at('customerKeyEncryptionSecret'), text)];
};

const checksumProblems = ({ checksumAlgorithm: value }: Config): readonly Problem[] => {
  if (!value || CHECKSUM_ALGORITHMS.some((algorithm) => algorithm === value)) return [];
  const accepted = CHECKSUM_ALGORITHMS.join(', ');
  const text = `${JSON.stringify(shown(value))} is none of ${accepted} or empty`;
  return [problem(at('checksumAlgorithm'), text)];
};

const pathProblems = ({ path = '' }: Config, bucket: string): readonly Problem[] => {
  const isName = bucket !== '.' && bucket !== '..' && !bucket.includes('\0');
  const field = ['spec', 'objectStorage', 'bucket'];
  return [
    ...(path === '' ? [problem(at('path'), 'is missing: the folder that holds the buckets')] : []),
    ...(path !== '' && !path.startsWith('/')
      ? [problem(at('path'), `${JSON.stringify(shown(path))} is not an absolute path`)]
      : []),
    ...(isName ? [] : [problem(field, `${JSON.stringify(shown(bucket))} is no name of a folder`)]),
  ];
};

const trimmed = (text: string): string => text.replace(/^\/+|\/+$/g, '');

/** What Velero asks of the bucket (`pkg/persistence/object_store.go`). */
const storageProblems = ({ objectStorage }: LocationSpecFacts): readonly Problem[] => {
  const field = ['spec', 'objectStorage'];
  if (objectStorage === undefined) return [problem(field, 'is missing')];
  const bucket = trimmed(objectStorage.bucket ?? '');
  const inBucket = [...field, 'bucket'];
  const slash = `${JSON.stringify(shown(bucket))} holds a slash; a path in the bucket belongs into prefix`;
  return [
    ...(bucket === '' ? [problem(inBucket, 'is missing')] : []),
    ...(bucket.includes('/') ? [problem(inBucket, slash)] : []),
    ...(objectStorage.caCert && objectStorage.caCertRef
      ? [problem(field, 'only one of caCert and caCertRef can be set')]
      : []),
  ];
};

const durationProblems = (spec: LocationSpecFacts): readonly Problem[] =>
  (['backupSyncPeriod', 'validationFrequency'] as const).flatMap((key) => {
    const value = spec[key];
    if (!value || parseGoDuration(value) !== undefined) return [];
    const text = `${JSON.stringify(shown(value))} is no duration; write it as 1m or 1h30m, or 0s to switch it off`;
    return [problem(['spec', key], text)];
  });

const settingProblems = (spec: LocationSpecFacts, kind: 'aws' | 'filesystem'): readonly Problem[] => {
  const { config = {}, provider = '' } = spec;
  const accepted = SETTINGS[kind];
  const known = [...accepted].sort().join(', ');
  const unknown = Object.keys(config)
    .filter((key) => ![...accepted, ...ALWAYS_ACCEPTED].includes(key))
    .sort()
    .map((key) => problem(at(shown(key)), `is unknown; the provider ${provider} accepts ${known}`));
  const bucket = trimmed(spec.objectStorage?.bucket ?? '');
  const own =
    kind === 'filesystem'
      ? pathProblems(config, bucket)
      : [
          ...flagProblems(config),
          ...urlProblems(config),
          ...checksumProblems(config),
          ...encryptionProblems(config),
        ];
  return [...unknown, ...own];
};

/**
 * Everything that can be said against a storage location before anybody looks into it (`pkg/persistence/object_store.go`,
 * `velero-plugin-for-aws/object_store.go`). Each problem names its field.
 */
export const validateLocation = (spec: LocationSpecFacts): readonly Problem[] => {
  const { provider = '' } = spec;
  const kind = providerOf(provider);
  const field = ['spec', 'provider'];
  const supported = Object.keys(PROVIDERS).join(', ');
  const unsupported = `${JSON.stringify(shown(provider))} is not supported; supported are ${supported}`;
  return [
    ...(provider === '' ? [problem(field, 'is missing')] : []),
    ...(provider !== '' && kind === undefined ? [problem(field, unsupported)] : []),
    ...storageProblems(spec),
    ...(kind === undefined ? [] : settingProblems(spec, kind)),
    ...durationProblems(spec),
  ];
};
