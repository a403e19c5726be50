import type { BackupCommand } from '../domain/backup.js';
import { Fault } from '../faults.js';
import type { HookFacts } from './backup-pod-hooks.js';
import type { BackupSession } from './backup-session.js';

/**
 * Writes down which pods wait for their post hooks. One fact after the other, since several pods can be at it at once.
 * A refusal means that another life of the server has taken over: then this one must not touch any pod (`LB_ABORTED`).
 */
export const hookFactsOf = (session: BackupSession, attempt: number): HookFacts => {
  let last: Promise<unknown> = Promise.resolve();
  const send = (command: BackupCommand): Promise<void> => {
    const sent = last.then(async () => {
      if (!(await session.send(command)))
        throw new Fault('LB_ABORTED', `attempt ${attempt} of the backup has lost its turn`);
    });
    last = sent.catch(() => undefined);
    return sent;
  };
  return {
    owed: (pod) => send({ type: 'OwePostHooks', attempt, pod, now: session.now() }),
    settled: (pod, ran) => send({ type: 'SettlePostHooks', pod, ran, now: session.now() }),
  };
};
