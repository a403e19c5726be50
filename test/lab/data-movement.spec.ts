import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBucket, type Bucket } from './fixture/bucket.js';
import { hasEnded, openCluster, pathOf, type LabCluster, type Resource } from './fixture/cluster.js';
import { csiDisks, type CsiDisks } from './fixture/csi-disks.js';
import { prepareHome, type Home, type Lifeboat } from './fixture/lifeboat.js';
import { playMounts, startAgentOf, type Agent } from './fixture/mounts.js';
import { RUN, until, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';
import { veleroCli } from './fixture/velero.js';

const root = `metadata/moved-${RUN}`;
const LIFEBOAT = `lifeboat-${RUN}`;
const shop = `shop-${RUN}`;
const name = `moved-${RUN}`;

describe.skipIf(why !== '')(`data of CSI snapshots that is moved into the bucket${why}`, () => {
  const tidy = createTidy();
  let cluster: LabCluster;
  let bucket: Bucket;
  let home: Home;
  let lifeboat: Lifeboat;
  let agent: Agent;
  let disks: CsiDisks;
  let before: readonly string[];

  const said = () => `${lifeboat.log()}\n--- agent ---\n${agent.log()}`;
  const ask = async (plural: 'backups' | 'restores', called: string, spec: object): Promise<Resource> => {
    await cluster.create(pathOf(LIFEBOAT, plural), {
      apiVersion: 'velero.io/v1',
      kind: plural === 'backups' ? 'Backup' : 'Restore',
      metadata: { name: called, namespace: LIFEBOAT },
      spec,
    });
    return cluster.becomes(pathOf(LIFEBOAT, plural, called), hasEnded, { seconds: 180, explain: said });
  };
  const nothingLeft = () =>
    until(
      'what was made for the move to be gone',
      async () => {
        const left = [
          ...(await cluster.list(`/api/v1/namespaces/${LIFEBOAT}/pods`)),
          ...(await cluster.list(`/api/v1/namespaces/${LIFEBOAT}/persistentvolumeclaims`)),
          ...(await cluster.list(`/apis/snapshot.storage.k8s.io/v1/namespaces/${LIFEBOAT}/volumesnapshots`)),
          ...(await cluster.list(`/apis/snapshot.storage.k8s.io/v1/namespaces/${shop}/volumesnapshots`)),
        ];
        const physical = (await disks.snapshots()).filter((one) => !before.includes(one));
        return left.length + physical.length === 0 ? true : undefined;
      },
      { seconds: 60, explain: said },
    );

  beforeAll(async () => {
    cluster = await tidy.keep(openCluster('csi', { full: true }));
    disks = csiDisks(cluster);
    bucket = await tidy.keep(openBucket(cluster, root));
    home = await tidy.keep(prepareHome(cluster, LIFEBOAT, root));
    const mounts = await tidy.keep(playMounts(cluster));
    const [first, ...others] = await cluster.list('/api/v1/nodes');
    // One agent is enough where every pod comes to its node.
    for (const { metadata } of others)
      await cluster.patch(`/api/v1/nodes/${metadata.name}`, { spec: { unschedulable: true } });
    lifeboat = await home.start();
    agent = await tidy.keep(startAgentOf(home, first?.metadata.name ?? '', mounts.root));
    await disks.make(shop, { data: 'as it was backed up' });
    const { metadata } = await disks.volumeOf(shop, 'data');
    await cluster.patch(`/api/v1/persistentvolumes/${metadata.name}`, {
      metadata: { labels: { tier: 'gold' } },
    });
    before = await disks.snapshots();
  });

  afterAll(async () => {
    for (const { metadata } of await cluster.list('/api/v1/nodes'))
      await cluster.patch(`/api/v1/nodes/${metadata.name}`, { spec: { unschedulable: null } });
    await tidy.closeAll();
  });

  test('behaviour 98: a backup moves them, leaves no snapshot, and is told of by the unmodified program', async () => {
    const backup = await ask('backups', name, { includedNamespaces: [shop], snapshotMoveData: true });
    const [upload] = await cluster.list(pathOf(LIFEBOAT, 'datauploads').replace('/v1/', '/v2alpha1/'));
    expect(upload?.status, said()).toMatchObject({ phase: 'Completed' });
    expect(backup.status).toMatchObject({ phase: 'Completed', backupItemOperationsCompleted: 1 });
    expect(upload).toMatchObject({
      metadata: {
        labels: {
          'velero.io/backup-name': name,
          'velero.io/async-operation-id': expect.stringMatching(/^du-.{60}$/) as string,
        },
        ownerReferences: [{ apiVersion: 'velero.io/v1', kind: 'Backup', name, controller: true }],
      },
      spec: {
        snapshotType: 'CSI',
        csiSnapshot: {
          driver: 'hostpath.csi.k8s.io',
          snapshotClass: 'hostpath',
          storageClass: 'hostpath',
        },
        sourceNamespace: shop,
        sourcePVC: 'data',
        backupStorageLocation: 'default',
        operationTimeout: '10m0s',
      },
      status: { phase: 'Completed' },
    });
    expect(await bucket.json(`${root}/backups/${name}/${name}-volumeinfo.json.gz`)).toMatchObject([
      { pvcName: 'data', snapshotDataMoved: true, result: 'succeeded' },
    ]);
    const described = await veleroCli(cluster, LIFEBOAT)('backup', 'describe', name, '--details');
    expect(described.text).toContain('Data Movement:');
    expect(described.text).toContain('Result: succeeded');
    await nothingLeft();
  });

  test('behaviour 99: a restore fills the claim when namespace and volume are gone', async () => {
    await cluster.remove(`/api/v1/namespaces/${shop}`);
    await until('the namespace to be gone', async () =>
      (await cluster.get(`/api/v1/namespaces/${shop}`)) === undefined ? true : undefined,
    );
    const restore = await ask('restores', name, { backupName: name });
    expect(restore.status).toMatchObject({ phase: 'Completed', restoreItemOperationsCompleted: 1 });
    expect(await disks.read(shop, 'data')).toBe('as it was backed up');
    const volume = await disks.volumeOf(shop, 'data');
    expect(volume.metadata.labels).toEqual({ tier: 'gold' });
    expect(volume.spec).toMatchObject({ persistentVolumeReclaimPolicy: 'Delete' });
    await nothingLeft();
  });
});
