import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileExpression } from '../../../src/domain/re2.js';
import { vectors } from './resource-modifiers/vectors.js';
import { bounded } from '../../bounded.js';

interface Vector {
  readonly pattern: string;
  readonly text: string;
  readonly matches?: boolean;
  readonly error?: boolean;
}

const ask = (pattern: string, text: string): boolean | 'refused' => {
  const expression = compileExpression(pattern);
  return expression.ok ? expression.matches(text) : 'refused';
};

describe('a regular expression over names', () => {
  it('matches anywhere, unless it says where', () => {
    expect(ask('web', 'my-web-1')).toBe(true);
    expect(ask('^web', 'my-web-1')).toBe(false);
    expect(ask(String.raw`\Aweb-\d+\z`, 'web-12')).toBe(true);
    expect(ask('(?i)^WEB', 'web-1')).toBe(true);
    expect(ask('(?P<app>web|db)-[[:digit:]]', 'db-3')).toBe(true);
    expect(ask(String.raw`\Qa.b\E`, 'axb')).toBe(false);
  });

  it('means what it means in Go', () => {
    for (const { pattern, text, matches } of vectors('expressions.json') as readonly Vector[]) {
      expect([pattern, text, ask(pattern, text)]).toEqual([pattern, text, matches ?? 'refused']);
    }
  });

  it.each([
    ['(?=a)', /looking ahead/],
    ['(?<!a)b', /looking ahead/],
    [String.raw`(a)\1`, /escape/],
    ['(', /not closed/],
    [')', /not opened/],
    ['[a', /not closed/],
    ['a**', /repeated/],
    ['*a', /nothing before/],
    ['a{1001}', /more than 1000/],
    ['((a{100}){100}){100}', /too large/],
    ['(a{1000}){1000}', /too large/],
    ['('.repeat(2000), /in each other/],
    ['a'.repeat(5000), /4096/],
  ])('is refused with a reason if it is %s', (pattern, reason) => {
    const expression = compileExpression(pattern);
    expect(expression.ok ? '' : expression.problem).toMatch(reason);
  });

  it.each([
    '(a+)+$',
    '^(a|a)*$',
    '^(a|aa)+$',
    '^(([a-z])+.)+[A-Z]([a-z])+$',
    '(.*a){20}b',
    '(x?){250}(a*)*b',
  ])('answers %s at once, where going back would take for ever', (pattern) => {
    expect(bounded(() => ask(pattern, `${'a'.repeat(252)}!`))).toBe(false);
  });

  it('never throws, and agrees with JavaScript where both know the syntax', () => {
    const part = fc.constantFrom(
      'a',
      'b',
      '.',
      '(a|b)',
      '[ab]',
      '[^a]',
      'a*',
      'b+',
      '(?:ab)?',
      'a{2}',
      '^',
      '$',
      '|',
    );
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), text, (parts, subject) => {
        const pattern = parts.join('');
        expect(ask(pattern, subject)).toBe(new RegExp(pattern).test(subject));
      }),
      { numRuns: 2000 },
    );
    const symbol = fc.constantFrom(...Array.from(String.raw`()[]{}*+?|^$.\-:!<>=PQEpdx019,imsUa`));
    fc.assert(
      fc.property(fc.array(symbol, { maxLength: 15 }), (symbols) => {
        expect(ask(symbols.join(''), 'a-1')).toBeDefined();
      }),
      { numRuns: 3000 },
    );
  });
});
