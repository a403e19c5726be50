import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { openBucket } from './fixture/bucket.js';
import { openCluster, pathOf, type LabCluster } from './fixture/cluster.js';
import { locationOf, prepareHome, type Home } from './fixture/lifeboat.js';
import { RUN, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';

const namespace = `doctor-${RUN}`;
const root = `metadata/acceptance-${RUN}`;

interface Said {
  readonly code: number;
  readonly text: string;
}

describe.skipIf(why !== '')(`"lifeboat doctor" on a real API server and real object storage${why}`, () => {
  const tidy = createTidy();
  let cluster: LabCluster;
  let home: Home;
  let folder = '';

  beforeAll(async () => {
    cluster = await tidy.keep(openCluster(`doctor-${RUN}`));
    home = await tidy.keep(prepareHome(cluster, namespace, `${root}/doctor`));
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-lab-doctor-'));
    await tidy.keep({ close: () => rm(folder, { recursive: true, force: true }) });
  });
  afterAll(() => tidy.closeAll());

  /** Runs the program as its user would. */
  const doctor = (token: string, ...more: readonly string[]): Promise<Said> =>
    writeFile(
      join(folder, 'kubeconfig'),
      stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name: 'lab', cluster: { server: cluster.server, 'insecure-skip-tls-verify': true } }],
        users: [{ name: 'me', user: { token } }],
        contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'me' } }],
        'current-context': 'lab',
      }),
    ).then(
      () =>
        new Promise((resolve) => {
          const given = [
            ...['--import', 'tsx', 'src/cli/main.ts', 'doctor', '-n', namespace],
            ...['--kubeconfig', join(folder, 'kubeconfig'), '--scratch-dir', home.folder],
            ...['--event-store', `sqlite://${join(home.folder, 'events.db')}`, ...more],
          ];
          const env = {
            PATH: cluster.path,
            HOME: folder,
            TMPDIR: folder,
            AWS_SHARED_CREDENTIALS_FILE: cluster.s3.credentialsFile,
          };
          execFile(process.execPath, given, { env, timeout: 120_000 }, (error, stdout, stderr) => {
            const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
            resolve({ code, text: `${stdout}${stderr}` });
          });
        }),
    );

  test('everything is well where a server runs, and the bucket is as it was', async () => {
    const lifeboat = await home.start();
    const bucket = openBucket(cluster, `${root}/doctor`);
    const before = await bucket.keys('');
    const { code, text } = await doctor(cluster.token, '--listen', lifeboat.url.replace('http://', ''));
    expect(text).not.toMatch(/^(warn|fail)/m);
    for (const fine of [
      /^ok {4}API server: Kubernetes v1\.\d+/m,
      /^ok {4}definitions: all 13 kinds are served/m,
      /^ok {4}rights: backup: /m,
      /^ok {4}location default: write: /m,
      /^ok {4}location default: conditional write: of writers that race, one wins/m,
      /^ok {4}location default: link: a download link works/m,
      /^ok {4}location default: clock: /m,
      /^ok {4}event store: .*is in use by the server that runs here/m,
    ])
      expect(text).toMatch(fine);
    expect(code).toBe(0);
    expect(await bucket.keys('')).toEqual(before);
    await lifeboat.stop();
  });

  test('an account without rights, a bucket that is not there and a wrong key are each told, and no secret', async () => {
    await cluster.create(`/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name: 'poor' } });
    const rules = [
      { apiGroups: ['velero.io'], resources: ['*'], verbs: ['*'] },
      { apiGroups: [''], resources: ['secrets'], verbs: ['get'] },
    ];
    const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
    await cluster.create(`${rbac}/roles`, { metadata: { name: 'poor' }, rules });
    await cluster.create(`${rbac}/rolebindings`, {
      metadata: { name: 'poor' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'poor' },
      subjects: [{ kind: 'ServiceAccount', name: 'poor', namespace }],
    });
    const elsewhere = { objectStorage: { bucket: `none-${RUN}` } };
    const locations = pathOf(namespace, 'backupstoragelocations');
    await cluster.create(locations, locationOf(cluster, namespace, '', { name: 'nowhere', spec: elsewhere }));
    const secret = 'a-key-that-nobody-may-read';
    const file = `[default]\naws_access_key_id = stranger\naws_secret_access_key = ${secret}\n`;
    await cluster.create(`/api/v1/namespaces/${namespace}/secrets`, {
      metadata: { name: 'strange' },
      data: { cloud: Buffer.from(file).toString('base64') },
    });
    const strange = { credential: { name: 'strange', key: 'cloud' } };
    await cluster.create(
      locations,
      locationOf(cluster, namespace, `${root}/doctor`, { name: 'denied', spec: strange }),
    );
    const { code, text } = await doctor(await tokenOf('poor'));
    for (const wrong of [
      /^fail {2}namespace: /m,
      /^fail {2}rights: start: may not get namespaces everywhere, get deployments\.apps, /m,
      /^fail {2}rights: backup: may not get \*\.\* everywhere, list \*\.\* everywhere/m,
      /^warn {2}rights: hooks: /m,
      /^ok {4}rights: own resources: /m,
      /^fail {2}location nowhere: access: the bucket does not exist/m,
      /^fail {2}location denied: access: the object storage refuses the credentials/m,
      /^ok {4}location default: write: /m,
    ])
      expect(text).toMatch(wrong);
    expect(text).not.toContain(secret);
    expect(code).toBe(1);
  });

  test('an address at which nothing listens is told within its time', async () => {
    const path = join(folder, 'nowhere');
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'x', cluster: { server: 'https://127.0.0.1:1' } }],
      users: [{ name: 'x', user: {} }],
      contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
      'current-context': 'x',
    };
    await writeFile(path, stringify(config));
    const { code, text } = await doctor('', '--kubeconfig', path);
    expect(text).toMatch(/^fail {2}API server: the API server does not answer: .*ECONNREFUSED/m);
    expect(text).toMatch(/^skip {2}cluster and locations: /m);
    expect(text).toMatch(/^ok {4}event store: /m);
    expect(code).toBe(1);
  });

  /** A token of a service account, by `kubectl` as the administrator. */
  const tokenOf = (account: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const order = ['--kubeconfig', cluster.kubeconfig, '-n', namespace, 'create', 'token', account];
      execFile(
        'kubectl',
        order,
        { env: { PATH: cluster.path, HOME: tmpdir() }, timeout: 60_000 },
        (error, stdout) => (error ? reject(new Error(error.message)) : resolve(stdout.trim())),
      );
    });
});
