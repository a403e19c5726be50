import { describe, expect, it } from 'vitest';
import { ec2Fault } from '../../../src/snapshotters/ebs-errors.js';
import { clusterTags, mergedTags, tagFilters } from '../../../src/snapshotters/ebs-tags.js';
import { ebsVolumeIdOf, withEbsVolumeId } from '../../../src/snapshotters/ebs-volume.js';
import { openEbsSnapshotter } from '../../../src/snapshotters/ebs.js';

const volume = (spec: object, labels: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'pv-1', labels },
  spec: { ...spec },
});

const inTree = (volumeID: string, labels?: Record<string, string>) =>
  volume({ awsElasticBlockStore: { volumeID, fsType: 'ext4' } }, labels);
const ofDriver = (driver: string) => volume({ csi: { driver, volumeHandle: 'vol-1' } });

describe('A PersistentVolume of EBS', () => {
  it.each([
    ['an id alone', inTree('vol-1')],
    ['an id behind its zone', inTree('aws://eu-west-1a/vol-1')],
    ['the handle of the driver', ofDriver('ebs.csi.aws.com')],
  ])('tells its disk by %s', (_what, object) => {
    expect(ebsVolumeIdOf(object)).toBe('vol-1');
  });

  it.each([
    ['of another driver', ofDriver('disk.example')],
    ['on a host', volume({ hostPath: { path: '/d' } })],
    ['without an id', inTree('')],
    ['whose id is none', inTree('aws://eu-west-1a/')],
  ])('is none if it is %s', (_what, object) => {
    expect(ebsVolumeIdOf(object)).toBeUndefined();
  });

  it('gets another disk in the way it names its own', () => {
    expect(withEbsVolumeId(ofDriver('ebs.csi.aws.com'), 'vol-2')).toMatchObject({
      spec: { csi: { driver: 'ebs.csi.aws.com', volumeHandle: 'vol-2' } },
    });
    expect(withEbsVolumeId(inTree('vol-1'), 'vol-2')).toMatchObject({
      spec: { awsElasticBlockStore: { volumeID: 'vol-2', fsType: 'ext4' } },
    });
    const zoned = inTree('vol-1', { 'failure-domain.beta.kubernetes.io/zone': 'eu-west-1a' });
    expect(withEbsVolumeId(zoned, 'vol-2')).toMatchObject({
      spec: { awsElasticBlockStore: { volumeID: 'aws://eu-west-1a/vol-2' } },
    });
  });
});

describe('Tags', () => {
  it('leave out what EC2 would refuse', () => {
    const own = { 'aws:autoscaling:groupName': 'x', ['k'.repeat(129)]: 'long', team: 'shop', Name: 'theirs' };
    expect(mergedTags({ Name: 'ours' }, own)).toEqual([
      { Key: 'Name', Value: 'ours' },
      { Key: 'team', Value: 'shop' },
    ]);
  });

  it('are fifty at most, those of the backup first', () => {
    const own = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`t${i}`, '']));
    const tags = mergedTags({ 'velero.io/backup': 'b' }, own);
    expect(tags).toHaveLength(50);
    expect(tags[0]).toEqual({ Key: 'velero.io/backup', Value: 'b' });
  });

  it('stay those of the old cluster where nobody names the new one', () => {
    expect(clusterTags({ KubernetesCluster: 'old' }, undefined)).toEqual({ KubernetesCluster: 'old' });
  });

  it('are looked for as they are written', () => {
    expect(tagFilters({ a: 'x*?\\' })).toEqual([{ Name: 'tag:a', Values: ['x\\*\\?\\\\'] }]);
  });
});

describe('What EC2 answers', () => {
  const live = new AbortController().signal;
  const answer = (name: string, status: number, message = name) =>
    Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });

  it.each([
    [answer('UnauthorizedOperation', 403), 'LB_SNAPSHOTTER_DENIED'],
    [answer('AuthFailure', 401), 'LB_SNAPSHOTTER_DENIED'],
    [answer('RequestLimitExceeded', 503), 'LB_SNAPSHOTTER_UNREACHABLE'],
    [answer('SnapshotCreationPerVolumeRateExceeded', 400), 'LB_SNAPSHOTTER_UNREACHABLE'],
    [Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 'LB_SNAPSHOTTER_UNREACHABLE'],
    [answer('InvalidVolume.NotFound', 400), 'LB_SNAPSHOTTER_REFUSED'],
    [answer('SnapshotLimitExceeded', 400), 'LB_SNAPSHOTTER_REFUSED'],
  ])('%s is %s', (error, code) => {
    expect(ec2Fault(error, 'looking', live).code).toBe(code);
  });

  it('is told without the part that nobody can read', () => {
    const said = 'You are not authorized. Encoded authorization failure message: c2VjcmV0';
    const fault = ec2Fault(answer('UnauthorizedOperation', 403, said), 'looking', live);
    expect(fault.detail).toBe('looking: UnauthorizedOperation (You are not authorized.)');
    expect(fault.cause).toBeUndefined();
  });

  it('is a server that is away, where there is none', async () => {
    const credentials = { accessKeyId: 'AKTEST', secretAccessKey: 'topsecret' };
    const snapshotter = openEbsSnapshotter({
      region: 'eu-west-1',
      credentials,
      endpoint: 'http://127.0.0.1:1',
    });
    const error: unknown = await snapshotter
      .volumeInfo('vol-1', '', AbortSignal.timeout(15_000))
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'LB_SNAPSHOTTER_UNREACHABLE' });
    expect(JSON.stringify(error)).not.toContain('topsecret');
    snapshotter.close();
  });
});
