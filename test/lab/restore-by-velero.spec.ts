import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { application, BOAT_CRD, boatsServed, listsOf } from './fixture/app.js';
import { openBucket } from './fixture/bucket.js';
import { createAll, openCluster, pathOf, type LabCluster, type Resource } from './fixture/cluster.js';
import { asWritten, objectsIn } from './fixture/compare.js';
import { prepareHome, type Home } from './fixture/lifeboat.js';
import { RUN, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';
import { startVelero, VELERO_NAMESPACE, veleroCli, type RealVelero, type Said } from './fixture/velero.js';

const app = `app-${RUN}`;
const root = `metadata/acceptance-${RUN}`;

describe.skipIf(why !== '')(`A4: a backup of Lifeboat in the hands of the real Velero${why}`, () => {
  const tidy = createTidy();
  let here: LabCluster;
  let there: LabCluster;
  let home: Home;
  let velero: RealVelero;
  let restored: Said;
  let backup: Resource;

  beforeAll(async () => {
    [here, there] = await Promise.all([tidy.keep(openCluster('acc1')), tidy.keep(openCluster('acc2'))]);
    await tidy.keep(openBucket(here, root));
    home = await tidy.keep(prepareHome(here, `lifeboat-${RUN}`, `${root}/lifeboat`));
    await createAll(here, [BOAT_CRD]);
    await boatsServed(here);
    await createAll(here, application(app));
    await there.remove('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/boats.lab.example');
    await home.start();
    const made = await veleroCli(here, home.namespace)(
      'backup',
      'create',
      `one-${RUN}`,
      '--include-namespaces',
      app,
      '--wait',
    );
    expect(made.text).toContain('Completed');
    velero = await tidy.keep(startVelero(there, `${root}/lifeboat`));
    const path = pathOf(VELERO_NAMESPACE, 'backups', `one-${RUN}`);
    backup = await there.becomes(path, () => true);
    restored = await velero.cli('restore', 'create', `one-${RUN}`, '--from-backup', `one-${RUN}`, '--wait');
  });

  afterAll(tidy.closeAll);

  test('the real Velero finds it in the bucket by itself, as the completed backup it is', () => {
    expect(backup.status).toMatchObject({
      phase: 'Completed',
      progress: { totalItems: 12, itemsBackedUp: 12 },
    });
    expect(backup.metadata.labels).toMatchObject({ 'velero.io/storage-location': 'default' });
  });

  test('its restore completes without an error', async () => {
    const restore = await there.get(pathOf(VELERO_NAMESPACE, 'restores', `one-${RUN}`));
    expect(restored.text).toContain('Restore completed with status: Completed');
    expect(restore?.status?.errors ?? 0).toBe(0);
  });

  test('every object is again what it was, but for what a server sets and the two labels of a restore', async () => {
    await boatsServed(there);
    const originals = await objectsIn(here, listsOf(app));
    const copies = await objectsIn(there, listsOf(app));
    expect([...copies.keys()].sort()).toEqual([...originals.keys()].sort());
    for (const [key, original] of originals) {
      const copy = copies.get(key)!;
      expect({ key, ...copy.metadata.labels }).toMatchObject({
        'velero.io/backup-name': `one-${RUN}`,
        'velero.io/restore-name': `one-${RUN}`,
      });
      expect({ key, ...asWritten(copy) }).toEqual({ key, ...asWritten(original) });
    }
  });

  test('the namespace has its labels and annotations again', async () => {
    const namespace = await there.get(`/api/v1/namespaces/${app}`);
    expect(namespace?.metadata.labels).toMatchObject({ team: 'a' });
    expect(namespace?.metadata.annotations).toMatchObject({ contact: 'team-a@example' });
  });

  test('"velero backup describe --details" and "logs" of the real Velero read its files', async () => {
    const described = await velero.cli('backup', 'describe', `one-${RUN}`, '--details');
    expect(described).toMatchObject({ code: 0 });
    expect(described.text).toContain(`- ${app}/settings`);
    expect(described.text).not.toMatch(/error getting|<error/i);
    const logs = await velero.cli('backup', 'logs', `one-${RUN}`);
    expect(logs.text).toMatch(/Backed up a total of \d+ items/);
  });
});
