import { type Readable } from 'node:stream';
import { Fault } from '../faults.js';
import { aborted } from './preconditions.js';

/** Milliseconds: for an append as a whole, and for a read between two events. */
export const DEADLINE = 10_000;

/** A stream of the client: a Readable that has to be cancelled on the wire as well. */
interface Reading extends Readable {
  cancel(): Promise<void>;
}

export const late = (): Fault =>
  new Fault('LB_EVENTSTORE_UNREACHABLE', `no answer within ${DEADLINE / 1000} s`);

/** The answer of one call, or a fault when the deadline passes or the caller leaves. The call itself may still succeed. */
export const within = <T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> =>
  new Promise((resolve, reject) => {
    const leave = (): void => reject(aborted());
    if (signal?.aborted) leave();
    const timer = setTimeout(() => reject(late()), DEADLINE);
    signal?.addEventListener('abort', leave, { once: true });
    void work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', leave);
    });
  });

/** Gives every event to `take` until that says `false` or the read ends. The client sets reads no deadline, so we do. */
export const drain = <E>(
  reading: Reading & AsyncIterable<E>,
  signal: AbortSignal | undefined,
  take: (event: E) => boolean,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', leave);
      reading.removeListener('data', onData);
      settle();
      abandon(reading, reading.cancel());
    };
    const fail = (error: Error): void => end(() => reject(error));
    const timer = setTimeout(() => fail(late()), DEADLINE);
    const leave = (): void => fail(aborted());
    const onData = (event: E): void => {
      timer.refresh();
      try {
        if (!take(event)) end(resolve);
      } catch (error) {
        fail(error as Error);
      }
    };
    signal?.addEventListener('abort', leave, { once: true });
    reading.once('error', fail);
    reading.once('end', () => end(resolve));
    reading.on('data', onData);
    // Between two calls nobody listened: an abort that came then is not announced again.
    if (signal?.aborted) leave();
  });

/**
 * Lets go of a stream: what is still on its way is read and dropped. Destroying it instead would leave the call under it
 * paused for ever; the client would keep it and wait for it when it closes. The client may also still emit an error on
 * it, which without a listener would end the process.
 */
const abandon = (stream: Readable, cancelled: Promise<void>): void => {
  stream.on('error', () => undefined);
  cancelled.catch(() => undefined);
  stream.resume();
};

export interface Puller<E> {
  /** The next event, or `undefined` when stopped. */
  next(): Promise<E | undefined>;
  /** Ends a `next()` that waits; with an error, this and all later ones throw it. */
  stop(error?: Error): void;
}

/** One event at a time from an endless stream; while nobody asks, the buffers fill and the server waits. */
export const createPuller = <E>(
  stream: Readable & AsyncIterable<E>,
  cancel: () => Promise<void>,
): Puller<E> => {
  let stopped = false;
  let failure: Error | undefined;
  let wake = (): void => undefined;
  const onReadable = (): void => wake();
  const stop = (error?: Error): void => {
    if (stopped) return;
    stopped = true;
    failure = error;
    stream.removeListener('readable', onReadable);
    abandon(stream, cancel());
    wake();
  };
  stream.on('readable', onReadable);
  stream.once('error', stop);
  stream.once('end', () => stop(new Fault('LB_EVENTSTORE_UNREACHABLE', 'the server ended the subscription')));
  const next = async (): Promise<E | undefined> => {
    while (!stopped) {
      const event = stream.read() as E | null;
      if (event !== null) return event;
      await new Promise<void>((resolve) => (wake = resolve));
    }
    if (failure) throw failure;
    return undefined;
  };
  return { next, stop };
};
