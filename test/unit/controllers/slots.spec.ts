import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSlots } from '../../../src/controllers/slots.js';

describe('places for operations that run at once', () => {
  it('are given as long as there are some, and stay with who has one', () => {
    const slots = createSlots(2);
    expect([slots.take('a'), slots.take('b'), slots.take('c'), slots.take('a')]).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });

  it('are waited for in the order of first asking', () => {
    const slots = createSlots(1);
    for (const key of ['a', 'b', 'c', 'c', 'b']) slots.take(key);
    expect([slots.position('a'), slots.position('b'), slots.position('c')]).toEqual([undefined, 1, 2]);
  });

  it('go to the first in line, even if another one asks first', () => {
    const slots = createSlots(1);
    for (const key of ['a', 'b', 'c']) slots.take(key);
    expect(slots.release('a')).toEqual(['b', 'c']);
    expect(slots.take('c')).toBe(false);
    expect(slots.take('d')).toBe(false);
    expect(slots.take('b')).toBe(true);
    expect([slots.position('b'), slots.position('c'), slots.position('d')]).toEqual([undefined, 1, 2]);
  });

  it('that become free together are all taken, in whatever order those in line ask', () => {
    const slots = createSlots(2);
    for (const key of ['a', 'b', 'c', 'd', 'e']) slots.take(key);
    slots.release('a');
    slots.release('b');
    expect([slots.take('e'), slots.take('d'), slots.take('c')]).toEqual([false, true, true]);
  });

  it('are not kept for one that left the line', () => {
    const slots = createSlots(1);
    for (const key of ['a', 'b', 'c']) slots.take(key);
    expect(slots.release('b')).toEqual(['c']);
    expect(slots.position('c')).toBe(1);
    slots.release('a');
    expect(slots.take('c')).toBe(true);
  });

  const scope = (...names: readonly string[]) => new Set(names);

  it('are not given to one that touches what another one has, while there are others', () => {
    const slots = createSlots(3);
    expect([
      slots.take('a', scope('x', 'y')),
      slots.take('b', scope('y')),
      slots.take('c', scope('z')),
    ]).toEqual([true, false, true]);
    expect(slots.position('b')).toBe(1);
    expect(slots.release('a')).toEqual(['b']);
    expect(slots.take('b', scope('y'))).toBe(true);
  });

  it('are not given to one that would overtake another it shares something with', () => {
    const slots = createSlots(3);
    slots.take('a', scope('x'));
    slots.take('b', scope('x', 'y'));
    expect(slots.take('c', scope('y'))).toBe(false);
    slots.release('a');
    expect([slots.take('c', scope('y')), slots.take('b', scope('x', 'y'))]).toEqual([false, true]);
  });

  it('are kept for the first in line that may begin, not for one that may not', () => {
    const slots = createSlots(2);
    slots.take('a', scope('x'));
    slots.take('b', scope('x'));
    slots.take('c', scope('y'));
    slots.take('d', scope('z'));
    slots.release('c');
    expect([slots.take('e', scope('v')), slots.take('d', scope('z'))]).toEqual([false, true]);
  });

  it('tell what was begun here from what another life left behind', () => {
    const slots = createSlots(1);
    slots.take('a');
    slots.take('b');
    expect([slots.begunHere('a'), slots.begunHere('b'), slots.begunHere('x')]).toEqual([true, false, false]);
    slots.release('a');
    expect(slots.begunHere('a')).toBe(false);
  });

  it('are kept for those who stood in line before, until they have asked or are given up', () => {
    const slots = createSlots(2);
    slots.expect(['a', 'b']);
    expect(slots.take('late', new Set(['shop']))).toBe(false);
    expect([slots.position('a'), slots.position('b'), slots.position('late')]).toEqual([1, 2, 3]);
    expect(slots.take('b', new Set(['stall']))).toBe(false); // nobody knows yet what a touches
    expect(slots.take('a', new Set(['kiosk']))).toBe(true);
    expect(slots.take('b', new Set(['stall']))).toBe(true);
    slots.release('a');
    expect(slots.take('late', new Set(['shop']))).toBe(true);
  });

  it('go on when one that stood in line before is gone', () => {
    const slots = createSlots(1);
    slots.expect(['a']);
    expect(slots.take('b')).toBe(false);
    expect(slots.release('a')).toEqual(['b']);
    expect(slots.take('b')).toBe(true);
  });

  it('giving back what one does not have changes nothing', () => {
    const slots = createSlots(1);
    slots.take('a');
    expect(slots.release('x')).toEqual([]);
    expect(slots.take('b')).toBe(false);
  });

  it('are never more than allowed, and none stays empty once everyone in line has asked', () => {
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    const action = fc.record({ key: fc.constantFrom(...keys), release: fc.boolean() });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.array(action, { maxLength: 60 }), (limit, actions) => {
        const slots = createSlots(limit);
        const held = () => keys.filter((key) => slots.begunHere(key)).length;
        for (const { key, release } of actions) {
          const woken = release ? slots.release(key) : (slots.take(key), []);
          for (const next of woken) slots.take(next);
          const waiting = keys.filter((one) => slots.position(one) !== undefined);
          expect(held()).toBeLessThanOrEqual(limit);
          if (waiting.length > 0) expect(held()).toBe(limit);
          expect(waiting.map((one) => slots.position(one)).sort()).toEqual(waiting.map((_, i) => i + 1));
        }
      }),
    );
  });
});
