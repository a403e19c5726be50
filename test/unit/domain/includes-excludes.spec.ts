import { describe, expect, it } from 'vitest';
import { includesExcludes } from '../../../src/domain/includes-excludes.js';

describe('a pair of include and exclude lists', () => {
  it.each([
    ['nothing written includes all', [], [], 'a', true],
    ['null lists include all', null, null, 'a', true],
    ['a star includes all', ['*'], [], 'a', true],
    ['a name includes itself', ['a'], [], 'a', true],
    ['a name includes nothing else', ['a'], [], 'b', false],
    ['a glob includes what it matches', ['team-*'], [], 'team-a', true],
    ['an exclude wins over an include', ['a'], ['a'], 'a', false],
    ['an exclude wins over a star', ['*'], ['a'], 'a', false],
    ['an excluding glob wins over a name', ['team-a'], ['team-*'], 'team-a', false],
    ['an exclude leaves the others', [], ['a'], 'b', true],
  ] as const)('%s', (_rule, includes, excludes, name, expected) => {
    expect(includesExcludes(includes, excludes).shouldInclude(name)).toBe(expected);
  });

  it.each([
    [[], [], true],
    [['*'], [], true],
    [undefined, null, true],
    [['a'], [], false],
    [[], ['a'], false],
    [['*'], ['a'], false],
  ])('of %j and %j is everything: %s', (includes, excludes, everything) => {
    expect(includesExcludes(includes, excludes).everything).toBe(everything);
  });
});
