import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { storyOf } from './fixture/api.js';
import { application, BOAT_CRD, boatsServed } from './fixture/app.js';
import { openBucket, type Bucket } from './fixture/bucket.js';
import { createAll, hasEnded, openCluster, pathOf, type LabCluster } from './fixture/cluster.js';
import { locationOf, prepareHome, type Home, type Lifeboat } from './fixture/lifeboat.js';
import { RUN, until, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';
import { startVelero, VELERO_NAMESPACE, type RealVelero } from './fixture/velero.js';

const root = `metadata/acceptance-${RUN}`;
const app = `shared-${RUN}`;
/** The name that cluster B has for the location of cluster A. */
const THEIRS = 'from-a';

const isAvailable = ({ status }: { readonly status?: { readonly phase?: string } }) =>
  status?.phase === 'Available';

describe.skipIf(why !== '')(`A2: two clusters with one bucket${why}`, () => {
  const tidy = createTidy();
  let here: LabCluster;
  let there: LabCluster;
  let bucket: Bucket;
  let velero: RealVelero;
  let homeA: Home;
  let homeB: Home;
  let a: Lifeboat;
  let b: Lifeboat;

  const backupIn = (home: Home, name: string) => pathOf(home.namespace, 'backups', name);
  const backUp = async (home: Home, name: string) => {
    await home.cluster.create(pathOf(home.namespace, 'backups'), {
      apiVersion: 'velero.io/v1',
      kind: 'Backup',
      metadata: { name, namespace: home.namespace },
      spec: { includedNamespaces: [app] },
    });
    const made = await home.cluster.becomes(backupIn(home, name), hasEnded, { explain: a.log });
    expect(made.status?.phase).toBe('Completed');
  };
  const appears = (home: Home, name: string) =>
    home.cluster.becomes(backupIn(home, name), ({ status }) => status?.phase === 'Completed', {
      explain: b.log,
    });
  const vanishes = (cluster: LabCluster, path: string) =>
    until(`${path} to vanish`, async () => ((await cluster.get(path)) === undefined ? true : undefined), {
      explain: b.log,
    });

  beforeAll(async () => {
    [here, there] = await Promise.all([tidy.keep(openCluster('acc1')), tidy.keep(openCluster('acc2'))]);
    bucket = await tidy.keep(openBucket(here, root));
    await createAll(here, [BOAT_CRD]);
    await boatsServed(here);
    await createAll(here, application(app));
    await createAll(there, [BOAT_CRD]);
    homeA = await tidy.keep(prepareHome(here, `a-${RUN}`, `${root}/shared`));
    homeB = await tidy.keep(prepareHome(there, `b-${RUN}`, `${root}/own`));
    const theirs = locationOf(there, homeB.namespace, `${root}/shared`, { name: THEIRS });
    await there.create(pathOf(homeB.namespace, 'backupstoragelocations'), theirs);
    [a, b] = await Promise.all([homeA.start(), homeB.start()]);
    await there.becomes(pathOf(homeB.namespace, 'backupstoragelocations', THEIRS), isAvailable, {
      explain: b.log,
    });
    velero = await tidy.keep(startVelero(here, `${root}/shared`));
  });

  afterAll(tidy.closeAll);

  test('a backup of A appears in B under the name of the location there, and is restored there', async () => {
    await backUp(homeA, 'moved');
    const found = await appears(homeB, 'moved');
    expect(found.spec?.['storageLocation']).toBe(THEIRS);
    expect(found.metadata.labels).toMatchObject({ 'velero.io/storage-location': THEIRS });
    await there.create(pathOf(homeB.namespace, 'restores'), {
      apiVersion: 'velero.io/v1',
      kind: 'Restore',
      metadata: { name: 'r1', namespace: homeB.namespace },
      spec: { backupName: 'moved', namespaceMapping: { [app]: `${app}-b` } },
    });
    const restore = await there.becomes(pathOf(homeB.namespace, 'restores', 'r1'), hasEnded, {
      explain: b.log,
    });
    expect(restore.status?.phase, b.log()).toBe('Completed');
  });

  test('a resource that was deleted with kubectl comes back, also across a restart', async () => {
    const before = await there.get(backupIn(homeB, 'moved'));
    await b.stop();
    await there.remove(backupIn(homeB, 'moved'));
    b = await homeB.start();
    const back = await appears(homeB, 'moved');
    expect(back.metadata.uid).not.toBe(before?.metadata.uid);
    expect(back.status).toEqual(before?.status);
  });

  test('the real Velero in A shows the backup of Lifeboat, and one of its own appears in B', async () => {
    const path = pathOf(VELERO_NAMESPACE, 'backups', 'moved');
    await here.becomes(path, ({ status }) => status?.phase === 'Completed', { explain: a.log });
    const made = await velero.cli('backup', 'create', 'by-velero', '--include-namespaces', app, '--wait');
    expect(made.text).toContain('Completed');
    await appears(homeB, 'by-velero');
    await appears(homeA, 'by-velero');
  });

  test('a backup that Velero deletes in A vanishes in B and in the other server of A, and its restore stays', async () => {
    await velero.cli('backup', 'delete', 'moved', '--confirm');
    await vanishes(here, pathOf(VELERO_NAMESPACE, 'backups', 'moved'));
    await vanishes(there, backupIn(homeB, 'moved'));
    await vanishes(here, backupIn(homeA, 'moved'));
    expect(await there.get(pathOf(homeB.namespace, 'restores', 'r1'))).toBeDefined();
    const story = async () => {
      const types = await storyOf(b.url, `backup-${homeB.namespace}.moved`);
      return types.at(-1) === 'BackupDeleted' ? types : undefined;
    };
    const types = await until('the story to end', story);
    expect(types.slice(-2)).toEqual(['BackupVanished', 'BackupDeleted']);
  });

  test('a backup whose files are removed by hand while the server is down vanishes when it is back', async () => {
    await backUp(homeA, 'by-hand');
    await appears(homeB, 'by-hand');
    await b.kill();
    const prefix = `${root}/shared/backups/by-hand/`;
    for (const key of await bucket.keys(prefix)) await bucket.remove(key);
    b = await homeB.start();
    await vanishes(there, backupIn(homeB, 'by-hand'));
    await vanishes(here, backupIn(homeA, 'by-hand'));
    expect((await there.get(backupIn(homeB, 'by-velero')))?.status?.phase).toBe('Completed');
  });
});
