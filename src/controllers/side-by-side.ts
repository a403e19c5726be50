/**
 * Works on what `next` gives, so many at once, until it gives `undefined`. The first failure stops the taking; it is thrown
 * when everything already under way has come to rest, so that nothing goes on behind the caller's back.
 */
export const sideBySide = async <T>(
  next: () => Promise<T | undefined>,
  atOnce: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> => {
  const failures: unknown[] = [];
  const worker = async () => {
    while (failures.length === 0) {
      const item = await next();
      if (item === undefined) return;
      await work(item);
    }
  };
  const guarded = () =>
    worker().catch((error: unknown) => {
      failures.push(error);
    });
  await Promise.all(Array.from({ length: atOnce }, guarded));
  if (failures.length > 0) throw failures[0];
};

/** Takes what an iterator has, one after the other. */
export const takingFrom = <T>(items: Iterable<T>): (() => Promise<T | undefined>) => {
  const iterator = items[Symbol.iterator]();
  return () => {
    const result = iterator.next();
    return Promise.resolve(result.done === true ? undefined : result.value);
  };
};

/** Work that goes on beside what starts it. */
export interface Crowd {
  /** Starts it; resolves as soon as one more could start. Rejects with the first failure so far, and then starts nothing. */
  start(work: () => Promise<unknown>): Promise<void>;
  /** Resolves when all have come to rest; rejects with the first failure. */
  done(): Promise<void>;
}

export const createCrowd = (atOnce: number): Crowd => {
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const complain = () => {
    if (failures.length > 0) throw failures[0];
  };
  return {
    start: async (work) => {
      complain();
      const one = work().then(
        () => void running.delete(one),
        (error: unknown) => {
          failures.push(error);
          running.delete(one);
        },
      );
      running.add(one);
      while (running.size >= atOnce) await Promise.race(running);
    },
    done: async () => {
      await Promise.all(running);
      complain();
    },
  };
};
