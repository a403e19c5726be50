import { Gauge, type Registry } from 'prom-client';
import type { EventStore } from '../eventstore/port.js';
import type { Views } from '../projections/views.js';
import { faultLabel } from './measured-cluster.js';
import { stopwatch, type Meters } from './meters.js';

const HEAD_DEADLINE_MS = 2_000;

/** The same event store, with every append measured. */
export const measureEventStore = (events: EventStore, { appends }: Meters): EventStore => ({
  append: async (...call) => {
    const elapsed = stopwatch();
    try {
      const answer = await events.append(...call);
      appends.observe({ outcome: answer.ok ? 'ok' : 'conflict' }, elapsed());
      return answer;
    } catch (error) {
      appends.observe({ outcome: faultLabel(error) }, elapsed());
      throw error;
    }
  },
  read: (stream, signal) => events.read(stream, signal),
  readSince: (stream, type, signal) => events.readSince(stream, type, signal),
  readAll: (query) => events.readAll(query),
  subscribe: (options) => events.subscribe(options),
  head: (signal) => events.head(signal),
  close: () => events.close(),
});

/** Position of the newest event; not a number without an answer, since a lag of zero would say that all is well. */
const headOf = async (events: EventStore): Promise<number> =>
  Number(await events.head(AbortSignal.timeout(HEAD_DEADLINE_MS)).catch(() => Number.NaN));

/** Where the event store and the views are. The lag is a number of events with SQLite, a distance in the log elsewhere. */
export const createPositionGauges = (registry: Registry, events: EventStore, views: Views): void => {
  const registers = [registry];
  new Gauge({
    name: 'lifeboat_eventstore_position',
    help: 'Position of the newest event; -1 when there is none',
    registers,
    async collect() {
      this.set(await headOf(events));
    },
  });
  new Gauge({
    name: 'lifeboat_views_position',
    help: 'Position of the newest event that the views show',
    registers,
    collect() {
      this.set(Number(views.position()));
    },
  });
  new Gauge({
    name: 'lifeboat_views_lag',
    help: 'How far the views are behind the event store, in positions',
    registers,
    async collect() {
      const shown = Number(views.position());
      const lag = (await headOf(events)) - shown;
      this.set(lag < 0 ? 0 : lag);
    },
  });
};
