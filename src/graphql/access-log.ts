import { randomUUID } from 'node:crypto';
import { access, type AccessCommand } from '../domain/access.js';
import { isRefusal } from '../domain/decider.js';
import { streamOf } from '../domain/streams.js';
import { Fault } from '../faults.js';
import type { EventStore, Expected, Meta } from '../eventstore/port.js';

const MOST_ATTEMPTS = 20;

/** What a fact about a mutation became: its id (the cause of what follows) and where it stands. */
export interface Noted {
  readonly id: string;
  readonly position: bigint;
}

export interface AccessLog {
  /** Records durably before it resolves. Faults are those of the event store. */
  note(command: AccessCommand, meta: Meta, signal: AbortSignal): Promise<Noted>;
}

/**
 * Appends facts about mutations to the stream of the day. These streams decide nothing and can be long, so they are not read:
 * the last revision is remembered, and a writer elsewhere only costs one more try. One append at a time, so that requests of
 * this process do not race each other.
 */
export const createAccessLog = (store: EventStore, namespace: string): AccessLog => {
  let last: { readonly stream: string; readonly revision: Expected } | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  const append = async (command: AccessCommand, meta: Meta, signal: AbortSignal): Promise<Noted> => {
    const decided = access.decide(command, null);
    if (isRefusal(decided)) throw new TypeError('facts about access are never refused');
    const stream = streamOf('access', { namespace, name: command.now.slice(0, 10) });
    const id = randomUUID();
    const events = decided.map((event) => ({ ...event, id, meta }));
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const expected = last?.stream === stream ? last.revision : 'none';
      const result = await store.append(stream, expected, events, signal);
      last = { stream, revision: result.ok ? result.revision : result.current };
      if (result.ok) return { id, position: result.position };
    }
    throw new Fault('LB_EVENTSTORE_UNREACHABLE', `others kept writing to ${stream}`);
  };

  return {
    note: (command, meta, signal) => {
      const mine = queue.then(() => append(command, meta, signal));
      queue = mine.catch(() => undefined);
      return mine;
    },
  };
};
