import type { OperationLog } from '../../archive/oplog.js';
import type { Exec } from '../../cluster/port.js';
import { printGoDuration } from '../../domain/go-duration.js';
import { hasEnded } from '../../domain/hooks/hook.js';
import { createHookTally, type HookCounts, type HookTally } from '../../domain/hooks/hook-tally.js';
import type { RestoreExecHook } from '../../domain/hooks/restore-hook-sets.js';
import { nameOf, namespaceOf } from '../../domain/item.js';
import { at, listAt, textAt, type JsonObject } from '../../domain/json.js';
import { hookFields, runHook } from '../hook-exec.js';
import type { Outcomes } from './outcomes.js';

/** What became of the hooks of one pod. `errors` are the entries they made in the results of the restore. */
export interface PodHooksReport extends HookCounts {
  readonly errors: readonly string[];
}

/** The hooks of one restored pod, from its creation until all of them have run or are given up. */
export interface RestoredPodHooks {
  /** Runs the hooks of every container that is up and whose hooks have not run yet. True if nothing is left to do. */
  meet(pod: JsonObject): Promise<boolean>;
  /** Every hook that has not run yet becomes an error, for this reason. */
  giveUp(why: string): void;
  /** The same, because the time is over: says which containers did not come up. */
  expire(): void;
  /** Milliseconds of the limit that are left; less than nothing when it has passed. */
  left(): number;
  report(): PodHooksReport;
}

export interface RestoredPodOptions {
  readonly exec: Exec;
  readonly outcomes: Outcomes;
  readonly log: OperationLog;
  readonly tally: HookTally;
  readonly signal: AbortSignal;
  /** How long a hook waits for its container that names no limit itself. */
  readonly maxWaitMs: number;
  /** Milliseconds that only grow. */
  readonly clock: () => number;
}

interface Group {
  readonly container: string;
  readonly untilReady: boolean;
  readonly left: RestoreExecHook[];
}

/** By container, in the order in which the hooks name them. */
const groupsOf = (hooks: readonly RestoreExecHook[]): readonly Group[] =>
  [...new Set(hooks.map(({ container }) => container))].map((container) => {
    const left = hooks.filter((hook) => hook.container === container);
    return { container, untilReady: left.some(({ waitForReady }) => waitForReady), left };
  });

const isUp = (pod: JsonObject, { container, untilReady }: Group): boolean =>
  listAt(pod, 'status', 'containerStatuses').some(
    (status) =>
      textAt(status, 'name') === container &&
      (untilReady ? at(status, 'ready') === true : at(status, 'state', 'running') != null),
  );

/** The longest wait of any hook; one that names no limit, for which Velero waits for ever, has the limit of the server. */
const limitOf = (hooks: readonly RestoreExecHook[], maxWaitMs: number): number =>
  Math.max(0, ...hooks.map(({ waitTimeoutMs }) => waitTimeoutMs ?? maxWaitMs));

/**
 * The rules of `internal/hook/wait_exec_hook_handler.go`, for one pod by itself: what fails here drops no hook of another pod. A hook
 * makes one error at most. One that comes too late is an error and yet is run, unless its onError is `Fail`.
 */
export const createRestoredPodHooks = (
  created: JsonObject,
  hooks: readonly RestoreExecHook[],
  options: RestoredPodOptions,
): RestoredPodHooks => {
  const { exec, outcomes, tally, signal, clock } = options;
  const [namespace, name] = [namespaceOf(created), nameOf(created)];
  const place = { namespace, pod: name, phase: '' } as const;
  const log = options.log.with({ resource: 'pods', namespace, name });
  const groups = groupsOf(hooks);
  const since = clock();
  const limit = limitOf(hooks, options.maxWaitMs);
  const errors: string[] = [];
  const own = createHookTally();
  const tallies = [tally, own];
  for (const one of tallies) for (const hook of hooks) one.attempt(place, hook);

  const fail = (hook: RestoreExecHook, why: string): void => {
    const text = `hook ${hook.name} of pod ${namespace}/${name}, container ${hook.container}: ${why}`;
    for (const one of tallies) one.fail(place, hook);
    errors.push(text);
    outcomes.error(namespace, text);
  };
  const giveUp = (why: string): void => {
    for (const { left } of groups) for (const hook of left.splice(0)) fail(hook, `not executed: ${why}`);
  };

  /** False if the hooks after it must not run. */
  const runOne = async (pod: JsonObject, hook: RestoreExecHook): Promise<boolean> => {
    const { waitTimeoutMs, onError } = hook;
    const late = waitTimeoutMs !== undefined && clock() - since > waitTimeoutMs;
    if (late) fail(hook, `expired: it could not be begun within ${printGoDuration(waitTimeoutMs)}`);
    if (late && onError === 'Fail') return false;
    const hookLog = log.with(hookFields(hook));
    const error = await runHook(exec, hookLog, pod, hook, signal);
    if (error === undefined) return true;
    if (late) hookLog.error('Expired hook failed', { error });
    else fail(hook, error);
    return onError === 'Continue';
  };

  return {
    meet: async (pod) => {
      if (hasEnded(pod)) giveUp(`the pod has ended: it is ${textAt(pod, 'status', 'phase')}`);
      for (const group of groups) {
        if (group.left.length === 0 || !isUp(pod, group)) continue;
        for (let hook = group.left.shift(); hook; hook = group.left.shift())
          if (!(await runOne(pod, hook))) giveUp('a hook before it failed whose onError is Fail');
      }
      return groups.every(({ left }) => left.length === 0);
    },
    giveUp,
    expire: () => {
      const waiting = groups.filter(({ left }) => left.length > 0);
      const states = waiting.map(
        ({ container, untilReady }) => `${container} was not ${untilReady ? 'ready' : 'running'}`,
      );
      giveUp(`within ${printGoDuration(limit)} container ${states.join(', container ')}`);
    },
    left: () => since + limit - clock(),
    report: () => ({ ...own.counts(), errors: [...errors] }),
  };
};
