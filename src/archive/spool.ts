import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { Fault, isFault, messageOf } from '../faults.js';

/** What went through a sink, in bytes, and its SHA-256 in lower-case hex. */
export interface Sealed {
  readonly bytes: number;
  readonly sha256: string;
}

/** Where finished bytes go, in order. A write resolves when the next one may come: that is the back pressure. */
export interface Sink {
  write(chunk: Uint8Array): Promise<void>;
  /** Everything written is safe where it belongs. Nothing can be written afterwards. */
  finish(): Promise<Sealed>;
  /** Gives up: what was written is of no use. */
  abort(error: Error): void;
}

/** A temporary file: written once from front to back, then read as often as needed, gone with `dispose` or with the process. */
export interface Spool extends Sink {
  /** Bytes written so far. */
  readonly bytes: number;
  /** A fresh stream over the whole file; only after `finish`. Each caller gets its own. */
  read(): Readable;
  /** `length` bytes from `offset`; only after `finish`. */
  readAt(offset: number, length: number): Promise<Buffer>;
  dispose(): Promise<void>;
}

/** Small writes are gathered up to this many bytes, so that a million small items do not become a million system calls. */
const GATHER = 256 * 1024;
const READ_CHUNK = 1 << 20;

const spoolFault = (error: unknown): Fault =>
  isFault(error) ? error : new Fault('LB_SPOOL_FAILED', messageOf(error), { cause: error });

const failing = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw spoolFault(error);
  }
};

/** Opens the file and takes its name away at once: after a crash the system frees the space by itself. */
const openNameless = async (folder: string): Promise<{ file: FileHandle; leftover?: string }> => {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `lifeboat-${randomBytes(12).toString('hex')}.spool`);
  const { O_RDWR, O_CREAT, O_EXCL } = constants;
  const file = await open(path, O_RDWR | O_CREAT | O_EXCL, 0o600);
  try {
    await unlink(path);
    return { file };
  } catch {
    // Some file systems keep the name of an open file; then it is removed when the spool is disposed.
    return { file, leftover: path };
  }
};

const writeFully = async (file: FileHandle, chunk: Uint8Array, position: number): Promise<void> => {
  for (let done = 0; done < chunk.length;) {
    const { bytesWritten } = await file.write(chunk, done, chunk.length - done, position + done);
    done += bytesWritten;
  }
};

const readFully = async (file: FileHandle, offset: number, length: number): Promise<Buffer> => {
  const buffer = Buffer.allocUnsafe(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await file.read(buffer, done, length - done, offset + done);
    if (bytesRead === 0)
      throw new Fault('LB_SPOOL_FAILED', 'a scratch file is shorter than what was written to it');
    done += bytesRead;
  }
  return buffer;
};

/** Reads in big pieces by position, so that several readers do not disturb one another. */
const readable = (file: FileHandle, size: number): Readable => {
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let at = 0; at < size; at += READ_CHUNK) {
      yield await failing(() => readFully(file, at, Math.min(READ_CHUNK, size - at)));
    }
  }
  return Readable.from(pieces(), { objectMode: false, highWaterMark: READ_CHUNK });
};

/** Gathers small writes and puts them behind one another; a failed one fails all that follow. */
const createAppender = (file: FileHandle) => {
  let gathered: Uint8Array[] = [];
  let waiting = 0;
  let position = 0;
  let tail: Promise<void> = Promise.resolve();

  const flush = (): Promise<void> => {
    if (waiting === 0) return tail;
    const chunk = gathered.length === 1 && gathered[0] ? gathered[0] : Buffer.concat(gathered, waiting);
    const at = position;
    position += waiting;
    gathered = [];
    waiting = 0;
    tail = tail.then(() => failing(() => writeFully(file, chunk, at)));
    tail.catch(() => undefined);
    return tail;
  };
  return {
    async add(chunk: Uint8Array): Promise<void> {
      gathered.push(chunk);
      waiting += chunk.length;
      if (waiting >= GATHER) await flush();
    },
    flush,
    idle: (): Promise<void> => tail.catch(() => undefined),
  };
};

/**
 * A spool in `folder` (made if it is missing). More than `limit` bytes, a full disk or any other trouble with the folder is
 * `LB_SPOOL_FAILED`. A chunk belongs to the spool once it is written: the caller does not change it any more.
 */
export const openSpool = async (
  folder: string,
  options: { readonly limit?: number } = {},
): Promise<Spool> => {
  const limit = options.limit ?? Number.MAX_SAFE_INTEGER;
  const { file, leftover } = await failing(() => openNameless(folder));
  const appender = createAppender(file);
  const hash = createHash('sha256');
  let bytes = 0;
  let sealed: Sealed | undefined;
  let open = true;

  return {
    get bytes() {
      return bytes;
    },
    async write(chunk) {
      if (sealed || !open)
        throw new Fault('LB_SPOOL_FAILED', 'a scratch file was written after it was closed');
      if (bytes + chunk.length > limit) {
        throw new Fault(
          'LB_SPOOL_FAILED',
          `more than the allowed ${limit} bytes of scratch space are needed`,
        );
      }
      hash.update(chunk);
      bytes += chunk.length;
      await appender.add(chunk);
    },
    async finish() {
      await appender.flush();
      sealed ??= { bytes, sha256: hash.digest('hex') };
      return sealed;
    },
    // What was written stays readable, for a log that ends early; `dispose` is what frees it.
    abort: () => undefined,
    read: () => readable(file, bytes),
    readAt: (offset, length) => failing(() => readFully(file, offset, length)),
    async dispose() {
      if (!open) return;
      open = false;
      await appender.idle();
      await failing(async () => {
        await file.close();
        if (leftover !== undefined) await unlink(leftover);
      });
    },
  };
};

/** A Node stream as a sink. Ended by `finish`, destroyed by `abort`; its own errors come out of the pending call. */
export const writableSink = (stream: Writable): Sink => {
  const hash = createHash('sha256');
  const ended = finished(stream);
  ended.catch(() => undefined);
  let bytes = 0;
  return {
    async write(chunk) {
      hash.update(chunk);
      bytes += chunk.length;
      // `ended` in the race: a stream that dies while it is full never drains.
      if (!stream.write(chunk)) await Promise.race([once(stream, 'drain'), ended]);
    },
    async finish() {
      stream.end();
      await ended;
      return { bytes, sha256: hash.digest('hex') };
    },
    abort: (error) => void stream.destroy(error),
  };
};
