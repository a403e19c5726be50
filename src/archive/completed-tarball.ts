import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Fault, isFault, messageOf } from '../faults.js';
import { preferredVersion, printItemPath } from './item-path.js';
import type { Sealed, Sink } from './spool.js';
import { createTarParser, type TarHandler } from './tar-parser.js';
import { createTarballWriter, type ItemEntry } from './tarball-writer.js';

const CHUNK = 1 << 20;
/** Of one entry: no object of a cluster comes near it, and an archive of our own holds nothing else. */
const MAX_ENTRY = 64 << 20;
const VERSION_FILE = 'metadata/version';

interface Member {
  readonly path: string;
  readonly bytes: Buffer;
}

const pathsOf = (entry: ItemEntry): readonly string[] => {
  const { groupResource, name, namespace, version } = entry;
  const place = { groupResource, name, ...(namespace !== undefined && { namespace }) };
  return [printItemPath(place), printItemPath({ ...place, version: preferredVersion(version) })];
};

/** Gathers the files of an archive as its chunks come, but for those that are to be written anew. */
const gatherMembers = (anew: ReadonlySet<string>) => {
  let present: { readonly path: string; readonly chunks: Buffer[] } | undefined;
  let whole: Member[] = [];
  const handler: TarHandler = {
    entry: ({ path, size, kind }) => {
      if (size > MAX_ENTRY)
        throw new Fault('LB_ARCHIVE_TOO_LARGE', `an entry has more than ${MAX_ENTRY} bytes`);
      present = kind === 'file' && !anew.has(path) ? { path, chunks: [] } : undefined;
    },
    data: (chunk) => void present?.chunks.push(Buffer.from(chunk)),
    end: () => {
      if (present) whole.push({ path: present.path, bytes: Buffer.concat(present.chunks) });
      present = undefined;
    },
  };
  const take = (): readonly Member[] => {
    const taken = whole;
    whole = [];
    return taken;
  };
  return { handler, take };
};

/**
 * Writes a backup archive once more, with items behind those it has; an item that it has already is replaced. Equal input makes equal
 * bytes, so that a repeat after a crash changes nothing. One item is in memory at a time. Faults: `LB_ARCHIVE_DAMAGED`,
 * `LB_ARCHIVE_TOO_LARGE`, `LB_STORE_UNREACHABLE` for a source that breaks off, `LB_ABORTED`, and the sink's own.
 */
export const completeTarball = async (
  source: Readable,
  items: readonly ItemEntry[],
  to: { readonly sink: Sink; readonly mtime: Date; readonly signal: AbortSignal },
): Promise<Sealed> => {
  const { sink, mtime, signal } = to;
  const writer = createTarballWriter({ sink, mtime });
  const members = gatherMembers(new Set([VERSION_FILE, ...items.flatMap(pathsOf)]));
  const parser = createTarParser(members.handler);
  try {
    await pipeline(
      source,
      createGunzip({ chunkSize: CHUNK }),
      async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of chunks) {
          parser.push(chunk);
          for (const { path, bytes } of members.take()) await writer.addFile(path, bytes);
        }
      },
      { signal },
    );
    parser.finish();
    for (const item of items) await writer.addItem(item);
    return await writer.finish();
  } catch (error) {
    writer.abort(error instanceof Error ? error : new Error(messageOf(error)));
    if (signal.aborted) throw new Fault('LB_ABORTED', 'completing the archive was stopped', { cause: error });
    if (isFault(error)) throw error;
    throw new Fault('LB_STORE_UNREACHABLE', `the archive stopped coming: ${messageOf(error)}`, {
      cause: error,
    });
  }
};
