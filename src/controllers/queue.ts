/** What a reconcile wants next: nothing until it is woken, or another look after so many milliseconds. */
export type Requeue = { readonly done: true } | { readonly after: number };

/** Waiting, as a queue does it. */
export interface Timers {
  /** Milliseconds, on the clock that the waits go by. */
  now(): number;
  /** Calls `fire` once after so many milliseconds; the returned function calls it off. */
  set(milliseconds: number, fire: () => void): () => void;
}

export interface QueueOptions {
  /** How many keys may be worked on at once. */
  readonly concurrency: number;
  /** Brings one key a step closer to done. Never runs twice at once for the same key. */
  readonly reconcile: (key: string, signal: AbortSignal) => Promise<Requeue>;
  /** Told about every failed reconcile, before it is tried again. */
  readonly onError: (key: string, error: unknown, failures: number) => void;
  readonly signal: AbortSignal;
  /** Absent: nothing is measured. */
  readonly meter?: QueueMeter;
  /** Default: the process's own. */
  readonly timers?: Timers;
}

/** Told by one queue what it does; times are milliseconds. */
export interface QueueMeter {
  /** So many names wait for a worker now. */
  readonly waiting: (names: number) => void;
  /** A worker took a name that had waited so long. */
  readonly taken: (waitedMs: number) => void;
  /** A look at a name ended; `error` is what was thrown, if anything was. */
  readonly worked: (tookMs: number, error?: unknown) => void;
}

export interface Queue {
  /** "Look at this key." Any number of times and for any reason; a key being worked on is looked at once more after that. */
  add(key: string): void;
  addAfter(key: string, milliseconds: number): void;
  /** Resolves when nothing waits for a worker and nothing runs. Timers of the future do not count. */
  idle(): Promise<void>;
}

const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 300_000;

/** Doubles with every failure, up to five minutes, with full jitter on the upper half so that keys do not march in step. */
const backoff = (failures: number): number => {
  const ceiling = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(failures - 1, 20));
  return ceiling / 2 + Math.random() * (ceiling / 2);
};

/** The longest wait a timer of Node can hold; a longer one would end at once. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

const PROCESS_TIMERS: Timers = {
  now: () => performance.now(),
  set: (milliseconds, fire) => {
    const timer = setTimeout(fire, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** Wake-ups of the future, one a key: the earlier of two wins. One that comes early only means another look. */
const createTimers = (timers: Timers, fire: (key: string) => void) => {
  const waits = new Map<string, { readonly due: number; readonly cancel: () => void }>();
  return {
    set: (key: string, milliseconds: number) => {
      const wait = Math.min(milliseconds, LONGEST_WAIT_MS);
      const due = timers.now() + wait;
      const present = waits.get(key);
      if (present && present.due <= due) return;
      present?.cancel();
      const cancel = timers.set(wait, () => {
        waits.delete(key);
        fire(key);
      });
      waits.set(key, { due, cancel });
    },
    clear: () => {
      for (const { cancel } of waits.values()) cancel();
      waits.clear();
    },
  };
};

/** Those who wait for a moment in which nothing is to be done. */
const createIdlers = (isIdle: () => boolean) => {
  const idlers: (() => void)[] = [];
  return {
    wake: () => {
      if (isIdle()) for (const wake of idlers.splice(0)) wake();
    },
    wait: (): Promise<void> =>
      isIdle()
        ? Promise.resolve()
        : new Promise((resolve) => {
            idlers.push(resolve);
          }),
  };
};

/** Keys that wait for a worker, first come first, each once. */
const createLine = (meter: QueueMeter | undefined) => {
  const since = new Map<string, number>();
  return {
    size: () => since.size,
    add: (key: string) => {
      if (!since.has(key)) since.set(key, performance.now());
      meter?.waiting(since.size);
    },
    /** Those who wait, each taken out of the line as it is reached. */
    *take(more: () => boolean): Generator<string> {
      for (const [key, from] of since) {
        if (!more()) return;
        since.delete(key);
        meter?.waiting(since.size);
        meter?.taken(performance.now() - from);
        yield key;
      }
    },
    clear: () => since.clear(),
  };
};

/**
 * A level-triggered work queue: it holds keys, never what happened to them. Events, watches, timers and restarts only add
 * keys, so a lost or doubled wake-up costs one look and can never make a wrong state.
 */
export const createQueue = (options: QueueOptions): Queue => {
  const { signal } = options;
  const waiting = createLine(options.meter);
  const running = new Set<string>();
  const again = new Set<string>();
  const failures = new Map<string, number>();
  const idlers = createIdlers(() => waiting.size() === 0 && running.size === 0);

  const add = (key: string) => {
    if (signal.aborted) return;
    if (running.has(key)) again.add(key);
    else waiting.add(key);
    pump();
  };
  const timers = createTimers(options.timers ?? PROCESS_TIMERS, add);
  const addAfter = (key: string, milliseconds: number) => {
    if (!signal.aborted) timers.set(key, milliseconds);
  };

  const work = async (key: string) => {
    const begun = performance.now();
    try {
      const requeue = await options.reconcile(key, signal);
      options.meter?.worked(performance.now() - begun);
      failures.delete(key);
      if ('after' in requeue) {
        if (requeue.after > 0) addAfter(key, requeue.after);
        else again.add(key);
      }
    } catch (error) {
      // What was stopped inside while the queue runs, by a deadline say, is a failure like any other.
      if (signal.aborted) return;
      options.meter?.worked(performance.now() - begun, error);
      const count = (failures.get(key) ?? 0) + 1;
      failures.set(key, count);
      options.onError(key, error, count);
      addAfter(key, backoff(count));
    } finally {
      running.delete(key);
      if (again.delete(key) && !signal.aborted) waiting.add(key);
      pump();
      idlers.wake();
    }
  };

  const pump = () => {
    for (const key of waiting.take(() => running.size < options.concurrency && !signal.aborted)) {
      running.add(key);
      void work(key);
    }
  };

  const stop = () => {
    timers.clear();
    waiting.clear();
    again.clear();
    idlers.wake();
  };
  signal.addEventListener('abort', stop, { once: true });

  return {
    add,
    addAfter,
    idle: () => idlers.wait(),
  };
};
