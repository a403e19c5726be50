import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compileAny,
  compileWildcard,
  hasWildcard,
  namespacePatternProblem,
} from '../../../src/domain/wildcard.js';
import { bounded } from '../../bounded.js';

describe('a glob in a filter', () => {
  it.each([
    ['*', 'anything', true],
    ['*', '', true],
    ['app-*', 'app-1', true],
    ['app-*', 'app-', true],
    ['app-*', 'my-app-1', false],
    ['*.velero.io', 'backups.velero.io', true],
    ['*.velero.io', 'a.b.velero.io', true],
    ['team-?', 'team-a', true],
    ['team-?', 'team-', false],
    ['team-?', 'team-ab', false],
    ['ns-[abc]', 'ns-b', true],
    ['ns-[abc]', 'ns-d', false],
    ['ns-[a-c]x', 'ns-bx', true],
    ['ns-[a-c]x', 'ns--x', false],
    ['ns-[!a-c]', 'ns-d', true],
    ['ns-[!a-c]', 'ns-b', false],
    ['ns-[a-]', 'ns--', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['App*', 'app1', false],
    ['a.c', 'abc', false],
    ['ns-[ab', 'ns-[ab', true],
    ['ns-[ab', 'ns-a', false],
  ])('%s on %s is %s', (pattern, text, expected) => {
    expect(compileWildcard(pattern)(text)).toBe(expected);
  });

  it('answers a hostile pattern of many stars at once', () => {
    expect(bounded(() => compileWildcard('*a'.repeat(120))(`${'a'.repeat(5000)}b`))).toBe(false);
  });

  it('means what the same regular expression means, for any text and pattern', () => {
    const letters = fc.constantFrom('a', 'b', '-', '.');
    const token = fc.constantFrom('a', 'b', '.', '*', '?', '[ab]', '[a-b]', '[!a]');
    const toRegExp = (tokens: readonly string[]) =>
      new RegExp(
        `^${tokens.map((t) => ({ '*': '.*', '?': '.', '.': '\\.' })[t] ?? t.replace('[!', '[^')).join('')}$`,
      );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 6 }), fc.array(letters, { maxLength: 8 }), (tokens, chars) => {
        const text = chars.join('');
        expect(compileWildcard(tokens.join(''))(text)).toBe(toRegExp(tokens).test(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('is told from a plain name', () => {
    expect(['a', 'a*', 'a?', '[a]', 'a.b'].map(hasWildcard)).toEqual([false, true, true, true, false]);
  });

  it('in a list matches if any of its entries does', () => {
    const matches = compileAny(['kube-system', 'team-*']);
    expect(['kube-system', 'team-a', 'default'].map(matches)).toEqual([true, true, false]);
  });
});

describe('an entry of a namespace list', () => {
  it.each(['', 'default', 'a', '*', 'team-*', 'team-?', 'ns-[abc]', '[a-z]pp', '1st', 'a'.repeat(63)])(
    'may be %j',
    (pattern) => {
      expect(namespacePatternProblem(pattern)).toBeUndefined();
    },
  );

  it.each([
    ['a|b', /\| is not supported/],
    ['(a)', /not supported/],
    ['!a', /not supported/],
    ['{a,b}', /not supported/],
    ['a,b', /not supported/],
    ['a**', /single \*/],
    ['a[]', /empty brackets/],
    ['a[b', /without its partner/],
    ['a]b', /without its partner/],
    ['[[a]]', /without its partner/],
    ['Team', /not the name/],
    ['a_b', /not the name/],
    ['-a', /not the name/],
    ['a.b', /not the name/],
    ['a'.repeat(64), /not the name/],
  ])('may not be %s', (pattern, message) => {
    expect(namespacePatternProblem(pattern)).toMatch(message);
  });
});
