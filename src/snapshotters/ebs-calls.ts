import { setTimeout as delay } from 'node:timers/promises';
import {
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  type EC2Client,
  type Snapshot,
  type Volume,
} from '@aws-sdk/client-ec2';
import type { AwsCredentials } from '../aws/credentials.js';
import { Fault } from '../faults.js';
import { ec2Fault, stoppedFault } from './ebs-errors.js';

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

/** Of a gp3 volume, in MiB/s: the files of a backup have no place for it. */
export const THROUGHPUT_TAG = 'lifeboat.io/volume-throughput';
/** Types whose I/O operations are provisioned; of the others EC2 tells a number that it does not accept. */
export const WITH_IOPS = ['io1', 'io2', 'gp3'];
const POLL_MS = 5_000;
const CALL_MS = 60_000;

/** What every call to EC2 is made with. */
export interface Ebs {
  readonly options: EbsOptions;
  readonly client: EC2Client;
  /** Sends once: EC2 has no token by which a second request for a snapshot is known as the same. */
  readonly once: EC2Client;
}

/** Milliseconds between two looks at what takes time. */
export const pollOf = ({ options }: Ebs): number => options.pollMs ?? POLL_MS;

export const limited = (signal: AbortSignal): { abortSignal: AbortSignal } => ({
  abortSignal: AbortSignal.any([signal, AbortSignal.timeout(CALL_MS)]),
});

/** Throws what EC2 says as a fault; `doing` says what was tried. */
export const attempting = async <T>(
  doing: string,
  signal: AbortSignal,
  call: () => Promise<T>,
): Promise<T> => {
  try {
    return await call();
  } catch (error) {
    throw ec2Fault(error, doing, signal);
  }
};

const missing = (what: string): Fault => new Fault('LB_SNAPSHOTTER_REFUSED', `there is no ${what}`);

export const volumeOf = async ({ client }: Ebs, volumeId: string, signal: AbortSignal): Promise<Volume> => {
  const { Volumes = [] } = await attempting(`looking at volume ${volumeId}`, signal, () =>
    client.send(new DescribeVolumesCommand({ VolumeIds: [volumeId] }), limited(signal)),
  );
  const [volume] = Volumes;
  if (!volume) throw missing(`volume ${volumeId}`);
  return volume;
};

export const snapshotOf = async (
  { client }: Ebs,
  snapshotId: string,
  signal: AbortSignal,
): Promise<Snapshot> => {
  const { Snapshots = [] } = await attempting(`looking at snapshot ${snapshotId}`, signal, () =>
    client.send(new DescribeSnapshotsCommand({ SnapshotIds: [snapshotId] }), limited(signal)),
  );
  const [snapshot] = Snapshots;
  if (!snapshot) throw missing(`snapshot ${snapshotId}`);
  return snapshot;
};

/** Looks until what is awaited has come; `look` throws when it never will. */
export const until = async <T>(
  ebs: Ebs,
  doing: string,
  signal: AbortSignal,
  look: () => Promise<T | undefined>,
): Promise<T> => {
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await delay(pollOf(ebs), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) throw stoppedFault(doing, signal);
  }
};
