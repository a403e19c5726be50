import { describe, expect, it } from 'vitest';
import { type Decider, type Event, refuse } from '../../../src/domain/decider.js';
import { eventId } from '../../../src/eventstore/event-id.js';
import { openAggregate } from '../../../src/eventstore/handle.js';
import { createMemoryEventStore } from '../../../src/eventstore/memory.js';
import { type EventStore, type Meta } from '../../../src/eventstore/port.js';

type Loaded = Event<'CargoLoaded', { readonly crates: number }>;
type Sailed = Event<'ShipSailed', Record<string, never>>;
type ShipEvent = Loaded | Sailed;
interface Ship {
  readonly crates: number;
  readonly sailed: boolean;
}
type Command = { readonly load: readonly number[] } | { readonly sail: true };

const ship: Decider<Ship, Command, ShipEvent> = {
  initial: { crates: 0, sailed: false },
  decide: (command, state) => {
    if ('sail' in command) return state.sailed ? [] : [{ type: 'ShipSailed', v: 1, data: {} }];
    if (state.sailed) return refuse('SHIP_AT_SEA', 'the ship has sailed');
    return command.load.map((crates) => ({ type: 'CargoLoaded', v: 1, data: { crates } }));
  },
  evolve: (state, event) => {
    switch (event.type) {
      case 'CargoLoaded':
        return { ...state, crates: state.crates + event.data.crates };
      case 'ShipSailed':
        return { ...state, sailed: true };
    }
  },
};

const upcast = (event: { type: string; v: number; data: object }): ShipEvent | undefined =>
  event.v === 1 && (event.type === 'CargoLoaded' || event.type === 'ShipSailed')
    ? (event as ShipEvent)
    : undefined;

const STREAM = 'backup-harbour.ship';
const meta: Meta = {
  actor: { kind: 'USER', name: 'ada', via: 'graphql' },
  correlationId: 'request-1',
  appVersion: '0.1.0',
};
const uid = 'uid-1';
const open = (store: EventStore) => openAggregate(store, ship, STREAM, { upcast });

/** A store in which somebody else loads a crate just before each of the first `times` appends through it. */
const withRival = (store: EventStore, times: number): EventStore & { readonly appends: () => number } => {
  let appends = 0;
  return {
    ...store,
    appends: () => appends,
    append: async (...args) => {
      if (appends++ < times) {
        const rival = await open(store);
        await rival.send({ load: [1] }, meta, { uid: 'rival', discriminator: String(appends) });
      }
      return store.append(...args);
    },
  };
};

describe('a command', () => {
  it('is decided on the folded stream, and what it decides is there for the next one', async () => {
    const store = createMemoryEventStore();
    const first = await open(store);
    expect(first).toMatchObject({ state: ship.initial, recorded: [], revision: 'none' });
    const sent = await first.send({ load: [2, 3] }, meta, { uid });
    const recorded = await store.read(STREAM);
    const position = recorded[1]!.position;
    expect(sent).toEqual({ ok: true, state: { crates: 5, sailed: false }, recorded, revision: 1n, position });
    expect(first).toMatchObject({ state: { crates: 5 }, recorded, revision: 1n });
    expect(await open(store)).toMatchObject({ state: { crates: 5, sailed: false }, revision: 1n });
  });

  it('gives its events ids made from their cause, and the story it belongs to', async () => {
    const store = createMemoryEventStore();
    const aggregate = await open(store);
    await aggregate.send({ load: [2, 3] }, meta, { uid, discriminator: 'attempt-1' });
    const [first, second] = await store.read(STREAM);
    expect(first!.id).toBe(eventId(STREAM, uid, 'CargoLoaded', 'attempt-1/0'));
    expect(second!.id).toBe(eventId(STREAM, uid, 'CargoLoaded', 'attempt-1/1'));
    expect(first!.meta).toEqual(meta);
    await aggregate.send({ load: [4] }, meta, { uid, discriminator: 'attempt-2' });
    await aggregate.send({ sail: true }, { ...meta, causationId: 'custom-resource-7' }, { uid });
    const events = await store.read(STREAM);
    expect(events[2]!.meta.causationId).toBe(second!.id);
    expect(events[3]!.meta.causationId).toBe('custom-resource-7');
  });

  it('that needs nothing appends nothing and tells the newest position', async () => {
    const store = createMemoryEventStore();
    const aggregate = await open(store);
    expect(await aggregate.send({ load: [] }, meta, { uid })).toMatchObject({ ok: true, position: -1n });
    await aggregate.send({ sail: true }, meta, { uid });
    const head = await store.head();
    expect(await aggregate.send({ sail: true }, meta, { uid })).toMatchObject({ ok: true, position: head });
    expect(await store.head()).toBe(head);
  });

  it('that is refused by the decider appends nothing', async () => {
    const store = createMemoryEventStore();
    const aggregate = await open(store);
    await aggregate.send({ sail: true }, meta, { uid });
    expect(await aggregate.send({ load: [1] }, meta, { uid })).toMatchObject({ refused: 'SHIP_AT_SEA' });
    expect(await store.read(STREAM)).toHaveLength(1);
  });

  it('is decided anew when somebody else was first', async () => {
    const store = createMemoryEventStore();
    const rivalled = withRival(store, 5);
    const aggregate = await open(rivalled);
    const sent = await aggregate.send({ load: [10] }, meta, { uid });
    expect(sent).toMatchObject({ ok: true, state: { crates: 15 }, revision: 5n });
    expect(rivalled.appends()).toBe(6);
  });

  it('meets the refusal of the newly read state, not of the one it began with', async () => {
    const store = createMemoryEventStore();
    const [late, early] = [await open(store), await open(store)];
    await early.send({ sail: true }, meta, { uid });
    expect(await late.send({ load: [1] }, meta, { uid })).toMatchObject({ refused: 'SHIP_AT_SEA' });
  });

  it('is given up as a conflict after five readings more', async () => {
    const store = createMemoryEventStore();
    const rivalled = withRival(store, 99);
    const aggregate = await open(rivalled);
    expect(await aggregate.send({ load: [10] }, meta, { uid })).toMatchObject({ refused: 'CONFLICT' });
    expect(rivalled.appends()).toBe(6);
    expect(await open(store)).toMatchObject({ state: { crates: 6 } });
  });

  it('sent twice from one cause by two processes is one fact', async () => {
    const store = createMemoryEventStore();
    const [one, other] = [await open(store), await open(store)];
    const answers = await Promise.all([one, other].map((side) => side.send({ load: [7] }, meta, { uid })));
    expect(answers[1]).toEqual(answers[0]);
    expect(await open(store)).toMatchObject({ state: { crates: 7 }, revision: 0n });
  });
});

describe('a command that names the revision it was made for', () => {
  it('is accepted at that revision', async () => {
    const aggregate = await open(createMemoryEventStore());
    const first = await aggregate.send({ load: [1] }, meta, { uid }, { expectedRevision: 'none' });
    expect(first).toMatchObject({ ok: true, revision: 0n });
    const second = await aggregate.send({ sail: true }, meta, { uid }, { expectedRevision: 0n });
    expect(second).toMatchObject({ ok: true, revision: 1n });
  });

  it('is stale at any other, and nothing is appended', async () => {
    const store = createMemoryEventStore();
    const aggregate = await open(store);
    await aggregate.send({ load: [1] }, meta, { uid });
    for (const expectedRevision of ['none', 1n] as const) {
      const answer = await aggregate.send({ sail: true }, meta, { uid }, { expectedRevision });
      expect(answer).toMatchObject({ refused: 'STALE' });
    }
    expect(await store.read(STREAM)).toHaveLength(1);
  });

  it('is stale, and not tried again, when somebody else is first', async () => {
    const store = createMemoryEventStore();
    const rivalled = withRival(store, 1);
    const aggregate = await open(rivalled);
    const answer = await aggregate.send({ load: [10] }, meta, { uid }, { expectedRevision: 'none' });
    expect(answer).toMatchObject({ refused: 'STALE' });
    expect(rivalled.appends()).toBe(1);
  });
});

describe('a stream with a fact of a newer Lifeboat', () => {
  it('can be looked at, but takes no command', async () => {
    const store = createMemoryEventStore();
    await (await open(store)).send({ load: [3] }, meta, { uid });
    const alien = {
      id: eventId(STREAM, uid, 'CargoScanned', ''),
      type: 'CargoScanned',
      v: 2,
      data: {},
      meta,
    };
    await store.append(STREAM, 0n, [alien]);
    const aggregate = await open(store);
    expect(aggregate).toMatchObject({ state: { crates: 3 }, revision: 1n });
    const answer = await aggregate.send({ load: [1] }, meta, { uid });
    expect(answer).toMatchObject({ refused: 'UNKNOWN_EVENT' });
    expect(await store.read(STREAM)).toHaveLength(2);
  });
});

it('a caller who has left gets a fault, not a refusal', async () => {
  const options = { upcast, signal: AbortSignal.abort() };
  const opening = openAggregate(createMemoryEventStore(), ship, STREAM, options);
  await expect(opening).rejects.toMatchObject({ code: 'LB_ABORTED' });
});
