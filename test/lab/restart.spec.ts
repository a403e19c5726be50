import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { storyOf } from './fixture/api.js';
import { ballast } from './fixture/app.js';
import { entriesOf, openBucket, type Bucket } from './fixture/bucket.js';
import {
  createAll,
  hasEnded,
  openCluster,
  pathOf,
  type LabCluster,
  type Resource,
} from './fixture/cluster.js';
import { prepareHome, type Home, type Lifeboat } from './fixture/lifeboat.js';
import { startProxy, type Moment, type Proxy } from './fixture/proxy.js';
import { RUN, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';

const root = `metadata/acceptance-${RUN}`;
const app = `cargo-${RUN}`;
const namespace = `restart-${RUN}`;
const COUNT = 24;

describe.skipIf(why !== '')(
  `A8: Lifeboat is killed in the middle of its work and started again${why}`,
  () => {
    const tidy = createTidy();
    let cluster: LabCluster;
    let bucket: Bucket;
    let api: Proxy;
    let s3: Proxy;
    let home: Home;
    let lifeboat: Lifeboat;

    const start = async (flags: readonly string[] = []) => {
      lifeboat = await home.start({
        apiServer: api.url,
        flags: ['--client-page-size', '5', '--restore-concurrency', '2', ...flags],
      });
    };

    const ask = (plural: 'backups' | 'restores', name: string, spec: object) =>
      cluster.create(pathOf(namespace, plural), {
        apiVersion: 'velero.io/v1',
        kind: plural === 'backups' ? 'Backup' : 'Restore',
        metadata: { name, namespace },
        spec,
      });
    const backup = (name: string) => ask('backups', name, { includedNamespaces: [app] });

    const ended = (plural: 'backups' | 'restores', name: string): Promise<Resource> =>
      cluster.becomes(pathOf(namespace, plural, name), hasEnded, { explain: lifeboat.log });

    /** Kills Lifeboat the moment this request is caught. */
    const killAt = async (
      proxy: Proxy,
      fits: (method: string, path: string) => boolean,
      moment: Moment,
      work: () => Promise<void>,
    ) => {
      const { caught } = proxy.hold(fits, moment);
      await work();
      await caught;
      await lifeboat.kill();
    };

    const story = (kind: 'backup' | 'restore', name: string) =>
      storyOf(lifeboat.url, `${kind}-${namespace}.${name}`);

    const expectWhole = async (name: string) => {
      const resource = await ended('backups', name);
      expect(resource.status, lifeboat.log()).toMatchObject({
        phase: 'Completed',
        progress: { totalItems: COUNT + 1, itemsBackedUp: COUNT + 1 },
      });
      expect(await bucket.keys(`${root}/backups/${name}/`)).toHaveLength(9);
      const paths = (await entriesOf(await bucket.read(`${root}/backups/${name}/${name}.tar.gz`))).map(
        ({ path }) => path,
      );
      expect(paths).toHaveLength(1 + 2 * (COUNT + 1));
      expect(new Set(paths).size).toBe(paths.length);
      const mark = (await bucket.json(`${root}/backups/${name}/velero-backup.json`)) as Resource;
      expect(mark.status?.completionTimestamp).toBe(resource.status?.completionTimestamp);
    };

    const putOf = (name: string, file: string) => (method: string, path: string) =>
      method === 'PUT' && path.includes(`/backups/${name}/${file}`);
    const INTERRUPTED_ONCE = [
      'BackupRequested',
      'BackupStarted',
      'BackupInterrupted',
      'BackupStarted',
      'BackupContentsStored',
      'BackupFinished',
    ];

    beforeAll(async () => {
      cluster = await tidy.keep(openCluster('acc1'));
      bucket = await tidy.keep(openBucket(cluster, root));
      api = await tidy.keep(startProxy(cluster.server));
      s3 = await tidy.keep(startProxy(cluster.s3.endpoint));
      home = await tidy.keep(prepareHome(cluster, namespace, root, s3.url));
      await createAll(cluster, [
        ['/api/v1/namespaces', { metadata: { name: app } }],
        ...ballast(app, COUNT, 60_000),
      ]);
      await start();
      await backup('whole');
      await ended('backups', 'whole');
    });

    afterEach(async () => {
      if (!lifeboat.lives()) await start();
    });

    afterAll(tidy.closeAll);

    test('while it lists the cluster: the backup begins anew and completes', async () => {
      const isSecondPage = (method: string, path: string) =>
        method === 'GET' && /configmaps\?.*continue=/.test(path);
      await killAt(api, isSecondPage, { at: 'request' }, () => backup('listing'));
      await start();
      await expectWhole('listing');
      expect(await story('backup', 'listing')).toEqual(INTERRUPTED_ONCE);
    });

    test('while the contents are on their way to the bucket: half of them is nothing, and the backup completes', async () => {
      await killAt(s3, putOf('uploading', 'uploading.tar.gz'), { at: 'body', bytes: 300_000 }, () =>
        backup('uploading'),
      );
      expect(await bucket.keys(`${root}/backups/uploading/`)).not.toContain(
        `${root}/backups/uploading/velero-backup.json`,
      );
      await start();
      await expectWhole('uploading');
      expect(await story('backup', 'uploading')).toEqual(INTERRUPTED_ONCE);
    });

    test('before the mark that makes it a backup: it is not collected again, only marked', async () => {
      const tarball = `${root}/backups/unmarked/unmarked.tar.gz`;
      await killAt(s3, putOf('unmarked', 'velero-backup.json'), { at: 'request' }, () => backup('unmarked'));
      const before = await bucket.read(tarball);
      await start();
      await expectWhole('unmarked');
      expect((await bucket.read(tarball)).equals(before)).toBe(true);
      expect(await story('backup', 'unmarked')).toEqual([
        'BackupRequested',
        'BackupStarted',
        'BackupContentsStored',
        'BackupFinished',
      ]);
    });

    test('after the mark, before it knows: the mark in the bucket is its own, and the times agree', async () => {
      await killAt(s3, putOf('marked', 'velero-backup.json'), { at: 'answer' }, () => backup('marked'));
      const before = await bucket.read(`${root}/backups/marked/velero-backup.json`);
      await start();
      await expectWhole('marked');
      expect((await bucket.read(`${root}/backups/marked/velero-backup.json`)).equals(before)).toBe(true);
    });

    test('in the middle of a restore: what was made stays, the rest is made, nothing is made twice', async () => {
      const target = `${app}-middle`;
      let made = 0;
      const isNinth = (method: string, path: string) =>
        method === 'POST' && path.includes(`/namespaces/${target}/configmaps`) && ++made === 9;
      await killAt(api, isNinth, { at: 'answer' }, () =>
        ask('restores', 'middle', { backupName: 'whole', namespaceMapping: { [app]: target } }),
      );
      const path = `/api/v1/namespaces/${target}/configmaps`;
      const before = new Map((await cluster.list(path)).map(({ metadata }) => [metadata.name, metadata.uid]));
      expect(before.size).toBeGreaterThanOrEqual(9);
      expect(before.size).toBeLessThan(COUNT);
      await start();
      const restore = await ended('restores', 'middle');
      expect(restore.status, lifeboat.log()).toMatchObject({
        phase: 'Completed',
        progress: { totalItems: COUNT + 1, itemsRestored: COUNT + 1 },
      });
      expect(restore.status?.warnings ?? 0).toBe(0);
      const after = new Map((await cluster.list(path)).map(({ metadata }) => [metadata.name, metadata.uid]));
      expect(after.size).toBe(COUNT);
      for (const [name, uid] of before) expect({ name, uid: after.get(name) }).toEqual({ name, uid });
      expect(await story('restore', 'middle')).toEqual([
        'RestoreRequested',
        'RestoreStarted',
        'RestoreInterrupted',
        'RestoreStarted',
        'RestoreItemsApplied',
        'RestoreFinished',
      ]);
    });

    test('after the last object of a restore, before its results are stored: it completes, and its five files are there', async () => {
      const target = `${app}-late`;
      const isResults = (method: string, path: string) =>
        method === 'PUT' && path.includes('/restores/late/restore-late-results.gz');
      await killAt(s3, isResults, { at: 'request' }, () =>
        ask('restores', 'late', { backupName: 'whole', namespaceMapping: { [app]: target } }),
      );
      await start();
      expect((await ended('restores', 'late')).status, lifeboat.log()).toMatchObject({ phase: 'Completed' });
      expect(await bucket.keys(`${root}/restores/late/`)).toHaveLength(5);
      expect(await cluster.list(`/api/v1/namespaces/${target}/configmaps`)).toHaveLength(COUNT);
    });

    test('again and again: after the third time it gives up and says what to do, and the next backup is fine', async () => {
      await killAt(s3, putOf('cursed', 'cursed.tar.gz'), { at: 'request' }, () => backup('cursed'));
      for (let time = 2; time <= 3; time++)
        await killAt(s3, putOf('cursed', 'cursed.tar.gz'), { at: 'request' }, () => start());
      await start();
      const { status } = await ended('backups', 'cursed');
      expect(status).toMatchObject({ phase: 'Failed' });
      expect(status?.failureReason).toMatch(/interrupted 3 times.*create the backup again/);
      await backup('blessed');
      await expectWhole('blessed');
    });

    test('told to fail what was interrupted, it fails the backup as Velero would', async () => {
      await killAt(s3, putOf('failing', 'failing.tar.gz'), { at: 'request' }, () => backup('failing'));
      await start(['--on-interruption', 'fail']);
      const { status } = await ended('backups', 'failing');
      expect(status).toMatchObject({ phase: 'Failed' });
      expect(status?.failureReason).toBeTruthy();
      expect((await story('backup', 'failing')).slice(-2)).toEqual(['BackupInterrupted', 'BackupFinished']);
    });
  },
);
