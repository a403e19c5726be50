import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, type Gunzip } from 'node:zlib';
import { Fault, isFault, messageOf } from '../faults.js';
import { createArchiveIndex } from './archive-index.js';
import { parseItemPath, pathDanger, plainVersion, type ItemPlace } from './item-path.js';
import { readItems, type IndexedItem, type ScannedArchive } from './scanned-archive.js';
import { openSpool, type Spool } from './spool.js';
import { createTarParser, type TarEntry, type TarHandler } from './tar-parser.js';

/** What an archive may need at most; beyond it is `LB_ARCHIVE_TOO_LARGE`. */
export interface ScanLimits {
  /** Unpacked bytes of the whole archive. */
  readonly maxBytes: number;
  readonly maxEntries: number;
  /** Bytes of one entry. */
  readonly maxItemBytes: number;
  /** Unpacked over packed bytes, looked at once 64 MiB are unpacked. JSON with its repeated copy stays below 100. */
  readonly maxRatio?: number;
}

/** Of a backup: an archive beyond these is refused before anything of it is applied; a million objects of 10 KiB fit. */
export const BACKUP_LIMITS: ScanLimits = {
  maxBytes: 64 * 2 ** 30,
  maxEntries: 20_000_000,
  maxItemBytes: 64 * 2 ** 20,
  maxRatio: 400,
};

export interface ScanOptions {
  /** Folder for the scratch file that holds the items. */
  readonly scratch: string;
  readonly limits: ScanLimits;
  /** Keep the items of every version, not only those of the preferred one: more scratch space, and a larger index. */
  readonly everyVersion?: boolean;
  readonly signal: AbortSignal;
}

const CHUNK = 1 << 20;
const RATIO_FROM = 64 << 20;
const MAX_WARNINGS = 1000;
const MAX_VERSION_FILE = 1024;
const VERSION_PATH = 'metadata/version';

const tooLarge = (detail: string): Fault => new Fault('LB_ARCHIVE_TOO_LARGE', detail);
const damaged = (detail: string, cause?: unknown): Fault =>
  new Fault('LB_ARCHIVE_DAMAGED', detail, { cause });

/** `./resources//pods` → `resources/pods`: how tools that repack archives like to write paths. */
const tidy = (path: string): string =>
  path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');

/** Bounded: an archive of a million odd entries must not become a million lines. */
const createWarnings = () => {
  const lines: string[] = [];
  let more = 0;
  return {
    add(line: string): void {
      if (lines.length < MAX_WARNINGS) lines.push(line);
      else more += 1;
    },
    finish: (): readonly string[] => (more > 0 ? [...lines, `… and ${more} more`] : lines),
  };
};

/** What an entry turned out to be, for the bytes that follow. */
type Role =
  | { readonly is: 'item'; readonly place: ItemPlace; readonly offset: number; readonly length: number }
  | { readonly is: 'version-file'; readonly chunks: Buffer[] }
  | { readonly is: 'passed-over' };

const PASSED_OVER: Role = { is: 'passed-over' };

const checkEntry = (entry: TarEntry, count: number, limits: ScanLimits): void => {
  if (count > limits.maxEntries) throw tooLarge(`it has more than ${limits.maxEntries} entries`);
  if (entry.size > limits.maxItemBytes) throw tooLarge(`an entry has more than ${limits.maxItemBytes} bytes`);
  const danger = pathDanger(entry.path);
  if (danger !== undefined) throw new Fault('LB_ARCHIVE_HOSTILE', `the path of entry ${count} ${danger}`);
};

/** Takes the archive apart: items into the spool and the index, everything else only looked at. */
const createSorter = (spool: Spool, { limits, everyVersion = false }: ScanOptions) => {
  const index = createArchiveIndex();
  const warnings = createWarnings();
  const pending: Buffer[] = [];
  let spooled = 0;
  let entries = 0;
  let formatVersion: string | undefined;
  let hasResources = false;
  let role: Role = PASSED_OVER;

  const roleOf = (path: string, entry: TarEntry): Role => {
    if (path === VERSION_PATH && entry.size <= MAX_VERSION_FILE) return { is: 'version-file', chunks: [] };
    const place = parseItemPath(path);
    if (!place) {
      warnings.add(`"${path}" is not where items lie and was ignored`);
      return PASSED_OVER;
    }
    const { version } = place;
    if (version !== undefined) index.version(place.groupResource, version);
    // The copy of the preferred version has the bytes of the one that has no version.
    const kept = version === undefined || (everyVersion && plainVersion(version) === version);
    return kept ? { is: 'item', place, offset: spooled, length: entry.size } : PASSED_OVER;
  };
  const handler: TarHandler = {
    entry(entry) {
      entries += 1;
      checkEntry(entry, entries, limits);
      const path = tidy(entry.path);
      hasResources ||= path === 'resources' || path.startsWith('resources/');
      role = PASSED_OVER;
      if (entry.kind === 'file') role = roleOf(path, entry);
      if (entry.kind === 'unknown') warnings.add(`"${path}" is no ordinary file and was ignored`);
    },
    data(chunk) {
      if (role.is === 'version-file') role.chunks.push(Buffer.from(chunk));
      if (role.is !== 'item') return;
      pending.push(chunk);
      spooled += chunk.length;
    },
    end() {
      if (role.is === 'item') index.item(role.place, role.offset, role.length);
      if (role.is === 'version-file') formatVersion = Buffer.concat(role.chunks).toString('utf8').trim();
    },
  };
  return {
    handler,
    /** Writes what the last chunk brought; the chunk is free afterwards. */
    async drain(): Promise<void> {
      if (pending.length > 0) await spool.write(Buffer.concat(pending));
      pending.length = 0;
    },
    finish: () => ({
      ...(formatVersion === undefined ? {} : { formatVersion }),
      hasResources,
      resources: index.finish(),
      warnings: warnings.finish(),
      entries,
    }),
  };
};

/** Counts what comes from the store, and tells the store's troubles from the archive's. */
async function* counted(source: Readable, count: (bytes: number) => void): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      count(chunk.length);
      yield chunk;
    }
  } catch (error) {
    if (isFault(error)) throw error;
    throw new Fault('LB_STORE_UNREACHABLE', `the archive stopped coming: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

const toFault = (error: unknown, signal: AbortSignal): Fault => {
  if (signal.aborted) return new Fault('LB_ABORTED', 'reading the archive was stopped', { cause: error });
  return isFault(error) ? error : damaged(messageOf(error), error);
};

const checkSize = (tarBytes: number, gunzip: Gunzip, limits: ScanLimits): void => {
  if (tarBytes > limits.maxBytes) throw tooLarge(`it unpacks to more than ${limits.maxBytes} bytes`);
  const { maxRatio } = limits;
  if (
    maxRatio !== undefined &&
    tarBytes > RATIO_FROM &&
    tarBytes > maxRatio * Math.max(1, gunzip.bytesWritten)
  ) {
    throw tooLarge(`it unpacks to more than ${maxRatio} times its size`);
  }
};

/** One pass over the archive; resolves when every byte was found right. */
const passOver = async (source: Readable, sorter: ReturnType<typeof createSorter>, options: ScanOptions) => {
  const gunzip = createGunzip({ chunkSize: CHUNK });
  const parser = createTarParser(sorter.handler);
  let archiveBytes = 0;
  let tarBytes = 0;
  await pipeline(
    counted(source, (bytes) => (archiveBytes += bytes)),
    gunzip,
    async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        tarBytes += chunk.length;
        checkSize(tarBytes, gunzip, options.limits);
        parser.push(chunk);
        await sorter.drain();
      }
    },
    { signal: options.signal },
  );
  parser.finish();
  // zlib stops quietly at a zero byte behind a member; whatever follows was not read.
  if (gunzip.bytesWritten !== archiveBytes)
    throw damaged('there is something behind the end of the compressed data');
  return { archiveBytes, tarBytes };
};

/**
 * Reads a whole backup archive once, from front to back, and finds everything that is wrong with it before anything is applied:
 * damage, cuts, forged paths, links and devices, bombs. Bodies of items go to one scratch file. Odd but harmless entries become
 * warnings, as in Velero (`pkg/archive/parser.go`). Memory holds one chunk and the index.
 *
 * Faults: `LB_ARCHIVE_DAMAGED`, `LB_ARCHIVE_HOSTILE`, `LB_ARCHIVE_TOO_LARGE`, `LB_SPOOL_FAILED`, `LB_ABORTED`, and the source's own;
 * a source that fails with anything else is `LB_STORE_UNREACHABLE`. The source is consumed or destroyed in any case.
 */
export const scanArchive = async (source: Readable, options: ScanOptions): Promise<ScannedArchive> => {
  const spool = await openSpool(options.scratch).catch((error: unknown) => {
    source.destroy();
    throw error;
  });
  try {
    const sorter = createSorter(spool, options);
    const sizes = await passOver(source, sorter, options);
    await spool.finish();
    const { entries, ...scanned } = sorter.finish();
    let items = 0;
    for (const resource of scanned.resources.values()) items += resource.items.length;
    return {
      ...scanned,
      totals: { ...sizes, entries, items },
      read: (item: IndexedItem) => spool.readAt(item.offset, item.length),
      readMany: (wanted, signal) => readItems(spool, wanted, signal),
      dispose: () => spool.dispose(),
    };
  } catch (error) {
    source.destroy();
    await spool.dispose();
    throw toFault(error, options.signal);
  }
};
