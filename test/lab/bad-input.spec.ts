import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, storyOf } from './fixture/api.js';
import { ballast } from './fixture/app.js';
import { openBucket, type Bucket } from './fixture/bucket.js';
import {
  createAll,
  hasEnded,
  openCluster,
  pathOf,
  type LabCluster,
  type Resource,
  type Status,
} from './fixture/cluster.js';
import { locationOf, prepareHome, type Home, type Lifeboat } from './fixture/lifeboat.js';
import { startProxy, type Proxy } from './fixture/proxy.js';
import { lab, RUN, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';

const root = `metadata/acceptance-${RUN}`;
const app = `plain-${RUN}`;
const namespace = `bad-input-${RUN}`;
const COUNT = 12;
const OUTAGE_MS = 20_000;
const path = (plural: 'backups' | 'restores' | 'backupstoragelocations', name = '') =>
  pathOf(namespace, plural, name);

describe.skipIf(why !== '')(`A11: bad input and broken surroundings${why}`, () => {
  const tidy = createTidy();
  let cluster: LabCluster;
  let bucket: Bucket;
  let doomed: Bucket;
  let api: Proxy;
  let home: Home;
  let lifeboat: Lifeboat;

  const request = (plural: 'backups' | 'restores', name: string, spec: object) =>
    cluster.create(path(plural), {
      apiVersion: 'velero.io/v1',
      kind: plural === 'backups' ? 'Backup' : 'Restore',
      metadata: { name, namespace },
      spec,
    });
  const ended = (plural: 'backups' | 'restores', name: string, seconds = 60): Promise<Resource> =>
    cluster.becomes(path(plural, name), hasEnded, { seconds, explain: lifeboat.log });
  const statusOf = async (plural: 'backups' | 'restores', name: string, spec: object): Promise<Status> => {
    await request(plural, name, spec);
    return (await ended(plural, name)).status ?? {};
  };
  const locate = (name: string, spec: object) =>
    cluster.create(path('backupstoragelocations'), locationOf(cluster, namespace, root, { name, spec }));
  const becomes = (location: string, phase: string): Promise<Resource> =>
    cluster.becomes(path('backupstoragelocations', location), ({ status }) => status?.phase === phase, {
      explain: lifeboat.log,
    });
  /** Whatever went wrong: the process lives, and the next backup is as good as any. */
  const expectFine = async (name: string) => {
    expect(await statusOf('backups', name, { includedNamespaces: [app] }), lifeboat.log()).toMatchObject({
      phase: 'Completed',
      progress: { totalItems: COUNT + 1 },
    });
    expect(lifeboat.lives()).toBe(true);
  };

  beforeAll(async () => {
    cluster = await tidy.keep(openCluster('acc1'));
    bucket = await tidy.keep(openBucket(cluster, root));
    doomed = await tidy.keep(openBucket(cluster, '', `doomed-${RUN}`));
    await doomed.create();
    api = await tidy.keep(startProxy(cluster.server));
    home = await tidy.keep(prepareHome(cluster, namespace, root));
    await createAll(cluster, [
      ['/api/v1/namespaces', { metadata: { name: app } }],
      ...ballast(app, COUNT, 3_000),
    ]);
    lifeboat = await home.start({
      apiServer: api.url,
      flags: ['--client-page-size', '5', '--store-validation-frequency', '2s'],
    });
    await expectFine('good');
  });

  afterAll(tidy.closeAll);

  test('a location that does not exist: refused, with what to do', async () => {
    const status = await statusOf('backups', 'nowhere', { storageLocation: 'nowhere' });
    expect(status).toMatchObject({ phase: 'FailedValidation' });
    expect(status.validationErrors).toEqual([expect.stringMatching(/"nowhere" does not exist; create it/)]);
    expect(status.startTimestamp).toBeUndefined();
  });

  test('a location that may only be read: refused, with what to do', async () => {
    await locate('library', { accessMode: 'ReadOnly' });
    await becomes('library', 'Available');
    const status = await statusOf('backups', 'into-library', { storageLocation: 'library' });
    expect(status).toMatchObject({ phase: 'FailedValidation' });
    expect(status.validationErrors).toEqual([
      expect.stringMatching(/"library" is read-only; use another one/),
    ]);
  });

  test.each([
    [
      'a star beside a name',
      'star',
      { includedNamespaces: ['*', app] },
      [/\* beside other entries; write \* alone/],
    ],
    [
      'both kinds of label selector',
      'both',
      { labelSelector: { matchLabels: { a: 'b' } }, orLabelSelectors: [{ matchLabels: { a: 'c' } }] },
      [/labelSelector.*keep one of the two/],
    ],
    [
      'a kind that is wanted and not wanted',
      'kinds',
      { includedResources: ['pods'], excludedResources: ['pods'] },
      [/"pods" is in includedResources too/],
    ],
    [
      'old and new filters together',
      'filters',
      { includedResources: ['pods'], includedClusterScopedResources: ['nodes'] },
      [/include/],
    ],
  ] as const)('%s: refused, with what to do', async (_what, name, spec, reasons) => {
    const status = await statusOf('backups', name, spec);
    expect(status).toMatchObject({ phase: 'FailedValidation' });
    expect(status.validationErrors).toEqual(
      reasons.map((reason) => expect.stringMatching(reason) as unknown),
    );
  });

  test('a name longer than Kubernetes takes: refused by the API before there is anything', async () => {
    const query = `mutation ($input: CreateBackupInput!) { createBackup(input: $input) { backup { name } userErrors { code message field } } }`;
    const { data } = await ask(lifeboat.url, query, { input: { name: 'n'.repeat(254) } });
    expect(data).toMatchObject({
      createBackup: { backup: null, userErrors: [{ code: 'INVALID', field: ['input', 'name'] }] },
    });
    expect(JSON.stringify(data)).toMatch(/254.*253/);
  });

  test('a name much longer than a label may be is a name as any other', async () => {
    await expectFine(`${'n'.repeat(150)}.${'m'.repeat(50)}`); // the storage of the lab keeps keys as file names: 255 with the suffix
  });

  test.each([
    ['cut short', 'short', (bytes: Buffer) => bytes.subarray(0, Math.floor(bytes.length * 0.6))],
    [
      'with one byte changed',
      'changed',
      (bytes: Buffer) =>
        Buffer.from(bytes.map((byte, i) => (i === Math.floor(bytes.length / 2) ? byte ^ 0x55 : byte))),
    ],
    ['replaced by something else', 'else', () => Buffer.from('<html>sign in first</html>')],
    ['emptied', 'empty', () => Buffer.alloc(0)],
  ])(
    'an archive %s: the restore fails and says so, and nothing of it is put into the cluster',
    async (_what, name, damage) => {
      await expectFine(`damaged-${name}`);
      const key = `${root}/backups/damaged-${name}/damaged-${name}.tar.gz`;
      await bucket.put(key, damage(await bucket.read(key)));
      const target = `${app}-${name}`;
      const status = await statusOf('restores', name, {
        backupName: `damaged-${name}`,
        namespaceMapping: { [app]: target },
      });
      expect(status).toMatchObject({ phase: 'Failed' });
      expect(status.failureReason).toMatch(/damaged|gzip|archive|end|contents/i);
      expect(await cluster.get(`/api/v1/namespaces/${target}`)).toBeUndefined();
    },
  );

  test('a restore from a backup that does not exist: refused, with what to do', async () => {
    const status = await statusOf('restores', 'of-nothing', { backupName: 'nothing' });
    expect(status).toMatchObject({ phase: 'FailedValidation' });
    expect(status.validationErrors).toEqual([expect.stringMatching(/"nothing"/)]);
  });

  test('the bucket is gone: the location says so, a backup is refused, and with the bucket back all is well', async () => {
    await locate('doomed', { objectStorage: { bucket: `doomed-${RUN}`, prefix: 'x' } });
    await becomes('doomed', 'Available');
    expect(
      await statusOf('backups', 'before-doom', { includedNamespaces: [app], storageLocation: 'doomed' }),
    ).toMatchObject({ phase: 'Completed' });
    await doomed.destroy();
    expect((await becomes('doomed', 'Unavailable')).status?.message).toMatch(/the bucket does not exist/);
    const status = await statusOf('backups', 'into-doom', { storageLocation: 'doomed' });
    expect(status).toMatchObject({ phase: 'FailedValidation' });
    expect(status.validationErrors).toEqual([
      expect.stringMatching(/"doomed" is Unavailable; see its status.message/),
    ]);
    await doomed.create();
    await becomes('doomed', 'Available');
    expect(
      await statusOf('backups', 'after-doom', { includedNamespaces: [app], storageLocation: 'doomed' }),
    ).toMatchObject({ phase: 'Completed' });
    await cluster.remove(path('backupstoragelocations', 'doomed'));
    await doomed.destroy();
  });

  test('wrong credentials: the location says so, without the secret, and with the right ones all is well', async () => {
    const credentials = (key: string) => ({
      stringData: {
        cloud: `[default]\naws_access_key_id=${cluster.s3.accessKeyId}\naws_secret_access_key=${key}\n`,
      },
    });
    const secrets = `/api/v1/namespaces/${namespace}/secrets`;
    await cluster.create(secrets, { metadata: { name: 'keys' }, ...credentials('wrong-and-secret') });
    await locate('locked', { credential: { name: 'keys', key: 'cloud' } });
    const locked = await becomes('locked', 'Unavailable');
    expect(locked.status?.message).toMatch(/denied|credential|signature/i);
    expect(
      (await statusOf('backups', 'into-locked', { storageLocation: 'locked' })).validationErrors,
    ).toEqual([expect.stringMatching(/"locked" is Unavailable/)]);
    await cluster.patch(`${secrets}/keys`, credentials(cluster.s3.secretAccessKey));
    await becomes('locked', 'Available');
    expect(
      await statusOf('backups', 'unlocked', { includedNamespaces: [app], storageLocation: 'locked' }),
    ).toMatchObject({ phase: 'Completed' });
    expect(`${JSON.stringify(locked)}${lifeboat.log()}`).not.toMatch(
      new RegExp(`wrong-and-secret|${cluster.s3.secretAccessKey}`),
    );
  });

  test('the API server is away for 20 seconds in the middle of a backup: the backup waits and completes, and nothing is lost', async () => {
    const { caught, release } = api.hold(
      (method, url) => method === 'GET' && /configmaps\?.*continue=/.test(url),
      { at: 'request' },
    );
    await request('backups', 'outlived', { includedNamespaces: [app] });
    await caught;
    await lab('crash', cluster.name, 'apiserver');
    try {
      release();
      await delay(OUTAGE_MS);
    } finally {
      await lab('start', cluster.name, 'apiserver');
    }
    const { status } = await ended('backups', 'outlived', 90);
    expect(status, lifeboat.log()).toMatchObject({
      phase: 'Completed',
      progress: { totalItems: COUNT + 1, itemsBackedUp: COUNT + 1 },
    });
    expect((await storyOf(lifeboat.url, `backup-${namespace}.outlived`)).at(-1)).toBe('BackupFinished');
    await expectFine('after-outage');
    expect((await cluster.get(path('backups', 'good')))?.status).toMatchObject({ phase: 'Completed' });
    expect(
      (
        await statusOf('restores', 'after-outage', {
          backupName: 'good',
          namespaceMapping: { [app]: `${app}-after` },
        })
      ).phase,
    ).toBe('Completed');
  });
});
