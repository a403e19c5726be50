import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBucket, type Bucket } from './fixture/bucket.js';
import { hasEnded, openCluster, pathOf, type LabCluster, type Resource } from './fixture/cluster.js';
import { csiDisks, type CsiDisks } from './fixture/csi-disks.js';
import { prepareHome, type Home, type Lifeboat } from './fixture/lifeboat.js';
import type { Agent } from './fixture/agent-process.js';
import { openKubelet, type Kubelet } from './fixture/node-agent.js';
import { moverPath } from './fixture/played-mover.js';
import { RUN, until, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';
import { veleroCli } from './fixture/velero.js';

const root = `metadata/moved-${RUN}`;
const LIFEBOAT = `lifeboat-${RUN}`;
const shop = `shop-${RUN}`;
const name = `moved-${RUN}`;
const uploads = moverPath(LIFEBOAT, 'datauploads');
const downloads = moverPath(LIFEBOAT, 'datadownloads');

const late = `late-${RUN}`;
const LATE_CLASS = {
  metadata: { name: late },
  provisioner: 'hostpath.csi.k8s.io',
  volumeBindingMode: 'WaitForFirstConsumer',
};
const LATE_CLAIM = {
  metadata: { name: 'data' },
  spec: {
    storageClassName: late,
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Mi' } },
  },
};
const CONSUMER = {
  metadata: { name: 'consumer' },
  spec: {
    containers: [{ name: 'main', image: 'app:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
  },
};

describe.skipIf(why !== '')(`data of CSI snapshots that is moved into the bucket${why}`, () => {
  const tidy = createTidy();
  let cluster: LabCluster;
  let bucket: Bucket;
  let home: Home;
  let lifeboat: Lifeboat;
  let kubelet: Kubelet;
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
  const lose = async (namespace: string): Promise<void> => {
    await cluster.remove(`/api/v1/namespaces/${namespace}`);
    await until('the namespace to be gone', async () =>
      (await cluster.get(`/api/v1/namespaces/${namespace}`)) === undefined ? true : undefined,
    );
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
          ...(await cluster.list(`/apis/snapshot.storage.k8s.io/v1/namespaces/${late}/volumesnapshots`)),
        ];
        const physical = (await disks.snapshots()).filter((one) => !before.includes(one));
        return left.length + physical.length === 0 ? true : undefined;
      },
      { explain: said },
    );

  beforeAll(async () => {
    cluster = await tidy.keep(openCluster('csi', { full: true }));
    disks = csiDisks(cluster);
    bucket = await tidy.keep(openBucket(cluster, root));
    home = await tidy.keep(prepareHome(cluster, LIFEBOAT, root));
    kubelet = await tidy.keep(openKubelet(cluster));
    kubelet.mountAll();
    const [first, ...others] = await cluster.list('/api/v1/nodes');
    // One agent is enough where every pod comes to its node.
    for (const { metadata } of others)
      await cluster.patch(`/api/v1/nodes/${metadata.name}`, { spec: { unschedulable: true } });
    lifeboat = await home.start();
    agent = kubelet.startAgent(first?.metadata.name ?? '', LIFEBOAT);
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
    const [upload] = await cluster.list(uploads);
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
    await lose(shop);
    const restore = await ask('restores', name, { backupName: name });
    expect(restore.status).toMatchObject({ phase: 'Completed', restoreItemOperationsCompleted: 1 });
    expect(await disks.read(shop, 'data')).toBe('as it was backed up');
    const volume = await disks.volumeOf(shop, 'data');
    expect(volume.metadata.labels).toEqual({ tier: 'gold' });
    expect(volume.spec).toMatchObject({ persistentVolumeReclaimPolicy: 'Delete' });
    await nothingLeft();
  });

  test('"velero backup delete" takes copy, upload and files away, and no snapshot is left', async () => {
    await kubelet.connectKopia(`${root}/kopia/${shop}/`);
    const held = async () =>
      (JSON.parse(await kubelet.kopia('snapshot', 'list', '--all', '--json')) as readonly object[] | null) ??
      [];
    expect(await held()).toHaveLength(1);
    expect(await cluster.list(uploads)).toHaveLength(1);
    const asked = await veleroCli(cluster, LIFEBOAT)('backup', 'delete', name, '--confirm');
    expect(asked.code, asked.text).toBe(0);
    await until(
      'the backup to be gone',
      async () => ((await cluster.get(pathOf(LIFEBOAT, 'backups', name))) ? undefined : true),
      { explain: said },
    );
    expect(await held()).toEqual([]);
    expect(await bucket.keys(`${root}/backups/${name}/`)).toEqual([]);
    await until('uploads and downloads to go with backup and restore', async () => {
      const left = [...(await cluster.list(uploads)), ...(await cluster.list(downloads))];
      return left.length === 0 ? true : undefined;
    });
    await nothingLeft();
  });

  test('a claim whose class waits for its first consumer is filled once its pod has a node', async () => {
    const there = `/api/v1/namespaces/${late}`;
    const isRunning = ({ status }: Resource) => status?.phase === 'Running';
    await cluster.create('/apis/storage.k8s.io/v1/storageclasses', LATE_CLASS);
    await tidy.keep({ close: () => cluster.remove(`/apis/storage.k8s.io/v1/storageclasses/${late}`) });
    await cluster.create('/api/v1/namespaces', { metadata: { name: late } });
    await cluster.create(`${there}/persistentvolumeclaims`, LATE_CLAIM);
    await cluster.create(`${there}/pods`, CONSUMER);
    await cluster.becomes(`${there}/pods/consumer`, isRunning);
    await disks.write(late, 'data', 'written by its consumer');
    const backup = await ask('backups', late, { includedNamespaces: [late], snapshotMoveData: true });
    expect(backup.status, said()).toMatchObject({ phase: 'Completed', backupItemOperationsCompleted: 1 });
    await lose(late);
    const restore = await ask('restores', late, { backupName: late });
    expect(restore.status, said()).toMatchObject({ phase: 'Completed', restoreItemOperationsCompleted: 1 });
    expect(await disks.read(late, 'data')).toBe('written by its consumer');
    await cluster.becomes(`${there}/pods/consumer`, isRunning);
    await nothingLeft();
  });
});
