import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scanArchive } from '../../src/archive/tarball-reader.js';
import { connectCluster } from '../../src/cluster/kube.js';
import { loadCluster } from '../../src/cluster/credentials.js';
import {
  deleteBackupSnapshots,
  snapshotsInArchive,
} from '../../src/controllers/volumes/delete-backup-snapshots.js';
import { ask as askApi } from './fixture/api.js';
import { entriesOf, openBucket, type Bucket } from './fixture/bucket.js';
import { hasEnded, openCluster, pathOf, type LabCluster, type Resource } from './fixture/cluster.js';
import { csiDisks, type CsiDisks } from './fixture/csi-disks.js';
import { prepareHome, type Home, type Lifeboat } from './fixture/lifeboat.js';
import { RUN, until, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';
import { startVelero, VELERO_NAMESPACE, veleroCli } from './fixture/velero.js';

const root = `metadata/csi-${RUN}`;
const LIFEBOAT = `lifeboat-${RUN}`;

/** Both servers look at the same place in the bucket, so that each finds the backups of the other. */
describe.skipIf(why !== '')(`volumes of a real CSI driver, beside the real Velero${why}`, () => {
  const tidy = createTidy();
  let cluster: LabCluster;
  let bucket: Bucket;
  let home: Home;
  let lifeboat: Lifeboat;
  let disks: CsiDisks;

  const ask = async (
    server: string,
    plural: 'backups' | 'restores',
    name: string,
    spec: object,
  ): Promise<Resource> => {
    await cluster.create(pathOf(server, plural), {
      apiVersion: 'velero.io/v1',
      kind: plural === 'backups' ? 'Backup' : 'Restore',
      metadata: { name, namespace: server },
      spec,
    });
    return cluster.becomes(pathOf(server, plural, name), hasEnded, { explain: lifeboat.log });
  };
  const filed = (backup: string, file: string) => bucket.json(`${root}/backups/${backup}/${backup}-${file}`);
  /** The snapshot controller takes its finalizers off when it comes to it. */
  const goneOf = (backup: string) =>
    until('the VolumeSnapshots of the backup to be gone', async () => {
      const left = [
        ...(await disks.listed('volumesnapshots', backup)),
        ...(await disks.listed('volumesnapshotcontents', backup)),
      ];
      return left.length === 0 ? true : undefined;
    });
  const found = (server: string, backup: string) =>
    cluster.becomes(pathOf(server, 'backups', backup), hasEnded, { explain: lifeboat.log });

  beforeAll(async () => {
    cluster = await tidy.keep(openCluster('csi', { full: true }));
    disks = csiDisks(cluster);
    bucket = await tidy.keep(openBucket(cluster, root));
    home = await tidy.keep(prepareHome(cluster, LIFEBOAT, root));
    [lifeboat] = await Promise.all([
      home.start(),
      tidy.keep(startVelero(cluster, root, { features: 'EnableCSI' })),
    ]);
  });

  afterAll(tidy.closeAll);

  describe('a backup of Lifeboat', () => {
    const shop = `shop-${RUN}`;
    const name = `ours-${RUN}`;
    let backup: Resource;
    let before: readonly string[];

    beforeAll(async () => {
      await disks.make(shop, { data: 'as it was backed up' });
      const { metadata } = await disks.volumeOf(shop, 'data');
      await cluster.patch(`/api/v1/persistentvolumes/${metadata.name}`, {
        metadata: { labels: { tier: 'gold' } },
        spec: { persistentVolumeReclaimPolicy: 'Retain' },
      });
      before = await disks.snapshots();
      backup = await ask(LIFEBOAT, 'backups', name, { includedNamespaces: [shop] });
      await disks.write(shop, 'data', 'as it became later');
    });

    test('behaviour 83: has a snapshot of the volume, and leaves only the physical one', async () => {
      expect(backup.status).toMatchObject({
        phase: 'Completed',
        csiVolumeSnapshotsAttempted: 1,
        csiVolumeSnapshotsCompleted: 1,
        backupItemOperationsAttempted: 1,
        backupItemOperationsCompleted: 1,
      });
      expect(backup.status).not.toHaveProperty('warnings');
      const entries = await entriesOf(await bucket.read(`${root}/backups/${name}/${name}.tar.gz`));
      for (const kind of ['volumesnapshots', 'volumesnapshotcontents', 'volumesnapshotclasses'])
        expect(entries.map(({ path }) => path).join('\n')).toContain(
          `resources/${kind}.snapshot.storage.k8s.io/`,
        );
      await goneOf(name);
      expect(await disks.snapshots()).toHaveLength(before.length + 1);
      expect(await filed(name, 'volumeinfo.json.gz')).toMatchObject([
        { pvcName: 'data', pvcNamespace: shop, backupMethod: 'CSISnapshot', result: 'succeeded' },
      ]);
    });

    test('is told of by the unmodified program: the snapshot, its handle and its size', async () => {
      const described = await veleroCli(cluster, LIFEBOAT)('backup', 'describe', name, '--details');
      expect(described).toMatchObject({ code: 0 });
      expect(described.text).not.toMatch(/error getting|<error/i);
      expect(described.text).toContain('CSI Snapshots:');
      expect(described.text).toContain(`${shop}/data:`);
      expect(described.text).toContain('CSI Driver: hostpath.csi.k8s.io');
      expect(described.text).toContain('Result: succeeded');
    });

    test('behaviour 84: gives a restored claim its data, also in another namespace', async () => {
      const copy = `${shop}-copy`;
      const restore = await ask(LIFEBOAT, 'restores', `copy-${RUN}`, {
        backupName: name,
        namespaceMapping: { [shop]: copy },
      });
      expect(restore.status).toMatchObject({ phase: 'Completed' });
      expect(await disks.read(copy, 'data')).toBe('as it was backed up');
      expect(await disks.volumeOf(copy, 'data')).toMatchObject({
        metadata: { labels: { tier: 'gold' } },
        spec: { persistentVolumeReclaimPolicy: 'Retain' },
      });
    });

    test('gives the real Velero the data', async () => {
      const there = `${shop}-velero`;
      await found(VELERO_NAMESPACE, name);
      const restore = await ask(VELERO_NAMESPACE, 'restores', `copy-${RUN}`, {
        backupName: name,
        namespaceMapping: { [shop]: there },
      });
      expect(restore.status).toMatchObject({ phase: 'Completed' });
      expect(await disks.read(there, 'data')).toBe('as it was backed up');
    });
  });

  describe('a backup of the real Velero', () => {
    const shop = `theirs-${RUN}`;
    const name = `theirs-${RUN}`;

    test('gives a claim that Lifeboat restores its data', async () => {
      await disks.make(shop, { data: 'as Velero backed it up' });
      const backup = await ask(VELERO_NAMESPACE, 'backups', name, { includedNamespaces: [shop] });
      expect(backup.status).toMatchObject({ phase: 'Completed' });
      await found(LIFEBOAT, name);
      await cluster.remove(`/api/v1/namespaces/${shop}`);
      const restore = await ask(LIFEBOAT, 'restores', name, {
        backupName: name,
        namespaceMapping: { [shop]: `${shop}-copy` },
      });
      expect(restore.status).toMatchObject({ phase: 'Completed' });
      expect(await disks.read(`${shop}-copy`, 'data')).toBe('as Velero backed it up');
    });

    test('tells through the API what became of its volume, and of the restored one', async () => {
      const fields = 'nodes { claimNamespace claimName method dataMoved driver handle }';
      const { data } = await askApi(
        lifeboat.url,
        `{ backup(name: "${name}") { volumes { ${fields} } } restore(name: "${name}") { volumes { ${fields} } } }`,
      );
      const volume = {
        claimName: 'data',
        method: 'CSI_SNAPSHOT',
        dataMoved: false,
        driver: 'hostpath.csi.k8s.io',
        handle: expect.stringMatching(/./) as string,
      };
      expect(data).toEqual({
        backup: { volumes: { nodes: [{ ...volume, claimNamespace: shop }] } },
        restore: { volumes: { nodes: [{ ...volume, claimNamespace: `${shop}-copy` }] } },
      });
    });
  });

  test('twenty volumes are snapshotted side by side: the driver alone says how long they take', async () => {
    const many = `many-${RUN}`;
    await disks.make(
      many,
      Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`disk-${i}`, `text ${i}`])),
    );
    const backup = await ask(LIFEBOAT, 'backups', many, { includedNamespaces: [many] });
    expect(backup.status).toMatchObject({ phase: 'Completed', csiVolumeSnapshotsCompleted: 20 });
    const entries = await entriesOf(await bucket.read(`${root}/backups/${many}/${many}.tar.gz`));
    const asked = entries
      .filter(({ path }) => path.startsWith('resources/volumesnapshots.snapshot.storage.k8s.io/namespaces/'))
      .map(({ bytes }) => JSON.parse(bytes.toString('utf8')) as { metadata: { creationTimestamp: string } })
      .map(({ metadata }) => Date.parse(metadata.creationTimestamp));
    expect(asked).toHaveLength(20);
    expect(Math.max(...asked) - Math.min(...asked)).toBeLessThanOrEqual(10_000);
  });

  test('a server that is killed while it takes snapshots completes the backup, with one snapshot of each volume', async () => {
    const killed = `killed-${RUN}`;
    await disks.make(killed, { a: 'one', b: 'two', c: 'three' });
    const before = await disks.snapshots();
    await cluster.create(pathOf(LIFEBOAT, 'backups'), {
      apiVersion: 'velero.io/v1',
      kind: 'Backup',
      metadata: { name: killed, namespace: LIFEBOAT },
      spec: { includedNamespaces: [killed] },
    });
    await until('the first snapshot', async () => (await disks.listed('volumesnapshots', killed))[0]);
    await lifeboat.kill();
    lifeboat = await home.start();
    const backup = await found(LIFEBOAT, killed);
    expect(backup.status).toMatchObject({ phase: 'Completed', csiVolumeSnapshotsCompleted: 3 });
    const held = await until('the snapshots of the broken attempt to go', async () => {
      const present = await disks.snapshots();
      return present.length <= before.length + 3 ? present : undefined;
    });
    expect(held).toHaveLength(before.length + 3);
    await goneOf(killed);
  });

  test('the physical snapshots of a backup are deleted with it, by the archive, whoever made it', async () => {
    const signal = AbortSignal.timeout(120_000);
    const client = connectCluster({ access: loadCluster({ kubeconfig: cluster.kubeconfig }) });
    await tidy.keep({ close: () => client.close() });
    for (const name of [`ours-${RUN}`, `theirs-${RUN}`]) {
      const before = await disks.snapshots();
      const archive = await scanArchive(
        Readable.from([await bucket.read(`${root}/backups/${name}/${name}.tar.gz`)]),
        {
          scratch: tmpdir(),
          limits: { maxBytes: 1e8, maxEntries: 1e5, maxItemBytes: 1e7, maxRatio: 400 },
          everyVersion: false,
          signal,
        },
      );
      const home = { cluster: client, namespace: LIFEBOAT };
      const snapshots = await snapshotsInArchive(archive, signal);
      expect(await deleteBackupSnapshots(home, snapshots, signal)).toEqual([]);
      expect(await deleteBackupSnapshots(home, snapshots, signal)).toEqual([]); // a repeat finds nothing to do
      await archive.dispose();
      expect(await disks.snapshots()).toHaveLength(before.length - 1);
    }
  });

  test('a backup that expires takes its physical snapshots along', async () => {
    const brief = `brief-${RUN}`;
    await disks.make(brief, { data: 'not for long' });
    const before = await disks.snapshots();
    const own = async () => (await disks.snapshots()).filter((one) => !before.includes(one));
    const backup = await ask(LIFEBOAT, 'backups', brief, { includedNamespaces: [brief], ttl: '10s' });
    expect(backup.status).toMatchObject({ phase: 'Completed', csiVolumeSnapshotsCompleted: 1 });
    expect(await own()).toHaveLength(1);
    await until(
      'the expired backup to be gone',
      async () => ((await cluster.get(pathOf(LIFEBOAT, 'backups', brief))) ? undefined : true),
      { explain: lifeboat.log },
    );
    expect(await own()).toEqual([]);
    expect(await bucket.keys(`${root}/backups/${brief}/`)).toEqual([]);
  });
});
