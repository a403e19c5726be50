import { gzip } from 'node:zlib';
import { promisify } from 'node:util';
import { messageOf } from '../faults.js';
import type { Sealed, Sink } from './spool.js';

const compress = promisify(gzip);

/** Bytes of one gzip member before compression. */
export const BLOCK = 1 << 20;

/** Compresses blocks side by side and writes them in order. */
export interface BlockGzip {
  /** Hands a block over; it must not be changed before `done` is called. Never waits. */
  push(block: Uint8Array, done?: () => void): void;
  /** Resolves when another block may be pushed; rejects with the first failure of anything before. */
  room(): Promise<void>;
  finish(): Promise<Sealed>;
  abort(error: Error): void;
}

/** Lets callers wait until something has changed. */
const createBell = () => {
  let waiting: (() => void)[] = [];
  return {
    ring(): void {
      const resumed = waiting;
      waiting = [];
      for (const resume of resumed) resume();
    },
    heard: () => new Promise<void>((resume) => waiting.push(resume)),
  };
};

/**
 * Every block becomes a gzip member of its own. Members one after the other are one gzip file (RFC 1952, section 2.2): any reader
 * sees the concatenation. In return compression runs in zlib's threads, `parallel` blocks at a time, off the event loop.
 */
export const createBlockGzip = (options: {
  readonly sink: Sink;
  readonly level?: number;
  readonly parallel?: number;
}): BlockGzip => {
  const { sink, parallel = 2 } = options;
  // One output chunk for a whole block: the default of 16 KiB would go to the thread pool and back for each piece.
  const settings = { ...(options.level === undefined ? {} : { level: options.level }), chunkSize: BLOCK };
  const queue: { readonly block: Uint8Array; readonly done: (() => void) | undefined }[] = [];
  const bell = createBell();
  let running = 0;
  let failure: Error | undefined;
  let written: Promise<void> = Promise.resolve();

  const fail = (error: unknown): void => {
    failure ??= error instanceof Error ? error : new Error(messageOf(error));
    queue.length = 0;
    bell.ring();
  };
  const writeNext = async (member: Promise<Buffer>, done: (() => void) | undefined): Promise<void> => {
    try {
      const bytes = await member;
      if (!failure) await sink.write(bytes);
    } catch (error) {
      fail(error);
    }
    running -= 1;
    done?.();
    start();
    bell.ring();
  };
  const start = (): void => {
    while (running < parallel && !failure) {
      const next = queue.shift();
      if (!next) return;
      running += 1;
      const member = compress(next.block, settings);
      member.catch(() => undefined);
      written = written.then(() => writeNext(member, next.done));
    }
  };
  const until = async (ready: () => boolean): Promise<void> => {
    while (!failure && !ready()) await bell.heard();
    if (failure) throw failure;
  };

  return {
    push(block, done) {
      if (failure) return;
      queue.push({ block, done });
      start();
    },
    room: () => until(() => queue.length === 0),
    async finish() {
      await until(() => queue.length === 0 && running === 0);
      return sink.finish();
    },
    abort(error) {
      fail(error);
      sink.abort(error);
    },
  };
};
