import { Writable } from 'node:stream';
import { Fault } from '../faults.js';
import { BLOCK, createBlockGzip, type BlockGzip } from './block-gzip.js';
import { pathDanger, preferredVersion, printItemPath } from './item-path.js';
import { writableSink, type Sealed, type Sink } from './spool.js';
import { createHeaderWriter, padding, RECORD } from './tar-header.js';

/** One object on its way into the archive; `json` is written as it is, byte for byte. */
export interface ItemEntry {
  /** `pods`, `deployments.apps`. */
  readonly groupResource: string;
  /** `v1`: of the item as it was fetched. */
  readonly version: string;
  /** Whether that is the version the cluster prefers. */
  readonly preferred: boolean;
  /** Absent for a cluster-scoped item. */
  readonly namespace?: string;
  readonly name: string;
  readonly json: Buffer;
}

/** `entries` counts the files of the archive, `metadata/version` included. */
interface FinishedArchive extends Sealed {
  readonly entries: number;
}

/**
 * Writes a backup archive. Calls may overlap; entries keep the order in which they were called. A promise resolves when the
 * next entry may come, which holds a fast reader back behind a slow sink. After a failure every call fails with it.
 */
export interface TarballWriter {
  /** Once for a version that is not preferred, else twice: the path every restore reads, and the copy under its version. */
  addItem(entry: ItemEntry): Promise<void>;
  addFile(path: string, bytes: Buffer): Promise<void>;
  /** Ends the archive and the sink. An archive that was not finished is refused by every reader. */
  finish(): Promise<FinishedArchive>;
  abort(error: Error): void;
}

/** Format of the archive, as `status.formatVersion` names it (`pkg/backup/backup.go`). */
const ARCHIVE_FORMAT = '1.1.0';

/** The present block and its way to the compressor. Appending never waits, so that one entry's bytes stay together. */
const createBlocks = (gzip: BlockGzip) => {
  const spare: Buffer[] = [];
  let block: Buffer = Buffer.allocUnsafe(BLOCK);
  let used = 0;

  const flush = (): void => {
    if (used === 0) return;
    const full = block;
    gzip.push(full.subarray(0, used), () => spare.push(full));
    block = spare.pop() ?? Buffer.allocUnsafe(BLOCK);
    used = 0;
  };
  const append = (bytes: Uint8Array): void => {
    for (let done = 0; done < bytes.length;) {
      if (used === BLOCK) flush();
      const part = bytes.subarray(done, done + BLOCK - used);
      block.set(part, used);
      used += part.length;
      done += part.length;
    }
  };
  /** Begins a new block if so many bytes do not fit: a member of gzip knows nothing of the one before. */
  const keepTogether = (size: number): void => {
    if (size <= BLOCK && used + size > BLOCK) flush();
  };
  return { flush, append, keepTogether };
};

const toSink = (sink: Writable | Sink): Sink => (sink instanceof Writable ? writableSink(sink) : sink);

const checked = (path: string): string => {
  const danger = pathDanger(path);
  if (danger !== undefined)
    throw new Fault('LB_ARCHIVE_HOSTILE', `an entry cannot be named "${path}": the path ${danger}`);
  return path;
};

/** Both paths of an item, the one without a version first (`pkg/backup/item_backupper.go`). */
const pathsOf = (entry: ItemEntry): readonly string[] => {
  for (const part of [entry.groupResource, entry.version, entry.namespace ?? '-', entry.name]) {
    if (part === '' || part.includes('/')) {
      throw new Fault(
        'LB_ARCHIVE_HOSTILE',
        `an item of ${entry.groupResource} has the impossible name "${part}"`,
      );
    }
  }
  const { groupResource, version, name } = entry;
  const place = {
    groupResource,
    name,
    ...(entry.namespace === undefined ? {} : { namespace: entry.namespace }),
  };
  return entry.preferred
    ? [
        checked(printItemPath(place)),
        checked(printItemPath({ ...place, version: preferredVersion(version) })),
      ]
    : [checked(printItemPath({ ...place, version }))];
};

/**
 * Starts an archive. `level` is gzip's (1 to 9, default 6); `mtime` goes into every header and makes equal input equal output.
 * The sink is ended by `finish` and destroyed by `abort`. Faults: `LB_ARCHIVE_HOSTILE` for an entry no archive may hold (the
 * archive goes on without it), and whatever the sink fails with.
 */
export const createTarballWriter = (options: {
  readonly sink: Writable | Sink;
  readonly level?: number;
  readonly mtime: Date;
}): TarballWriter => {
  const gzip = createBlockGzip({
    sink: toSink(options.sink),
    ...(options.level === undefined ? {} : { level: options.level }),
  });
  const blocks = createBlocks(gzip);
  const header = createHeaderWriter(options.mtime);
  const zeros = Buffer.alloc(2 * RECORD);
  let entries = 0;
  let turn: Promise<void> = Promise.resolve();

  const writeEntry = (path: string, bytes: Buffer): void => {
    entries += 1;
    for (const part of header(path, bytes.length)) blocks.append(part);
    blocks.append(bytes);
    blocks.append(zeros.subarray(0, padding(bytes.length)));
  };
  const writeAll = async (paths: readonly string[], bytes: Buffer): Promise<void> => {
    // The second copy costs next to nothing while the first is in the compressor's window.
    blocks.keepTogether(paths.length * (RECORD + bytes.length + padding(bytes.length)));
    for (const path of paths) writeEntry(path, bytes);
    await gzip.room();
  };
  /** One entry after the other, however the caller overlaps its calls. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    turn = turn.then(work);
    turn.catch(() => undefined);
    return turn;
  };

  void inTurn(() => writeAll(['metadata/version'], Buffer.from(`${ARCHIVE_FORMAT}\n`)));
  return {
    async addItem(entry) {
      const paths = pathsOf(entry);
      await inTurn(() => writeAll(paths, entry.json));
    },
    async addFile(path, bytes) {
      const safe = checked(path);
      await inTurn(() => writeAll([safe], bytes));
    },
    async finish() {
      await inTurn(() => {
        blocks.append(zeros);
        blocks.flush();
        return Promise.resolve();
      });
      const sealed = await gzip.finish();
      return { ...sealed, entries };
    },
    abort: (error) => gzip.abort(error),
  };
};
