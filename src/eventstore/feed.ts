import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Recorded } from './port.js';

/** Events a subscriber holds at once. Small, because an event may be a megabyte. */
const PAGE = 64;

/** The events behind a position, at once and in order. Has to be synchronous: see `createFeed`. */
export type ReadPage = (after: bigint, limit: number) => readonly Recorded[];

export interface Feed {
  /** Something was committed: whoever waits looks again. */
  wake(): void;
  subscribe(options: { readonly after?: bigint; readonly signal: AbortSignal }): AsyncIterable<Recorded>;
  /** Ends every subscription, as if each had been aborted. */
  close(): void;
}

/**
 * Live subscriptions over a log in this process. A subscriber pulls pages by its own position; the writer only wakes
 * those who wait. Nothing is pushed, so there is no seam between old and new events where one could be lost or come
 * twice, and a slow subscriber costs nobody anything. "Read, find nothing, wait" happens without a turn of the event
 * loop in between: a commit cannot slip past, which is why the page is read synchronously.
 */
export const createFeed = (readPage: ReadPage): Feed => {
  const waiting = new Set<() => void>();
  let open = true;
  const wake = (): void => {
    const woken = [...waiting];
    waiting.clear();
    for (const resume of woken) resume();
  };
  return {
    wake,
    subscribe: ({ after = -1n, signal }) => ({
      [Symbol.asyncIterator]: () =>
        createSubscriber({ readPage, waiting, after, signal, over: () => !open || signal.aborted }),
    }),
    close: () => {
      open = false;
      wake();
    },
  };
};

interface Subscription {
  readonly readPage: ReadPage;
  readonly waiting: Set<() => void>;
  readonly after: bigint;
  readonly signal: AbortSignal;
  readonly over: () => boolean;
}

/**
 * Made by hand and not as an async generator: a generator that waits for the next event does not hear `return()` before
 * that event comes, so a subscriber who leaves a quiet log would stay for ever.
 */
const createSubscriber = (subscription: Subscription): AsyncIterator<Recorded, undefined> => {
  const { readPage, over } = subscription;
  const done = { done: true, value: undefined } as const;
  let after = subscription.after;
  let page: Recorded[] = [];
  let left = false;
  let leave: (() => void) | undefined;
  const ended = (): boolean => left || over();

  const pull = async (): Promise<IteratorResult<Recorded, undefined>> => {
    while (!ended()) {
      const value = page.shift();
      if (value) {
        after = value.position;
        return { done: false, value };
      }
      // A turn for the others before each page: a long catch-up must not keep timers and sockets (or the abort) waiting.
      await nextTurn();
      if (ended()) break;
      page = [...readPage(after, PAGE)];
      if (page.length === 0) await wakened(subscription, (resume) => (leave = resume));
    }
    page = [];
    return done;
  };

  let last: Promise<unknown> = Promise.resolve();
  return {
    next: () => {
      const result = last.then(pull);
      last = result.catch(() => (left = true));
      return result;
    },
    return: () => {
      left = true;
      leave?.();
      return Promise.resolve(done);
    },
  };
};

/** Until the writer wakes us, the signal aborts or the subscriber leaves; nothing of us stays behind in any case. */
const wakened = ({ waiting, signal }: Subscription, onWait: (resume: () => void) => void): Promise<void> =>
  new Promise((resolve) => {
    const resume = (): void => {
      waiting.delete(resume);
      signal.removeEventListener('abort', resume);
      resolve();
    };
    waiting.add(resume);
    signal.addEventListener('abort', resume, { once: true });
    onWait(resume);
  });
