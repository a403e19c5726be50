import { messageOf } from '../faults.js';
import type { ControllerPorts } from './ports.js';

export interface RunningProgress {
  /** Cheap; call it as often as there is news. */
  readonly report: (done: number, total: number, bytes: number) => void;
  readonly stop: () => Promise<void>;
}

/** Velero writes at most one progress a second (`pkg/backup/backup.go`), and so do we: each is a write of the whole resource. */
const INTERVAL_MS = 1_000;

/**
 * Tells subscribers at once and the custom resource once a second how far an operation is. Nobody waits for it and nothing
 * depends on it: a write that fails is followed by the next one.
 */
export const startProgress = (
  ports: ControllerPorts,
  of: {
    readonly kind: 'Backup' | 'Restore';
    readonly name: string;
    readonly stream: string;
    readonly done: 'itemsBackedUp' | 'itemsRestored';
  },
  signal: AbortSignal,
): RunningProgress => {
  let shown = '';
  let writing: Promise<void> = Promise.resolve();
  const write = async () => {
    const present = ports.progress.current(of.stream);
    if (!present || present.totalItems === 0) return; // none of none is left out, as by Velero
    const progress = { totalItems: present.totalItems, [of.done]: present.itemsDone };
    const text = JSON.stringify(progress);
    if (text === shown) return;
    try {
      await ports.resources.patch(of.kind, of.name, { status: { progress } }, signal);
      shown = text;
    } catch (error) {
      ports.log.debug({ stream: of.stream }, `progress could not be shown: ${messageOf(error)}`);
    }
  };
  const timer = setInterval(() => {
    writing = writing.then(write);
  }, INTERVAL_MS);
  return {
    report: (itemsDone, totalItems, bytesWritten) =>
      ports.progress.report(of.stream, {
        itemsDone,
        totalItems: Math.max(totalItems, itemsDone),
        bytesWritten,
      }),
    stop: async () => {
      clearInterval(timer);
      await writing;
    },
  };
};
