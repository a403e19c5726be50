import { describe, expect, it } from 'vitest';
import { factsInOrder } from '../../../src/controllers/facts-in-order.js';
import { Fault } from '../../../src/faults.js';

const AWAY = new Fault('LB_EVENTSTORE_UNREACHABLE', 'away');

/** An event store that fails so often before it takes a fact. */
const storeThatFails = (times: number, fault = AWAY) => {
  const taken: string[] = [];
  let left = times;
  const send = (fact: string): Promise<boolean> => {
    if (left-- > 0) return Promise.reject(fault);
    taken.push(fact);
    return Promise.resolve(true);
  };
  return { taken, send };
};

const never = new AbortController().signal;

describe('Facts about a run', () => {
  it('are told in the order in which they were given, though the store was away for a moment', async () => {
    const { taken, send } = storeThatFails(2);
    const tell = factsInOrder(send, 'attempt 1', never, [0, 0]);
    await Promise.all(['a', 'b', 'c'].map(tell));
    expect(taken).toEqual(['a', 'b', 'c']);
  });

  it('are given up when the store stays away, with its own fault, and the next one is tried all the same', async () => {
    const { taken, send } = storeThatFails(2);
    const tell = factsInOrder(send, 'attempt 1', never, [0]);
    const [first, second] = await Promise.allSettled([tell('a'), tell('b')]);
    expect(first).toEqual({ status: 'rejected', reason: AWAY });
    expect(second.status).toBe('fulfilled');
    expect(taken).toEqual(['b']);
  });

  it('are not told again after any other fault', async () => {
    const { taken, send } = storeThatFails(1, new Fault('LB_EVENTSTORE_DAMAGED', 'broken'));
    await expect(factsInOrder(send, 'attempt 1', never, [0])('a')).rejects.toMatchObject({
      code: 'LB_EVENTSTORE_DAMAGED',
    });
    expect(taken).toEqual([]);
  });

  it('that are refused mean that somebody else has the run, by name', async () => {
    const tell = factsInOrder(() => Promise.resolve(false), 'attempt 2 of the backup', never);
    await expect(tell('a')).rejects.toMatchObject({
      code: 'LB_ABORTED',
      detail: 'attempt 2 of the backup has lost its turn',
    });
  });

  it('are not waited for when the server stops', async () => {
    const stop = new AbortController();
    const { send } = storeThatFails(9);
    const told = factsInOrder(send, 'attempt 1', stop.signal, [3_600_000, 3_600_000])('a');
    stop.abort();
    await expect(told).rejects.toBe(AWAY);
  });
});
