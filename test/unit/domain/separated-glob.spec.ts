import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGlob } from '../../../src/domain/separated-glob.js';
import { vectors } from './resource-modifiers/vectors.js';
import { bounded } from '../../bounded.js';

interface Vector {
  readonly pattern: string;
  readonly separator?: string;
  readonly text: string;
  readonly matches?: boolean;
  readonly error?: boolean;
}

const ask = (pattern: string, text: string, separator?: string): boolean | 'refused' => {
  const glob = compileGlob(pattern, separator);
  return glob.ok ? glob.matches(text) : 'refused';
};

describe('a glob over kinds', () => {
  it.each([
    ['*', 'pods', true],
    ['*', 'deployments.apps', false],
    ['deployments.*', 'deployments.apps', true],
    ['*.apps', 'deployments.apps', true],
    ['ingresses.*', 'ingresses.networking.k8s.io', false],
    ['ingresses.**', 'ingresses.networking.k8s.io', true],
    ['?ods', 'pods', true],
    ['pod?apps', 'pod.apps', false],
    ['{pods,jobs.batch}', 'jobs.batch', true],
    ['{daemon,stateful}sets.apps', 'daemonsets.apps', true],
    ['[!d]*', 'pods', true],
    [String.raw`a\*`, 'a*', true],
    [String.raw`a\*`, 'ab', false],
  ])('%s on %s is %s', (pattern, text, expected) => {
    expect(ask(pattern, text, '.')).toBe(expected);
  });

  it('means what it means in Go', () => {
    for (const { pattern, separator, text, matches } of vectors('globs.json') as readonly Vector[]) {
      expect([pattern, text, ask(pattern, text, separator)]).toEqual([pattern, text, matches ?? 'refused']);
    }
  });

  it.each([
    ['[a', /not closed/],
    ['[]', /empty/],
    ['[b-a]', /backwards/],
    ['[a-cx]', /beside a range/],
    ['{'.repeat(200), /braces/],
    ['*{a,b}'.repeat(3000), /too long/],
  ])('is refused with a reason if it is %s', (pattern, reason) => {
    const glob = compileGlob(pattern, '.');
    expect(glob.ok ? '' : glob.problem).toMatch(reason);
  });

  it('answers hostile patterns at once, and never throws', () => {
    expect(bounded(() => ask('{*a,*b}'.repeat(30), 'a'.repeat(253), '.'))).toBe(true);
    expect(bounded(() => ask('{*a,*b}'.repeat(30), `${'a'.repeat(252)}c`, '.'))).toBe(false);
    const symbol = fc.constantFrom('*', '?', '[', ']', '{', '}', ',', '!', '-', '\\', 'a', '.', '😀');
    fc.assert(
      fc.property(fc.array(symbol, { maxLength: 12 }), fc.string(), (symbols, text) => {
        expect(ask(symbols.join(''), text, '.')).toBeDefined();
      }),
    );
  });
});
