import { EC2Client } from '@aws-sdk/client-ec2';
import { volumeOf, type Ebs, type EbsOptions } from './ebs-calls.js';
import { createVolume, deleteVolume, infoOf } from './ebs-disks.js';
import { createSnapshot, deleteSnapshot, findSnapshots } from './ebs-snapshots.js';
import { ebsVolumeIdOf, withEbsVolumeId } from './ebs-volume.js';
import type { VolumeSnapshotter } from './port.js';

// The client warns at its start about releases to come that need a newer Node.js; this is its own switch for that.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/** Snapshots of Amazon's Elastic Block Store (`velero-plugin-for-aws/volume_snapshotter.go`). Sends nothing until it is used. */
export const openEbsSnapshotter = (options: EbsOptions): VolumeSnapshotter => {
  const { region, credentials, endpoint } = options;
  const clientOf = (maxAttempts: number): EC2Client =>
    new EC2Client({
      region,
      maxAttempts,
      requestHandler: { connectionTimeout: 10_000, requestTimeout: 30_000, throwOnRequestTimeout: true },
      ...(credentials !== undefined && { credentials }),
      ...(endpoint !== undefined && { endpoint }),
    });
  const ebs: Ebs = { options, client: clientOf(5), once: clientOf(1) };
  return {
    volumeIdOf: ebsVolumeIdOf,
    withVolumeId: withEbsVolumeId,
    volumeInfo: async (volumeId, _zone, signal) => infoOf(await volumeOf(ebs, volumeId, signal)),
    createSnapshot: (request, signal) => createSnapshot(ebs, request, signal),
    findSnapshots: (tags, signal) => findSnapshots(ebs, tags, signal),
    createVolume: (request, signal) => createVolume(ebs, request, signal),
    deleteVolume: (volumeId, signal) => deleteVolume(ebs, volumeId, signal),
    deleteSnapshot: (snapshotId, signal) => deleteSnapshot(ebs, snapshotId, signal),
    close: () => {
      ebs.client.destroy();
      ebs.once.destroy();
    },
  };
};
