import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Timers } from '../../src/controllers/queue.js';

/** A clock that a test moves, and the timers that go by it. */
export interface TestClock {
  readonly clock: () => Date;
  readonly timers: Timers;
  /** Sets the clock without letting time pass: no timer fires for it. */
  set(to: string | number): void;
  /** When the next timer is due, in milliseconds since 1970; undefined if none waits. */
  nextTimer(): number | undefined;
  /** Moves the clock to `to` and fires every timer that is due by then, in order; `settled` is waited for after each. */
  advance(to: string | number, settled: () => Promise<void>): Promise<void>;
}

interface Waiting {
  readonly due: number;
  readonly fire: () => void;
}

const msOf = (to: string | number): number => (typeof to === 'number' ? to : Date.parse(to));

export const createTestClock = (start: string): TestClock => {
  let now = Date.parse(start);
  const waiting = new Set<Waiting>();
  const earliest = (): Waiting | undefined => {
    let first: Waiting | undefined;
    for (const one of waiting) if (!first || one.due < first.due) first = one;
    return first;
  };
  return {
    clock: () => new Date(now),
    timers: {
      now: () => now,
      set: (milliseconds, fire) => {
        const one = { due: now + milliseconds, fire };
        waiting.add(one);
        return () => void waiting.delete(one);
      },
    },
    set: (to) => {
      now = msOf(to);
    },
    nextTimer: () => earliest()?.due,
    advance: async (to, settled) => {
      const end = msOf(to);
      await settled();
      for (let one = earliest(); one && one.due <= end; one = earliest()) {
        now = Math.max(now, one.due);
        waiting.delete(one);
        one.fire();
        await settled();
      }
      now = Math.max(now, end);
    },
  };
};

/** Turns of the event loop after which everything that was said on the way has been heard: a watch tells a queue, and that begins. */
const TURNS = 5;

/** A wait for the moment in which nobody has anything to do, what watches are about to tell included. */
export const quietOf =
  (idle: () => Promise<void>): (() => Promise<void>) =>
  async () => {
    for (let turn = 0; turn < TURNS; turn += 1) {
      await nextTurn();
      await idle();
    }
  };
