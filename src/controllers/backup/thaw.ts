import { getObject } from '../../cluster/get-object.js';
import { owedPostHooks, type HookedPod } from '../../domain/backup-facts.js';
import { backupHooksOf, compileBackupHooks, type BackupHookSet } from '../../domain/hooks/backup-hooks.js';
import { textAt } from '../../domain/json.js';
import { kindResolver } from '../../domain/resource-kinds.js';
import { isFault } from '../../faults.js';
import type { BackupSession } from './session.js';
import { runHook, type HookLog } from '../hook-exec.js';
import type { ControllerPorts } from '../ports.js';
import { PODS } from '../../domain/known-kinds.js';

/** The log of the operation is closed or not begun: what hooks print is not for the log of the server. */
const NO_LOG: HookLog = { info: () => undefined, room: () => Promise.resolve() };

const thawOne = async (
  ports: ControllerPorts,
  pod: HookedPod,
  sets: readonly BackupHookSet[],
  signal: AbortSignal,
): Promise<void> => {
  const present = await getObject(ports.cluster, PODS, pod, { signal });
  // Gone, or made anew: what was frozen went with it.
  if (!present || textAt(present, 'metadata', 'uid') !== pod.uid) return;
  const limit = ports.config.resourceTimeout; // a hook without one must not hold up the backup for good
  for (const hook of backupHooksOf(present, 'post', sets).hooks) {
    const bounded = { ...hook, timeoutMs: Math.min(hook.timeoutMs ?? limit, limit) };
    const failure = await runHook(ports.cluster.exec, NO_LOG, present, bounded, signal);
    if (failure === undefined) continue;
    const what = { namespace: pod.namespace, pod: pod.name, hook: hook.name };
    ports.log.warn(what, `a post hook that was owed failed: ${failure}`);
    if (hook.onError === 'Fail') return;
  }
};

/**
 * Runs the post hooks that an earlier life of the server, or a run that broke off, still owes, so that no application stays
 * frozen. Each pod is settled by itself; one that cannot be reached at present is tried again with the next look.
 */
export const runOwedPostHooks = async (
  ports: ControllerPorts,
  session: BackupSession,
  signal: AbortSignal,
): Promise<void> => {
  const { resources } = await ports.cluster.discover(signal);
  const sets = compileBackupHooks(session.row?.spec.hooks, kindResolver(resources));
  for (const pod of owedPostHooks(session.state)) {
    await thawOne(ports, pod, sets, signal).catch((error: unknown) => {
      // What no further try can mend must not hold up the backup, and its place in the line, for good.
      if (signal.aborted || !isFault(error) || error.retriable) throw error;
      ports.log.warn(
        { namespace: pod.namespace, pod: pod.name, err: error },
        'a pod that was frozen cannot be reached',
      );
    });
    await session.send({ type: 'SettlePostHooks', pod, ran: true, now: session.now() });
  }
};
