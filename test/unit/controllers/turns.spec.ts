import { describe, expect, it } from 'vitest';
import { createTurns, type Turn } from '../../../src/controllers/turns.js';

/** Items whose turns end when the test says so. */
const world = (atOnce: number) => {
  const under = new Map<string, (turn: Turn) => void>();
  const order: string[] = [];
  let failed = 0;
  const turns = createTurns<string>(
    atOnce,
    (item) => {
      order.push(item);
      if (item === 'bad') return Promise.reject(new Error(item));
      return new Promise((resolve) => under.set(item, resolve));
    },
    () => (failed += 1),
  );
  const end = async (item: string, turn: Turn) => {
    under.get(item)?.(turn);
    await Promise.resolve();
    await Promise.resolve();
  };
  return { turns, order, end, failed: () => failed };
};

describe('items that take turns', () => {
  it('go to the end of the line for another turn', async () => {
    const { turns, order, end } = world(1);
    for (const item of ['a', 'b']) turns.add(item);
    expect(turns.crowded()).toBe(true);
    await end('a', 'again');
    await end('b', 'over');
    expect(order).toEqual(['a', 'b', 'a']);
    expect(turns.crowded()).toBe(false);
  });

  it('have it so many at once', async () => {
    const { turns, order, end } = world(2);
    for (const item of ['a', 'b', 'c']) turns.add(item);
    expect(order).toEqual(['a', 'b']);
    await end('b', 'over');
    expect(order).toEqual(['a', 'b', 'c']);
  });

  it('are at rest for everybody who waits for that', async () => {
    const { turns, end } = world(1);
    await turns.rest();
    turns.add('a');
    const waiting = Promise.all([turns.rest(), turns.rest()]);
    await end('a', 'over');
    await waiting;
  });

  it('go on when one of them fails, which is told once', async () => {
    const { turns, end, failed } = world(1);
    for (const item of ['bad', 'bad', 'a']) turns.add(item);
    for (let i = 0; i < 9; i++) await Promise.resolve();
    await end('a', 'over');
    await turns.rest();
    expect(turns.failures).toHaveLength(2);
    expect(failed()).toBe(1);
  });
});
