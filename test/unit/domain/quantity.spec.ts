import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseQuantity } from '../../../src/domain/quantity.js';

const NANO = 10n ** 9n;

describe('a Kubernetes quantity', () => {
  it.each([
    ['0', 0n],
    ['1', NANO],
    ['+1', NANO],
    ['01', NANO],
    ['5.', 5n * NANO],
    ['.5', NANO / 2n],
    ['1Ki', 1024n * NANO],
    ['1.5Gi', 1_610_612_736n * NANO],
    ['9Ei', 9n * 2n ** 60n * NANO],
    ['-1.5Mi', -1_572_864n * NANO],
    ['10G', 10n ** 10n * NANO],
    ['1E', 10n ** 18n * NANO],
    ['1e3', 1000n * NANO],
    ['1E+3', 1000n * NANO],
    ['1e-3', 10n ** 6n],
    ['1k', 1000n * NANO],
    ['1m', 10n ** 6n],
    ['1u', 1000n],
    ['1n', 1n],
    ['0.5n', 1n],
    ['-0.0000000001', -1n],
    ['1.0000000001', NANO + 1n],
  ])('"%s" is read as the API server reads it', (text, amount) => {
    expect(parseQuantity(text)).toBe(amount);
  });

  it.each(
    ['', '.', '-', '+-1', '--1', '1K', '1ki', '1g', '1e', '1e3k', '1E3Gi', '1En', '1Gi5', '0x10'].concat([
      ' 1',
      '1 Gi',
      '1Mi ',
      '1,5',
      '1_0',
      '١',
      '1e400',
      '1'.repeat(65),
    ]),
  )('"%s" is none', (text) => {
    expect(parseQuantity(text)).toBeUndefined();
  });

  it('is compared exactly where floating point could not tell', () => {
    expect(parseQuantity('9007199254740993')).toBeGreaterThan(parseQuantity('9007199254740992') ?? 0n);
    expect(parseQuantity('0.1')).toBe(parseQuantity('100m'));
    expect(parseQuantity('1Gi')).toBeGreaterThan(parseQuantity('1G') ?? 0n);
  });

  it('of whole bytes is that many', () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 62n), 2n ** 62n), (bytes) => {
        expect(parseQuantity(String(bytes))).toBe(bytes * NANO);
      }),
    );
  });

  it('is an amount or nothing, whatever the text', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[-+]?[0-9.]{0,6}[-+0-9eEinumkKMGTP]{0,4}$/), (text) => {
        const amount = parseQuantity(text);
        expect(amount === undefined || typeof amount === 'bigint').toBe(true);
      }),
    );
  });
});
