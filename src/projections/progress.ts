/** How far one running operation is. Lives in memory only: it is worth nothing after a crash. */
export interface Progress {
  readonly itemsDone: number;
  /** Grows while items are still being found. */
  readonly totalItems: number;
  readonly bytesWritten: number;
}

export interface ProgressHub {
  /** Replaces the present progress of a stream and wakes who listens. Cheap: callers need not throttle. */
  report(stream: string, progress: Progress): void;
  current(stream: string): Progress | undefined;
  /** Drops the progress of an operation that has ended. */
  clear(stream: string): void;
  /** Calls `wake` after changes of one stream until the returned function is called. What changed is read with `current`. */
  listen(stream: string, wake: () => void): () => void;
}

/** Latest tally per stream; listeners are woken, not fed, so that a slow one skips and never piles up. */
export const createProgressHub = (): ProgressHub => {
  const tallies = new Map<string, Progress>();
  const listeners = new Map<string, Set<() => void>>();
  const wakeAll = (stream: string) => {
    for (const wake of listeners.get(stream) ?? []) wake();
  };
  return {
    report: (stream, progress) => {
      tallies.set(stream, progress);
      wakeAll(stream);
    },
    current: (stream) => tallies.get(stream),
    clear: (stream) => {
      tallies.delete(stream);
      wakeAll(stream);
    },
    listen: (stream, wake) => {
      const set = listeners.get(stream) ?? new Set();
      listeners.set(stream, set.add(wake));
      return () => {
        set.delete(wake);
        // Leaving again, when others have come since, must not silence them.
        if (set.size === 0 && listeners.get(stream) === set) listeners.delete(stream);
      };
    },
  };
};
