import { setTimeout as delay } from 'node:timers/promises';
import {
  CreateSnapshotCommand,
  DeleteSnapshotCommand,
  DescribeSnapshotsCommand,
  type Snapshot,
} from '@aws-sdk/client-ec2';
import { Fault, isFault } from '../faults.js';
import { attempting, limited, pollOf, THROUGHPUT_TAG, volumeOf, type Ebs } from './ebs-calls.js';
import { ec2Code, stoppedFault } from './ebs-errors.js';
import { mergedTags, tagFilters, tagsIn } from './ebs-tags.js';
import type { SnapshotRequest } from './port.js';

const CREATE_TRIES = 3;
const MOST_PAGES = 100;

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

/** `VolumeSnapshotter.findSnapshots` */
export const findSnapshots = async (
  ebs: Ebs,
  tags: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<readonly string[]> =>
  (await snapshotsWith(ebs, tagFilters(tags), signal)).flatMap(({ SnapshotId }) => SnapshotId ?? []);

/** `VolumeSnapshotter.createSnapshot` */
export const createSnapshot = async (
  ebs: Ebs,
  request: SnapshotRequest,
  signal: AbortSignal,
): Promise<string> => {
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
      await delay(pollOf(ebs), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) throw stoppedFault(`taking a snapshot of volume ${volumeId}`, signal);
    }
  }
};

/** `VolumeSnapshotter.deleteSnapshot` */
export const deleteSnapshot = ({ client }: Ebs, snapshotId: string, signal: AbortSignal): Promise<void> =>
  attempting(`deleting snapshot ${snapshotId}`, signal, async () => {
    try {
      await client.send(new DeleteSnapshotCommand({ SnapshotId: snapshotId }), limited(signal));
    } catch (error) {
      if (ec2Code(error) !== 'InvalidSnapshot.NotFound') throw error;
    }
  });
