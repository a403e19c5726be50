import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openBucket, type Bucket } from './fixture/bucket.js';
import { openCluster, type LabCluster } from './fixture/cluster.js';
import { csiDisks, type CsiDisks } from './fixture/csi-disks.js';
import { restartSidecars } from './fixture/csi-sidecars.js';
import { prepareHome, type Home, type Lifeboat } from './fixture/lifeboat.js';
import { startProxy, type Moment, type Proxy } from './fixture/proxy.js';
import { operationsOf, type Operations } from './fixture/operations.js';
import { RUN, until, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';

const LIFEBOAT = `lifeboat-${RUN}`;
const root = `metadata/csi-faults-${RUN}`;
const SNAPSHOTS = '/apis/snapshot.storage.k8s.io/v1';
const CLASSES = `${SNAPSHOTS}/volumesnapshotclasses`;

/** Two volumes each time, one of which the trouble is about; the folder of the driver says what is left of it. */
describe.skipIf(why !== '')(`trouble with a real CSI driver${why}`, () => {
  const tidy = createTidy();
  let cluster: LabCluster;
  let bucket: Bucket;
  let disks: CsiDisks;
  let home: Home;
  let api: Proxy;
  let lifeboat: Lifeboat;
  let operations: Operations;
  let before: number;

  const start = async () => {
    lifeboat = await home.start({ apiServer: api.url });
  };
  const { create, ended }: Operations = {
    create: (...order) => operations.create(...order),
    ended: (...order) => operations.ended(...order),
  };
  const backup = (name: string, spec: object = {}) =>
    create('backups', name, { includedNamespaces: [`${name}-${RUN}`], ...spec });
  /** In that namespace: what a restore made in another one stays as long as its claim. */
  const nothingLeftIn = (namespace: string) =>
    until('everything of the snapshots to be gone from the cluster', async () => {
      const contents = await cluster.list(`${SNAPSHOTS}/volumesnapshotcontents`);
      const left = [
        ...(await cluster.list(`${SNAPSHOTS}/namespaces/${namespace}/volumesnapshots`)),
        ...contents.filter(({ spec }) => {
          const { namespace: of } = spec?.['volumeSnapshotRef'] as { readonly namespace: string };
          return of === namespace;
        }),
      ];
      return left.length === 0 ? true : undefined;
    });
  const held = async (more: number) => {
    const count = async () => ((await disks.snapshots()).length === before + more ? true : undefined);
    await until(`the driver to hold ${more} snapshots more`, count);
  };
  const claim = (namespace: string, name: string, storageClassName: string) =>
    cluster.create(`/api/v1/namespaces/${namespace}/persistentvolumeclaims`, {
      metadata: { name },
      spec: { storageClassName, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
    });
  /** A volume that says it is of this driver, and that this driver knows nothing of. */
  const strange = async (namespace: string, driver: string) => {
    const name = `strange-${namespace}`;
    await cluster.create('/api/v1/persistentvolumes', {
      metadata: { name },
      spec: {
        storageClassName: 'strange',
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: '1Mi' },
        persistentVolumeReclaimPolicy: 'Retain',
        claimRef: { namespace, name: 'strange' },
        csi: { driver, volumeHandle: 'no-such-volume' },
      },
    });
    await claim(namespace, 'strange', 'strange');
    await cluster.becomes(
      `/api/v1/namespaces/${namespace}/persistentvolumeclaims/strange`,
      ({ status }) => status?.phase === 'Bound',
    );
  };
  const resultsOf = async (name: string) =>
    JSON.stringify(await bucket.json(`${root}/backups/${name}/${name}-results.gz`));
  const restores = async (name: string) => {
    const shop = `${name}-${RUN}`;
    await create('restores', name, { backupName: name, namespaceMapping: { [shop]: `${shop}-copy` } });
    expect((await ended('restores', name)).status, lifeboat.log()).toMatchObject({ phase: 'Completed' });
    expect(await disks.read(`${shop}-copy`, 'good')).toBe('a text');
    await cluster.remove(`/api/v1/namespaces/${shop}-copy`);
  };

  beforeAll(async () => {
    cluster = await tidy.keep(openCluster('csi', { full: true }));
    await restartSidecars(cluster, { qps: 50 });
    disks = csiDisks(cluster);
    bucket = await tidy.keep(openBucket(cluster, root));
    api = await tidy.keep(startProxy(cluster.server));
    const patience = { explain: () => lifeboat.log() };
    operations = operationsOf(cluster, LIFEBOAT, patience);
    home = await tidy.keep(prepareHome(cluster, LIFEBOAT, root));
    await start();
  });

  afterEach(async () => {
    if (!lifeboat.lives()) await start();
  });

  afterAll(tidy.closeAll);

  test.each([
    [
      'the class of its driver is missing',
      'classless',
      'other.csi.example',
      'there is no VolumeSnapshotClass',
    ],
    ['the driver has an error', 'erring', 'hostpath.csi.k8s.io', 'the driver says:'],
  ])('%s: an error of that volume alone, the other one comes back', async (_, name, driver, said) => {
    const shop = `${name}-${RUN}`;
    before = (await disks.snapshots()).length;
    await disks.make(shop, { good: 'a text' });
    await strange(shop, driver);
    await backup(name, { csiSnapshotTimeout: '6s' });
    expect((await ended('backups', name)).status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect(await resultsOf(name)).toContain(said);
    await nothingLeftIn(shop);
    await held(1);
    await restores(name);
  });

  test('a snapshot never gets ready, since no controller looks after its class: an error of that volume alone', async () => {
    const shop = `silent-${RUN}`;
    before = (await disks.snapshots()).length;
    await cluster.create(CLASSES, {
      apiVersion: 'snapshot.storage.k8s.io/v1',
      kind: 'VolumeSnapshotClass',
      metadata: { name: 'silent' },
      driver: 'silent.csi.example',
      deletionPolicy: 'Delete',
    });
    await disks.make(shop, { good: 'a text' });
    await strange(shop, 'silent.csi.example');
    await backup('silent', { csiSnapshotTimeout: '5s' });
    expect((await ended('backups', 'silent')).status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect(await resultsOf('silent')).toContain('no snapshot was cut within 5 s');
    await held(1);
    await restores('silent');
  });

  const at = (method: string, part: RegExp) => (asked: string, path: string) =>
    asked === method && part.test(path);
  const STEPS: readonly (readonly [string, string, ReturnType<typeof at>, Moment])[] = [
    ['before a VolumeSnapshot is created', 'k1', at('POST', /volumesnapshots/), { at: 'request' }],
    ['after it, without the answer', 'k2', at('POST', /volumesnapshots/), { at: 'answer' }],
    ['before its content is kept', 'k3', at('PATCH', /volumesnapshotcontents/), { at: 'request' }],
    ['after its content is kept', 'k4', at('PATCH', /volumesnapshotcontents/), { at: 'answer' }],
    ['before a VolumeSnapshot leaves the cluster', 'k5', at('DELETE', /volumesnapshots/), { at: 'request' }],
    ['after its content has left', 'k6', at('DELETE', /volumesnapshotcontents/), { at: 'answer' }],
  ];

  test.each(STEPS)(
    'killed %s: the backup completes, with one snapshot of each volume',
    async (_, name, fits, moment) => {
      before = (await disks.snapshots()).length;
      await disks.make(`${name}-${RUN}`, { good: 'a text', other: 'another' });
      const { caught } = api.hold(fits, moment);
      await backup(name);
      await caught;
      await lifeboat.kill();
      await start();
      expect((await ended('backups', name)).status, lifeboat.log()).toMatchObject({
        phase: 'Completed',
        csiVolumeSnapshotsCompleted: 2,
      });
      await held(2);
      await nothingLeftIn(`${name}-${RUN}`);
    },
  );
});
