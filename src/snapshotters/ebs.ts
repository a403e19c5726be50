import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DeleteSnapshotCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
  type Snapshot,
  type Volume,
  type VolumeType,
} from '@aws-sdk/client-ec2';
import type { AwsCredentials } from '../aws/credentials.js';
import { Fault, isFault } from '../faults.js';
import { ec2Code, ec2Fault, stoppedFault } from './ebs-errors.js';
import { clusterTags, mergedTags, tagFilters, tagsIn } from './ebs-tags.js';
import { ebsVolumeIdOf, withEbsVolumeId } from './ebs-volume.js';
import type { SnapshotRequest, VolumeInfo, VolumeRequest, VolumeSnapshotter } from './port.js';

// The client warns at its start about releases to come that need a newer Node.js; this is its own switch for that.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

export interface EbsOptions {
  readonly region: string;
  /** Absent: environment, web identity, instance, in the order of the AWS clients. */
  readonly credentials?: AwsCredentials | (() => Promise<AwsCredentials>);
  /** `http(s)://host[:port]`; absent is Amazon. */
  readonly endpoint?: string;
  /** Volumes are encrypted with this key of KMS; absent: as their snapshot is. */
  readonly kmsKeyId?: string;
  /** Of this cluster, as its volumes bear it in their tags. */
  readonly clusterName?: string;
  /** Milliseconds between two looks at what takes time. */
  readonly pollMs?: number;
}

/** Types whose I/O operations are provisioned; of the others EC2 tells a number that it does not accept. */
const WITH_IOPS = ['io1', 'io2', 'gp3'];
/** Of a gp3 volume, in MiB/s: the files of a backup have no place for it. */
const THROUGHPUT_TAG = 'lifeboat.io/volume-throughput';
const CAUSE_TAG = 'lifeboat.io/volume-cause';
const POLL_MS = 5_000;
const CALL_MS = 60_000;
const CREATE_TRIES = 3;
const MOST_PAGES = 100;

interface Ebs {
  readonly options: EbsOptions;
  readonly client: EC2Client;
  /** Sends once: EC2 has no token by which a second request for a snapshot is known as the same. */
  readonly once: EC2Client;
}

const limited = (signal: AbortSignal): { abortSignal: AbortSignal } => ({
  abortSignal: AbortSignal.any([signal, AbortSignal.timeout(CALL_MS)]),
});

const attempting = async <T>(doing: string, signal: AbortSignal, call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (error) {
    throw ec2Fault(error, doing, signal);
  }
};

const missing = (what: string): Fault => new Fault('LB_SNAPSHOTTER_REFUSED', `there is no ${what}`);

const volumeOf = async ({ client }: Ebs, volumeId: string, signal: AbortSignal): Promise<Volume> => {
  const { Volumes = [] } = await attempting(`looking at volume ${volumeId}`, signal, () =>
    client.send(new DescribeVolumesCommand({ VolumeIds: [volumeId] }), limited(signal)),
  );
  const [volume] = Volumes;
  if (!volume) throw missing(`volume ${volumeId}`);
  return volume;
};

const snapshotOf = async ({ client }: Ebs, snapshotId: string, signal: AbortSignal): Promise<Snapshot> => {
  const { Snapshots = [] } = await attempting(`looking at snapshot ${snapshotId}`, signal, () =>
    client.send(new DescribeSnapshotsCommand({ SnapshotIds: [snapshotId] }), limited(signal)),
  );
  const [snapshot] = Snapshots;
  if (!snapshot) throw missing(`snapshot ${snapshotId}`);
  return snapshot;
};

const infoOf = ({ VolumeType: type, Iops: iops }: Volume): VolumeInfo => ({
  type: type ?? '',
  ...(iops !== undefined && WITH_IOPS.includes(type ?? '') && { iops }),
});

type Filters = readonly { readonly Name: string; readonly Values: string[] }[];

const snapshotsWith = async (
  { client }: Ebs,
  filters: Filters,
  signal: AbortSignal,
): Promise<readonly Snapshot[]> => {
  const found: Snapshot[] = [];
  let token: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = { OwnerIds: ['self'], Filters: [...filters], MaxResults: 500, NextToken: token };
    const { Snapshots = [], NextToken } = await attempting('looking for snapshots', signal, () =>
      client.send(new DescribeSnapshotsCommand(query), limited(signal)),
    );
    found.push(...Snapshots.filter(({ State }) => State !== 'error'));
    if (!NextToken) return found;
    token = NextToken;
  }
  throw new Fault('LB_SNAPSHOTTER_REFUSED', `looking for snapshots: there are more than ${found.length}`);
};

const createSnapshot = async (ebs: Ebs, request: SnapshotRequest, signal: AbortSignal): Promise<string> => {
  const { volumeId, tags } = request;
  const volume = await volumeOf(ebs, volumeId, signal);
  const throughput = volume.Throughput === undefined ? {} : { [THROUGHPUT_TAG]: String(volume.Throughput) };
  const tagging = mergedTags({ ...tags, ...throughput }, tagsIn(volume.Tags));
  const same = [{ Name: 'volume-id', Values: [volumeId] }, ...tagFilters(tags)];
  for (let tries = 1; ; tries += 1) {
    const [present] = await snapshotsWith(ebs, same, signal);
    if (present?.SnapshotId !== undefined) return present.SnapshotId;
    try {
      const made = await attempting(`taking a snapshot of volume ${volumeId}`, signal, () =>
        ebs.once.send(
          new CreateSnapshotCommand({
            VolumeId: volumeId,
            Description: `Velero backup ${tags['velero.io/backup'] ?? ''}`.trimEnd(),
            TagSpecifications: [{ ResourceType: 'snapshot', Tags: tagging }],
          }),
          limited(signal),
        ),
      );
      if (made.SnapshotId !== undefined) return made.SnapshotId;
    } catch (error) {
      // The answer may have got lost, and the snapshot be there: it is looked for before another one is asked for.
      if (!isFault(error, 'LB_SNAPSHOTTER_UNREACHABLE') || tries >= CREATE_TRIES) throw error;
      await delay(ebs.options.pollMs ?? POLL_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) throw stoppedFault(`taking a snapshot of volume ${volumeId}`, signal);
    }
  }
};

/** Looks until what is awaited has come; `look` throws when it never will. */
const until = async <T>(
  { options }: Ebs,
  doing: string,
  signal: AbortSignal,
  look: () => Promise<T | undefined>,
): Promise<T> => {
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await delay(options.pollMs ?? POLL_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) throw stoppedFault(doing, signal);
  }
};

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
const createVolume = async (ebs: Ebs, request: VolumeRequest, signal: AbortSignal): Promise<string> => {
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

const deleteSnapshot = ({ client }: Ebs, snapshotId: string, signal: AbortSignal): Promise<void> =>
  attempting(`deleting snapshot ${snapshotId}`, signal, async () => {
    try {
      await client.send(new DeleteSnapshotCommand({ SnapshotId: snapshotId }), limited(signal));
    } catch (error) {
      if (ec2Code(error) !== 'InvalidSnapshot.NotFound') throw error;
    }
  });

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
    findSnapshots: async (tags, signal) =>
      (await snapshotsWith(ebs, tagFilters(tags), signal)).flatMap(({ SnapshotId }) => SnapshotId ?? []),
    createVolume: (request, signal) => createVolume(ebs, request, signal),
    deleteSnapshot: (snapshotId, signal) => deleteSnapshot(ebs, snapshotId, signal),
    close: () => {
      ebs.client.destroy();
      ebs.once.destroy();
    },
  };
};
