import { type AllStreamResolvedEvent, START, streamNameFilter } from '@eventstore/db-client';
import { STREAM_KINDS } from '../domain/streams.js';
import type { Connection } from './kurrent-connection.js';
import { createPuller, DEADLINE, late, type Puller } from './kurrent-deadlines.js';
import { at } from './kurrent-reads.js';
import { ours, toFault } from './kurrent-records.js';
import type { Recorded } from './port.js';

const openSubscription = ({ client, prefix, base }: Connection, after: bigint | undefined) => {
  const fromPosition = after !== undefined && after >= 0n ? at(after) : START;
  const filter = streamNameFilter({ prefixes: STREAM_KINDS.map((kind) => `${prefix}${kind}-`) });
  const stream = client.subscribeToAll({ ...base, fromPosition, filter });
  const puller = createPuller(stream, () => stream.unsubscribe());
  // From then on silence is nothing bad; the pings of the connection notice when the server is gone.
  const timer = setTimeout(() => puller.stop(late()), DEADLINE);
  stream.once('confirmation', () => clearTimeout(timer));
  return {
    next: () => puller.next(),
    stop: (error?: Error) => {
      clearTimeout(timer);
      puller.stop(error);
    },
  };
};

/**
 * A catch-up subscription of the server, pulled. A connection that breaks ends it with `LB_EVENTSTORE_UNREACHABLE`; the
 * caller goes on behind the last event it has seen.
 */
export const subscribe = (
  connection: Connection,
  after: bigint | undefined,
  signal: AbortSignal,
): AsyncIterator<Recorded, undefined> => {
  const { prefix, subscriptions } = connection;
  const done = { done: true, value: undefined } as const;
  let source: Puller<AllStreamResolvedEvent> | undefined;
  let left = false;
  const leave = (): void => {
    left = true;
    signal.removeEventListener('abort', leave);
    subscriptions.delete(leave);
    source?.stop();
  };
  const open = (): Puller<AllStreamResolvedEvent> => {
    signal.addEventListener('abort', leave, { once: true });
    subscriptions.add(leave);
    return openSubscription(connection, after);
  };
  const pull = async (): Promise<IteratorResult<Recorded, undefined>> => {
    try {
      while (!left && !signal.aborted) {
        source ??= open();
        const resolved = await source.next();
        const event = resolved && ours(prefix, resolved);
        if (event && (after === undefined || event.position > after)) return { done: false, value: event };
      }
      return done;
    } catch (error) {
      leave();
      throw toFault(error);
    }
  };
  let last: Promise<unknown> = Promise.resolve();
  return {
    // One after the other: a pull that passes over a foreign event would else be overtaken by the next one.
    next: () => {
      const result = last.then(pull);
      last = result.catch(() => undefined);
      return result;
    },
    return: () => {
      leave();
      return Promise.resolve(done);
    },
  };
};
