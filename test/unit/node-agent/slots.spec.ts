import { describe, expect, test } from 'vitest';
import { concurrencyOf, createCopySlots } from '../../../src/node-agent/slots.js';

const rule = (number: unknown, matchLabels?: object) => ({
  number,
  ...(matchLabels && { nodeSelector: { matchLabels } }),
});
const settings = (globalConfig?: unknown, ...perNodeConfig: readonly object[]) => ({
  loadConcurrency: { ...(globalConfig !== undefined && { globalConfig }), perNodeConfig },
});
const LARGE = { 'kubernetes.io/hostname': 'worker-1', size: 'large' };

describe('how many copies a node makes at once', () => {
  test('is one unless somebody says otherwise', () => {
    for (const silent of [undefined, {}, { loadConcurrency: {} }, settings()])
      expect(concurrencyOf(silent, LARGE)).toBe(1);
  });

  test('is the number for all nodes where no rule fits', () => {
    expect(concurrencyOf(settings(3, rule(8, { size: 'small' })), LARGE)).toBe(3);
  });

  test('is that of the rule that fits, though the number for all is smaller', () => {
    expect(concurrencyOf(settings(2, rule(8, { size: 'large' })), LARGE)).toBe(8);
  });

  test('is the smallest where several rules fit', () => {
    const several = settings(
      9,
      rule(8, { size: 'large' }),
      rule(5, { 'kubernetes.io/hostname': 'worker-1' }),
    );
    expect(concurrencyOf(several, LARGE)).toBe(5);
  });

  test('a rule fits only with all of its labels, and one without labels fits every node', () => {
    expect(concurrencyOf(settings(2, rule(8, { size: 'large', zone: 'a' })), LARGE)).toBe(2);
    expect(concurrencyOf(settings(2, rule(4)), {})).toBe(4);
  });

  test.each([0, -1, 1.5, 'many', null, Number.NaN])(
    'is not %s: what is no count is passed over',
    (number) => {
      expect(concurrencyOf(settings(number), LARGE)).toBe(1);
      expect(concurrencyOf(settings(2, rule(number, { size: 'large' })), LARGE)).toBe(2);
    },
  );

  test('has a bound, whatever is asked for', () => {
    expect(concurrencyOf(settings(1_000_000), LARGE)).toBe(1_000);
  });
});

describe('the places for copies', () => {
  test('are free until they are taken, and free again once, however often one is given back', () => {
    const slots = createCopySlots(1);
    const giveBack = slots.take();
    expect(slots.free()).toBe(false);
    giveBack();
    const second = slots.take();
    giveBack();
    expect(slots.free()).toBe(false);
    second();
    expect(slots.free()).toBe(true);
  });
});
