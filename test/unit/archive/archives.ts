import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { pack, type Header } from 'tar-stream';
import { afterAll } from 'vitest';
import type { ScannedArchive } from '../../../src/archive/scanned-archive.js';
import { scanArchive, type ScanLimits, type ScanOptions } from '../../../src/archive/tarball-reader.js';

/** A folder for scratch files that goes away with the test file. */
export const scratchFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'lifeboat-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

export const MTIME = new Date('2026-05-04T03:02:01Z');

/** A stream that keeps what it gets. */
export const collector = (): Writable & { bytes: () => Buffer } => {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  return Object.assign(stream, { bytes: () => Buffer.concat(chunks) });
};

/** Cuts bytes into chunks of a size, as a network would. */
export const inChunks = (bytes: Uint8Array, size = 64 * 1024): Readable => {
  function* cut() {
    for (let at = 0; at < bytes.length; at += size) yield Buffer.from(bytes.subarray(at, at + size));
  }
  return Readable.from(cut(), { objectMode: false });
};

export type TestEntry = Partial<Header> & { readonly name: string; readonly body?: string | Buffer };

/** An archive by somebody else's packer, so that it can hold what ours refuses to write. */
export const tarOf = async (entries: readonly TestEntry[]): Promise<Buffer> => {
  const tar = pack();
  for (const { body = '', ...header } of entries) tar.entry({ mtime: MTIME, ...header }, body);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
};

export const tarballOf = async (entries: readonly TestEntry[]): Promise<Buffer> =>
  gzipSync(await tarOf(entries));

const ROOMY: ScanLimits = { maxBytes: 1 << 30, maxEntries: 1_000_000, maxItemBytes: 64 << 20 };

export const scan = (
  bytes: Uint8Array | Readable,
  scratch: string,
  limits: Partial<ScanLimits> = {},
  signal: AbortSignal = AbortSignal.timeout(15_000),
  more: Pick<ScanOptions, 'everyVersion'> = {},
): Promise<ScannedArchive> =>
  scanArchive(bytes instanceof Readable ? bytes : inChunks(bytes), {
    scratch,
    limits: { ...ROOMY, ...limits },
    signal,
    ...more,
  });

/** Every item of an archive by `resource|namespace|name`, as text. */
export const contents = async (archive: ScannedArchive): Promise<Map<string, string>> => {
  const all = [...archive.resources.values()].flatMap((resource) => resource.items);
  const found = new Map<string, string>();
  for await (const { item, json } of archive.readMany(all, AbortSignal.timeout(15_000))) {
    found.set(`${item.groupResource}|${item.namespace ?? ''}|${item.name}`, json.toString());
  }
  return found;
};
