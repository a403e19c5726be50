import type { OperationLog } from '../../archive/oplog.js';
import { createHookTally, type HookCounts } from '../../domain/hooks/hook-tally.js';
import { restoreExecHooksOf } from '../../domain/hooks/restore-exec-hooks.js';
import { compileRestoreHooks } from '../../domain/hooks/restore-hook-sets.js';
import type { JsonObject } from '../../domain/json.js';
import type { RestoreCommand, RestoredPodHooks } from '../../domain/restore-facts.js';
import { factsInOrder } from '../facts-in-order.js';
import type { ControllerPorts } from '../ports.js';
import { createRestoreHooks } from './hooks.js';
import type { Outcomes } from './outcomes.js';
import type { RestoreSession } from './session.js';

/** The pods that one restore has made, and the commands that are to run in them. */
export interface RestoredPods {
  /** Takes on a pod as the API server made it, and returns at once. */
  made(pod: JsonObject): void;
  /** Waits for all hooks; answers how many there were and failed, those of earlier attempts included. */
  done(): Promise<HookCounts>;
  /** Ends what is under way, because the restore breaks off. */
  stop(): Promise<void>;
}

const sum = (earlier: readonly RestoredPodHooks[]): HookCounts => ({
  hooksAttempted: earlier.reduce((total, { hooksAttempted }) => total + hooksAttempted, 0),
  hooksFailed: earlier.reduce((total, { hooksFailed }) => total + hooksFailed, 0),
});

/** The results of an attempt are those of the whole restore: what failed in an earlier one is among them, without its words. */
const reportEarlier = (earlier: readonly RestoredPodHooks[], outcomes: Outcomes): void => {
  for (const { pod, hooksFailed } of earlier)
    for (let i = 0; i < hooksFailed; i++)
      outcomes.error(
        pod.namespace,
        `a hook of pod ${pod.namespace}/${pod.name} failed in an earlier attempt of this restore and is not run again`,
      );
};

/** Sends what happens while items are applied. One for each attempt: two of them side by side would overtake each other. */
export const factSenderOf = (session: RestoreSession, signal: AbortSignal) => {
  const attempt = 'attempt' in session.state ? session.state.attempt : 0;
  const turn = `attempt ${attempt} of the restore`;
  return factsInOrder<RestoreCommand>((command) => session.send(command), turn, signal);
};

export const createRestoredPods = (options: {
  readonly ports: ControllerPorts;
  readonly session: RestoreSession;
  readonly send: ReturnType<typeof factSenderOf>;
  readonly outcomes: Outcomes;
  readonly log: OperationLog;
  readonly signal: AbortSignal;
}): RestoredPods => {
  const { ports, session, send, outcomes, log, signal } = options;
  const { state } = session;
  const earlier = state.phase === 'InProgress' ? state.hooksRun : [];
  const tally = createHookTally(sum(earlier));
  const attempt = 'attempt' in state ? state.attempt : 0;
  // So that a further attempt leaves them alone.
  const record = (run: RestoredPodHooks) =>
    send({ type: 'RecordHooksRun', attempt, ...run, now: session.now() });
  const sets = compileRestoreHooks(session.row?.spec.hooks);
  reportEarlier(earlier, outcomes);
  const hooks = createRestoreHooks({
    cluster: ports.cluster,
    exec: ports.cluster.exec,
    outcomes,
    log,
    tally,
    signal,
    maxWaitMs: ports.config.resourceTimeout,
    isDone: (namespace, name) => earlier.some(({ pod }) => pod.namespace === namespace && pod.name === name),
    onFinished: (namespace, name, { hooksAttempted, hooksFailed }) =>
      record({ pod: { namespace, name }, hooksAttempted, hooksFailed }),
  });
  return {
    made: (pod) => hooks.start(pod, restoreExecHooksOf(pod, sets)),
    done: async () => {
      await hooks.done();
      return tally.counts();
    },
    stop: () => hooks.stop(),
  };
};
