import type { OperationLog } from '../../archive/oplog.js';
import type { Exec } from '../../cluster/port.js';
import type { HookedPod } from '../../domain/backup-facts.js';
import { backupHooksOf, hasHooks, type BackupHookSet } from '../../domain/hooks/backup-hooks.js';
import type { HookTally } from '../../domain/hooks/hook-tally.js';
import { nameOf, namespaceOf } from '../../domain/item.js';
import { textAt, type JsonObject } from '../../domain/json.js';
import { createHookRunner } from './hooks.js';
import type { HooksOfPods } from './pods.js';

/** Where it is recorded that a pod may be frozen, and that it is not any more. */
export interface HookFacts {
  owed(pod: HookedPod): Promise<void>;
  settled(pod: HookedPod, ran: boolean): Promise<void>;
}

export const hookedPodOf = (pod: JsonObject): HookedPod => ({
  namespace: namespaceOf(pod),
  name: nameOf(pod),
  uid: textAt(pod, 'metadata', 'uid'),
});

/**
 * The hooks of a backup's pods, with the facts by which a later life of the server finds pods that were left frozen: the
 * debt is recorded before the first pre hook runs, and settled after the last post hook. A pod without both kinds owes nothing.
 */
export const createHooksOfPods = (options: {
  readonly sets: readonly BackupHookSet[];
  readonly facts: HookFacts;
  readonly exec: Exec;
  readonly log: OperationLog;
  readonly tally: HookTally;
  readonly signal: AbortSignal;
}): HooksOfPods => {
  const { sets, facts } = options;
  const runner = createHookRunner(options);
  return {
    has: (pod) => hasHooks(pod, sets),
    thaws: (pod) => backupHooksOf(pod, 'post', sets).hooks.length > 0,
    before: async (pod) => {
      const pre = backupHooksOf(pod, 'pre', sets);
      const owes = pre.hooks.length > 0 && backupHooksOf(pod, 'post', sets).hooks.length > 0;
      if (owes) await facts.owed(hookedPodOf(pod));
      const { failed } = await runner.run('pre', pod, pre);
      if (failed && owes) await facts.settled(hookedPodOf(pod), false);
      return !failed;
    },
    after: async (pod) => {
      await runner.run('post', pod, backupHooksOf(pod, 'post', sets));
      await facts.settled(hookedPodOf(pod), true);
    },
  };
};
