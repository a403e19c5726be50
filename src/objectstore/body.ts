import { Readable } from 'node:stream';
import { Fault } from '../faults.js';

/** A body on its way into a store. */
export interface Source {
  /** The bytes in pieces, once. Throws what the body failed with. */
  chunks(): AsyncGenerator<Uint8Array, void, undefined>;
  /** What the body itself failed with, to be told from a failure of the store. */
  failure(): { readonly error: unknown } | undefined;
  /** Ends the body, also one that is silent. Call it in every outcome. */
  close(): void;
}

const bytesOf = (chunk: unknown): Uint8Array => {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk === 'string') return Buffer.from(chunk);
  throw new TypeError('a body yields bytes only');
};

/** A body as a source that obeys the signal even while the body says nothing. */
export const sourceOf = (body: Uint8Array | Readable, signal: AbortSignal | undefined): Source => {
  if (body instanceof Uint8Array) {
    return {
      async *chunks() {
        await Promise.resolve();
        yield body;
      },
      failure: () => undefined,
      close: () => undefined,
    };
  }
  let failure: { readonly error: unknown } | undefined;
  const onAbort = () => body.destroy();
  // The body may fail before anyone reads it, or after reading stopped: without a listener that ends the process.
  body.on('error', () => undefined);
  if (signal?.aborted === true) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  return {
    async *chunks() {
      const pieces = body[Symbol.asyncIterator]();
      try {
        for (;;) {
          const next = (await pieces.next().catch((error: unknown) => {
            failure = { error };
            throw error;
          })) as IteratorResult<unknown>;
          if (next.done === true) return;
          yield bytesOf(next.value);
        }
      } finally {
        body.destroy();
      }
    },
    failure: () => failure,
    close: () => {
      signal?.removeEventListener('abort', onAbort);
      body.destroy();
    },
  };
};

export interface DownloadOptions {
  readonly doing: string;
  readonly signal?: AbortSignal | undefined;
  /** How long the other side may say nothing while the reader waits, in milliseconds. A slow reader costs no deadline. */
  readonly idleMs?: number;
  readonly toFault: (error: unknown) => Fault;
}

/**
 * The bytes of an object on their way to a reader: every failure becomes a Fault, silence has a deadline, the signal
 * ends it, and a connection that closes early is an error and never looks like the end of the object.
 */
export const download = (source: Readable, { doing, signal, idleMs, toFault }: DownloadOptions): Readable => {
  let timer: NodeJS.Timeout | undefined;
  const rest = () => clearTimeout(timer);
  const wait = () => {
    rest();
    if (idleMs === undefined) return;
    const late = new Fault('LB_STORE_UNREACHABLE', `${doing}: no byte came for ${idleMs / 1000} s`);
    timer = setTimeout(() => out.destroy(late), idleMs);
  };
  const onAbort = () => out.destroy(new Fault('LB_ABORTED', doing));
  const out: Readable = new Readable({
    read: () => {
      wait();
      source.resume();
    },
    destroy: (error, done) => {
      rest();
      signal?.removeEventListener('abort', onAbort);
      source.destroy();
      done(error);
    },
  });
  source.pause();
  source.on('data', (chunk: Uint8Array) => {
    rest();
    if (out.push(chunk)) wait();
    else source.pause();
  });
  source.on('end', () => {
    rest();
    out.push(null);
  });
  source.on('error', (error) => out.destroy(toFault(error)));
  source.on('close', () => {
    if (!source.readableEnded && !out.destroyed) {
      out.destroy(new Fault('LB_STORE_UNREACHABLE', `${doing}: the object ended early`));
    }
  });
  if (signal?.aborted === true) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  return out;
};
