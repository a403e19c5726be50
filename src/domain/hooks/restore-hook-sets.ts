import type { JsonObject } from '../json.js';
import type { RestoreExecHook as ExecSpec, RestoreHooks } from '../velero.gen.js';
import { errorMode, execTimeout, LONGEST_MS, specDuration, type ExecHook } from './hook.js';
import { compilePodChoice, type PodChoice } from './hook-selector.js';

/** A command to run once a restored pod is up. */
export interface RestoreExecHook extends ExecHook {
  /** How long its container may take to come up, in milliseconds; absent means without limit. */
  readonly waitTimeoutMs?: number;
  /** Wait until the container is ready, not only running. */
  readonly waitForReady: boolean;
}

/** A set of hooks of a restore's spec, ready for many pods. An empty container means the first one of the pod. */
export interface RestoreHookSet {
  readonly chooses: PodChoice;
  readonly exec: readonly RestoreExecHook[];
  readonly initContainers: readonly JsonObject[];
}

/** Zero waits without limit; so does less than nothing, which nobody could keep. `duration` is in milliseconds. */
export const waitTimeout = (duration: number | undefined): Pick<RestoreExecHook, 'waitTimeoutMs'> =>
  duration === undefined || duration <= 0 ? {} : { waitTimeoutMs: Math.min(duration, LONGEST_MS) };

const compileExec = (name: string, index: number, exec: ExecSpec): RestoreExecHook => ({
  name,
  source: 'spec',
  index,
  container: exec.container ?? '',
  command: exec.command,
  onError: errorMode(exec.onError),
  ...execTimeout(specDuration(exec.execTimeout)),
  ...waitTimeout(specDuration(exec.waitTimeout)),
  waitForReady: exec.waitForReady === true,
});

/**
 * Makes the hooks of a spec ready. Namespaces and labels choose the pods; the lists of resource types have no effect in a
 * restore, where everything means pods (`GetRestoreHooksFromSpec` in `internal/hook/item_hook_handler.go`).
 */
export const compileRestoreHooks = (hooks: RestoreHooks | null | undefined): readonly RestoreHookSet[] =>
  (hooks?.resources ?? []).map((set) => {
    const posts = set.postHooks ?? [];
    return {
      chooses: compilePodChoice(set),
      exec: posts.flatMap(({ exec }, index) => (exec == null ? [] : [compileExec(set.name, index, exec)])),
      initContainers: posts.flatMap(({ init }) => init?.initContainers ?? []),
    };
  });
