import { Fault } from '../faults.js';
import type { Spool } from './spool.js';

/** One item of a scanned archive: what it is and where its JSON lies in the spool. Small, since there can be a million. */
export interface IndexedItem {
  readonly groupResource: string;
  /** Absent for a cluster-scoped item. */
  readonly namespace?: string;
  readonly name: string;
  readonly offset: number;
  readonly length: number;
}

export interface ScannedResource {
  /** Versions the archive holds copies of, plain (`v1`), in order of appearance. */
  readonly versions: readonly string[];
  /** The version the cluster preferred when the backup was made; absent in archives of the format before 1.1.0. */
  readonly preferredVersion?: string;
  /** Those that every restore reads: in the preferred version, from the path without a version. In the order of the archive. */
  readonly items: readonly IndexedItem[];
  /** The same in each other version, by its plain name; empty unless the scan was told to keep them. */
  readonly otherVersions: ReadonlyMap<string, readonly IndexedItem[]>;
}

/** A backup archive of which every byte has been looked at. Holds a scratch file until `dispose`. */
export interface ScannedArchive {
  /** Content of `metadata/version`. */
  readonly formatVersion?: string;
  /** `false`: there is nothing to restore, which Velero calls a warning. */
  readonly hasResources: boolean;
  readonly resources: ReadonlyMap<string, ScannedResource>;
  /** Compressed and uncompressed size, entries of any kind, and items, each counted once however many versions it has. */
  readonly totals: {
    readonly archiveBytes: number;
    readonly tarBytes: number;
    readonly entries: number;
    readonly items: number;
  };
  read(item: IndexedItem): Promise<Buffer>;
  /**
   * Many items in the order of the file, however they are passed: read ahead in big pieces. The buffers of neighbours share
   * memory, so who keeps one for long copies it. An abort ends it with `LB_ABORTED`.
   */
  readMany(
    items: readonly IndexedItem[],
    signal: AbortSignal,
  ): AsyncIterable<{ readonly item: IndexedItem; readonly json: Buffer }>;
  /** Entries that were ignored, for people. */
  readonly warnings: readonly string[];
  dispose(): Promise<void>;
}

/** Bytes read at once, and the largest gap between two items that is read along rather than jumped over. */
const WINDOW = 1 << 20;
const GAP = 64 * 1024;

interface Window {
  readonly offset: number;
  readonly end: number;
  readonly items: readonly IndexedItem[];
}

/** Neighbours together, up to a window's size; a bigger item has a window of its own. */
function* windowsOf(sorted: readonly IndexedItem[]): Generator<Window> {
  let items: IndexedItem[] = [];
  let offset = 0;
  let end = 0;
  for (const item of sorted) {
    const last = item.offset + item.length;
    if (items.length > 0 && (last - offset > WINDOW || item.offset - end > GAP)) {
      yield { offset, end, items };
      items = [];
    }
    // An empty item can share its offset with a longer one and come behind it.
    end = items.length === 0 ? last : Math.max(end, last);
    if (items.length === 0) offset = item.offset;
    items.push(item);
  }
  if (items.length > 0) yield { offset, end, items };
}

const sortedByOffset = (items: readonly IndexedItem[]): readonly IndexedItem[] => {
  for (let i = 1; i < items.length; i++) {
    if ((items[i - 1]?.offset ?? 0) > (items[i]?.offset ?? 0))
      return [...items].sort((a, b) => a.offset - b.offset);
  }
  return items;
};

/** `readMany` over a spool: the next window is on its way while the present one is used. */
export async function* readItems(
  spool: Spool,
  items: readonly IndexedItem[],
  signal: AbortSignal,
): AsyncGenerator<{ readonly item: IndexedItem; readonly json: Buffer }> {
  const windows = windowsOf(sortedByOffset(items));
  const load = (): { window: Window; bytes: Promise<Buffer> } | undefined => {
    const { value } = windows.next() as { value: Window | undefined };
    if (!value) return undefined;
    const bytes = spool.readAt(value.offset, value.end - value.offset);
    bytes.catch(() => undefined);
    return { window: value, bytes };
  };
  for (let present = load(); present;) {
    const bytes = await present.bytes;
    const next = load();
    for (const item of present.window.items) {
      if (signal.aborted)
        throw new Fault('LB_ABORTED', 'reading the archive was stopped', { cause: signal.reason });
      const at = item.offset - present.window.offset;
      yield { item, json: bytes.subarray(at, at + item.length) };
    }
    present = next;
  }
}
