import type { BackupCommand } from '../../domain/backup.js';
import type { HookFacts } from './pod-hooks.js';
import type { BackupSession } from './session.js';
import { factsInOrder } from '../facts-in-order.js';

/** Writes down which pods wait for their post hooks. Faults: those of `factsInOrder`. */
export const hookFactsOf = (session: BackupSession, attempt: number, signal: AbortSignal): HookFacts => {
  const turn = `attempt ${attempt} of the backup`;
  const send = factsInOrder<BackupCommand>((command) => session.send(command), turn, signal);
  return {
    owed: (pod) => send({ type: 'OwePostHooks', attempt, pod, now: session.now() }),
    settled: (pod, ran) => send({ type: 'SettlePostHooks', pod, ran, now: session.now() }),
  };
};
