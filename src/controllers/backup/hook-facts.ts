import type { BackupCommand } from '../../domain/backup-facts.js';
import type { HookFacts } from './pod-hooks.js';
import type { BackupSession } from './session.js';
import { factsInOrder } from '../facts-in-order.js';

/** Sends what happens while contents are collected, one command after the other. */
export type FactSender = (command: BackupCommand) => Promise<void>;

/** One for each attempt: two of them side by side would overtake each other. Faults: those of `factsInOrder`. */
export const factSenderOf = (session: BackupSession, attempt: number, signal: AbortSignal): FactSender =>
  factsInOrder<BackupCommand>((command) => session.send(command), `attempt ${attempt} of the backup`, signal);

/** Writes down which pods wait for their post hooks. Faults: those of the sender. */
export const hookFactsOf = (session: BackupSession, attempt: number, send: FactSender): HookFacts => ({
  owed: (pod) => send({ type: 'OwePostHooks', attempt, pod, now: session.now() }),
  settled: (pod, ran) => send({ type: 'SettlePostHooks', pod, ran, now: session.now() }),
});
