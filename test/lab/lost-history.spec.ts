import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ask, storyOf } from './fixture/api.js';
import { application, BOAT_CRD, boatsServed } from './fixture/app.js';
import { openBucket, type Bucket } from './fixture/bucket.js';
import {
  createAll,
  hasEnded,
  openCluster,
  pathOf,
  type LabCluster,
  type Resource,
} from './fixture/cluster.js';
import { prepareHome, type Home, type Lifeboat } from './fixture/lifeboat.js';
import { startProxy, type Proxy } from './fixture/proxy.js';
import { RUN, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';

const root = `metadata/acceptance-${RUN}`;
const app = `kept-${RUN}`;
const namespace = `history-${RUN}`;
const path = (plural: 'backups' | 'restores', name = '') => pathOf(namespace, plural, name);

describe.skipIf(why !== '')(`A9: the event store is lost${why}`, () => {
  const tidy = createTidy();
  let cluster: LabCluster;
  let bucket: Bucket;
  let s3: Proxy;
  let home: Home;
  let lifeboat: Lifeboat;
  let backup: Resource;
  let restore: Resource;

  const request = (plural: 'backups' | 'restores', name: string, spec: object) =>
    cluster.create(path(plural), {
      apiVersion: 'velero.io/v1',
      kind: plural === 'backups' ? 'Backup' : 'Restore',
      metadata: { name, namespace },
      spec,
    });
  const ended = (plural: 'backups' | 'restores', name: string) =>
    cluster.becomes(path(plural, name), hasEnded, { explain: lifeboat.log });
  const restored = async (name: string): Promise<Resource> => {
    await request('restores', name, { backupName: 'kept', namespaceMapping: { [app]: `${app}-${name}` } });
    return ended('restores', name);
  };
  const phaseOf = async (kind: 'backup' | 'restore', name: string): Promise<unknown> => {
    const { data } = await ask(
      lifeboat.url,
      `query ($name: String!) { found: ${kind}(name: $name) { phase } }`,
      { name },
    );
    return (data?.['found'] as { readonly phase: string } | null)?.phase;
  };
  const known = (plural: 'backups' | 'restores', name: string) =>
    cluster.becomes(path(plural, name), ({ status }) => status?.phase === 'Completed', {
      explain: lifeboat.log,
    });

  beforeAll(async () => {
    cluster = await tidy.keep(openCluster('acc1'));
    bucket = await tidy.keep(openBucket(cluster, root));
    s3 = await tidy.keep(startProxy(cluster.s3.endpoint));
    home = await tidy.keep(prepareHome(cluster, namespace, root, s3.url));
    await createAll(cluster, [BOAT_CRD]);
    await boatsServed(cluster);
    await createAll(cluster, application(app));
    lifeboat = await home.start();
    await request('backups', 'kept', { includedNamespaces: [app] });
    backup = await ended('backups', 'kept');
    restore = await restored('first');
    expect([backup.status?.phase, restore.status?.phase], lifeboat.log()).toEqual(['Completed', 'Completed']);
  });

  beforeEach(async () => {
    await lifeboat.stop();
  });

  afterAll(tidy.closeAll);

  test('finished backups and restores are taken over from the cluster, their resources stay as they are, and a restore works', async () => {
    await home.forget('everything');
    lifeboat = await home.start();
    expect((await restored('second')).status, lifeboat.log()).toMatchObject({ phase: 'Completed' });
    expect(await storyOf(lifeboat.url, `backup-${namespace}.kept`)).toEqual(['BackupDiscovered']);
    expect(await storyOf(lifeboat.url, `restore-${namespace}.first`)).toEqual(['RestoreDiscovered']);
    expect([await phaseOf('backup', 'kept'), await phaseOf('restore', 'first')]).toEqual([
      'COMPLETED',
      'COMPLETED',
    ]);
    for (const before of [backup, restore]) {
      const now = await cluster.get(path(before === backup ? 'backups' : 'restores', before.metadata.name));
      expect({ spec: now?.spec, status: now?.status, labels: now?.metadata.labels }).toEqual({
        spec: before.spec,
        status: before.status,
        labels: before.metadata.labels,
      });
    }
  });

  test('what was derived from the lost record, and is still there, misleads nobody', async () => {
    await home.forget('the events');
    lifeboat = await home.start();
    expect((await restored('third')).status, lifeboat.log()).toMatchObject({ phase: 'Completed' });
    expect(await storyOf(lifeboat.url, `backup-${namespace}.kept`)).toEqual(['BackupDiscovered']);
    expect([await phaseOf('backup', 'kept'), await phaseOf('restore', 'third')]).toEqual([
      'COMPLETED',
      'COMPLETED',
    ]);
  });

  test('with the resources lost too, the backups come back from the bucket', async () => {
    await home.forget('everything');
    await cluster.remove(path('backups', 'kept'));
    lifeboat = await home.start();
    const found = await known('backups', 'kept');
    expect({ spec: found.spec, status: found.status, labels: found.metadata.labels }).toEqual({
      spec: backup.spec,
      status: backup.status,
      labels: backup.metadata.labels,
    });
    expect((await restored('fourth')).status, lifeboat.log()).toMatchObject({ phase: 'Completed' });
  });

  test('a backup that ran at that moment is made anew', async () => {
    lifeboat = await home.start();
    const { caught } = s3.hold((method, url) => method === 'PUT' && url.includes('running.tar.gz'), {
      at: 'request',
    });
    await request('backups', 'running', { includedNamespaces: [app] });
    await caught;
    await lifeboat.kill();
    await home.forget('everything');
    lifeboat = await home.start();
    expect((await ended('backups', 'running')).status, lifeboat.log()).toMatchObject({ phase: 'Completed' });
    expect(await bucket.keys(`${root}/backups/running/`)).toHaveLength(9);
  });
});
