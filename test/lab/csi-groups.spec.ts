import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBucket, type Bucket } from './fixture/bucket.js';
import { openCluster, pathOf, type LabCluster } from './fixture/cluster.js';
import { GROUP_CLASS } from './fixture/csi-cases.js';
import { csiDisks, type CsiDisks } from './fixture/csi-disks.js';
import { restartSidecars } from './fixture/csi-sidecars.js';
import { prepareHome, type Home, type Lifeboat } from './fixture/lifeboat.js';
import { operationsOf, type Operations } from './fixture/operations.js';
import { RUN, until, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';

const LIFEBOAT = `lifeboat-${RUN}`;
const root = `metadata/csi-groups-${RUN}`;
const LEFT = [
  '/apis/snapshot.storage.k8s.io/v1/volumesnapshots',
  '/apis/snapshot.storage.k8s.io/v1/volumesnapshotcontents',
  '/apis/groupsnapshot.storage.k8s.io/v1beta2/volumegroupsnapshots',
  '/apis/groupsnapshot.storage.k8s.io/v1beta2/volumegroupsnapshotcontents',
];

describe.skipIf(why !== '')(`a volume group of a real CSI driver${why}`, () => {
  const tidy = createTidy();
  const shop = `group-${RUN}`;
  let cluster: LabCluster;
  let bucket: Bucket;
  let disks: CsiDisks;
  let home: Home;
  let lifeboat: Lifeboat;
  let operations: Operations;

  const { create, ended }: Operations = {
    create: (...order) => operations.create(...order),
    ended: (...order) => operations.ended(...order),
  };
  /** The snapshot controller takes its finalizers off when it comes to it. */
  const nothingLeft = () =>
    until('everything of the group to be gone from the cluster', async () => {
      for (const path of LEFT) if ((await cluster.list(path)).length > 0) return undefined;
      return true;
    });

  beforeAll(async () => {
    cluster = await tidy.keep(openCluster('csi', { full: true }));
    await restartSidecars(cluster, { groups: true, qps: 50 });
    disks = csiDisks(cluster);
    bucket = await tidy.keep(openBucket(cluster, root));
    await cluster.create(...GROUP_CLASS);
    const patience = { explain: () => lifeboat.log() };
    operations = operationsOf(cluster, LIFEBOAT, patience);
    home = await tidy.keep(prepareHome(cluster, LIFEBOAT, root));
    lifeboat = await home.start();
    await disks.make(shop, { data: 'as it was', wal: 'as it was, too' });
    for (const name of ['data', 'wal'])
      await cluster.patch(`/api/v1/namespaces/${shop}/persistentvolumeclaims/${name}`, {
        metadata: { labels: { 'velero.io/volume-group': 'db' } },
      });
  });

  afterAll(tidy.closeAll);

  test('behaviour 112: is snapshotted as one, and only the physical snapshots stay', async () => {
    await create('backups', 'together', { includedNamespaces: [shop] });
    const backup = await ended('backups', 'together');
    expect(backup.status).toMatchObject({ phase: 'Completed', csiVolumeSnapshotsCompleted: 2 });
    const infos = (await bucket.json(`${root}/backups/together/together-volumeinfo.json.gz`)) as readonly {
      readonly csiSnapshotInfo: { readonly volumeGroupSnapshotHandle: string };
    }[];
    expect(new Set(infos.map(({ csiSnapshotInfo }) => csiSnapshotInfo.volumeGroupSnapshotHandle)).size).toBe(
      1,
    );
    await nothingLeft();
    expect(await disks.snapshots()).toHaveLength(2);
  });

  test('is snapshotted anew if the server is killed meanwhile; the driver holds one group more', async () => {
    await create('backups', 'killed', { includedNamespaces: [shop] });
    await until('the group', async () => (await cluster.list(LEFT[2] ?? ''))[0]);
    await lifeboat.kill();
    lifeboat = await home.start();
    expect((await ended('backups', 'killed')).status).toMatchObject({ phase: 'Completed' });
    await nothingLeft();
    expect(await disks.snapshots()).toHaveLength(4);
  });

  test('comes back with the data of each volume, and what stood for the group goes', async () => {
    const copy = `${shop}-copy`;
    await create('restores', 'again', { backupName: 'together', namespaceMapping: { [shop]: copy } });
    for (const [name, text] of [
      ['data', 'as it was'],
      ['wal', 'as it was, too'],
    ] as const)
      expect(await disks.read(copy, name), lifeboat.log()).toBe(text);
    expect((await ended('restores', 'again')).status).toMatchObject({ phase: 'Completed' });
    await until('the stand-in to be gone', async () =>
      (await cluster.list(LEFT[3] ?? '')).length === 0 ? true : undefined,
    );
    expect(await disks.snapshots()).toHaveLength(4);
    await cluster.remove(`/api/v1/namespaces/${copy}`);
  });

  test('goes with its backup, the physical snapshots too', async () => {
    for (const name of ['together', 'killed'])
      await cluster.create(pathOf(LIFEBOAT, 'deletebackuprequests'), {
        apiVersion: 'velero.io/v1',
        kind: 'DeleteBackupRequest',
        metadata: { name: `delete-${name}`, namespace: LIFEBOAT },
        spec: { backupName: name },
      });
    await until('the snapshots to be gone', async () =>
      (await disks.snapshots()).length === 0 ? true : undefined,
    );
  });
});
