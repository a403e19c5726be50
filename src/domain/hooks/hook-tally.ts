import type { HookStatus } from '../velero.gen.js';
import type { ExecHook } from './hook.js';

export type HookCounts = Required<HookStatus>;

/** Where a hook runs. The phase is empty in a restore. */
export interface HookPlace {
  readonly namespace: string;
  readonly pod: string;
  readonly phase: 'pre' | 'post' | '';
}

/** How many hooks of one backup or restore were to run and how many failed, each counted once (`internal/hook/hook_tracker.go`). */
export interface HookTally {
  attempt(place: HookPlace, hook: ExecHook): void;
  /** Counts as attempted, too. */
  fail(place: HookPlace, hook: ExecHook): void;
  /** As `status.hookStatus` has them. */
  counts(): HookCounts;
}

/** As an array, so that no name can run into the next. */
const keyOf = ({ namespace, pod, phase }: HookPlace, { name, source, container, index }: ExecHook): string =>
  JSON.stringify([namespace, pod, phase, name, source, container, index]);

/** `earlier` are the counts of hooks that ran before, and do not run again. */
export const createHookTally = (earlier: HookCounts = { hooksAttempted: 0, hooksFailed: 0 }): HookTally => {
  const attempted = new Set<string>();
  const failed = new Set<string>();
  return {
    attempt: (place, hook) => attempted.add(keyOf(place, hook)),
    fail: (place, hook) => {
      const key = keyOf(place, hook);
      attempted.add(key);
      failed.add(key);
    },
    counts: () => ({
      hooksAttempted: earlier.hooksAttempted + attempted.size,
      hooksFailed: earlier.hooksFailed + failed.size,
    }),
  };
};
