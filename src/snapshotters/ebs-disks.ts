import { createHash } from 'node:crypto';
import {
  CreateVolumeCommand,
  DeleteVolumeCommand,
  DescribeVolumesCommand,
  type Snapshot,
  type Volume,
  type VolumeType,
} from '@aws-sdk/client-ec2';
import { Fault } from '../faults.js';
import {
  attempting,
  limited,
  snapshotOf,
  THROUGHPUT_TAG,
  until,
  volumeOf,
  WITH_IOPS,
  type Ebs,
} from './ebs-calls.js';
import { ec2Code } from './ebs-errors.js';
import { clusterTags, mergedTags, tagFilters, tagsIn } from './ebs-tags.js';
import type { VolumeInfo, VolumeRequest } from './port.js';

const CAUSE_TAG = 'lifeboat.io/volume-cause';

/** What a disk is like, as far as a new one can be made like it. */
export const infoOf = ({ VolumeType: type, Iops: iops }: Volume): VolumeInfo => ({
  type: type ?? '',
  ...(iops !== undefined && WITH_IOPS.includes(type ?? '') && { iops }),
});

/** EC2 makes no volume of a snapshot that it is still copying. */
const completedSnapshot = (ebs: Ebs, snapshotId: string, signal: AbortSignal): Promise<Snapshot> =>
  until(ebs, `waiting for snapshot ${snapshotId} to be complete`, signal, async () => {
    const snapshot = await snapshotOf(ebs, snapshotId, signal);
    if (snapshot.State === 'error')
      throw new Fault(
        'LB_SNAPSHOTTER_REFUSED',
        `snapshot ${snapshotId} failed: ${snapshot.StateMessage ?? ''}`,
      );
    return snapshot.State === 'completed' ? snapshot : undefined;
  });

const usableVolume = (ebs: Ebs, volumeId: string, signal: AbortSignal): Promise<string> =>
  until(ebs, `waiting for volume ${volumeId} to be available`, signal, async () => {
    const { State } = await volumeOf(ebs, volumeId, signal);
    if (State === 'error' || State === 'deleting' || State === 'deleted')
      throw new Fault('LB_SNAPSHOTTER_REFUSED', `the new volume ${volumeId} is in state ${State}`);
    return State === 'available' || State === 'in-use' ? volumeId : undefined;
  });

const volumeOfCause = async (
  { client }: Ebs,
  cause: string,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const alive = { Name: 'status', Values: ['creating', 'available', 'in-use'] };
  const { Volumes = [] } = await attempting('looking for a volume made before', signal, () =>
    client.send(
      new DescribeVolumesCommand({ Filters: [alive, ...tagFilters({ [CAUSE_TAG]: cause })] }),
      limited(signal),
    ),
  );
  return Volumes[0]?.VolumeId;
};

/** As the snapshot's volume was: its type, what was provisioned for it, its tags; encrypted if the snapshot is. */
export const createVolume = async (
  ebs: Ebs,
  request: VolumeRequest,
  signal: AbortSignal,
): Promise<string> => {
  const { snapshotId, zone, type, iops, cause } = request;
  const { kmsKeyId, clusterName } = ebs.options;
  if (zone === '')
    throw new Fault('LB_SNAPSHOTTER_REFUSED', `of snapshot ${snapshotId} no availability zone is recorded`);
  const present = await volumeOfCause(ebs, cause, signal);
  if (present !== undefined) return usableVolume(ebs, present, signal);
  const snapshot = await completedSnapshot(ebs, snapshotId, signal);
  const { [THROUGHPUT_TAG]: throughput, ...tags } = tagsIn(snapshot.Tags);
  const command = new CreateVolumeCommand({
    SnapshotId: snapshotId,
    AvailabilityZone: zone,
    ...(type !== '' && { VolumeType: type as VolumeType }),
    ...(iops !== undefined && WITH_IOPS.includes(type) && { Iops: iops }),
    ...(type === 'gp3' && Number(throughput) > 0 && { Throughput: Number(throughput) }),
    ...(kmsKeyId === undefined
      ? { Encrypted: snapshot.Encrypted === true }
      : { Encrypted: true, KmsKeyId: kmsKeyId }),
    ClientToken: createHash('sha256').update(cause).digest('hex'),
    TagSpecifications: [
      { ResourceType: 'volume', Tags: mergedTags({ [CAUSE_TAG]: cause }, clusterTags(tags, clusterName)) },
    ],
  });
  const made = await attempting(`making a volume of snapshot ${snapshotId}`, signal, () =>
    ebs.client.send(command, limited(signal)),
  );
  return usableVolume(ebs, made.VolumeId ?? '', signal);
};

/** `VolumeSnapshotter.deleteVolume` */
export const deleteVolume = ({ client }: Ebs, volumeId: string, signal: AbortSignal): Promise<void> =>
  attempting(`deleting volume ${volumeId}`, signal, async () => {
    try {
      await client.send(new DeleteVolumeCommand({ VolumeId: volumeId }), limited(signal));
    } catch (error) {
      if (ec2Code(error) !== 'InvalidVolume.NotFound') throw error;
    }
  });
