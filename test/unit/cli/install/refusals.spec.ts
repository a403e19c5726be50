import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { givenInstallFlags } from '../../../../src/cli/install/command.js';
import { INSTALL_FLAGS, SERVER_FLAGS, type GivenInstallFlags } from '../../../../src/cli/install/flags.js';
import { outputOf, planInstall, waitOf } from '../../../../src/cli/install/plan.js';

const BARE: GivenInstallFlags = {
  image: 'registry.example/lifeboat:1',
  'no-secret': 'true',
  'no-default-backup-location': 'true',
};

describe('flags of install that cannot work', () => {
  test.each<[string, Readonly<Record<string, string | undefined>>, RegExp]>([
    ['without an image', { image: '' }, /--image is missing: no image is published; build one/],
    ['with a namespace that is none', { namespace: 'Velero!' }, /--namespace is "Velero!"/],
    [
      'with two ways to the credentials',
      { 'use-existing-secret': 'x' },
      /only one of --use-existing-secret and --no-secret/,
    ],
    [
      'with a file of credentials that is not there',
      { 'no-secret': undefined, 'secret-file': '/nowhere/cloud' },
      /--secret-file is "\/nowhere\/cloud", which cannot be read \(ENOENT\)/,
    ],
    [
      'without a bucket',
      { 'no-default-backup-location': undefined, provider: 'aws' },
      /--bucket is missing: give it, or --no-default-backup-location/,
    ],
    [
      'with a provider that needs a plugin',
      {
        'no-default-backup-location': undefined,
        provider: 'gcp',
        bucket: 'b',
      },
      /spec\.provider: "gcp" is not supported/,
    ],
    [
      'with a folder as storage',
      {
        'no-default-backup-location': undefined,
        provider: 'filesystem',
        bucket: 'b',
      },
      /--provider is "filesystem", which needs a volume/,
    ],
    [
      'with a setting of the location that nobody knows',
      {
        'no-default-backup-location': undefined,
        provider: 'aws',
        bucket: 'b',
        'backup-location-config': 'regoin=x',
      },
      /regoin: is unknown/,
    ],
    [
      'with a setting that is no pair',
      { 'pod-labels': 'team' },
      /--pod-labels holds "team"; write key=value/,
    ],
    ['with an unknown profile', { rbac: 'admin' }, /--rbac is "admin"; write one of full, backup-only/],
    [
      'with callers beside full rights',
      { 'api-callers': 'user:a' },
      /--api-callers is for --rbac backup-only/,
    ],
    ['with groups nobody is in', { rbac: 'backup-only', 'api-callers': 'group:a' }, /name the users in them/],
    ['with a caller of no kind', { rbac: 'backup-only', 'api-callers': 'alice' }, /write user:NAME/],
    ['with an amount that is none', { 'velero-pod-mem-limit': 'lots' }, /--velero-pod-mem-limit is "lots"/],
    ['with a time zone that is none', { timezone: 'Nowhere' }, /--timezone is "Nowhere"/],
    [
      'with a flag of the server that makes no sense',
      { 'default-backup-ttl': 'soon' },
      /--default-backup-ttl is "soon"/,
    ],
    ['with a disk of another kind', { 'event-store-volume': 'nfs' }, /--event-store-volume is "nfs"/],
  ])('%s it is refused with the way out', async (_what, given, message) => {
    const merged: Readonly<Record<string, string | undefined>> = { ...BARE, ...given };
    const flags = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
    await expect(planInstall(flags)).rejects.toThrow(message);
  });

  test('nothing of the credentials is in a refusal', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lifeboat-refusal-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, 'cloud'), 'hidden-word');
    const flags = { image: 'x', 'secret-file': join(folder, 'cloud'), provider: 'aws' };
    const error: unknown = await planInstall(flags).catch((refusal: unknown) => refusal);
    expect(String(error)).toContain('--bucket is missing');
    expect(String(error)).not.toContain('hidden-word');
  });

  test('the wait and the format are checked', () => {
    expect([waitOf({}), waitOf({ timeout: '90s' }), outputOf({}), outputOf({ output: 'json' })]).toEqual([
      300_000,
      90_000,
      'yaml',
      'json',
    ]);
    expect(() => waitOf({ timeout: 'long' })).toThrow(/--timeout is "long"/);
    expect(() => outputOf({ output: 'table' })).toThrow(/--output is "table"; write one of yaml, json/);
  });

  test('switches with "no" in their names arrive as flags, and absent ones do not', () => {
    expect(
      givenInstallFlags({
        secret: false,
        defaultBackupLocation: true,
        wait: false,
        image: 'x',
        dryRun: true,
      }),
    ).toEqual({
      'no-secret': 'true',
      'no-wait': 'true',
      image: 'x',
      'dry-run': 'true',
    });
  });

  test('no flag of install hides one of the server', () => {
    expect(SERVER_FLAGS.filter((flag) => Object.hasOwn(INSTALL_FLAGS, flag))).toEqual([]);
  });
});
