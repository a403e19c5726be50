import { setTimeout as sleep } from 'node:timers/promises';

const DONE = { done: true, value: undefined } as const;

export interface NewestSource<T> {
  /** Registers a wake-up call; the answer takes it back. */
  readonly listen: (wake: () => void) => () => void;
  /** The present value; `undefined` ends the iteration. */
  readonly read: () => Promise<T | undefined>;
  readonly isLast: (value: T) => boolean;
  /** At least so long between two values: a writer that reports a thousand times a second is not a thousand messages. */
  readonly pauseMs: number;
}

/**
 * First the present value, then a value whenever it has changed, until the last one. A slow reader misses values, never the
 * newest. Written by hand and not as a generator: `return()` on a generator that is parked on an await does not run its
 * `finally`, so that a subscriber who leaves while nothing happens would stay registered for ever.
 */
export const newestWins = <T>(source: NewestSource<T>): AsyncIterableIterator<T, undefined> => {
  const leaving = new AbortController();
  const left = () => leaving.signal.aborted;
  let dirty = true;
  let first = true;
  let shown: string | undefined;
  let wake = (): void => undefined;

  const unlisten = source.listen(() => {
    dirty = true;
    wake();
  });
  const end = () => {
    leaving.abort();
    unlisten();
    wake();
  };
  const change = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
      if (dirty || left()) resolve();
    });
  const pause = async () => {
    if (!first)
      await sleep(source.pauseMs, undefined, { signal: leaving.signal, ref: false }).catch(() => undefined);
    first = false;
  };

  const next = async (): Promise<IteratorResult<T, undefined>> => {
    for (;;) {
      await change();
      await pause();
      if (left()) return DONE;
      dirty = false;
      const value = await source.read();
      const text = JSON.stringify(value);
      if (value === undefined) end();
      if (value === undefined || left()) return DONE;
      if (text === shown) continue;
      shown = text;
      if (source.isLast(value)) end();
      return { done: false, value };
    }
  };

  return ended(next, end);
};

/** The shape both kinds of iterators share: leaving, and failing, free what they hold. */
const ended = <T>(
  next: () => Promise<IteratorResult<T, undefined>>,
  end: () => void,
): AsyncIterableIterator<T, undefined> => {
  const iterator: AsyncIterableIterator<T, undefined> = {
    next: () =>
      next().catch((error: unknown) => {
        end();
        throw error;
      }),
    return: () => {
      end();
      return Promise.resolve(DONE);
    },
    throw: (error: unknown) => {
      end();
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
};

/**
 * Everything an iterable gives, one by one and only when asked, with what `pick` makes of it (`undefined`: left out).
 * `open` gets a signal that aborts when the reader leaves.
 */
export const everyOne = <S, T>(
  open: (signal: AbortSignal) => AsyncIterable<S>,
  pick: (item: S) => Promise<T | undefined>,
): AsyncIterableIterator<T, undefined> => {
  const leaving = new AbortController();
  const left = () => leaving.signal.aborted;
  const source = open(leaving.signal)[Symbol.asyncIterator]();
  let release = (): void => undefined;
  // Leaving does not wait for the source, even for one that is slow to notice.
  const step = () =>
    new Promise<IteratorResult<S, unknown>>((resolve, reject) => {
      release = () => resolve(DONE);
      source.next().then(resolve, reject);
    });
  const next = async (): Promise<IteratorResult<T, undefined>> => {
    for (;;) {
      if (left()) return DONE;
      const item = await step();
      if (item.done === true || left()) return DONE;
      const value = await pick(item.value);
      if (value !== undefined) return { done: false, value };
    }
  };
  return ended(next, () => {
    leaving.abort();
    release();
    source.return?.().catch(() => undefined);
  });
};
