import type { OperationLog } from '../../archive/oplog.js';
import type { Exec } from '../../cluster/port.js';
import type { BackupHookPhase } from '../../domain/hooks/backup-hooks.js';
import type { PodHooks } from '../../domain/hooks/hook.js';
import type { HookTally } from '../../domain/hooks/hook-tally.js';
import { nameOf, namespaceOf } from '../../domain/item.js';
import type { JsonObject } from '../../domain/json.js';
import { hookFields, runHook } from '../hook-exec.js';

export interface HookRunner {
  /**
   * Runs the hooks of one pod and phase, one after the other. `failed`: one whose failure must not be passed over has failed, and
   * those after it were not run. Before the backup of the pod this means that the pod stays out, and its `post` hooks with it.
   * Faults: `LB_ABORTED`, and those of the log.
   */
  run(phase: BackupHookPhase, pod: JsonObject, hooks: PodHooks): Promise<{ readonly failed: boolean }>;
}

const CONSEQUENCE: Readonly<Record<BackupHookPhase, string>> = {
  pre: 'Pod not backed up, since a hook failed whose onError is Fail',
  post: 'Further hooks of the pod not run, since a hook failed whose onError is Fail',
};

/**
 * Hooks of a backup (`internal/hook/item_hook_handler.go`). Every failure is an error of the backup, and one with `Fail` is another
 * one that says what follows from it, as in Velero. Hooks that are not run for that reason count as attempted.
 */
export const createHookRunner = (options: {
  readonly exec: Exec;
  readonly log: OperationLog;
  readonly tally: HookTally;
  readonly signal: AbortSignal;
}): HookRunner => {
  const { exec, tally, signal } = options;
  return {
    run: async (phase, pod, { hooks, warnings }) => {
      const [namespace, name] = [namespaceOf(pod), nameOf(pod)];
      const place = { namespace, pod: name, phase };
      const log = options.log.with({ resource: 'pods', namespace, name, hookPhase: phase });
      for (const warning of warnings) log.warn(warning);
      for (const hook of hooks) tally.attempt(place, hook);
      for (const hook of hooks) {
        const hookLog = log.with(hookFields(hook));
        const error = await runHook(exec, hookLog, pod, hook, signal);
        if (error === undefined) continue;
        tally.fail(place, hook);
        hookLog.error(`Hook ${hook.name} failed`, { error });
        if (hook.onError === 'Continue') continue;
        log.error(CONSEQUENCE[phase], { error });
        return { failed: true };
      }
      return { failed: false };
    },
  };
};
