import { Fault } from '../faults.js';

/**
 * An async iterable whose consumer can leave at any moment. A generator that is parked on an inner `await` does not hear
 * `return()` until that await ends, which for a quiet watch is minutes; here leaving aborts the signal the generator works with.
 * Each iteration runs `source` anew with its own signal, which also ends with `outer`.
 */
export const abortable = <T>(
  outer: AbortSignal,
  source: (signal: AbortSignal) => AsyncGenerator<T, void, undefined>,
): AsyncIterable<T> => ({
  [Symbol.asyncIterator](): AsyncIterator<T, void, undefined> {
    const controller = new AbortController();
    const stop = (): void => controller.abort(new Fault('LB_ABORTED', 'the signal of the caller'));
    if (outer.aborted) stop();
    else outer.addEventListener('abort', stop, { once: true });
    const generator = source(controller.signal);
    const leave = (): void => {
      outer.removeEventListener('abort', stop);
      controller.abort(new Fault('LB_ABORTED', 'the reader has left'));
    };
    const next = async (): Promise<IteratorResult<T, void>> => {
      try {
        const result = await generator.next();
        if (result.done === true) leave();
        return result;
      } catch (error) {
        leave();
        throw error;
      }
    };
    return {
      next,
      return: async () => {
        leave();
        // What the generator still throws on its way out is only the echo of our own stop.
        await generator.return().catch(() => undefined);
        return { done: true, value: undefined };
      },
    };
  },
});
