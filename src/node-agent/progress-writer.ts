import type { CopyProgress } from '../repositories/port.js';

export interface ProgressWriter {
  readonly onProgress: CopyProgress;
  /** Resolves when nothing is being written any more; nothing will be. */
  readonly close: () => Promise<void>;
}

/** A status is written no more often than this. */
const INTERVAL_MS = 1_000;

/** Writes how far a copy is, at most once a second and one write at a time. A write that fails is left out: the next one says more. */
export const createProgressWriter = (
  write: (progress: { readonly bytesDone: number; readonly totalBytes: number }) => Promise<unknown>,
  now: () => number = () => performance.now(),
): ProgressWriter => {
  let last = Number.NEGATIVE_INFINITY;
  let open = true;
  let writing: Promise<unknown> | undefined;
  return {
    onProgress: (bytesDone, totalBytes) => {
      if (!open || writing || now() - last < INTERVAL_MS) return;
      last = now();
      writing = write({ bytesDone, totalBytes })
        .catch(() => undefined)
        .finally(() => {
          writing = undefined;
        });
    },
    close: async () => {
      open = false;
      await writing;
    },
  };
};
