import type { ControllerPorts } from '../ports.js';
import type { Requeue } from '../queue.js';

/** The restores that this process applies at present, and the way to stop one. */
export interface Runs {
  /** The signal fires when the run is stopped; `end` forgets it. */
  begin(name: string, uid: string): { readonly signal: AbortSignal; readonly end: () => void };
  uidOf(name: string): string | undefined;
  stop(name: string): void;
}

export const createRuns = (): Runs => {
  const runs = new Map<string, { readonly uid: string; readonly stopping: AbortController }>();
  return {
    begin: (name, uid) => {
      const stopping = new AbortController();
      runs.set(name, { uid, stopping });
      return { signal: stopping.signal, end: () => void runs.delete(name) };
    },
    uidOf: (name) => runs.get(name)?.uid,
    stop: (name) => {
      runs.get(name)?.stopping.abort();
    },
  };
};

/**
 * Stops the run of a restore whose resource somebody deleted. It stands beside the queue of restores, where the name is taken
 * for as long as the run lasts.
 */
export const reconcileRun =
  ({ resources }: ControllerPorts, runs: Runs) =>
  async (name: string, signal: AbortSignal): Promise<Requeue> => {
    const uid = runs.uidOf(name);
    if (uid === undefined) return { done: true };
    const restore = await resources.read('Restore', name, signal);
    if (restore?.metadata.uid !== uid || restore.metadata.deletionTimestamp) runs.stop(name);
    return { done: true };
  };
