import { decodeData, decodeMeta, encodeEvent } from './codec.js';
import { decideAppend, revisionAfter } from './expectation.js';
import { createFeed } from './feed.js';
import {
  type AppendResult,
  type EventStore,
  type Expected,
  type NewEvent,
  type ReadAll,
  type Recorded,
} from './port.js';
import { checkAborted, checkBatch, checkLimit, closed } from './preconditions.js';

/**
 * The event store without a disk, for tests and `lifeboat demo`. Keeps the whole port but durability. Events are stored
 * frozen and as JSON would give them back, so that code that works here works on a disk as well.
 */
export const createMemoryEventStore = (options: { readonly now?: () => Date } = {}): EventStore => {
  const now = options.now ?? (() => new Date());
  const log = createLog();
  const feed = createFeed(log.page);
  let open = true;
  const check = (signal: AbortSignal | undefined): void => {
    if (!open) throw closed();
    checkAborted(signal);
  };

  const append = (stream: string, expected: Expected, events: readonly NewEvent[]): AppendResult => {
    checkBatch(stream, events);
    const current = log.last(stream)?.revision ?? 'none';
    const known = events.map((event) => log.byId(event.id));
    const decision = decideAppend({ stream, expected, current, known });
    if (decision !== 'write') return decision;
    const first = revisionAfter(expected);
    const recordedAt = now().toISOString();
    // All are encoded before the first is stored: a batch that cannot be written is not written in part.
    const frozen = events.map((event, i) => freeze(event, { stream, revision: first + BigInt(i) }));
    const added = frozen.map((event) => log.push({ ...event, recordedAt }));
    feed.wake();
    const { revision, position } = added.at(-1) ?? { revision: first, position: -1n };
    return { ok: true, revision, position };
  };

  const guarded = <T>(signal: AbortSignal | undefined, work: () => T): Promise<T> =>
    new Promise((resolve) => {
      check(signal);
      resolve(work());
    });
  return {
    append: (stream, expected, events, signal) => guarded(signal, () => append(stream, expected, events)),
    read: (stream, signal) => guarded(signal, () => log.stream(stream)),
    readSince: (stream, type, signal) =>
      guarded(signal, () => {
        const all = log.stream(stream);
        return all.slice(
          Math.max(
            0,
            all.findLastIndex((event) => event.type === type),
          ),
        );
      }),
    readAll: (query) => guarded(query.signal, () => log.slice(query)),
    subscribe: (subscription) => feed.subscribe(subscription),
    head: (signal) => guarded(signal, () => log.head()),
    close: () => {
      open = false;
      feed.close();
      return Promise.resolve();
    },
  };
};

/** The events in order of position (which is the index plus one, as in the SQLite file), and the two ways to find them. */
const createLog = () => {
  const all: Recorded[] = [];
  const streams = new Map<string, Recorded[]>();
  const ids = new Map<string, Recorded>();
  const page = (after: bigint, limit: number): Recorded[] => {
    const start = after < 0n ? 0 : Number(after);
    return all.slice(start, start + limit);
  };
  return {
    page,
    byId: (id: string): Recorded | undefined => ids.get(id),
    last: (stream: string): Recorded | undefined => streams.get(stream)?.at(-1),
    stream: (stream: string): readonly Recorded[] => [...(streams.get(stream) ?? [])],
    head: (): bigint => all.at(-1)?.position ?? -1n,
    slice: ({ after, backwards, limit }: ReadAll): readonly Recorded[] => {
      checkLimit(limit);
      if (!backwards) return page(after ?? -1n, limit);
      const end = after === undefined ? all.length : Math.min(all.length, Math.max(0, Number(after) - 1));
      return all.slice(Math.max(0, end - limit), end).reverse();
    },
    push: (event: Omit<Recorded, 'position'>): Recorded => {
      const recorded = Object.freeze({ ...event, position: BigInt(all.length + 1) });
      all.push(recorded);
      ids.set(recorded.id, recorded);
      const stream = streams.get(recorded.stream) ?? [];
      streams.set(recorded.stream, stream);
      stream.push(recorded);
      return recorded;
    },
  };
};

const freeze = (event: NewEvent, place: { readonly stream: string; readonly revision: bigint }) => {
  const { id, type, v, data, meta } = encodeEvent(event);
  return {
    id,
    type,
    v,
    ...place,
    data: deepFreeze(decodeData(data, place)),
    meta: deepFreeze(decodeMeta(meta, place)),
  };
};

const deepFreeze = <T extends object>(value: T): T => {
  for (const inner of Object.values(value) as unknown[]) {
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner);
  }
  return Object.freeze(value);
};
