import {
  CreateVolumeCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBucket, type Bucket } from './fixture/bucket.js';
import { hasEnded, openCluster, pathOf, type LabCluster, type Resource } from './fixture/cluster.js';
import { prepareHome, type Lifeboat } from './fixture/lifeboat.js';
import { RUN, until, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';
import { startVelero, VELERO_NAMESPACE, veleroCli } from './fixture/velero.js';

const endpoint = process.env['LIFEBOAT_TEST_EC2_ENDPOINT'];
const lacking = why || (endpoint === undefined ? ' (set LIFEBOAT_TEST_EC2_ENDPOINT to run)' : '');
const root = `metadata/ebs-${RUN}`;
const LIFEBOAT = `lifeboat-${RUN}`;
const SHOP = `shop-${RUN}`;
const VOLUME = `pv-${RUN}`;
const region = 'eu-west-1';
const zone = `${region}a`;

interface Record {
  readonly spec: { readonly persistentVolumeName: string };
  readonly status: { readonly providerSnapshotID: string };
}

/** Both servers look at the same place in the bucket and at the same disks; each finds the backups of the other. */
describe.skipIf(lacking !== '')(`volumes of EBS, beside the real Velero and its plugin${lacking}`, () => {
  const tidy = createTidy();
  const [ours, theirs] = [`ours-${RUN}`, `theirs-${RUN}`];
  let cluster: LabCluster;
  let bucket: Bucket;
  let lifeboat: Lifeboat;
  let ec2: EC2Client;
  let disk: string;
  const done: { [backup: string]: Resource } = {};

  const ask = async (server: string, plural: 'backups' | 'restores', name: string, spec: object) => {
    await cluster.create(pathOf(server, plural), {
      apiVersion: 'velero.io/v1',
      kind: plural === 'backups' ? 'Backup' : 'Restore',
      metadata: { name, namespace: server },
      spec,
    });
    return cluster.becomes(pathOf(server, plural, name), hasEnded, { explain: lifeboat.log });
  };
  const filed = (backup: string, file: string) => bucket.json(`${root}/backups/${backup}/${backup}-${file}`);
  const snapshotsOf = async (backup: string) => {
    const Filters = [{ Name: 'tag:velero.io/backup', Values: [backup] }];
    const { Snapshots = [] } = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'], Filters }));
    return Snapshots;
  };
  const recorded = async (backup: string) => {
    const [record] = (await filed(backup, 'volumesnapshots.json.gz')) as readonly Record[];
    return record?.status.providerSnapshotID ?? expect.fail('no snapshot');
  };
  /** The disk behind the volume that a claim names. */
  const diskOf = async (namespace: string) => {
    const claim = await cluster.get(`/api/v1/namespaces/${namespace}/persistentvolumeclaims/db`);
    const name = String(claim?.spec?.['volumeName']);
    const volume = await cluster.get(`/api/v1/persistentvolumes/${name}`);
    const { volumeID = '' } = (volume?.spec?.['awsElasticBlockStore'] ?? {}) as { volumeID?: string };
    const VolumeIds = [volumeID.split('/').at(-1) ?? ''];
    const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand({ VolumeIds }));
    return { name, annotations: volume?.metadata.annotations, disk: Volumes[0] };
  };
  const copied = async (server: string, backup: string) => {
    const there = `${SHOP}-${server === LIFEBOAT ? 'l' : 'v'}`;
    await cluster.becomes(pathOf(server, 'backups', backup), hasEnded, { explain: lifeboat.log });
    const spec = { backupName: backup, namespaceMapping: { [SHOP]: there } };
    const restore = await ask(server, 'restores', `copy-${RUN}`, spec);
    expect(restore.status).toMatchObject({ phase: 'Completed' });
    const found = await diskOf(there);
    expect(found.name).toMatch(/^velero-clone-[0-9a-f-]{36}$/);
    expect(found.annotations).toMatchObject({ 'velero.io/original-pv-name': VOLUME });
    expect(found.disk).toMatchObject({ VolumeType: 'io1', Iops: 300, AvailabilityZone: zone });
    expect(found.disk?.VolumeId).not.toBe(disk);
    expect(found.disk?.SnapshotId).toBe(await recorded(backup));
  };

  const makeShop = async () => {
    const { VolumeId = '' } = await ec2.send(
      new CreateVolumeCommand({ AvailabilityZone: zone, Size: 4, VolumeType: 'io1', Iops: 300 }),
    );
    disk = VolumeId;
    await cluster.create('/api/v1/namespaces', { metadata: { name: SHOP } });
    const shared = { accessModes: ['ReadWriteOnce'], storageClassName: 'gp2' };
    const claims = `/api/v1/namespaces/${SHOP}/persistentvolumeclaims`;
    await cluster.create(claims, {
      metadata: { name: 'db' },
      spec: { ...shared, resources: { requests: { storage: '4Gi' } }, volumeName: VOLUME },
    });
    const claim = await cluster.get(`${claims}/db`);
    await cluster.create('/api/v1/persistentvolumes', {
      metadata: { name: VOLUME, labels: { 'topology.kubernetes.io/zone': zone } },
      spec: {
        ...shared,
        capacity: { storage: '4Gi' },
        claimRef: { kind: 'PersistentVolumeClaim', namespace: SHOP, name: 'db', uid: claim?.metadata.uid },
        awsElasticBlockStore: { volumeID: `aws://${zone}/${disk}` },
      },
    });
    await cluster.patch(`${claims}/db/status`, { status: { phase: 'Bound' } });
    await cluster.patch(`/api/v1/persistentvolumes/${VOLUME}/status`, { status: { phase: 'Bound' } });
  };

  beforeAll(async () => {
    process.env['AWS_ENDPOINT_URL_EC2'] = endpoint;
    cluster = await tidy.keep(openCluster('ebs'));
    bucket = await tidy.keep(openBucket(cluster, root));
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    ec2 = new EC2Client({ region, credentials, ...(endpoint !== undefined && { endpoint }) });
    const home = await tidy.keep(prepareHome(cluster, LIFEBOAT, root));
    [lifeboat] = await Promise.all([home.start(), tidy.keep(startVelero(cluster, root))]);
    for (const namespace of [LIFEBOAT, VELERO_NAMESPACE]) {
      await cluster.remove(pathOf(namespace, 'volumesnapshotlocations', 'disks'));
      await cluster.create(pathOf(namespace, 'volumesnapshotlocations'), {
        apiVersion: 'velero.io/v1',
        kind: 'VolumeSnapshotLocation',
        metadata: { name: 'disks', namespace },
        spec: { provider: 'aws', config: { region } },
      });
    }
    await makeShop();
    done[ours] = await ask(LIFEBOAT, 'backups', ours, { includedNamespaces: [SHOP] });
    done[theirs] = await ask(VELERO_NAMESPACE, 'backups', theirs, { includedNamespaces: [SHOP] });
  });

  afterAll(async () => {
    delete process.env['AWS_ENDPOINT_URL_EC2'];
    ec2.destroy();
    await tidy.closeAll();
  });

  test('behaviour 102: a backup has a snapshot, and the files of both servers tell the same of it', async () => {
    for (const name of [ours, theirs])
      expect(done[name]?.status).toMatchObject({
        phase: 'Completed',
        volumeSnapshotsAttempted: 1,
        volumeSnapshotsCompleted: 1,
      });
    for (const file of ['volumesnapshots.json.gz', 'volumeinfo.json.gz']) {
      const [ofOurs, ofTheirs] = await Promise.all(
        [ours, theirs].map(async (name) =>
          JSON.stringify(await filed(name, file))
            .replaceAll(name, 'NAME')
            .replaceAll(done[name]?.metadata.uid ?? '', 'UID')
            .replaceAll(await recorded(name), 'SNAPSHOT'),
        ),
      );
      expect(JSON.parse(ofOurs ?? '')).toEqual(JSON.parse(ofTheirs ?? ''));
    }
  });

  test('has the tags of Velero on its snapshot, and two of its own', async () => {
    const tagsOf = async (name: string) =>
      Object.fromEntries(
        ((await snapshotsOf(name))[0]?.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]),
      );
    const { 'velero.io/backup-uid': uid, 'lifeboat.io/attempt': attempt, ...tags } = await tagsOf(ours);
    expect([uid, attempt]).toEqual([done[ours]?.metadata.uid, '1']);
    expect(tags).toEqual({ ...(await tagsOf(theirs)), 'velero.io/backup': ours });
  });

  test('is told of by the unmodified program as a backup of the real Velero is', async () => {
    const described = async (server: string, name: string) => {
      const { code, text } = await veleroCli(cluster, server)('backup', 'describe', name, '--details');
      expect(code).toBe(0);
      const volumes = text.slice(text.indexOf('Backup Volumes:'));
      return volumes.replaceAll(await recorded(name), 'SNAPSHOT');
    };
    const text = await described(LIFEBOAT, ours);
    expect(text).toContain('Velero-Native Snapshots:');
    expect(text).toBe(await described(VELERO_NAMESPACE, theirs));
  });

  test('behaviour 104: the real Velero clones the volume from a backup of Lifeboat', () =>
    copied(VELERO_NAMESPACE, ours));

  test('behaviour 104: Lifeboat clones the volume from a backup of the real Velero', () =>
    copied(LIFEBOAT, theirs));

  test.each([ours, theirs])('the snapshot goes with the backup %s', async (name) => {
    expect(await snapshotsOf(name)).toHaveLength(1);
    await cluster.create(pathOf(LIFEBOAT, 'deletebackuprequests'), {
      apiVersion: 'velero.io/v1',
      kind: 'DeleteBackupRequest',
      metadata: { name, namespace: LIFEBOAT },
      spec: { backupName: name },
    });
    await until(
      'the backup to go',
      async () => ((await cluster.get(pathOf(LIFEBOAT, 'backups', name))) ? undefined : true),
      { explain: lifeboat.log },
    );
    expect(await snapshotsOf(name)).toEqual([]);
  });
});
