import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { application, BOAT_CRD, boatsServed } from './fixture/app.js';
import { entriesOf, openBucket, type Bucket } from './fixture/bucket.js';
import { createAll, openCluster, pathOf, type LabCluster, type Resource } from './fixture/cluster.js';
import { prepareHome, type Home, type Lifeboat } from './fixture/lifeboat.js';
import { RUN, until, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';
import { startVelero, VELERO_NAMESPACE, veleroCli, type RealVelero, type Said } from './fixture/velero.js';

const app = `app-${RUN}`;
const root = `metadata/acceptance-${RUN}`;
const FILES = [
  'velero-backup.json',
  'one.tar.gz',
  'one-logs.gz',
  'one-results.gz',
  'one-podvolumebackups.json.gz',
  'one-volumesnapshots.json.gz',
  'one-itemoperations.json.gz',
  'one-resource-list.json.gz',
  'one-volumeinfo.json.gz',
];

/** What tells of the moment, the server or the object itself, and so differs between any two backups. */
const MOMENTS = /(Timestamp|expiration)$/;

const fieldsOf = (value: unknown, at = ''): readonly string[] =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? [at, ...Object.entries(value).flatMap(([key, inner]) => fieldsOf(inner, `${at}/${key}`))]
    : [at];

const settled = (fields: object | undefined): object =>
  Object.fromEntries(Object.entries(fields ?? {}).filter(([key]) => !MOMENTS.test(key)));

describe.skipIf(why !== '')(`A3: the velero program of a user, with Lifeboat as its server${why}`, () => {
  const tidy = createTidy();
  let cluster: LabCluster;
  let home: Home;
  let bucket: Bucket;
  let lifeboat: Lifeboat;
  let velero: RealVelero;
  let cli: (...args: readonly string[]) => Promise<Said>;
  let created: Said;
  let ours: Resource;
  let theirs: Resource;

  beforeAll(async () => {
    cluster = await tidy.keep(openCluster('acc1'));
    bucket = await tidy.keep(openBucket(cluster, root));
    home = await tidy.keep(prepareHome(cluster, `lifeboat-${RUN}`, `${root}/lifeboat`));
    await createAll(cluster, [BOAT_CRD]);
    await boatsServed(cluster);
    await createAll(cluster, application(app));
    [lifeboat, velero] = await Promise.all([home.start(), tidy.keep(startVelero(cluster, `${root}/velero`))]);
    cli = veleroCli(cluster, home.namespace);
    const order = [
      'backup',
      'create',
      'one',
      '--include-namespaces',
      app,
      '--labels',
      'made-by=cli',
      '--wait',
    ];
    [created] = await Promise.all([cli(...order), velero.cli(...order)]);
    const read = async (namespace: string) =>
      until(`the backup in ${namespace}`, () => cluster.get(pathOf(namespace, 'backups', 'one')));
    ours = await read(home.namespace);
    theirs = await read(VELERO_NAMESPACE);
  });

  afterAll(tidy.closeAll);

  test('"velero backup create --wait" ends with a completed backup', () => {
    expect(created, lifeboat.log()).toMatchObject({ code: 0 });
    expect(created.text).toContain('Backup completed with status: Completed');
    expect(ours.status).toMatchObject({ phase: 'Completed', formatVersion: '1.1.0', version: 1 });
  });

  test('the bucket holds exactly the files that Velero writes, as plain bytes that no client unpacks by itself', async () => {
    const dir = `${root}/lifeboat/backups/one/`;
    expect(await bucket.keys(`${root}/lifeboat/`)).toEqual(FILES.map((file) => `${dir}${file}`).sort());
    for (const file of FILES)
      expect({ file, ...(await bucket.head(`${dir}${file}`)) }).toEqual({
        file,
        type: 'application/octet-stream',
        encoding: undefined,
      });
  });

  test('the contents hold the application, its claim, its custom resource and the definition of that, each twice by version', async () => {
    const entries = await entriesOf(await bucket.read(`${root}/lifeboat/backups/one/one.tar.gz`));
    const paths = entries.map(({ path }) => path);
    expect(paths[0]).toBe('metadata/version');
    for (const [kind, version, item] of [
      ['namespaces', 'v1', `cluster/${app}`],
      ['configmaps', 'v1', `namespaces/${app}/settings`],
      ['secrets', 'v1', `namespaces/${app}/login`],
      ['services', 'v1', `namespaces/${app}/web`],
      ['persistentvolumeclaims', 'v1', `namespaces/${app}/data`],
      ['deployments.apps', 'v1', `namespaces/${app}/web`],
      ['jobs.batch', 'v1', `namespaces/${app}/migrate`],
      ['roles.rbac.authorization.k8s.io', 'v1', `namespaces/${app}/Odd:Name`],
      ['boats.lab.example', 'v1', `namespaces/${app}/number-one`],
      ['customresourcedefinitions.apiextensions.k8s.io', 'v1', 'cluster/boats.lab.example'],
    ])
      expect(paths).toEqual(
        expect.arrayContaining([
          `resources/${kind}/${item}.json`,
          `resources/${kind}/${version}-preferredversion/${item}.json`,
        ]),
      );
    expect(new Set(paths).size).toBe(paths.length);
  });

  test('the resource shows what the one of the real Velero shows: the same specification, the same fields of status, the same counts', () => {
    expect(ours.spec).toEqual(theirs.spec);
    expect(fieldsOf(ours.status)).toEqual(expect.arrayContaining([...fieldsOf(theirs.status)]));
    expect(fieldsOf(theirs.status)).toEqual(expect.arrayContaining([...fieldsOf(ours.status)]));
    expect(settled(ours.status)).toEqual(settled(theirs.status));
    expect(ours.metadata.labels).toEqual(theirs.metadata.labels);
    expect(Object.keys(ours.metadata.annotations ?? {})).toEqual(
      expect.arrayContaining(Object.keys(theirs.metadata.annotations ?? {})),
    );
  });

  test('its times are in order, and it expires 30 days after it was prepared', () => {
    const { startTimestamp = '', completionTimestamp = '', expiration = '' } = ours.status ?? {};
    expect(Date.parse(completionTimestamp)).toBeGreaterThanOrEqual(Date.parse(startTimestamp));
    expect((Date.parse(expiration) - Date.parse(startTimestamp)) / 3_600_000).toBeCloseTo(720, 1);
  });

  test('"velero backup get", "describe --details" and "logs" work on it', async () => {
    const [got, described, logs] = await Promise.all([
      cli('backup', 'get', 'one'),
      cli('backup', 'describe', 'one', '--details'),
      cli('backup', 'logs', 'one'),
    ]);
    expect(got.text).toMatch(/^one\s+Completed\s+0\s+0\s/m);
    expect(described).toMatchObject({ code: 0 });
    for (const part of [
      'Phase:  Completed',
      'Total items to be backed up:',
      `- ${app}/settings`,
      'apps/v1/Deployment:',
      'lab.example/v1/Boat:',
    ])
      expect(described.text).toContain(part);
    expect(described.text).not.toMatch(/error getting|<error/i);
    expect(logs).toMatchObject({ code: 0 });
    expect(logs.text).toMatch(/Backed up a total of \d+ items/);
  });

  test('a name that lies in the bucket already is refused, and nothing of the old backup changes', async () => {
    const before = await bucket.read(`${root}/lifeboat/backups/one/one.tar.gz`);
    await cluster.remove(pathOf(home.namespace, 'backups', 'one'));
    const again = await cli('backup', 'create', 'one', '--include-namespaces', app, '--wait');
    expect(again.text).toMatch(/Failed|already exists/);
    expect((await bucket.read(`${root}/lifeboat/backups/one/one.tar.gz`)).equals(before)).toBe(true);
  });
});
