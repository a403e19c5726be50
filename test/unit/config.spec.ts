import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig, type Config, type EventStoreChoice, type GivenFlags } from '../../src/config.js';
import { FLAGS, type FlagName } from '../../src/flags.js';
import { isFault } from '../../src/faults.js';
import { LOG_LEVELS } from '../../src/log.js';

const read = (given: GivenFlags = {}, env: Readonly<Record<string, string>> = {}): Config =>
  readConfig(given, env);

/** What the operator is told about a value that makes no sense. */
const complaint = (given: GivenFlags, env: Readonly<Record<string, string>> = {}): string => {
  try {
    readConfig(given, env);
  } catch (error) {
    if (isFault(error, 'LB_CONFIG')) return error.detail;
    throw error;
  }
  return 'accepted';
};

const names = Object.keys(FLAGS) as FlagName[];

describe('without any flag', () => {
  it('the server behaves as that of Velero', () => {
    expect(read()).toMatchObject({
      namespace: 'velero',
      kubeconfig: undefined,
      kubecontext: undefined,
      listen: { host: '127.0.0.1', port: 4000 },
      metrics: { host: '0.0.0.0', port: 8085 },
      auth: 'kubernetes',
      features: [],
      logLevel: 'info',
      withoutEffect: [],
    });
    expect(read().controllers).toMatchObject({
      onInterruption: 'restart',
      concurrentBackups: 1,
      backupTtl: 720 * 3_600_000,
      itemOperationTimeout: 4 * 3_600_000,
      resourceTimeout: 600_000,
      terminatingResourceTimeout: 600_000,
      defaultVolumesToFsBackup: false,
      defaultSnapshotMoveData: false,
      defaultBackupStorageLocation: 'default',
      storeValidationFrequency: 60_000,
      backupSyncPeriod: 60_000,
      clientPageSize: 500,
      restoreResourcePriorities: '',
      enableApiGroupVersions: false,
      logLevel: 'info',
      logFormat: 'text',
      scratch: join(tmpdir(), 'lifeboat-scratch'),
    });
  });

  it('facts are kept in the home folder', () => {
    expect(read().eventStore).toEqual({
      kind: 'sqlite',
      path: join(homedir(), '.local/state/lifeboat/events.db'),
    });
  });
});

describe('a value that makes no sense is refused with the flag and what to write', () => {
  const durations: readonly FlagName[] = [
    'backup-sync-period',
    'store-validation-frequency',
    'default-backup-ttl',
    'default-item-operation-timeout',
    'resource-timeout',
    'terminating-resource-timeout',
  ];
  it.each(durations)('--%s wants a duration', (flag) => {
    for (const value of ['soon', '10', '1d', '5 m'])
      expect(complaint({ [flag]: value })).toBe(
        `--${flag} is "${value}"; write a duration like 30s, 10m or 720h`,
      );
  });

  const counts: readonly FlagName[] = [
    'max-concurrent-k8s-connections',
    'concurrent-backups',
    'client-page-size',
    'restore-concurrency',
  ];
  it.each(counts)('--%s wants a whole number', (flag) => {
    for (const value of ['many', '1.5', '1e3', '0x10', '12345678901'])
      expect(complaint({ [flag]: value })).toBe(`--${flag} is "${value}"; write a whole number`);
  });

  it.each<FlagName>(['default-volumes-to-fs-backup', 'default-snapshot-move-data'])(
    '--%s wants true or false',
    (flag) => {
      for (const value of ['yes', '1', 'TRUE'])
        expect(complaint({ [flag]: value })).toBe(`--${flag} is "${value}"; write true or false`);
    },
  );

  it.each<[FlagName, string]>([
    ['auth', 'kubernetes, none'],
    ['on-interruption', 'restart, fail'],
    ['restore-managed-fields', 'auto, always, never'],
    ['log-format', 'text, json'],
    ['log-level', LOG_LEVELS.join(', ')],
  ])('--%s wants one of %s', (flag, allowed) => {
    for (const value of ['maybe', allowed, 'Auto'])
      expect(complaint({ [flag]: value })).toBe(`--${flag} is "${value}"; write one of ${allowed}`);
  });

  it.each([
    '4000',
    'localhost',
    'localhost:',
    'localhost:http',
    '127.0.0.1:65536',
    '::1:4000',
    'http://localhost:4000',
    'a:1:2',
  ])('--listen %s', (value) => {
    expect(complaint({ listen: value })).toBe(
      `--listen is "${value}"; write host:port, for example 127.0.0.1:4000`,
    );
  });

  it.each(['events.db', '/var/lib/events.db', 'sqlite:', 'sqlite://', 'postgres://x', 'memory', 'ESDB://x'])(
    '--event-store %s',
    (value) => {
      expect(complaint({ 'event-store': value })).toBe(
        `--event-store is "${value}"; write sqlite:///path/to/events.db, esdb://host:2113 or memory:`,
      );
    },
  );

  it('--restore-resource-priorities', () => {
    expect(complaint({ 'restore-resource-priorities': 'a,-,b,-' })).toContain(
      '--restore-resource-priorities is "a,-,b,-"; the list has more than one "-"',
    );
    expect(complaint({ 'restore-resource-priorities': 'a,,b' })).toContain('remove the extra comma');
  });

  it('also when it comes from the environment', () => {
    expect(complaint({}, { LIFEBOAT_DEFAULT_BACKUP_TTL: 'ever' })).toContain(
      '--default-backup-ttl is "ever"',
    );
  });
});

describe('a value that makes sense', () => {
  it.each<[string, Config['listen']]>([
    ['127.0.0.1:4000', { host: '127.0.0.1', port: 4000 }],
    ['lifeboat.local:1', { host: 'lifeboat.local', port: 1 }],
    [':65535', { host: '0.0.0.0', port: 65535 }],
    ['[::1]:4000', { host: '::1', port: 4000 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
  ])('--listen %s', (value, listen) => {
    expect(read({ listen: value }).listen).toEqual(listen);
  });

  it.each<[string, EventStoreChoice]>([
    ['memory:', { kind: 'memory' }],
    ['sqlite:///var/lib/events.db', { kind: 'sqlite', path: '/var/lib/events.db' }],
    ['sqlite:///~/events.db', { kind: 'sqlite', path: join(homedir(), 'events.db') }],
    ['sqlite://events.db', { kind: 'sqlite', path: 'events.db' }],
    ['esdb://host:2113?tls=false', { kind: 'esdb', url: 'esdb://host:2113?tls=false' }],
    ['esdb+discover://cluster:2113', { kind: 'esdb', url: 'esdb+discover://cluster:2113' }],
  ])('--event-store %s', (value, choice) => {
    expect(read({ 'event-store': value }).eventStore).toEqual(choice);
  });

  it('durations are written as in Go', () => {
    expect(read({ 'default-backup-ttl': '1h30m' }).controllers.backupTtl).toBe(5_400_000);
    expect(read({ 'resource-timeout': '1.5s' }).controllers.resourceTimeout).toBe(1500);
    expect(read({ 'store-validation-frequency': '0' }).controllers.storeValidationFrequency).toBe(0);
    expect(read({ 'store-validation-frequency': '0s' }).controllers.storeValidationFrequency).toBe(0);
  });

  it('object storage is looked at every minute, if the period given is none', () => {
    for (const period of ['0', '0s', '-5m'])
      expect(read({ 'backup-sync-period': period }).controllers.backupSyncPeriod).toBe(60_000);
    expect(read({ 'backup-sync-period': '10m' }).controllers.backupSyncPeriod).toBe(600_000);
  });

  it('counts that are too small become the smallest that works', () => {
    const config = read({
      'concurrent-backups': '0',
      'restore-concurrency': '-3',
      'max-concurrent-k8s-connections': '0',
      'client-page-size': '-1',
    });
    expect(config.connections).toBe(1);
    expect(config.controllers).toMatchObject({
      concurrentBackups: 1,
      restoreConcurrency: 1,
      clientPageSize: 0,
    });
    expect(read({ 'concurrent-backups': '4' }).controllers.concurrentBackups).toBe(4);
  });

  it('priorities of restores, with high, low or both', () => {
    for (const value of ['namespaces,secrets', 'a,-,b', '-,b', '']) {
      expect(read({ 'restore-resource-priorities': value }).controllers.restoreResourcePriorities).toBe(
        value,
      );
    }
  });

  it('features are separated by commas, spaces do not matter, and some turn things on', () => {
    const config = read({ features: ' EnableCSI, EnableAPIGroupVersions ,,' });
    expect(config.features).toEqual(['EnableCSI', 'EnableAPIGroupVersions']);
    expect(config.controllers.enableApiGroupVersions).toBe(true);
    expect(read({ features: 'EnableCSI' }).controllers.enableApiGroupVersions).toBe(false);
  });

  it.each(LOG_LEVELS)('the log level %s has its place in the logs of operations', (level) => {
    const expected = {
      trace: 'debug',
      debug: 'debug',
      info: 'info',
      warning: 'warning',
      error: 'error',
      fatal: 'error',
      panic: 'error',
    };
    expect(read({ 'log-level': level })).toMatchObject({
      logLevel: level,
      controllers: { logLevel: expected[level] },
    });
  });

  it('temporary files stay in a folder of our own', () => {
    expect(read({ 'scratch-dir': '/scratch' }).controllers.scratch).toBe('/scratch/lifeboat-scratch');
  });
});

describe('the address of the metrics', () => {
  it('is none when it is off, or empty on the command line as for Velero', () => {
    expect(read({ 'metrics-address': 'off' }).metrics).toBeUndefined();
    expect(read({ 'metrics-address': '' }).metrics).toBeUndefined();
    expect(read({}, { LIFEBOAT_METRICS_ADDRESS: 'off' }).metrics).toBeUndefined();
  });

  it('says what to write if it is none', () => {
    expect(complaint({ 'metrics-address': '8085' })).toBe(
      '--metrics-address is "8085"; write host:port, for example :8085',
    );
  });
});

describe('the default locations of snapshots', () => {
  const flag = 'default-volume-snapshot-locations';

  it('are one for each provider', () => {
    expect(read({ [flag]: 'aws:a, velero.io/gcp:b' }).controllers.defaultVolumeSnapshotLocations).toEqual({
      aws: 'a',
      'velero.io/gcp': 'b',
    });
  });

  it.each(['aws', 'aws:', ':a', 'aws:a:b', 'aws:a,aws:b'])('cannot be %s', (value) => {
    expect(complaint({ [flag]: value })).toContain(`--${flag} is "${value}"; `);
  });
});

describe('the environment', () => {
  it.each(names)('LIFEBOAT_… says what --%s says, and the command line says it louder', (flag) => {
    const variable = `LIFEBOAT_${flag.toUpperCase().replaceAll('-', '_')}`;
    const [, heard, louder] = [flag, valueOf(flag, 0), valueOf(flag, 1)];
    expect(read({}, { [variable]: heard })).toEqual({ ...read({ [flag]: heard }), withoutEffect: [] });
    expect(read({ [flag]: louder }, { [variable]: heard })).toEqual(read({ [flag]: louder }));
  });

  it('has the names that Velero reads', () => {
    expect(read({}, { VELERO_NAMESPACE: 'backups' }).namespace).toBe('backups');
    expect(read({}, { VELERO_SCRATCH_DIR: '/s' }).controllers.scratch).toBe('/s/lifeboat-scratch');
    expect(read({ namespace: 'mine' }, { VELERO_NAMESPACE: 'theirs' }).namespace).toBe('mine');
  });

  it('says nothing with an empty variable', () => {
    expect(read({}, { VELERO_NAMESPACE: '', LIFEBOAT_LISTEN: '' })).toEqual(read());
  });
});

/** Two different values that a flag takes. */
const valueOf = (flag: FlagName, which: 0 | 1): string => {
  const { fallback, yesNo } = FLAGS[flag];
  if (yesNo) return ['true', 'false'][which]!;
  if (/^\d+(m|h|s)$/.test(fallback)) return ['7m', '9h'][which]!;
  if (/^\d+$/.test(fallback)) return ['7', '9'][which]!;
  const special: Partial<Record<FlagName, readonly [string, string]>> = {
    'log-level': ['debug', 'error'],
    'log-format': ['json', 'text'],
    listen: [':1', ':2'],
    'metrics-address': [':3', ':4'],
    'event-store': ['memory:', 'sqlite:///x'],
    auth: ['none', 'kubernetes'],
    'on-interruption': ['fail', 'restart'],
    'restore-managed-fields': ['never', 'always'],
    'default-volume-snapshot-locations': ['aws:one', 'aws:two'],
  };
  return (special[flag] ?? ['one', 'two'])[which];
};

describe('flags of Velero that do nothing here yet', () => {
  const later = names.filter((name) => FLAGS[name].later === true);

  it('are taken, and named so that the start can say so', () => {
    expect(later.length).toBeGreaterThan(5);
    for (const flag of later) expect(read({ [flag]: 'whatever' }).withoutEffect).toEqual([flag]);
    expect(read({ 'client-qps': '10', namespace: 'x', 'plugin-dir': '/p' }).withoutEffect).toEqual([
      'client-qps',
      'plugin-dir',
    ]);
  });

  it('are not confused with those that do something', () => {
    for (const flag of names.filter((name) => !later.includes(name)))
      expect(read({ [flag]: valueOf(flag, 0) }).withoutEffect).toEqual([]);
  });
});

it('a configuration cannot be changed after it was read', () => {
  const config = read();
  expect(Object.isFrozen(config) && Object.isFrozen(config.controllers)).toBe(true);
});

it('every flag has a help text and a fallback that is accepted', () => {
  for (const flag of names) {
    expect(FLAGS[flag].help).not.toBe('');
    if (FLAGS[flag].fallback !== '') expect(complaint({ [flag]: FLAGS[flag].fallback })).toBe('accepted');
  }
});
