import { randomUUID } from 'node:crypto';
import {
  CreateVolumeCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
  type Tag,
  type VolumeType,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { EbsOptions } from '../../src/snapshotters/ebs-calls.js';
import { openEbsSnapshotter } from '../../src/snapshotters/ebs.js';
import { openSnapshotLocation } from '../../src/snapshotters/location.js';
import type { VolumeSnapshotter } from '../../src/snapshotters/port.js';
import { snapshotterContract } from './snapshotter.js';

const endpoint = process.env.LIFEBOAT_TEST_EC2_ENDPOINT;
const region = 'eu-west-1';
const zone = 'eu-west-1a';
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const soon = () => AbortSignal.timeout(15_000);

const clientOf = () => new EC2Client({ region, credentials, ...(endpoint !== undefined && { endpoint }) });

const open = (options: Partial<EbsOptions> = {}): VolumeSnapshotter =>
  openEbsSnapshotter({
    region,
    credentials,
    pollMs: 20,
    ...(endpoint !== undefined && { endpoint }),
    ...options,
  });

interface Disk {
  readonly type: string;
  readonly iops?: number;
  readonly throughput?: number;
  readonly encrypted?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
}

const makeDisk = async (client: EC2Client, disk: Disk): Promise<string> => {
  const { type, iops, throughput, encrypted, tags = {} } = disk;
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const made = await client.send(
    new CreateVolumeCommand({
      AvailabilityZone: zone,
      Size: 4,
      VolumeType: type as VolumeType,
      Iops: iops,
      Throughput: throughput,
      Encrypted: encrypted,
      ...(Tags.length > 0 && { TagSpecifications: [{ ResourceType: 'volume', Tags }] }),
    }),
  );
  return made.VolumeId ?? expect.fail('no volume');
};

const volumeIn = async (client: EC2Client, id: string) => {
  const { Volumes = [] } = await client.send(new DescribeVolumesCommand({ VolumeIds: [id] }));
  return Volumes[0] ?? expect.fail(`there is no volume ${id}`);
};

const tagsOf = (tags: readonly Tag[] = []) =>
  Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));

describe.skipIf(!endpoint)('a server that speaks EC2 (set LIFEBOAT_TEST_EC2_ENDPOINT)', () => {
  let client: EC2Client;
  beforeAll(() => {
    client = clientOf();
  });
  afterAll(() => client.destroy());

  snapshotterContract('EBS', () => {
    const snapshotter = open();
    const own = clientOf();
    return Promise.resolve({
      snapshotter,
      zone,
      disk: (info) => makeDisk(own, info),
      look: async (id) => {
        const volume = await volumeIn(own, id);
        return {
          type: volume.VolumeType ?? '',
          ...(volume.Iops !== undefined && { iops: volume.Iops }),
          zone: volume.AvailabilityZone ?? '',
          ...(volume.SnapshotId !== undefined && { from: volume.SnapshotId }),
        };
      },
      cleanUp: () => {
        snapshotter.close();
        own.destroy();
        return Promise.resolve();
      },
    });
  });

  const snapshot = async (snapshotter: VolumeSnapshotter, disk: Disk) => {
    const volumeId = await makeDisk(client, disk);
    const tags = { 'velero.io/backup': randomUUID(), 'velero.io/pv': 'pv-1', Name: 'ours' };
    return { tags, id: await snapshotter.createSnapshot({ volumeId, zone, tags }, soon()) };
  };

  it('has the tags of the volume on the snapshot, those of the backup before them', async () => {
    const snapshotter = open();
    const { id, tags } = await snapshot(snapshotter, { type: 'gp2', tags: { Name: 'theirs', team: 'shop' } });
    const { Snapshots = [] } = await client.send(new DescribeSnapshotsCommand({ SnapshotIds: [id] }));
    expect(tagsOf(Snapshots[0]?.Tags)).toEqual({ ...tags, team: 'shop' });
    snapshotter.close();
  });

  it('gives a gp3 volume its operations and its throughput back', async () => {
    const snapshotter = open();
    const { id } = await snapshot(snapshotter, { type: 'gp3', iops: 4000, throughput: 250 });
    const request = { snapshotId: id, zone, type: 'gp3', iops: 4000, cause: randomUUID() };
    const made = await volumeIn(client, await snapshotter.createVolume(request, soon()));
    expect(made).toMatchObject({ VolumeType: 'gp3', Iops: 4000, Throughput: 250 });
    snapshotter.close();
  });

  it('makes an encrypted volume of the snapshot of one', async () => {
    const snapshotter = open();
    const { id } = await snapshot(snapshotter, { type: 'gp2', encrypted: true });
    const request = { snapshotId: id, zone, type: 'gp2', cause: randomUUID() };
    expect(await volumeIn(client, await snapshotter.createVolume(request, soon()))).toMatchObject({
      Encrypted: true,
    });
    snapshotter.close();
  });

  it('marks a volume as one of the cluster that it is made for', async () => {
    const snapshotter = open({ clusterName: 'new' });
    const tags = { KubernetesCluster: 'old', 'kubernetes.io/cluster/old': 'owned', team: 'shop' };
    const { id } = await snapshot(snapshotter, { type: 'gp2', tags });
    const request = { snapshotId: id, zone, type: 'gp2', cause: 'r/pv' + randomUUID() };
    const made = await volumeIn(client, await snapshotter.createVolume(request, soon()));
    const found = tagsOf(made.Tags);
    expect(found).toMatchObject({
      KubernetesCluster: 'new',
      'kubernetes.io/cluster/new': 'owned',
      team: 'shop',
    });
    expect(found).not.toHaveProperty('kubernetes.io/cluster/old');
    snapshotter.close();
  });

  it('is opened from a location, with the Secret that it names', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_EC2', endpoint);
    const id = await makeDisk(client, { type: 'gp2' });
    const text = '[default]\naws_access_key_id = test\naws_secret_access_key = test\n';
    const snapshotter = await openSnapshotLocation(
      { provider: 'velero.io/aws', config: { region }, credential: { name: 'ec2', key: 'cloud' } },
      { readSecret: () => Promise.resolve(Buffer.from(text)) },
    );
    vi.unstubAllEnvs();
    expect(await snapshotter.volumeInfo(id, zone, soon())).toMatchObject({ type: 'gp2' });
    snapshotter.close();
  });
});
