import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../faults.js';
import type { EventStore, Recorded } from '../eventstore/port.js';
import { foldBatch, type RowStep } from './fold.js';
import type { Views } from './views.js';

/** Events folded in one transaction: bounds memory and how long the event loop is held. */
const BATCH = 500;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

/** What a batch changed. `position` is where the views are now. */
export interface ViewChange {
  readonly streams: readonly string[];
  readonly position: bigint;
}

export interface RunnerDeps {
  readonly store: EventStore;
  readonly views: Views;
  /** Ends the runner. */
  readonly signal: AbortSignal;
  /** Called after every batch, when the views already show it. */
  readonly onChange?: (change: ViewChange) => void;
  /** Hears of every fact once, in order, when the views show it; also of old ones while they are made anew. */
  readonly onFacts?: (steps: readonly RowStep[]) => void;
  readonly log: { readonly warn: (fields: object, message: string) => void };
}

export interface Runner {
  /**
   * Waits until the views show this position: read your writes. `false` if the signal aborts or the runner ends before.
   * Always pass a signal with a deadline.
   */
  reached(position: bigint, signal: AbortSignal): Promise<boolean>;
  /** Calls `wake` after changes of a stream (or of any, with `*`) until the returned function is called. */
  listen(stream: string, wake: () => void): () => void;
  /** How many listeners and waiting readers there are. */
  listening(): number;
  /** Resolves once the runner has ended; never rejects. */
  readonly done: Promise<void>;
}

interface Waiter {
  readonly position: bigint;
  readonly resolve: (reached: boolean) => void;
}

const createBell = () => {
  const listeners = new Map<string, Set<() => void>>();
  const wake = (stream: string) => {
    for (const listener of [...(listeners.get(stream) ?? [])]) listener();
  };
  const listen = (stream: string, listener: () => void) => {
    const set = listeners.get(stream) ?? new Set();
    listeners.set(stream, set.add(listener));
    return () => {
      set.delete(listener);
      if (set.size === 0 && listeners.get(stream) === set) listeners.delete(stream);
    };
  };
  const size = () => [...listeners.values()].reduce((sum, set) => sum + set.size, 0);
  return { wake, listen, size };
};

const createWaitingRoom = (views: Views, ended: AbortSignal) => {
  const waiters = new Set<Waiter>();
  const wait = (position: bigint, signal: AbortSignal): Promise<boolean> => {
    if (views.position() >= position) return Promise.resolve(true);
    if (signal.aborted || ended.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const giveUp = () => settle(false);
      const settle = (reached: boolean) => {
        waiters.delete(waiter);
        signal.removeEventListener('abort', giveUp);
        ended.removeEventListener('abort', giveUp);
        resolve(reached);
      };
      const waiter = { position, resolve: settle };
      waiters.add(waiter);
      signal.addEventListener('abort', giveUp, { once: true });
      ended.addEventListener('abort', giveUp, { once: true });
    });
  };
  const announce = (position: bigint) => {
    for (const waiter of [...waiters]) if (waiter.position <= position) waiter.resolve(true);
  };
  return { wait, announce, size: () => waiters.size };
};

/**
 * Whether the store still holds the events the views were made of. A store that was emptied, restored from an older copy or
 * replaced would otherwise never be read again, or be mixed with the former one.
 */
const sameStore = async ({ store, views, signal }: RunnerDeps): Promise<boolean> => {
  const [last, former] = views.newestAudit();
  if (!last) return views.position() < 0n;
  const [found] = await store.readAll({ ...(former && { after: former.position }), limit: 1, signal });
  return found !== undefined && found.id === last.id && found.position === last.position;
};

const catchUp = async (deps: RunnerDeps, fold: (events: readonly Recorded[]) => void): Promise<void> => {
  const { store, views, signal } = deps;
  for (;;) {
    const position = views.position();
    const events = await store.readAll({ ...(position >= 0n && { after: position }), limit: BATCH, signal });
    if (events.length === 0) return;
    fold(events);
  }
};

/** Reads to the end, then follows. The live feed only wakes: what is folded is always read behind the views' own position. */
const follow = async (deps: RunnerDeps, fold: (events: readonly Recorded[]) => void): Promise<void> => {
  const { store, views, signal } = deps;
  if (!(await sameStore(deps))) views.reset();
  await catchUp(deps, fold);
  const position = views.position();
  for await (const event of store.subscribe({ ...(position >= 0n && { after: position }), signal }))
    if (event.position > views.position()) await catchUp(deps, fold);
};

/**
 * Keeps the views up to date with the event store until the signal aborts. Whatever goes wrong (the store does not answer, the
 * file cannot be written) is tried again after a growing pause; meanwhile the views answer with what they have.
 */
export const startRunner = (deps: RunnerDeps): Runner => {
  const { views, signal } = deps;
  const bell = createBell();
  const room = createWaitingRoom(views, signal);
  let pause = FIRST_PAUSE_MS;

  const fold = (events: readonly Recorded[]) => {
    const position = events.reduce((last, event) => (event.position > last ? event.position : last), -1n);
    const batch = foldBatch(events, position, views.present);
    views.write(batch);
    deps.onFacts?.(batch.steps);
    pause = FIRST_PAUSE_MS;
    const streams = [...new Set(events.map((event) => event.stream))];
    room.announce(position);
    for (const stream of streams) bell.wake(stream);
    bell.wake('*');
    deps.onChange?.({ streams, position });
  };

  const run = async (): Promise<void> => {
    const ended = () => signal.aborted;
    while (!ended()) {
      try {
        await follow(deps, fold);
      } catch (error) {
        if (ended()) return;
        deps.log.warn(
          { fault: messageOf(error), pause },
          'the views cannot follow the event store; trying again',
        );
      }
      await sleep(pause, undefined, { signal }).catch(() => undefined);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  };

  return { reached: room.wait, listen: bell.listen, listening: () => bell.size() + room.size(), done: run() };
};
