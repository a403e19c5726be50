import { setTimeout as delay } from 'node:timers/promises';
import { Fault, isFault } from '../faults.js';

/** Milliseconds between the tries: an event store that restarts is back by then. */
const PAUSES_MS: readonly number[] = [100, 300, 1_000, 3_000, 10_000];

/**
 * Sends commands about one running attempt one after the other, since several pods can be at it at once. While the event store does
 * not answer, the same command is sent again, for a quarter of a minute: a run is long, and must not be lost over a moment. A
 * refusal means that another life of the server has taken over: then this one must not touch any pod (`LB_ABORTED`).
 * Faults: that one, and those of the event store. `turn` names the attempt for people.
 */
export const factsInOrder = <C>(
  send: (command: C) => Promise<boolean>,
  turn: string,
  signal: AbortSignal,
  pauses: readonly number[] = PAUSES_MS,
): ((command: C) => Promise<void>) => {
  const persist = async (command: C): Promise<boolean> => {
    for (const pause of pauses) {
      try {
        return await send(command);
      } catch (error) {
        if (!isFault(error, 'LB_EVENTSTORE_UNREACHABLE') || signal.aborted) throw error;
        await delay(pause, undefined, { signal }).catch(() => undefined); // a stop ends the wait, and the last try says so
      }
    }
    return send(command);
  };
  let last: Promise<unknown> = Promise.resolve();
  return (command) => {
    const sent = last.then(async () => {
      if (!(await persist(command))) throw new Fault('LB_ABORTED', `${turn} has lost its turn`);
    });
    last = sent.catch(() => undefined);
    return sent;
  };
};
