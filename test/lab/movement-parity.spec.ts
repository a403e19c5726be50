import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { entriesOf, openBucket, type Bucket } from './fixture/bucket.js';
import { hasEnded, openCluster, pathOf, type LabCluster, type Resource } from './fixture/cluster.js';
import { csiDisks } from './fixture/csi-disks.js';
import { differences } from './fixture/json-differences.js';
import { prepareHome } from './fixture/lifeboat.js';
import { askedFor, BROKEN, moverPath, REFUSED, UPLOADED } from './fixture/played-mover.js';
import { settledJson } from './fixture/settled-json.js';
import { RUN, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';
import { startVelero, VELERO_NAMESPACE } from './fixture/velero.js';

const LIFEBOAT = `lifeboat-${RUN}`;
const SERVERS = [VELERO_NAMESPACE, LIFEBOAT] as const;
const root = `metadata/movement-parity-${RUN}`;
const shop = `shop-${RUN}`;
/** As every namespace gets one a moment later, which is in the archive or not. */
const UNSTEADY = ['configmaps'];

type Files = Readonly<Record<string, unknown>>;

const isOurs = (server: string): boolean => server === LIFEBOAT;

/** What is not the same, and the row of the page on compatibility that says so. */
const KNOWN = [
  { row: 'Names of DataUploads and DataDownloads', sign: /metadata\.generateName: "(BACKUP|RESTORE)-" → –$/ },
  {
    row: 'The annotation `backup.velero.io/must-include-additional-items` of an archived claim',
    sign: /must-include-additional-items: "true" → –$/,
  },
  {
    row: '`startTimestamp` of moved data in the volume information',
    sign: /^volumeinfo\.0\.startTimestamp: – → "2026-02-03T04:05:06Z"$/,
  },
  {
    row: 'A move that takes longer than `itemOperationTimeout`',
    sign: /\.error: "Asynchronous action timed out" → "Asynchronous action timed out \(itemOperationTimeout\)"$/,
  },
];

const unknownDifferences = (theirs: Files, ours: Files): readonly string[] =>
  differences(theirs, ours).filter((one) => !KNOWN.some(({ sign }) => sign.test(one)));

describe.skipIf(why !== '')(`the same data moved by Lifeboat and by the real Velero${why}`, () => {
  const tidy = createTidy();
  let cluster: LabCluster;
  let bucket: Bucket;

  const nameOf = (server: string, what: string) => `${isOurs(server) ? 'ours' : 'them'}-${what}-${RUN}`;

  const ask = (server: string, plural: 'backups' | 'restores', name: string, spec: object) =>
    cluster.create(pathOf(server, plural), {
      apiVersion: 'velero.io/v1',
      kind: plural === 'backups' ? 'Backup' : 'Restore',
      metadata: { name, namespace: server },
      spec,
    });

  const statusOf = ({ status }: Resource): Files =>
    Object.fromEntries(
      Object.entries(status ?? {}).filter(([key]) =>
        /^csi|ItemOperations|^phase$|^errors$|^warnings$/.test(key),
      ),
    );

  const backUp = async (server: string, what: string, spec: object, play?: object): Promise<Files> => {
    const name = nameOf(server, what);
    await ask(server, 'backups', name, {
      includedNamespaces: [shop],
      excludedResources: UNSTEADY,
      snapshotMoveData: true,
      ...spec,
    });
    const upload = await askedFor(cluster, server, 'datauploads', { label: 'velero.io/backup-name', name });
    const called = upload.metadata.name;
    if (play) await cluster.patch(moverPath(server, 'datauploads', called), { status: play });
    const backup = await cluster.becomes(pathOf(server, 'backups', name), hasEnded);
    const after = await cluster.get(moverPath(server, 'datauploads', called));
    const archive = await entriesOf(await bucket.read(`${root}/backups/${name}/${name}.tar.gz`));
    const archived = Object.fromEntries(
      archive
        .filter(({ path }) => /persistentvolumeclaims|datauploads|volumesnapshot/.test(path))
        .map(({ path, bytes }) => [path, JSON.parse(bytes.toString('utf8')) as unknown]),
    );
    const file = (kind: string) => bucket.json(`${root}/backups/${name}/${name}-${kind}.json.gz`);
    const names = {
      [called]: 'UPLOAD',
      [name]: 'BACKUP',
      [server]: VELERO_NAMESPACE,
      [String((upload.spec?.['csiSnapshot'] as Files)['volumeSnapshot'])]: 'SNAPSHOT',
    };
    const all = {
      upload,
      after,
      status: statusOf(backup),
      archived,
      volumeinfo: await file('volumeinfo'),
      itemoperations: await file('itemoperations'),
    };
    return settledJson(all, names) as Files;
  };

  const restore = async (server: string, what: string, backupName: string, spec: object): Promise<Files> => {
    const name = nameOf(server, what);
    const there = `${name}-shop`;
    await cluster.create('/api/v1/namespaces', { metadata: { name: there } });
    await ask(server, 'restores', name, { backupName, namespaceMapping: { [shop]: there }, ...spec });
    const download = await askedFor(cluster, server, 'datadownloads', {
      label: 'velero.io/restore-name',
      name,
    });
    const called = download.metadata.name;
    const claim = await cluster.becomes(
      `/api/v1/namespaces/${there}/persistentvolumeclaims/data`,
      () => true,
    );
    await cluster.patch(moverPath(server, 'datadownloads', called), { status: BROKEN });
    const ended = await cluster.becomes(pathOf(server, 'restores', name), hasEnded);
    const file = (kind: string) => bucket.json(`${root}/restores/${name}/${kind}.json.gz`);
    const names = { [called]: 'DOWNLOAD', [there]: 'THERE', [name]: 'RESTORE', [server]: VELERO_NAMESPACE };
    const all = {
      download,
      claim,
      status: statusOf(ended),
      volumeinfo: await file(`${name}-volumeinfo`),
      itemoperations: await file(`restore-${name}-itemoperations`),
    };
    return settledJson(all, names) as Files;
  };

  beforeAll(async () => {
    cluster = await tidy.keep(openCluster('csi', { full: true }));
    bucket = await tidy.keep(openBucket(cluster, root));
    const home = await tidy.keep(prepareHome(cluster, LIFEBOAT, root));
    await Promise.all([
      home.start(),
      tidy.keep(
        startVelero(cluster, root, {
          features: 'EnableCSI',
          flags: ['--item-operation-sync-frequency', '2s'],
        }),
      ),
    ]);
    await csiDisks(cluster).make(shop, { data: 'a text' });
  });

  afterAll(tidy.closeAll);

  test.each(KNOWN)('$row: the page on compatibility says so', async ({ row }) => {
    const rows = (await readFile('docs/compatibility.md', 'utf8')).split('\n');
    expect(rows.find((one) => one.startsWith(`| ${row} |`))).toContain('test/lab/movement-parity.spec.ts');
  });

  test.each([
    ['a move that ends well', 'plain', {}, UPLOADED],
    [
      'a move that fails',
      'broken',
      { uploaderConfig: { parallelFilesUpload: 4 }, csiSnapshotTimeout: '3m0s' },
      BROKEN,
    ],
    ['a move that nobody begins, and that is called failed', 'refused', {}, REFUSED],
    [
      'a move that nobody takes on in time',
      'late',
      { datamover: 'custom', itemOperationTimeout: '5s' },
      undefined,
    ],
  ])(
    '%s: the upload, the archive, and what the files of the backup say',
    async (_title, what, spec, play) => {
      const theirs = await backUp(VELERO_NAMESPACE, what, spec, play);
      const ours = await backUp(LIFEBOAT, what, spec, play);
      expect(unknownDifferences(theirs, ours)).toEqual([]);
    },
  );

  test.each([
    ['Lifeboat', 'back', LIFEBOAT, {}],
    [
      'Velero',
      'other',
      VELERO_NAMESPACE,
      { uploaderConfig: { writeSparseFiles: true, parallelFilesDownload: 3 } },
    ],
  ])(
    'both restore what %s has moved: the download, the claim, and the files',
    async (_title, what, maker, spec) => {
      const backupName = nameOf(maker, 'plain');
      for (const server of SERVERS) await cluster.becomes(pathOf(server, 'backups', backupName), () => true);
      const theirs = await restore(VELERO_NAMESPACE, what, backupName, spec);
      const ours = await restore(LIFEBOAT, what, backupName, spec);
      expect(unknownDifferences(theirs, ours)).toEqual([]);
    },
  );
});
