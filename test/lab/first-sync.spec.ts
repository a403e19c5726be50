import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { application, BOAT_CRD, boatsServed } from './fixture/app.js';
import { openBucket, type Bucket } from './fixture/bucket.js';
import { createAll, hasEnded, openCluster, pathOf, type LabCluster } from './fixture/cluster.js';
import { prepareHome, type Home, type Lifeboat } from './fixture/lifeboat.js';
import { ask } from './fixture/api.js';
import { RUN, until, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';

const COPIES = Number(process.env['LIFEBOAT_SYNC_BACKUPS'] ?? '2000');
const LIMIT_SECONDS = 60;
const AT_ONCE = 32;

const root = `metadata/acceptance-${RUN}`;
const app = `many-${RUN}`;

interface Mark {
  readonly metadata: object;
}

/** What sync and a restore read of one backup, under new names, each with its name in the mark. */
const multiply = async (bucket: Bucket, prefix: string, from: string, copies: number): Promise<void> => {
  const dir = `${prefix}/backups/${from}/`;
  const files = await Promise.all(
    ['velero-backup.json', `${from}.tar.gz`, `${from}-podvolumebackups.json.gz`].map(
      async (file) => [file, await bucket.read(dir + file)] as const,
    ),
  );
  const copy = async (name: string) => {
    for (const [file, bytes] of files) {
      const isMark = file === 'velero-backup.json';
      const mark = isMark ? (JSON.parse(bytes.toString('utf8')) as Mark) : undefined;
      const body = mark
        ? Buffer.from(JSON.stringify({ ...mark, metadata: { ...mark.metadata, name } }))
        : bytes;
      await bucket.put(`${prefix}/backups/${name}/${file.replace(from, name)}`, body);
    }
  };
  let next = 0;
  const worker = async () => {
    while (next < copies) await copy(`copy-${next++}`);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
};

describe.skipIf(why !== '')(`A6: a bucket with ${COPIES} backups${why}`, () => {
  const tidy = createTidy();
  let cluster: LabCluster;
  let home: Home;
  let lifeboat: Lifeboat;

  beforeAll(async () => {
    cluster = await tidy.keep(openCluster('acc1'));
    const bucket = await tidy.keep(openBucket(cluster, root));
    const maker = await tidy.keep(prepareHome(cluster, `maker-${RUN}`, `${root}/many`));
    await createAll(cluster, [BOAT_CRD]);
    await boatsServed(cluster);
    await createAll(cluster, application(app));
    const making = await maker.start();
    await cluster.create(pathOf(maker.namespace, 'backups'), {
      apiVersion: 'velero.io/v1',
      kind: 'Backup',
      metadata: { name: 'original', namespace: maker.namespace },
      spec: { includedNamespaces: [app] },
    });
    await cluster.becomes(pathOf(maker.namespace, 'backups', 'original'), hasEnded, { explain: making.log });
    await making.stop();
    await multiply(bucket, `${root}/many`, 'original', COPIES);
    home = await tidy.keep(prepareHome(cluster, `many-${RUN}`, `${root}/many`));
  }, 900_000);

  afterAll(tidy.closeAll, 900_000);

  test(`shows them all within ${LIMIT_SECONDS} s of its start, in the cluster and in the API`, async () => {
    const began = Date.now();
    lifeboat = await home.start();
    const location = await cluster.becomes(
      pathOf(home.namespace, 'backupstoragelocations', 'default'),
      ({ status }) => status?.['lastSyncedTime'] !== undefined,
      { seconds: 300, explain: lifeboat.log },
    );
    const inCluster = (Date.now() - began) / 1_000;
    expect(location.status?.phase).toBe('Available');
    expect((await cluster.list(pathOf(home.namespace, 'backups'))).length).toBe(COPIES + 1);
    const count = async () => {
      const { data } = await ask(
        lifeboat.url,
        '{ backups(first: 1, filter: {phase: [COMPLETED]}) { totalCount } }',
      );
      const { totalCount } = data?.['backups'] as { readonly totalCount: number };
      return totalCount === COPIES + 1 ? true : undefined;
    };
    await until('the API to show them all', count, { seconds: 300, explain: lifeboat.log });
    const inApi = (Date.now() - began) / 1_000;
    console.info(`${COPIES} backups: in the cluster after ${inCluster} s, in the API after ${inApi} s`);
    expect(inApi).toBeLessThan(LIMIT_SECONDS);
  }, 700_000);
});
