import {
  type AllStreamResolvedEvent,
  BACKWARDS,
  type BaseOptions,
  END,
  EventStoreDBClient,
  FORWARDS,
  jsonEvent,
  NO_STREAM,
  type ResolvedEvent,
  START,
  StreamDeletedError,
  streamNameFilter,
  StreamNotFoundError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { parseStream, STREAM_KINDS } from '../domain/streams.js';
import { Fault, isFault, messageOf } from '../faults.js';
import { checkData, checkMeta, encodeEvent } from './codec.js';
import { decideAppend } from './expectation.js';
import { createPuller, DEADLINE, drain, late, type Puller, within } from './kurrent-deadlines.js';
import {
  type AppendResult,
  type EventStore,
  type Expected,
  type NewEvent,
  type ReadAll,
  type Recorded,
} from './port.js';
import { checkAborted, checkBatch, checkLimit, closed } from './preconditions.js';

/** The server's way to say that it does not tell a position (all bits set) is beyond this. */
const LAST_POSITION = 2n ** 63n - 1n;

interface Connection {
  readonly client: EventStoreDBClient;
  readonly prefix: string;
  readonly base: BaseOptions;
  /** How to end each live subscription; closing the store ends them all. */
  readonly subscriptions: Set<() => void>;
}

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

/** Takes user and password out of the URL first: the client prints URLs it dislikes, and they must not show up in logs. */
const connect = (url: string, prefix: string): Connection => {
  try {
    const [, scheme = '', login, rest = ''] = /^([^:]+:\/\/)(?:([^/]*)@)?(.*)$/.exec(url.trim()) ?? [];
    const client = EventStoreDBClient.connectionString(scheme + rest);
    const [username = '', password = ''] = login?.split(':').map(decodeURIComponent) ?? [];
    // The leader: a follower may not have yet what we have just been told is written.
    const base = { requiresLeader: true, deadline: DEADLINE };
    return {
      ...{ client, prefix, subscriptions: new Set() },
      base: login ? { ...base, credentials: { username, password } } : base,
    };
  } catch {
    throw new Fault(
      'LB_CONFIG',
      'the URL of the event store is not one like esdb://user:password@host:2113?tls=true',
    );
  }
};

const toFault = (error: unknown): Error => {
  if (isFault(error) || error instanceof RangeError || error instanceof TypeError) return error;
  const code = error instanceof StreamDeletedError ? 'LB_EVENTSTORE_DAMAGED' : 'LB_EVENTSTORE_UNREACHABLE';
  return new Fault(code, messageOf(error), { cause: error });
};

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

/** Metadata carries our version and, by the names that the server's own tools know, the ids of cause and story. */
const toProposed = (event: NewEvent) => {
  encodeEvent(event);
  const { id, type, v, meta } = event;
  const causation = meta.causationId === undefined ? {} : { $causationId: meta.causationId };
  const metadata = { v, ...meta, $correlationId: meta.correlationId, ...causation };
  return jsonEvent({ id, type, data: { ...event.data }, metadata });
};

const toRecorded = (
  stream: string,
  resolved: ResolvedEvent | AllStreamResolvedEvent,
): Recorded | undefined => {
  const { event } = resolved;
  if (!event) return undefined;
  const { id, type, revision, created } = event;
  const place = { stream, revision };
  const meta = checkMeta(event.metadata, place);
  const { v } = event.metadata as { v?: unknown };
  const { actor, correlationId, causationId, appVersion } = meta;
  const position = event.position?.commit ?? resolved.commitPosition;
  if (typeof v !== 'number' || position === undefined || position > LAST_POSITION) {
    const detail = `${stream}, revision ${revision.toString()}: it has no version or no position`;
    throw new Fault('LB_EVENTSTORE_DAMAGED', detail);
  }
  return {
    ...{ id, type, v, stream, revision, position },
    data: checkData(event.data, place),
    meta: { actor, correlationId, appVersion, ...(causationId !== undefined && { causationId }) },
    recordedAt: created.toISOString(),
  };
};

const readStream = async (
  { client, prefix, base }: Connection,
  stream: string,
  signal: AbortSignal | undefined,
): Promise<readonly Recorded[]> => {
  const recorded: Recorded[] = [];
  try {
    await drain(
      client.readStream(prefix + stream, { ...base, direction: FORWARDS, fromRevision: START }),
      signal,
      (e) => {
        const event = toRecorded(stream, e);
        if (event) recorded.push(event);
        return true;
      },
    );
    return recorded;
  } catch (error) {
    if (error instanceof StreamNotFoundError) return [];
    throw toFault(error);
  }
};

/** From the end backwards, cut off at the first event of the type. */
const readSince = async (
  { client, prefix, base }: Connection,
  stream: string,
  type: string,
  signal: AbortSignal | undefined,
): Promise<readonly Recorded[]> => {
  const recorded: Recorded[] = [];
  try {
    const reading = client.readStream(prefix + stream, { ...base, direction: BACKWARDS, fromRevision: END });
    await drain(reading, signal, (resolved) => {
      const event = toRecorded(stream, resolved);
      if (event) recorded.push(event);
      return event?.type !== type;
    });
    return recorded.reverse();
  } catch (error) {
    if (error instanceof StreamNotFoundError) return [];
    throw toFault(error);
  }
};

/** The event if it is in a stream of ours: system streams, other applications and other prefixes are passed over. */
const ours = (prefix: string, resolved: AllStreamResolvedEvent): Recorded | undefined => {
  const name = resolved.event?.streamId ?? '';
  if (!name.startsWith(prefix)) return undefined;
  const stream = name.slice(prefix.length);
  return parseStream(stream) && toRecorded(stream, resolved);
};

const at = (position: bigint) => ({ commit: position, prepare: position });

/** The server's own page is endless; it is cut off when `limit` of our events have come. */
const readAll = async (
  { client, prefix, base }: Connection,
  query: ReadAll,
): Promise<readonly Recorded[]> => {
  const { after, backwards = false, limit, signal } = query;
  checkLimit(limit);
  const fromPosition = after !== undefined && after >= 0n ? at(after) : backwards ? END : START;
  if (backwards && after !== undefined && after < 0n) return [];
  // A read forwards begins with the very event it is given; ours is an exclusive start.
  const behind = (position: bigint): boolean =>
    after === undefined || (backwards ? position < after : position > after);
  const slice: Recorded[] = [];
  try {
    const reading = client.readAll({ ...base, direction: backwards ? BACKWARDS : FORWARDS, fromPosition });
    await drain(reading, signal, (resolved) => {
      const event = ours(prefix, resolved);
      if (event && behind(event.position)) slice.push(event);
      return slice.length < limit;
    });
    return slice;
  } catch (error) {
    throw toFault(error);
  }
};

/**
 * A catch-up subscription of the server, pulled. A connection that breaks ends it with `LB_EVENTSTORE_UNREACHABLE`; the
 * caller goes on behind the last event it has seen.
 */
const subscribe = (
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
