import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isFault } from '../../../src/faults.js';
import { createLayout } from '../../../src/objectstore/layout.js';
import { s3OptionsOf } from '../../../src/objectstore/location-aws.js';
import {
  checkLocation,
  openLocation,
  type LocationEnvironment,
  type LocationSpec,
} from '../../../src/objectstore/location.js';
import { createMemoryObjectStore } from '../../../src/objectstore/memory.js';

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const INI = `
# written by an administrator
[default]
aws_access_key_id = AKDEFAULT
aws_secret_access_key=topsecret/+=

[profile other]
aws_access_key_id=AKOTHER
aws_secret_access_key=othersecret ; comment
aws_session_token=token
[half]
aws_access_key_id=AKHALF
[role]
role_arn=arn:aws:iam::1:role/x
source_profile=default
[nowhere]
role_arn=arn:aws:iam::1:role/x
`;
const SECRETS: Record<string, Buffer> = {
  'cloud/credentials': Buffer.from(INI),
  'ca/ca.crt': Buffer.from(PEM),
  'ca/junk': Buffer.from('junk'),
  'sse/good': Buffer.alloc(32, 7),
  'sse/short': Buffer.alloc(31, 7),
};
const env: LocationEnvironment = {
  readSecret: (name, key) => Promise.resolve(SECRETS[`${name}/${key}`]),
  defaultCredentialsFile: '',
};

const aws = (config: Record<string, string> = {}, more: Partial<LocationSpec> = {}): LocationSpec => ({
  provider: 'aws',
  objectStorage: { bucket: 'bucket' },
  config: { region: 'eu-west-1', ...config },
  credential: { name: 'cloud', key: 'credentials' },
  ...more,
});

const refusal = async (spec: LocationSpec, environment = env): Promise<string> => {
  try {
    const { store } = await openLocation(spec, environment);
    store.close();
  } catch (error) {
    expect(isFault(error, 'LB_STORE_CONFIG'), String(error)).toBe(true);
    return isFault(error) ? error.detail : '';
  }
  return 'it opened';
};

const optionsOf = (config: Record<string, string>, more: Partial<LocationSpec> = {}) =>
  s3OptionsOf(aws(config, more), 'bucket', env);

describe('a storage location', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-location-'));
    await writeFile(join(folder, 'credentials'), INI);
    await writeFile(join(folder, 'key32'), Buffer.alloc(32, 1));
    await mkdir(join(folder, 'bucket'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  describe('provider and bucket', () => {
    it.each(['aws', 'velero.io/aws'])('%s is S3', async (provider) => {
      const { store, layout } = await openLocation(
        aws({}, { provider, objectStorage: { bucket: '/bucket/', prefix: '/a/b/' } }),
        env,
      );
      expect(layout.rootPrefix).toBe('a/b/');
      expect(await store.presign('x', 60)).toContain('https://bucket.s3.eu-west-1.amazonaws.com/x?');
      store.close();
    });

    it.each(['azure', 'example.com/aws', 'constructor'])(
      'a provider that is not supported is named, with those that are: %s',
      async (provider) => {
        expect(await refusal(aws({}, { provider }))).toBe(
          `spec.provider: "${provider}" is not supported; supported are aws, velero.io/aws, filesystem, lifeboat.io/filesystem`,
        );
      },
    );

    it('needs a provider, an objectStorage and a bucket', async () => {
      const { objectStorage: _, ...without } = aws();
      expect(await refusal(aws({}, { provider: '' }))).toBe('spec.provider: is missing');
      expect(await refusal(without)).toBe('spec.objectStorage: is missing');
      expect(await refusal(aws({}, { objectStorage: { bucket: '/' } }))).toBe(
        'spec.objectStorage.bucket: is missing',
      );
    });

    it('a bucket with a path in it is refused and pointed to prefix', async () => {
      expect(await refusal(aws({}, { objectStorage: { bucket: 'a/b' } }))).toMatch(
        /^spec\.objectStorage\.bucket: "a\/b" holds a slash.*prefix$/,
      );
    });
  });

  describe('settings', () => {
    it('behaviour 153: an unknown setting is refused by its name, with those that are known', async () => {
      const text = await refusal(aws({ s3url: 'http://x', zone: '1' }));
      expect(text).toMatch(
        /^spec\.config\.s3url: is unknown; the provider aws accepts .*s3Url.*; spec\.config\.zone: /,
      );
    });

    it('what Velero itself adds, and what its plugin ignores, is accepted', async () => {
      const config = { bucket: 'b', prefix: 'p', signatureVersion: '4', enableSharedConfig: 'true' };
      expect(await refusal(aws(config))).toBe('it opened');
    });

    it.each(['yes', 'TrUe', '2', ' true'])('%j is neither true nor false', async (value) => {
      expect(await refusal(aws({ s3ForcePathStyle: value }))).toMatch(
        /^spec\.config\.s3ForcePathStyle: .*neither/,
      );
      expect(await refusal(aws({ insecureSkipTLSVerify: value }))).toMatch(
        /^spec\.config\.insecureSkipTLSVerify: /,
      );
    });

    it.each([
      ['1', true],
      ['t', true],
      ['TRUE', true],
      ['True', true],
      ['0', false],
      ['F', false],
      ['false', false],
      ['', false],
    ])('%j is %s, as in Go', async (value, expected) => {
      expect((await optionsOf({ s3ForcePathStyle: value })).forcePathStyle).toBe(expected);
    });

    it.each(['s3.example.com', 'ftp://s3', 'http://', 'http:///x'])('%j is no address', async (value) => {
      expect(await refusal(aws({ s3Url: value }))).toMatch(/^spec\.config\.s3Url: .*http:\/\//);
      expect(await refusal(aws({ publicUrl: value }))).toMatch(/^spec\.config\.publicUrl: /);
    });

    it('a checksum algorithm is one of the known; empty means none, absent means CRC32', async () => {
      expect((await optionsOf({})).checksumAlgorithm).toBe('CRC32');
      expect((await optionsOf({ checksumAlgorithm: '' })).checksumAlgorithm).toBe('none');
      expect((await optionsOf({ checksumAlgorithm: 'SHA256' })).checksumAlgorithm).toBe('SHA256');
      expect(await refusal(aws({ checksumAlgorithm: 'CRC' }))).toMatch(
        /^spec\.config\.checksumAlgorithm: "CRC" is none/,
      );
    });

    it('tagging is passed on, and an empty region or address is as none', async () => {
      const options = await optionsOf({ tagging: 'a=b&c=d', region: '', s3Url: '', publicUrl: '' });
      expect(options.tagging).toBe('a=b&c=d');
      expect(options).not.toHaveProperty('region');
      expect(options).not.toHaveProperty('endpoint');
      expect(options).not.toHaveProperty('publicUrl');
    });
  });

  describe('encryption', () => {
    it('takes one way to a key and no more', async () => {
      const text = await refusal(aws({ kmsKeyId: 'k', customerKeyEncryptionSecret: 'sse/good' }));
      expect(text).toBe('spec.config: only one of kmsKeyId, customerKeyEncryptionSecret can be set');
    });

    it('is by KMS before the algorithm alone', async () => {
      const { encryption } = await optionsOf({ kmsKeyId: 'k', serverSideEncryption: 'AES256' });
      expect(encryption).toEqual({ kind: 'kms', keyId: 'k' });
      const managed = await optionsOf({ serverSideEncryption: 'AES256' });
      expect(managed.encryption).toEqual({ kind: 'managed', algorithm: 'AES256' });
    });

    it('a key of the customer comes from a Secret or a file and has exactly 32 bytes', async () => {
      const secret = await optionsOf({ customerKeyEncryptionSecret: 'sse/good' });
      expect(secret.encryption).toEqual({ kind: 'customer', key: Buffer.alloc(32, 7) });
      const file = await optionsOf({ customerKeyEncryptionFile: join(folder, 'key32') });
      expect(file.encryption).toEqual({ kind: 'customer', key: Buffer.alloc(32, 1) });
      expect(await refusal(aws({ customerKeyEncryptionSecret: 'sse/short' }))).toBe(
        'spec.config.customerKeyEncryptionSecret: the key has 31 bytes and has to have exactly 32',
      );
    });

    it.each(['sse', 'sse/', '/good', 'sse/good/x'])(
      '%j does not say which key of which Secret',
      async (value) => {
        expect(await refusal(aws({ customerKeyEncryptionSecret: value }))).toMatch(/name\/key/);
      },
    );

    it('a Secret or file that is missing is named', async () => {
      expect(await refusal(aws({ customerKeyEncryptionSecret: 'sse/none' }))).toMatch(
        /"none" in a Secret "sse"/,
      );
      expect(await refusal(aws({ customerKeyEncryptionFile: '/no/such/file' }))).toMatch(/\/no\/such\/file/);
    });
  });

  describe('authorities', () => {
    const storage = (more: object) => ({ objectStorage: { bucket: 'bucket', ...more } });
    const caCert = Buffer.from(PEM).toString('base64');

    it('come from the location, from a Secret or from the settings', async () => {
      expect((await optionsOf({}, storage({ caCert }))).caCert).toBe(PEM);
      expect((await optionsOf({}, storage({ caCertRef: { name: 'ca', key: 'ca.crt' } }))).caCert).toBe(PEM);
      expect((await optionsOf({ caCert: PEM })).caCert).toBe(PEM);
      expect(await optionsOf({})).not.toHaveProperty('caCert');
    });

    it('cannot come from two places', async () => {
      expect(await refusal(aws({}, storage({ caCert, caCertRef: { name: 'ca', key: 'ca.crt' } })))).toBe(
        'spec.objectStorage: only one of caCert and caCertRef can be set',
      );
    });

    it('that are missing or no certificate are refused with the field', async () => {
      expect(await refusal(aws({}, storage({ caCertRef: { name: 'ca', key: 'none' } })))).toMatch(
        /^spec\.objectStorage\.caCertRef: .*"none" in a Secret "ca"/,
      );
      expect(await refusal(aws({}, storage({ caCertRef: { name: 'ca', key: 'junk' } })))).toMatch(/PEM/);
      expect(await refusal(aws({}, storage({ caCert: 'anVuaw==' })))).toMatch(
        /^spec\.objectStorage\.caCert: .*PEM/,
      );
    });
  });

  describe('credentials', () => {
    const resolved = async (
      config: Record<string, string>,
      more: Partial<LocationSpec>,
      environment = env,
    ) => {
      const { credentials } = await s3OptionsOf(aws(config, more), 'bucket', environment);
      return typeof credentials === 'function' ? credentials() : credentials;
    };
    const noCredential = { ...aws() };
    delete (noCredential as { credential?: unknown }).credential;
    const fromFile = async (config: Record<string, string>, environment: LocationEnvironment) => {
      const spec = { ...noCredential, config };
      const { credentials } = await s3OptionsOf(spec, 'bucket', environment);
      return typeof credentials === 'function' ? credentials() : credentials;
    };

    it('come from the Secret of the location, by profile', async () => {
      expect(await resolved({}, {})).toEqual({ accessKeyId: 'AKDEFAULT', secretAccessKey: 'topsecret/+=' });
      expect(await resolved({ profile: 'other' }, {})).toEqual({
        accessKeyId: 'AKOTHER',
        secretAccessKey: 'othersecret',
        sessionToken: 'token',
      });
    });

    it('of a profile that is not there are refused by its name, and no secret is told', async () => {
      const text = await refusal(aws({ profile: 'gone' }));
      expect(text).toBe('spec.credential (Secret cloud, key credentials): there is no profile "gone"');
      expect(await refusal(aws({ profile: 'half' }))).toMatch(/"half" has no aws_secret_access_key$/);
      expect(await refusal(aws({ profile: 'nowhere' }))).toMatch(/"nowhere" has a role_arn but no usable/);
    });

    it('of a role are taken from its source profile when they are needed', async () => {
      const { credentials } = await optionsOf({ profile: 'role' });
      expect(credentials).toBeTypeOf('function');
    });

    it('of a Secret that is missing are refused', async () => {
      expect(await refusal(aws({}, { credential: { name: 'cloud', key: 'none' } }))).toBe(
        'spec.credential: there is no key "none" in a Secret "cloud"',
      );
    });

    it('come from the Secret first, then the file of the location, then the file of the process', async () => {
      const file = join(folder, 'credentials');
      const missing = { ...env, defaultCredentialsFile: '/no/such/file' };
      expect(await resolved({ credentialsFile: '/no/such/file' }, {}, missing)).toMatchObject({
        accessKeyId: 'AKDEFAULT',
      });
      expect(await fromFile({ credentialsFile: file, profile: 'other' }, missing)).toMatchObject({
        accessKeyId: 'AKOTHER',
        sessionToken: 'token',
      });
      expect(await fromFile({}, { ...env, defaultCredentialsFile: file })).toMatchObject({
        accessKeyId: 'AKDEFAULT',
      });
      expect(await fromFile({}, env)).toBeUndefined();
    });

    it('of a file that is missing, or lacks the profile, are refused with where it was set', async () => {
      const spec = { ...noCredential, config: { credentialsFile: '/no/such/file' } };
      expect(await refusal(spec)).toBe(
        'spec.config.credentialsFile: the credentials file /no/such/file cannot be read',
      );
      const lacking = { ...noCredential, config: { profile: 'gone' } };
      const environment = { ...env, defaultCredentialsFile: join(folder, 'credentials') };
      expect(await refusal(lacking, environment)).toMatch(
        /^AWS_SHARED_CREDENTIALS_FILE .*no profile "gone"$/,
      );
    });
  });

  describe('in a folder', () => {
    const inFolder = (config: Record<string, string>, bucket = 'bucket'): LocationSpec => ({
      provider: 'filesystem',
      objectStorage: { bucket },
      config,
    });

    it.each(['filesystem', 'lifeboat.io/filesystem'])(
      '%s keeps the bucket as a folder below path',
      async (provider) => {
        const { store, layout } = await openLocation({ ...inFolder({ path: folder }), provider }, env);
        await checkLocation(store, layout);
        await store.put(layout.backupMetadata('b'), Buffer.from('{}'));
        expect((await store.head('backups/b/velero-backup.json'))?.size).toBe(2);
      },
    );

    it('gives links to paths when somebody signs them', async () => {
      const signing = { ...env, filesystemSign: (path: string, seconds: number) => `${path}!${seconds}` };
      const { store } = await openLocation(inFolder({ path: folder }), signing);
      expect(await store.presign('a/b', 5)).toBe(`${join(folder, 'bucket', 'a/b')}!5`);
    });

    it('needs an absolute path, a bucket that is a name, and no other setting', async () => {
      expect(await refusal(inFolder({}))).toMatch(/^spec\.config\.path: is missing/);
      expect(await refusal(inFolder({ path: 'relative' }))).toMatch(
        /^spec\.config\.path: "relative" is not an absolute/,
      );
      expect(await refusal(inFolder({ path: folder }, '..'))).toMatch(/^spec\.objectStorage\.bucket: ".."/);
      expect(await refusal(inFolder({ path: folder, region: 'x' }))).toBe(
        'spec.config.region: is unknown; the provider filesystem accepts path',
      );
    });

    it('that is not there is a missing bucket as soon as it is checked', async () => {
      const { store, layout } = await openLocation(inFolder({ path: folder }, 'absent'), env);
      await expect(checkLocation(store, layout)).rejects.toMatchObject({ code: 'LB_STORE_BUCKET_MISSING' });
    });
  });

  describe('the check', () => {
    const checked = async (keys: readonly string[], prefix?: string): Promise<string> => {
      const store = createMemoryObjectStore();
      for (const key of keys) await store.put(key, Buffer.from('x'));
      return checkLocation(store, createLayout(prefix)).then(
        () => 'fine',
        (error: unknown) => (isFault(error, 'LB_STORE_CONFIG') ? error.detail : String(error)),
      );
    };

    it('finds nothing wrong with an empty location, the known directories and files at the root', async () => {
      expect(await checked([])).toBe('fine');
      expect(await checked([], 'not/there')).toBe('fine');
      const known = ['backups/b/x', 'restores/r/x', 'restic/n/x', 'metadata/x', 'plugins/x', 'kopia/n/x'];
      expect(await checked([...known, 'readme.txt'])).toBe('fine');
    });

    it('names up to three strangers, and counts them if there are more', async () => {
      expect(await checked(['pictures/1', 'backups/b/x'])).toMatch(/: pictures$/);
      expect(await checked(['a/1', 'b/1', 'c/1'])).toMatch(/: a, b, c$/);
      expect(await checked(['a/1', 'b/1', 'c/1', 'd/1', 'e/1'])).toMatch(/: a, b, c, \.\.\. \(5 in all\)$/);
    });

    it('looks only below the prefix', async () => {
      expect(await checked(['pictures/1', 'pre/backups/b/x'], 'pre')).toBe('fine');
      expect(await checked(['pre/pictures/1'], 'pre')).toMatch(/: pictures$/);
    });

    it('ends when it is told to stop', async () => {
      const work = checkLocation(createMemoryObjectStore(), createLayout(), AbortSignal.abort());
      expect(await work.then(() => 'fine')).toBe('fine');
      const store = createMemoryObjectStore();
      await store.put('a/b', Buffer.from('x'));
      await expect(checkLocation(store, createLayout(), AbortSignal.abort())).rejects.toMatchObject({
        code: 'LB_ABORTED',
      });
    });
  });
});
