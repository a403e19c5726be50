import { isFault, messageOf } from '../../faults.js';
import type { VolumeSnapshotter } from '../../snapshotters/port.js';
import { sideBySide, takingFrom } from '../side-by-side.js';
import { openNamedSnapshotter, type SnapshotterPorts } from './snapshot-location.js';

const AT_ONCE = 8;
/** For everything in one location. */
const WAIT_MS = 120_000;

/** A snapshot of which some record tells. */
export interface KnownSnapshot {
  readonly location: string;
  readonly snapshotId: string;
  /** Name of the PersistentVolume it was taken of. */
  readonly volume: string;
}

interface Removing {
  /** Where to look. */
  readonly locations: readonly string[];
  readonly known: readonly KnownSnapshot[];
  /** What those bear that belong to it, also ones of which no record tells; undefined: nothing is known of such. */
  readonly tags: Readonly<Record<string, string>> | undefined;
  readonly signal: AbortSignal;
}

/** What trying again may mend is thrown, so that somebody tries again; the rest becomes a sentence. */
const orSentence = async (
  work: () => Promise<unknown>,
  sentence: (why: string) => string[],
): Promise<string[]> => {
  try {
    await work();
    return [];
  } catch (error) {
    if (!isFault(error) || error.retriable) throw error;
    return sentence(messageOf(error));
  }
};

const removeIn = async (
  snapshotter: VolumeSnapshotter,
  { known, tags, signal }: Removing,
): Promise<readonly string[]> => {
  const left: string[] = [];
  const volumes = new Map(known.map(({ snapshotId, volume }) => [snapshotId, volume]));
  const ids = new Set(volumes.keys());
  if (tags) for (const id of await snapshotter.findSnapshots(tags, signal)) ids.add(id);
  await sideBySide(takingFrom(ids), AT_ONCE, async (id) => {
    const what = volumes.has(id) ? `snapshot ${id} of volume ${volumes.get(id) ?? ''}` : `snapshot ${id}`;
    const sentence = (why: string) => [`${what} cannot be deleted: ${why}`];
    left.push(...(await orSentence(() => snapshotter.deleteSnapshot(id, signal), sentence)));
  });
  return left;
};

/**
 * Deletes snapshots of providers: those that records tell of, and those that bear the tags. Safe to repeat. Answers a sentence for each that
 * stays and that another try would not remove; faults are those that another try may mend.
 */
export const removeProviderSnapshots = async (
  ports: SnapshotterPorts,
  removing: Removing,
): Promise<readonly string[]> => {
  const left: string[] = [];
  for (const location of new Set(removing.locations)) {
    const known = removing.known.filter((one) => one.location === location);
    const signal = AbortSignal.any([removing.signal, AbortSignal.timeout(WAIT_MS)]);
    const all = async (): Promise<void> => {
      const snapshotter = await openNamedSnapshotter(ports, location, signal);
      try {
        left.push(...(await removeIn(snapshotter, { ...removing, known, signal })));
      } finally {
        snapshotter.close();
      }
    };
    const stays = (why: string): string[] =>
      known.length === 0
        ? [`snapshots in ${location} cannot be looked for: ${why}`]
        : known.map(({ snapshotId, volume }) => `snapshot ${snapshotId} of volume ${volume} stays: ${why}`);
    left.push(...(await orSentence(all, stays)));
  }
  return left;
};
