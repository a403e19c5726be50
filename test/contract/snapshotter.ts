import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isFault } from '../../src/faults.js';
import type { VolumeInfo, VolumeSnapshotter } from '../../src/snapshotters/port.js';

export interface SnapshotterUnderTest {
  readonly snapshotter: VolumeSnapshotter;
  readonly zone: string;
  /** Makes a disk to take snapshots of, and answers its id. */
  readonly disk: (info: VolumeInfo) => Promise<string>;
  /** What the provider knows of a disk. */
  readonly look: (
    volumeId: string,
  ) => Promise<VolumeInfo & { readonly zone: string; readonly from?: string }>;
  readonly cleanUp: () => Promise<void>;
}

const soon = (): AbortSignal => AbortSignal.timeout(15_000);

const codeOf = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    return await work;
  } catch (error) {
    return isFault(error) ? error.code : error;
  }
};

/** The law of `VolumeSnapshotter`: what every adapter promises. */
export const snapshotterContract = (name: string, make: () => Promise<SnapshotterUnderTest>): void => {
  describe(`volume snapshotter: ${name}`, () => {
    let subject: SnapshotterUnderTest;
    beforeAll(async () => {
      subject = await make();
    });
    afterAll(() => subject.cleanUp());

    const tagsOf = (backup: string, pv = 'pv-1') => ({ 'velero.io/backup': backup, 'velero.io/pv': pv });
    const snapshotOf = async (info: VolumeInfo = { type: 'gp2' }, tags = tagsOf(randomUUID())) => {
      const volumeId = await subject.disk(info);
      const { zone, snapshotter } = subject;
      return { volumeId, tags, id: await snapshotter.createSnapshot({ volumeId, zone, tags }, soon()) };
    };
    const volume = (snapshotId: string, info: VolumeInfo = { type: 'gp2' }, cause: string = randomUUID()) =>
      subject.snapshotter.createVolume({ snapshotId, zone: subject.zone, cause, ...info }, soon());

    it('tells of a disk its type, and the operations that are provisioned for it', async () => {
      const { snapshotter, zone } = subject;
      const id = await subject.disk({ type: 'io1', iops: 400 });
      expect(await snapshotter.volumeInfo(id, zone, soon())).toEqual({ type: 'io1', iops: 400 });
    });

    it('gives the snapshot that is there when the same is asked for again', async () => {
      const { volumeId, tags, id } = await snapshotOf();
      const again = await subject.snapshotter.createSnapshot({ volumeId, zone: subject.zone, tags }, soon());
      expect(again).toBe(id);
    });

    it('takes another snapshot of the same disk for other tags', async () => {
      const { volumeId, id } = await snapshotOf();
      const tags = tagsOf(randomUUID());
      expect(
        await subject.snapshotter.createSnapshot({ volumeId, zone: subject.zone, tags }, soon()),
      ).not.toBe(id);
    });

    it('finds snapshots that bear all tags asked for, and no others', async () => {
      const backup = randomUUID();
      const [one, two] = [
        await snapshotOf({ type: 'gp2' }, tagsOf(backup)),
        await snapshotOf({ type: 'gp2' }, tagsOf(backup, 'pv-2')),
      ];
      await snapshotOf();
      const found = await subject.snapshotter.findSnapshots({ 'velero.io/backup': backup }, soon());
      expect([...found].sort()).toEqual([one.id, two.id].sort());
      expect(await subject.snapshotter.findSnapshots(tagsOf(backup, 'pv-2'), soon())).toEqual([two.id]);
      expect(await subject.snapshotter.findSnapshots({ 'velero.io/backup': '*' }, soon())).toEqual([]);
    });

    it('makes a disk like the old one of a snapshot, in its zone', async () => {
      const info = { type: 'io1', iops: 300 };
      const { id } = await snapshotOf(info);
      const made = await volume(id, info);
      expect(await subject.look(made)).toMatchObject({ ...info, zone: subject.zone, from: id });
    });

    it('makes one disk for one cause, and another for another', async () => {
      const { id } = await snapshotOf();
      const made = await volume(id, { type: 'gp2' }, 'restore-1/pv-1');
      expect(await volume(id, { type: 'gp2' }, 'restore-1/pv-1')).toBe(made);
      expect(await volume(id, { type: 'gp2' }, 'restore-1/pv-2')).not.toBe(made);
    });

    it('deletes a snapshot, and is content if it is gone already', async () => {
      const { id, tags } = await snapshotOf();
      await subject.snapshotter.deleteSnapshot(id, soon());
      expect(await subject.snapshotter.findSnapshots(tags, soon())).toEqual([]);
      await subject.snapshotter.deleteSnapshot(id, soon());
    });

    it('deletes a disk it has made, and is content if it is gone already', async () => {
      const { id } = await snapshotOf();
      const made = await volume(id);
      await subject.snapshotter.deleteVolume(made, soon());
      expect(await codeOf(subject.snapshotter.volumeInfo(made, subject.zone, soon()))).toBe(
        'LB_SNAPSHOTTER_REFUSED',
      );
      await subject.snapshotter.deleteVolume(made, soon());
    });

    it('refuses by a fault what is about a disk or a snapshot that is not there', async () => {
      const { snapshotter, zone } = subject;
      const volumeId = 'vol-0123456789abcdef0';
      const snapshotId = 'snap-0123456789abcdef0';
      expect(await codeOf(snapshotter.volumeInfo(volumeId, zone, soon()))).toBe('LB_SNAPSHOTTER_REFUSED');
      expect(await codeOf(snapshotter.createSnapshot({ volumeId, zone, tags: tagsOf('b') }, soon()))).toBe(
        'LB_SNAPSHOTTER_REFUSED',
      );
      expect(await codeOf(volume(snapshotId))).toBe('LB_SNAPSHOTTER_REFUSED');
    });

    it('stops when it is told to', async () => {
      const { snapshotter, zone } = subject;
      const id = await subject.disk({ type: 'gp2' });
      expect(await codeOf(snapshotter.volumeInfo(id, zone, AbortSignal.abort()))).toBe('LB_ABORTED');
    });
  });
};
