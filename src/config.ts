import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ControllerConfig } from './controllers/ports.js';
import { parseGoDuration } from './domain/go-duration.js';
import { parsePriorities } from './domain/restore-order.js';
import { Fault } from './faults.js';
import { FLAGS, type FlagName } from './flags.js';
import { LOG_LEVELS, type LogLevel } from './log.js';

export type EventStoreChoice =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'esdb'; readonly url: string }
  | { readonly kind: 'memory' };

/** Everything the operator decided, read once, checked, and never read again elsewhere. */
export interface Config {
  readonly namespace: string;
  readonly kubeconfig: string | undefined;
  readonly kubecontext: string | undefined;
  readonly listen: { readonly host: string; readonly port: number };
  /** Where Prometheus can read; absent: nowhere. */
  readonly metrics?: { readonly host: string; readonly port: number };
  readonly eventStore: EventStoreChoice;
  readonly auth: 'kubernetes' | 'none';
  readonly features: readonly string[];
  readonly logLevel: LogLevel;
  readonly connections: number;
  /** The program that copies volumes. */
  readonly kopia: string;
  readonly controllers: ControllerConfig;
  /** Flags of Velero that were given and do nothing here yet; the start says so. */
  readonly withoutEffect: readonly string[];
}

/** What the command line gave, by flag name; a flag that was not given is absent. */
export type GivenFlags = Readonly<Partial<Record<FlagName, string>>>;

type Environment = Readonly<Record<string, string | undefined>>;

const wrong = (flag: string, value: string, wanted: string): Fault =>
  new Fault('LB_CONFIG', `--${flag} is "${value}"; ${wanted}`);

const reader = (given: GivenFlags, env: Environment) => {
  /** Command line, then environment, then the default. */
  const text = (flag: FlagName): string => {
    const { variables = [], fallback } = FLAGS[flag];
    const own = `LIFEBOAT_${flag.toUpperCase().replaceAll('-', '_')}`;
    for (const value of [given[flag], ...[...variables, own].map((name) => env[name])])
      if (value !== undefined && value !== '') return value;
    return fallback;
  };
  const duration = (flag: FlagName, whenNotPositive?: number): number => {
    const value = text(flag);
    const parsed = value === '0' ? 0 : parseGoDuration(value);
    if (parsed === undefined) throw wrong(flag, value, 'write a duration like 30s, 10m or 720h');
    return whenNotPositive !== undefined && parsed <= 0 ? whenNotPositive : parsed;
  };
  const count = (flag: FlagName, least: number): number => {
    const value = text(flag);
    const parsed = /^-?\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (Number.isNaN(parsed)) throw wrong(flag, value, 'write a whole number');
    return Math.max(parsed, least);
  };
  const yes = (flag: FlagName): boolean => {
    const value = text(flag);
    if (value !== 'true' && value !== 'false') throw wrong(flag, value, 'write true or false');
    return value === 'true';
  };
  const oneOf = <T extends string>(flag: FlagName, allowed: readonly T[]): T => {
    const value = text(flag);
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) throw wrong(flag, value, `write one of ${allowed.join(', ')}`);
    return found;
  };
  return { text, duration, count, yes, oneOf };
};

const listenOf = (flag: FlagName, value: string): Config['listen'] => {
  const [, host = '', port = ''] = /^(\[[^\]]*\]|[^:]*):(\d{1,5})$/.exec(value) ?? [];
  if (port === '' || Number(port) > 65535)
    throw wrong(flag, value, `write host:port, for example ${FLAGS[flag].fallback}`);
  return { host: host === '' ? '0.0.0.0' : host.replace(/^\[|\]$/g, ''), port: Number(port) };
};

/** An empty address on the command line means none, as with Velero; `off` can be said in the environment, too. */
const metricsOf = (value: string): Pick<Config, 'metrics'> =>
  value === 'off' ? {} : { metrics: listenOf('metrics-address', value) };

const eventStoreOf = (value: string): EventStoreChoice => {
  if (value === 'memory:') return { kind: 'memory' };
  if (value.startsWith('esdb://') || value.startsWith('esdb+discover://'))
    return { kind: 'esdb', url: value };
  const path = /^sqlite:\/\/(.+)$/.exec(value)?.[1];
  if (path === undefined)
    throw wrong('event-store', value, 'write sqlite:///path/to/events.db, esdb://host:2113 or memory:');
  return { kind: 'sqlite', path: path.startsWith('/~/') ? join(homedir(), path.slice(3)) : path };
};

const prioritiesOf = (value: string): string => {
  const parsed = value === '' ? undefined : parsePriorities(value);
  if (typeof parsed === 'string') throw wrong('restore-resource-priorities', value, parsed);
  return value;
};

/** `provider:location`, separated by commas, each provider once (`pkg/cmd/server/config/config.go`). */
const snapshotLocationsOf = (value: string): Readonly<Record<string, string>> => {
  const flag = 'default-volume-snapshot-locations';
  const pairs = new Map<string, string>();
  for (const part of value.split(',').filter((one) => one.trim() !== '')) {
    const [provider = '', name = '', ...more] = part.split(':').map((one) => one.trim());
    if (provider === '' || name === '' || more.length > 0)
      throw wrong(flag, value, 'write provider:location, separated by commas, for example aws:default');
    if (pairs.has(provider)) throw wrong(flag, value, `name one location of the provider ${provider}`);
    pairs.set(provider, name);
  }
  return Object.fromEntries(pairs);
};

const operationLogLevel = (level: LogLevel): ControllerConfig['logLevel'] => {
  if (level === 'trace') return 'debug';
  return level === 'fatal' || level === 'panic' ? 'error' : level;
};

/** Reads flags and environment into one checked configuration. Anything that makes no sense is `LB_CONFIG`, naming the flag. */
export const readConfig = (given: GivenFlags, env: Environment): Config => {
  const { text, duration, count, yes, oneOf } = reader(given, env);
  const features = text('features')
    .split(',')
    .map((feature) => feature.trim())
    .filter((feature) => feature !== '');
  const logLevel = oneOf('log-level', LOG_LEVELS);
  return Object.freeze({
    namespace: text('namespace'),
    kubeconfig: text('kubeconfig') || undefined,
    kubecontext: text('kubecontext') || undefined,
    listen: listenOf('listen', text('listen')),
    ...metricsOf(given['metrics-address'] === '' ? 'off' : text('metrics-address')),
    eventStore: eventStoreOf(text('event-store')),
    auth: oneOf('auth', ['kubernetes', 'none'] as const),
    features,
    logLevel,
    connections: count('max-concurrent-k8s-connections', 1),
    kopia: text('kopia'),
    withoutEffect: Object.keys(given).filter((flag) => FLAGS[flag as FlagName].later === true),
    controllers: Object.freeze({
      onInterruption: oneOf('on-interruption', ['restart', 'fail'] as const),
      concurrentBackups: count('concurrent-backups', 1),
      backupTtl: duration('default-backup-ttl'),
      fsBackupTimeout: duration('fs-backup-timeout', 240 * 60_000),
      itemOperationTimeout: duration('default-item-operation-timeout'),
      resourceTimeout: duration('resource-timeout'),
      terminatingResourceTimeout: duration('terminating-resource-timeout'),
      defaultVolumesToFsBackup: yes('default-volumes-to-fs-backup'),
      defaultSnapshotMoveData: yes('default-snapshot-move-data'),
      volumeGroupSnapshotLabelKey: text('volume-group-snapshot-label-key'),
      defaultBackupStorageLocation: text('default-backup-storage-location'),
      defaultVolumeSnapshotLocations: snapshotLocationsOf(text('default-volume-snapshot-locations')),
      storeValidationFrequency: duration('store-validation-frequency'),
      backupSyncPeriod: duration('backup-sync-period', 60_000),
      garbageCollectionFrequency: duration('garbage-collection-frequency', 3_600_000),
      scheduleSkipImmediately: yes('schedule-skip-immediately'),
      clientPageSize: count('client-page-size', 0),
      restoreConcurrency: count('restore-concurrency', 1),
      restoreResourcePriorities: prioritiesOf(text('restore-resource-priorities')),
      restoreManagedFields: oneOf('restore-managed-fields', ['auto', 'always', 'never'] as const),
      enableApiGroupVersions: features.includes('EnableAPIGroupVersions'),
      enableCsi: features.includes('EnableCSI'),
      logLevel: operationLogLevel(logLevel),
      logFormat: oneOf('log-format', ['text', 'json'] as const),
      repoMaintainFrequency: duration('default-repo-maintain-frequency', 0),
      backupRepositoryConfigMap: text('backup-repository-configmap'),
      scratch: join(text('scratch-dir') || tmpdir(), 'lifeboat-scratch'),
      serverVersion: 'v1.18.2',
    }),
  });
};
