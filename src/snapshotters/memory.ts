import { Fault } from '../faults.js';
import { ebsVolumeIdOf, withEbsVolumeId } from './ebs-volume.js';
import type { VolumeInfo, VolumeSnapshotter } from './port.js';

export interface MemoryVolume extends VolumeInfo {
  readonly zone: string;
  /** The snapshot it was made of. */
  readonly from?: string;
  readonly cause?: string;
}

export interface MemorySnapshot {
  readonly volumeId: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** A simulated provider of disks, with volumes as those of EBS. Everything that is opened of it works on the same disks. */
export interface MemoryProvider {
  readonly volumes: Map<string, MemoryVolume>;
  readonly snapshots: Map<string, MemorySnapshot>;
  open(): VolumeSnapshotter;
}

const refused = (detail: string): Fault => new Fault('LB_SNAPSHOTTER_REFUSED', detail);

const checked = (signal: AbortSignal): void => {
  if (signal.aborted) throw new Fault('LB_ABORTED', 'the work on a snapshot was stopped');
};

const bears = (tags: MemorySnapshot['tags'], wanted: MemorySnapshot['tags']): boolean =>
  Object.entries(wanted).every(([key, value]) => tags[key] === value);

export const createMemoryProvider = (): MemoryProvider => {
  const volumes = new Map<string, MemoryVolume>();
  const snapshots = new Map<string, MemorySnapshot>();
  let made = 0;
  const volumeOf = (id: string): MemoryVolume => {
    const volume = volumes.get(id);
    if (!volume) throw refused(`there is no volume ${id}`);
    return volume;
  };
  const idOf = (kind: 'snap' | 'vol'): string => `${kind}-made-${(made += 1)}`;
  const keyWhere = <T>(all: ReadonlyMap<string, T>, fits: (one: T) => boolean): string | undefined =>
    [...all].find(([, one]) => fits(one))?.[0];
  /** So that every call has its moment of waiting, in which others go on. */
  const answer = async <T>(signal: AbortSignal, work: () => T): Promise<T> => {
    await Promise.resolve();
    checked(signal);
    return work();
  };
  const open = (): VolumeSnapshotter => ({
    volumeIdOf: ebsVolumeIdOf,
    withVolumeId: withEbsVolumeId,
    volumeInfo: (volumeId, _zone, signal) =>
      answer(signal, () => {
        const { type, iops } = volumeOf(volumeId);
        return { type, ...(iops !== undefined && { iops }) };
      }),
    createSnapshot: ({ volumeId, tags }, signal) =>
      answer(signal, () => {
        volumeOf(volumeId);
        const present = keyWhere(snapshots, (one) => one.volumeId === volumeId && bears(one.tags, tags));
        const id = present ?? idOf('snap');
        if (present === undefined) snapshots.set(id, { volumeId, tags });
        return id;
      }),
    findSnapshots: (tags, signal) =>
      answer(signal, () => [...snapshots].filter(([, one]) => bears(one.tags, tags)).map(([id]) => id)),
    createVolume: ({ snapshotId, zone, type, iops, cause }, signal) =>
      answer(signal, () => {
        if (zone === '') throw refused(`of snapshot ${snapshotId} no availability zone is recorded`);
        const present = keyWhere(volumes, (one) => one.cause === cause);
        if (present !== undefined) return present;
        if (!snapshots.has(snapshotId)) throw refused(`there is no snapshot ${snapshotId}`);
        const id = idOf('vol');
        volumes.set(id, { zone, type, ...(iops !== undefined && { iops }), from: snapshotId, cause });
        return id;
      }),
    deleteVolume: (volumeId, signal) => answer(signal, () => void volumes.delete(volumeId)),
    deleteSnapshot: (snapshotId, signal) => answer(signal, () => void snapshots.delete(snapshotId)),
    close: () => undefined,
  });
  return { volumes, snapshots, open };
};
