import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, factsOf, storyOf } from './fixture/api.js';
import { application, BOAT_CRD, boatsServed } from './fixture/app.js';
import { openBucket, type Bucket } from './fixture/bucket.js';
import { createAll, hasEnded, openCluster, pathOf, type LabCluster } from './fixture/cluster.js';
import { prepareHome, type Home, type Lifeboat } from './fixture/lifeboat.js';
import { startProxy, type Proxy } from './fixture/proxy.js';
import { RUN, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';
import { veleroCli, type Said } from './fixture/velero.js';

const root = `metadata/cancel-${RUN}`;
const app = `cancel-${RUN}`;
/** Velero’s program waits this long for nothing: a cancelled run has ended long before. */
const PROMPT = { seconds: 60 };

describe.skipIf(why !== '')(`Cancelling on a real cluster and real storage${why}`, () => {
  const tidy = createTidy();
  let cluster: LabCluster;
  let bucket: Bucket;
  let storage: Proxy;
  let apiServer: Proxy;
  let home: Home;
  let lifeboat: Lifeboat;
  let cli: (...args: readonly string[]) => Promise<Said>;

  const kubectl = (...args: readonly string[]) =>
    promisify(execFile)('kubectl', ['--kubeconfig', cluster.kubeconfig, '-n', home.namespace, ...args], {
      env: { PATH: cluster.path, HOME: tmpdir() },
    });
  const request = (kind: 'Backup' | 'Restore', name: string, spec: object) =>
    cluster.create(pathOf(home.namespace, `${kind.toLowerCase()}s`), {
      apiVersion: 'velero.io/v1',
      kind,
      metadata: { name, namespace: home.namespace },
      spec,
    });
  const ended = (plural: string, name: string) =>
    cluster.becomes(pathOf(home.namespace, plural, name), hasEnded, { ...PROMPT, explain: lifeboat.log });
  const spec = { includedNamespaces: [app], snapshotVolumes: false };

  beforeAll(async () => {
    cluster = await tidy.keep(openCluster('acc1'));
    bucket = await tidy.keep(openBucket(cluster, root));
    storage = await tidy.keep(startProxy(cluster.s3.endpoint));
    apiServer = await tidy.keep(startProxy(cluster.server));
    home = await tidy.keep(prepareHome(cluster, `cancel-${RUN}-velero`, root, storage.url));
    await createAll(cluster, [BOAT_CRD]);
    await boatsServed(cluster);
    await createAll(cluster, application(app));
    lifeboat = await home.start({ apiServer: apiServer.url });
    cli = veleroCli(cluster, home.namespace);
  });

  afterAll(tidy.closeAll);

  test('kubectl annotate ends a backup while its archive is on the way; its log says so', async () => {
    const held = storage.hold((method, path) => method === 'PUT' && path.includes('one.tar.gz'), {
      at: 'request',
    });
    await request('Backup', 'one', spec);
    await held.caught;
    await kubectl('annotate', 'backups.velero.io', 'one', 'lifeboat.io/cancel=true');
    const { status } = await ended('backups', 'one');
    held.release();
    expect(status).toMatchObject({ phase: 'Failed', failureReason: 'cancelled while it ran' });
    expect(status?.completionTimestamp).toBeTruthy();
    expect(await bucket.keys(`${root}/backups/one/`)).toEqual([`${root}/backups/one/one-logs.gz`]);
    const logs = await cli('backup', 'logs', 'one');
    expect(logs.code, logs.text).toBe(0);
    expect(logs.text).toContain('The backup was cancelled');
    const described = await cli('backup', 'describe', 'one');
    expect(described.code, described.text).toBe(0);
    expect(described.text).toContain('Failed');
    const facts = await factsOf(lifeboat.url, { stream: `backup-${home.namespace}.one` });
    expect(facts.find(({ type }) => type === 'BackupCancelRequested')?.actor).toMatchObject({
      kind: 'CLUSTER',
      name: 'kubectl-annotate',
      via: 'kubernetes',
    });
  });

  test('the API ends a backup, with who asked, and the next one has its place', async () => {
    const held = storage.hold((method, path) => method === 'PUT' && path.includes('two.tar.gz'), {
      at: 'request',
    });
    await request('Backup', 'two', spec);
    await held.caught;
    await request('Backup', 'three', spec);
    const mutation = `mutation { cancelBackup(input: { name: "two" }) { backup { cancelRequestedAt } userErrors { code message } } }`;
    const answer = await ask(lifeboat.url, mutation);
    expect(answer.data?.['cancelBackup'], JSON.stringify(answer)).toMatchObject({
      backup: { cancelRequestedAt: expect.any(String) as string },
      userErrors: [],
    });
    expect((await ended('backups', 'two')).status?.phase).toBe('Failed');
    held.release();
    expect((await ended('backups', 'three')).status?.phase).toBe('Completed');
    expect((await storyOf(lifeboat.url, `backup-${home.namespace}.two`)).slice(-2)).toEqual([
      'BackupCancelRequested',
      'BackupFinished',
    ]);
  });

  test('kubectl annotate ends a restore; what it made stays, and its log and results can be read', async () => {
    const target = `${app}-back`;
    const held = apiServer.hold(
      (method, path) => method === 'POST' && path.includes(`/namespaces/${target}/deployments`),
      { at: 'request' },
    );
    await request('Restore', 'back', { backupName: 'three', namespaceMapping: { [app]: target } });
    await held.caught;
    await kubectl('annotate', 'restores.velero.io', 'back', 'lifeboat.io/cancel=true');
    const { status } = await ended('restores', 'back');
    held.release();
    expect(status).toMatchObject({
      phase: 'Failed',
      failureReason: 'cancelled while it ran; what it had restored stays',
    });
    expect(await cluster.get(`/api/v1/namespaces/${target}/configmaps/settings`)).toBeDefined();
    const logs = await cli('restore', 'logs', 'back');
    expect(logs.code, logs.text).toBe(0);
    expect(logs.text).toContain('The restore was cancelled');
    const contents = `{ restore(name: "back") { itemsCreated contents(filter: { kind: "ConfigMap", name: "settings" }) { nodes { namespace outcome } } } }`;
    expect((await ask(lifeboat.url, contents)).data?.['restore']).toMatchObject({
      contents: { nodes: [{ namespace: target, outcome: 'CREATED' }] },
    });
  });

  test('the unmodified velero program learns the version and the plugins of the server', async () => {
    const version = await cli('version');
    expect(version.text).toMatch(/Server:\s+Version: v1\.18\.2/);
    expect(version.text).not.toContain('WARNING');
    const plugins = await cli('plugin', 'get');
    expect(plugins.code, plugins.text).toBe(0);
    expect(plugins.text).toMatch(/velero\.io\/change-storage-class\s+RestoreItemAction/);
    expect(plugins.text).toMatch(/velero\.io\/aws\s+ObjectStore/);
  });

  test('a link made by the API gives the file, and says 404 for one that is not there', async () => {
    const linkTo = async (kind: string) => {
      const mutation = `mutation { createDownloadUrl(input: { kind: ${kind}, name: "three" }) { url expiresAt userErrors { code } } }`;
      const made = (await ask(lifeboat.url, mutation)).data?.['createDownloadUrl'] as {
        readonly url: string;
      };
      return fetch(made.url);
    };
    expect((await linkTo('BACKUP_CONTENTS')).status).toBe(200);
    expect((await linkTo('CSI_BACKUP_VOLUME_SNAPSHOTS')).status).toBe(404);
  });
});
