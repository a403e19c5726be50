import { describe, expect, test } from 'vitest';
import { everyOne, newestWins } from '../../../src/graphql/iterators.js';

/** A value that can be set, and that knows who listens. */
const observable = (first: number | undefined) => {
  const wakes = new Set<() => void>();
  let value = first;
  return {
    wakes,
    set: (next: number | undefined) => {
      value = next;
      for (const wake of wakes) wake();
    },
    source: {
      listen: (wake: () => void) => {
        wakes.add(wake);
        return () => void wakes.delete(wake);
      },
      read: () => Promise.resolve(value),
      isLast: (n: number) => n >= 100,
      pauseMs: 0,
    },
  };
};

describe('the newest value of a source', () => {
  test('comes at once, and again only when it is another one', async () => {
    const { source, set } = observable(1);
    const reading = newestWins(source);
    expect(await reading.next()).toEqual({ done: false, value: 1 });
    const second = reading.next();
    set(1);
    set(2);
    expect(await second).toEqual({ done: false, value: 2 });
    set(3);
    set(4);
    expect(await reading.next()).toEqual({ done: false, value: 4 });
  });

  test('ends after the last value, and when there is nothing any more', async () => {
    const { source, set, wakes } = observable(100);
    const reading = newestWins(source);
    expect(await reading.next()).toEqual({ done: false, value: 100 });
    expect([await reading.next(), wakes.size]).toEqual([{ done: true, value: undefined }, 0]);
    const other = observable(1);
    const gone = newestWins(other.source);
    await gone.next();
    other.set(undefined);
    expect([await gone.next(), other.wakes.size]).toEqual([{ done: true, value: undefined }, 0]);
    set(1);
  });

  test('a reader who leaves while waiting is let go and forgotten', async () => {
    const { source, wakes } = observable(1);
    const reading = newestWins({ ...source, pauseMs: 60_000 });
    await reading.next();
    const parked = reading.next();
    expect(wakes.size).toBe(1);
    await reading.return?.();
    expect(await parked).toEqual({ done: true, value: undefined });
    expect(wakes.size).toBe(0);
  });

  test('a reader who leaves during the pause is let go too', async () => {
    const { source, set, wakes } = observable(1);
    const reading = newestWins({ ...source, pauseMs: 60_000 });
    await reading.next();
    const parked = reading.next();
    set(2);
    await Promise.resolve();
    await reading.return?.();
    expect([await parked, wakes.size]).toEqual([{ done: true, value: undefined }, 0]);
  });

  test('a read that fails is told and forgets the reader', async () => {
    const { source, wakes } = observable(1);
    const reading = newestWins({ ...source, read: () => Promise.reject(new Error('no')) });
    await expect(reading.next()).rejects.toThrow('no');
    expect([wakes.size, await reading.next()]).toEqual([0, { done: true, value: undefined }]);
  });
});

describe('everything of a source', () => {
  const endless = (signals: AbortSignal[], values: readonly number[]) => (signal: AbortSignal) => {
    signals.push(signal);
    return (async function* () {
      yield* values;
      await new Promise(() => undefined); // a source that does not even look at the signal
    })();
  };

  test('comes in order, without what is not wanted', async () => {
    const reading = everyOne(endless([], [1, 2, 3, 4]), (n) =>
      Promise.resolve(n % 2 === 0 ? n * 10 : undefined),
    );
    expect([(await reading.next()).value, (await reading.next()).value]).toEqual([20, 40]);
    await reading.return?.();
  });

  test('leaving while it waits ends the source', async () => {
    const signals: AbortSignal[] = [];
    const reading = everyOne(endless(signals, []), (n) => Promise.resolve(n));
    const parked = reading.next();
    await reading.return?.();
    expect(await parked).toEqual({ done: true, value: undefined });
    expect(signals.map((signal) => signal.aborted)).toEqual([true]);
  });
});
