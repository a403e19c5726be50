import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type AppendResult,
  type EventStore,
  type NewEvent,
  type Recorded,
} from '../../src/eventstore/port.js';

export interface EventStoreFixture {
  readonly store: EventStore;
  /** Closes the store and opens it again on the same data. */
  readonly reopen?: () => Promise<EventStore>;
  readonly dispose: () => Promise<void>;
}

export interface EventStoreTraits {
  /** `false`: the server knows ids by stream only, and the same id in another stream is a new event there. */
  readonly idsAreGlobal?: boolean;
}

const NIGHTLY = 'backup-velero.nightly';
const WEEKLY = 'backup-velero.weekly';

const event = (id: string = randomUUID(), data: object = { n: 1 }, type = 'BackupRequested'): NewEvent => ({
  id,
  type,
  v: 1,
  data,
  meta: {
    actor: { kind: 'USER', name: 'ada', via: 'graphql' },
    correlationId: 'request-1',
    causationId: 'cause-1',
    appVersion: '0.1.0',
  },
});

const batch = (count: number): NewEvent[] =>
  Array.from({ length: count }, (_, n) => event(randomUUID(), { n }));
const ids = (events: readonly { readonly id: string }[]): string[] => events.map(({ id }) => id);
const winners = (results: readonly AppendResult[]): AppendResult[] => results.filter(({ ok }) => ok);
const DONE = { done: true, value: undefined };

/** The law of `EventStore`. `make` gives a fresh, empty store for each test. */
export const eventStoreContract = (
  name: string,
  make: () => Promise<EventStoreFixture>,
  { idsAreGlobal = true }: EventStoreTraits = {},
): void => {
  describe(`event store: ${name}`, () => {
    let fixture: EventStoreFixture;
    let store: EventStore;
    let leave: AbortController;

    beforeEach(async () => {
      fixture = await make();
      store = fixture.store;
      leave = new AbortController();
    });
    afterEach(async () => {
      leave.abort();
      await fixture.dispose();
    });

    /** A stream with `count` events, appended as one unit. */
    const seed = async (count: number, stream = NIGHTLY): Promise<NewEvent[]> => {
      const events = batch(count);
      expect(await store.append(stream, 'none', events)).toMatchObject({
        ok: true,
        revision: BigInt(count - 1),
      });
      return events;
    };

    const take = async (count: number, after?: bigint): Promise<Recorded[]> => {
      const taken: Recorded[] = [];
      for await (const one of store.subscribe({
        signal: leave.signal,
        ...(after !== undefined && { after }),
      })) {
        taken.push(one);
        if (taken.length === count) break;
      }
      return taken;
    };

    describe('an append is refused', () => {
      it('that expects no events on a stream that has some', async () => {
        await seed(3);
        expect(await store.append(NIGHTLY, 'none', batch(1))).toEqual({ ok: false, current: 2n });
        expect(await store.read(NIGHTLY)).toHaveLength(3);
      });

      it.each([3n, 5n])('that expects revision %s on a stream at revision 4', async (expected) => {
        await seed(5);
        expect(await store.append(NIGHTLY, expected, batch(1))).toEqual({ ok: false, current: 4n });
        expect(await store.read(NIGHTLY)).toHaveLength(5);
      });

      it('that expects a revision on a stream that does not exist', async () => {
        expect(await store.append(NIGHTLY, 0n, batch(1))).toEqual({ ok: false, current: 'none' });
        expect(await store.read(NIGHTLY)).toEqual([]);
      });

      it('that brings known ids with another expectation', async () => {
        const [first, second] = await seed(2);
        expect(await store.append(NIGHTLY, 1n, [first!])).toEqual({ ok: false, current: 1n });
        expect(await store.append(NIGHTLY, 'none', [second!])).toEqual({ ok: false, current: 1n });
        expect(await store.append(NIGHTLY, 0n, [first!])).toEqual({ ok: false, current: 1n });
        expect(await store.read(NIGHTLY)).toHaveLength(2);
      });

      it('that mixes known ids with new ones', async () => {
        const [first, second] = await seed(2);
        for (const mixed of [
          [first!, event()],
          [event(), second!],
          [first!, second!, event()],
          [second!, first!],
        ]) {
          expect(await store.append(NIGHTLY, 'none', mixed)).toEqual({ ok: false, current: 1n });
          expect(await store.append(NIGHTLY, 1n, mixed)).toEqual({ ok: false, current: 1n });
        }
        expect(await store.read(NIGHTLY)).toHaveLength(2);
      });

      it.runIf(idsAreGlobal)(
        'that brings an id another stream has, and nothing of its batch is written',
        async () => {
          const [first] = await seed(1);
          expect(await store.append(WEEKLY, 'none', [event(), first!])).toEqual({
            ok: false,
            current: 'none',
          });
          expect(await store.append(WEEKLY, 'none', [first!])).toEqual({ ok: false, current: 'none' });
          expect(await store.read(WEEKLY)).toEqual([]);
        },
      );

      it('by an error of the caller, when it is empty or holds one id twice', async () => {
        const twin = event();
        await expect(store.append(NIGHTLY, 'none', [])).rejects.toThrow(RangeError);
        await expect(store.append(NIGHTLY, 'none', [twin, twin])).rejects.toThrow(RangeError);
        expect(await store.read(NIGHTLY)).toEqual([]);
      });

      it('whole, when one event of the batch cannot be JSON', async () => {
        await expect(store.append(NIGHTLY, 'none', [event(), event(undefined, { n: 1n })])).rejects.toThrow(
          TypeError,
        );
        expect(await store.read(NIGHTLY)).toEqual([]);
        expect(await store.head()).toBe(-1n);
      });

      it('when the caller has left before', async () => {
        leave.abort();
        const append = store.append(NIGHTLY, 'none', batch(1), leave.signal);
        await expect(append).rejects.toMatchObject({ code: 'LB_ABORTED' });
        expect(await store.read(NIGHTLY)).toEqual([]);
      });
    });

    describe('an append that comes twice is one', () => {
      it('with the first answer and nothing new', async () => {
        const events = batch(2);
        const first = await store.append(NIGHTLY, 'none', events);
        expect(await store.append(NIGHTLY, 'none', events)).toEqual(first);
        expect(ids(await store.read(NIGHTLY))).toEqual(ids(events));
      });

      it('also when other events have followed', async () => {
        await seed(1);
        const events = batch(2);
        const first = await store.append(NIGHTLY, 0n, events);
        await store.append(NIGHTLY, 2n, batch(3));
        expect(await store.append(NIGHTLY, 0n, events)).toEqual(first);
        expect(await store.read(NIGHTLY)).toHaveLength(6);
      });

      it('also when both come at once', async () => {
        const events = batch(2);
        const answers = await Promise.all([1, 2, 3].map(() => store.append(NIGHTLY, 'none', events)));
        expect(answers[0]).toMatchObject({ ok: true, revision: 1n });
        expect(answers).toEqual([answers[0], answers[0], answers[0]]);
        expect(await store.read(NIGHTLY)).toHaveLength(2);
      });
    });

    describe('of racing appends', () => {
      it.each([2, 20])('exactly one of %i wins, and the others learn where the stream is', async (count) => {
        await seed(1);
        const racers = Array.from({ length: count }, () => store.append(NIGHTLY, 0n, batch(2)));
        const results = await Promise.all(racers);
        expect(winners(results)).toHaveLength(1);
        for (const result of results) if (!result.ok) expect(result.current).toBe(2n);
        expect(await store.read(NIGHTLY)).toHaveLength(3);
      });

      it('those to different streams all win, also beside losers', async () => {
        await seed(1);
        const streams = Array.from({ length: 20 }, (_, n) => `backup-velero.b${n}`);
        const results = await Promise.all([
          ...streams.map((stream) => store.append(stream, 'none', batch(1))),
          store.append(NIGHTLY, 'none', batch(1)),
        ]);
        expect(winners(results)).toHaveLength(20);
      });
    });

    describe('what was appended', () => {
      it('is read back as it was, with its place, and time in UTC milliseconds', async () => {
        const data = {
          phase: 'New',
          spec: { labels: ['a', 'b'], ttl: null, deep: { n: 1.5 } },
          note: 'Grüße, 世界, \u{1F6DF}, "quotes", \\, \u0000, \u2028',
        };
        const given = event(randomUUID(), data);
        await store.append(NIGHTLY, 'none', [given]);
        const [read] = await store.read(NIGHTLY);
        expect(read).toMatchObject({ ...given, stream: NIGHTLY, revision: 0n });
        expect(read!.data).toEqual(data);
        expect(read!.meta).toEqual(given.meta);
        expect(read!.recordedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      });

      it('is numbered by bigints: revisions from 0 in the stream, positions over all', async () => {
        await seed(2);
        const answer = await store.append(NIGHTLY, 1n, batch(2));
        const read = await store.read(NIGHTLY);
        expect(read.map(({ revision }) => revision)).toEqual([0n, 1n, 2n, 3n]);
        expect(answer).toEqual({ ok: true, revision: 3n, position: read[3]!.position });
        expect(read.every(({ position }) => typeof position === 'bigint')).toBe(true);
      });

      it('keeps a causation that is not there absent', async () => {
        const given = event();
        const { causationId: _, ...meta } = given.meta;
        await store.append(NIGHTLY, 'none', [{ ...given, meta }]);
        expect(await store.read(NIGHTLY)).toMatchObject([{ meta }]);
        expect((await store.read(NIGHTLY))[0]!.meta).not.toHaveProperty('causationId');
      });

      it('does not change when the writer or a reader changes its own copy', async () => {
        const data = { tally: { items: 1 } };
        await store.append(NIGHTLY, 'none', [event(randomUUID(), data)]);
        data.tally.items = 2;
        const [copy] = (await store.read(NIGHTLY)) as unknown as [{ data: { tally: object } }];
        Reflect.set(copy.data.tally, 'items', 3);
        expect((await store.read(NIGHTLY))[0]!.data).toEqual({ tally: { items: 1 } });
      });

      it('may be an event of 1 MiB', async () => {
        const data = { log: 'x'.repeat(1024 * 1024) };
        expect(await store.append(NIGHTLY, 'none', [event(randomUUID(), data)])).toMatchObject({ ok: true });
        expect((await store.read(NIGHTLY))[0]!.data).toEqual(data);
        expect((await take(1))[0]!.data).toEqual(data);
      });

      it('is still there in a store that was opened again, and positions go on behind it', async (context) => {
        if (!fixture.reopen) return context.skip('this store ends with its process');
        const events = await seed(3);
        const before = await store.read(NIGHTLY);
        store = await fixture.reopen();
        expect(await store.read(NIGHTLY)).toEqual(before);
        expect(await store.append(NIGHTLY, 'none', events)).toMatchObject({
          ok: true,
          position: before[2]!.position,
        });
        const answer = await store.append(NIGHTLY, 2n, batch(1));
        expect(answer.ok && answer.position > before[2]!.position).toBe(true);
      });
    });

    describe('reading', () => {
      it('a stream that does not exist gives nothing', async () => {
        expect(await store.read(NIGHTLY)).toEqual([]);
      });

      it('the end of a stream begins with the last event of a type, or with the first if there is none', async () => {
        const types = ['A', 'Carried', 'B', 'Carried', 'C', 'D'];
        const events = types.map((type) => event(randomUUID(), { n: 1 }, type));
        await store.append(NIGHTLY, 'none', events);
        await store.append(WEEKLY, 'none', [event(randomUUID(), {}, 'Carried')]);
        const since = async (type: string, stream = NIGHTLY) =>
          (await store.readSince(stream, type)).map((one) => one.type);
        expect(await since('Carried')).toEqual(['Carried', 'C', 'D']);
        expect(await since('D')).toEqual(['D']);
        expect(await since('None')).toEqual(types);
        expect(await since('Carried', 'backup-velero.nothing')).toEqual([]);
        expect((await store.readSince(NIGHTLY, 'C')).map(({ revision }) => revision)).toEqual([4n, 5n]);
      });

      it('an empty store gives nothing, and its head is -1', async () => {
        expect(await store.readAll({ limit: 10 })).toEqual([]);
        expect(await store.readAll({ limit: 10, backwards: true })).toEqual([]);
        expect(await store.head()).toBe(-1n);
      });

      it('all streams gives slices in order of position, from either end, and never the event it starts behind', async () => {
        for (let i = 0n; i < 5n; i++) {
          await store.append(NIGHTLY, i === 0n ? 'none' : i - 1n, batch(1));
          await store.append(WEEKLY, i === 0n ? 'none' : i - 1n, batch(1));
        }
        const all = await store.readAll({ limit: 10_000 });
        const positions = all.map(({ position }) => position);
        expect(all.map(({ stream }) => stream)).toEqual(
          Array.from({ length: 5 }, () => [NIGHTLY, WEEKLY]).flat(),
        );
        expect(positions).toEqual([...new Set(positions)].sort((a, b) => Number(a - b)));
        expect(await store.head()).toBe(positions[9]);

        const after = positions[3]!;
        expect(await store.readAll({ limit: 3 })).toEqual(all.slice(0, 3));
        expect(await store.readAll({ limit: 3, after })).toEqual(all.slice(4, 7));
        expect(await store.readAll({ limit: 99, after })).toEqual(all.slice(4));
        expect(await store.readAll({ limit: 3, backwards: true })).toEqual(all.slice(7).reverse());
        expect(await store.readAll({ limit: 2, backwards: true, after })).toEqual(all.slice(1, 3).reverse());
        expect(await store.readAll({ limit: 99, backwards: true, after })).toEqual(all.slice(0, 3).reverse());
        expect(await store.readAll({ limit: 3, after: positions[9]! })).toEqual([]);
        expect(await store.readAll({ limit: 3, backwards: true, after: positions[0]! })).toEqual([]);
      });

      it.each([0, -1, 1.5, 10_001, Number.NaN])(
        'a slice of %d events is an error of the caller',
        async (limit) => {
          await expect(store.readAll({ limit })).rejects.toThrow(RangeError);
        },
      );

      it('for a caller who has left is a fault', async () => {
        leave.abort();
        const { signal } = leave;
        await expect(store.read(NIGHTLY, signal)).rejects.toMatchObject({ code: 'LB_ABORTED' });
        await expect(store.readAll({ limit: 1, signal })).rejects.toMatchObject({ code: 'LB_ABORTED' });
        await expect(store.head(signal)).rejects.toMatchObject({ code: 'LB_ABORTED' });
      });
    });

    describe('a subscriber', () => {
      it('gets every event once and in order, old ones and new, while others append hundreds', async () => {
        await seed(100);
        const writers = Array.from({ length: 10 }, async (_, w) => {
          for (let i = 0n; i < 30n; i++) {
            await store.append(`restore-velero.r${w}`, i === 0n ? 'none' : i - 1n, batch(1));
          }
        });
        const [early, middle] = await Promise.all([take(400), take(400), ...writers]);
        const all = await store.readAll({ limit: 10_000 });
        expect(all).toHaveLength(400);
        expect(early).toEqual(all);
        expect(middle).toEqual(all);
        expect(await take(150, all[249]!.position)).toEqual(all.slice(250));
      });

      it('who waits is woken by the next append', async () => {
        const waiting = take(1);
        await nextTurn();
        const [given] = await seed(1);
        expect(ids(await waiting)).toEqual([given!.id]);
      });

      it('who starts at the head gets only what comes then', async () => {
        await seed(3);
        const waiting = take(2, await store.head());
        const more = batch(2);
        await store.append(NIGHTLY, 2n, more);
        expect(ids(await waiting)).toEqual(ids(more));
      });

      it('who is slow holds back neither the writer nor another subscriber', async () => {
        await seed(1);
        const slow = store.subscribe({ signal: leave.signal })[Symbol.asyncIterator]();
        const first = await slow.next();
        for (let i = 0n; i < 200n; i++) await store.append(NIGHTLY, i, batch(1));
        const fast = await take(201);
        const late = [first.value as Recorded];
        while (late.length < 201) late.push((await slow.next()).value as Recorded);
        expect(late).toEqual(fast);
      });

      it('who waits and whose signal aborts, ends at once and without an error', async () => {
        const iterator = store.subscribe({ signal: leave.signal })[Symbol.asyncIterator]();
        const waiting = iterator.next();
        for (let i = 0; i < 5; i++) await nextTurn();
        leave.abort();
        expect(await waiting).toEqual(DONE);
        expect(await iterator.next()).toEqual(DONE);
      });

      it('whose signal aborts in the middle of old events, gets no more of them', async () => {
        await seed(500);
        const seen: Recorded[] = [];
        for await (const one of store.subscribe({ signal: leave.signal })) {
          seen.push(one);
          if (seen.length === 10) leave.abort();
        }
        expect(seen).toHaveLength(10);
      });

      it('whose signal has aborted before, gets nothing', async () => {
        await seed(1);
        leave.abort();
        expect(await take(1)).toEqual([]);
      });

      it('who returns while waiting is let go, and the wait ends', async () => {
        const iterator = store.subscribe({ signal: leave.signal })[Symbol.asyncIterator]();
        const waiting = iterator.next();
        for (let i = 0; i < 5; i++) await nextTurn();
        expect(await iterator.return!()).toEqual(DONE);
        expect(await waiting).toEqual(DONE);
        await seed(1);
        expect(await iterator.next()).toEqual(DONE);
      });

      it('who asks ahead gets the answers in order', async () => {
        const iterator = store.subscribe({ signal: leave.signal })[Symbol.asyncIterator]();
        const asked = [iterator.next(), iterator.next(), iterator.next()];
        const given = await seed(3);
        const answers = await Promise.all(asked);
        expect(answers.map(({ value }) => (value as Recorded).id)).toEqual(ids(given));
      });

      it('who waits when the store closes is let go', async () => {
        const iterator = store.subscribe({ signal: leave.signal })[Symbol.asyncIterator]();
        const waiting = iterator.next();
        for (let i = 0; i < 5; i++) await nextTurn();
        await store.close();
        expect(await waiting).toEqual(DONE);
      });
    });

    it('a closed store answers with a fault, and closing it again is fine', async () => {
      await store.close();
      await store.close();
      const closed = { code: 'LB_EVENTSTORE_UNREACHABLE' };
      await expect(store.append(NIGHTLY, 'none', batch(1))).rejects.toMatchObject(closed);
      await expect(store.read(NIGHTLY)).rejects.toMatchObject(closed);
      await expect(store.readAll({ limit: 1 })).rejects.toMatchObject(closed);
      await expect(store.head()).rejects.toMatchObject(closed);
    });

    it('an append that has begun when the store closes is still answered', async () => {
      const append = store.append(NIGHTLY, 'none', batch(1));
      await store.close();
      expect(await append).toMatchObject({ ok: true, revision: 0n });
    });
  });
};
