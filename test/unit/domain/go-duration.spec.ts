import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseGoDuration, printGoDuration } from '../../../src/domain/go-duration.js';

const HOUR = 3_600_000;

describe('a Go duration', () => {
  it.each([
    [0, '0s'],
    [1e-6, '1ns'],
    [1.1e-3, '1.1µs'],
    [2.2, '2.2ms'],
    [100, '100ms'],
    [1500, '1.5s'],
    [3300, '3.3s'],
    [60_000, '1m0s'],
    [5 * 60_000 + 5000, '5m5s'],
    [5 * 60_000 + 5001, '5m5.001s'],
    [600_000, '10m0s'],
    [4 * HOUR, '4h0m0s'],
    [5 * HOUR + 6 * 60_000 + 7001, '5h6m7.001s'],
    [8 * 60_000 + 1e-6, '8m0.000000001s'],
    [720 * HOUR, '720h0m0s'],
    [-1500, '-1.5s'],
  ])('of %d ms is printed as %s', (ms, text) => {
    expect(printGoDuration(ms)).toBe(text);
    expect(parseGoDuration(text)).toBe(ms);
  });

  it.each([
    ['0', 0],
    ['-0', 0],
    ['5s', 5000],
    ['+5s', 5000],
    ['-5s', -5000],
    ['5.0s', 5000],
    ['5.s', 5000],
    ['.5s', 500],
    ['1.004s', 1004],
    ['100.00100s', 100_001],
    ['3h30m', 3.5 * HOUR],
    ['-2m3.4s', -123_400],
    ['10us', 0.01],
    ['10\u00b5s', 0.01],
    ['10\u03bcs', 0.01],
    ['52763797000ns', 52_763.797],
    ['0.3333333333333333333h', 20 * 60_000],
    ['0.100000000000000000000h', 6 * 60_000],
    ['9223372036854775807ns', 9_223_372_036_854.775807],
    ['-9223372036854775808ns', -9_223_372_036_854.775808],
  ])('%s is %d ms', (text, ms) => {
    expect(parseGoDuration(text)).toBe(ms);
  });

  it.each([
    '',
    '3',
    '-',
    's',
    '.',
    '-.',
    '.s',
    '+.s',
    '1d',
    '1h ',
    ' 1h',
    '1.2.3s',
    '\x85\x85',
    '1hx',
    'h1',
    '3000000h',
    '9223372036854775808ns',
    `${'1'.repeat(500)}h`,
  ])('cannot be %j', (text) => {
    expect(parseGoDuration(text)).toBeUndefined();
  });

  it('reads back what it prints, to the nanosecond over a century', () => {
    const ms = fc.tuple(fc.integer({ min: 0, max: 2 ** 40 }), fc.integer({ min: 0, max: 999 }), fc.boolean());
    fc.assert(
      fc.property(ms, ([whole, thousandths, negative]) => {
        const value = (negative ? -1 : 1) * (whole + thousandths / 1000);
        const back = parseGoDuration(printGoDuration(value));
        expect(Math.abs((back ?? Number.NaN) - value)).toBeLessThan(1e-3);
        expect(printGoDuration(back ?? Number.NaN)).toBe(printGoDuration(value));
      }),
      { numRuns: 2000 },
    );
  });

  it('reads whatever units add up to', () => {
    const part = fc.nat({ max: 999 });
    fc.assert(
      fc.property(part, part, part, part, (h, m, s, ms) => {
        expect(parseGoDuration(`${h}h${m}m${s}s${ms}ms`)).toBe(h * HOUR + m * 60_000 + s * 1000 + ms);
      }),
    );
  });
});
