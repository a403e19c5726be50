import { NO_STREAM, WrongExpectedVersionError } from '@eventstore/db-client';
import { Fault } from '../faults.js';
import { decideAppend } from './expectation.js';
import { connect, type Connection } from './kurrent-connection.js';
import { within } from './kurrent-deadlines.js';
import { readAll, readSince, readStream } from './kurrent-reads.js';
import { toFault, toProposed } from './kurrent-records.js';
import { subscribe } from './kurrent-subscription.js';
import type { AppendResult, EventStore, Expected, NewEvent } from './port.js';
import { checkAborted, checkBatch, closed } from './preconditions.js';

/**
 * Asks before and looks behind. Before, because the server takes an id twice if it comes with a new expectation; behind,
 * because its answer does not tell whether we, or an earlier self of ours, wrote the events. Between the two the server's
 * own check of the revision keeps racing writers apart.
 */
const append = async (
  connection: Connection,
  stream: string,
  expected: Expected,
  events: readonly NewEvent[],
  signal: AbortSignal | undefined,
): Promise<AppendResult> => {
  checkBatch(stream, events);
  const batch = events.map(toProposed);
  const decide = async (): Promise<AppendResult | 'write'> => {
    const recorded = await readStream(connection, stream, signal);
    const byId = new Map(recorded.map((event) => [event.id, event]));
    const current = recorded.at(-1)?.revision ?? 'none';
    return decideAppend({ stream, expected, current, known: events.map(({ id }) => byId.get(id)) });
  };
  const before = await decide();
  if (before !== 'write') return before;
  try {
    const { client, prefix, base } = connection;
    const expectedRevision = expected === 'none' ? NO_STREAM : expected;
    await within(client.appendToStream(prefix + stream, batch, { ...base, expectedRevision }), signal);
  } catch (error) {
    if (!(error instanceof WrongExpectedVersionError)) throw toFault(error);
  }
  const behind = await decide();
  if (behind === 'write')
    throw new Fault('LB_EVENTSTORE_UNREACHABLE', `${stream} does not show what was written`);
  return behind;
};

/**
 * The event store in EventStoreDB or KurrentDB (22.6 and newer: older servers do not tell positions in stream reads).
 * `url` is `esdb://` or `esdb+discover://`, with user and password if there are any; a URL that cannot be read is the
 * fault `LB_CONFIG`. `prefix` keeps several Lifeboats apart on one server. Our position is their commit position.
 *
 * One thing is weaker than in the embedded store: this server knows ids by stream, so an id that stands in *another*
 * stream is not noticed. Our ids are made from the stream's name, so the same id there cannot come about.
 */
export const connectKurrent = (url: string, options: { readonly prefix?: string } = {}): EventStore => {
  const connection = connect(url, options.prefix ?? '');
  let open = true;
  const appending = new Set<Promise<unknown>>();
  const check = (signal: AbortSignal | undefined): void => {
    if (!open) throw closed();
    checkAborted(signal);
  };
  return {
    append: async (stream, expected, events, signal) => {
      check(signal);
      const appended = append(connection, stream, expected, events, signal);
      appending.add(appended);
      return await appended.finally(() => appending.delete(appended));
    },
    read: async (stream, signal) => {
      check(signal);
      return await readStream(connection, stream, signal);
    },
    readSince: async (stream, type, signal) => {
      check(signal);
      return await readSince(connection, stream, type, signal);
    },
    readAll: async (query) => {
      check(query.signal);
      return await readAll(connection, query);
    },
    subscribe: ({ after, signal }) => ({
      [Symbol.asyncIterator]: () => subscribe(connection, after, signal),
    }),
    head: async (signal) => {
      check(signal);
      const [newest] = await readAll(connection, { backwards: true, limit: 1, ...(signal && { signal }) });
      return newest?.position ?? -1n;
    },
    close: async () => {
      open = false;
      for (const leave of connection.subscriptions) leave();
      // Each has its deadline. Cutting them off would leave their writers without knowing what was written.
      await Promise.allSettled(appending);
      // Nothing is lost if the connection does not end nicely.
      await within(connection.client.dispose(), undefined).catch(() => undefined);
    },
  };
};
