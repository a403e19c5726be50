import { describe, expect, test } from 'vitest';
import { fieldMatcher, labelMatcher } from '../../../src/cluster/memory-selectors.js';

const picks = (selector: string | undefined, labels: Record<string, string>): boolean | string => {
  const match = labelMatcher(selector);
  return 'problem' in match ? match.problem : match(new Map(Object.entries(labels)));
};

describe('a label selector', () => {
  test.each([
    [undefined, {}, true],
    ['', { a: 'b' }, true],
    ['a=', { a: '' }, true],
    ['a=', {}, false],
    ['a = b', { a: 'b' }, true],
    ['a in (b)', { a: 'b' }, true],
    ['a in (b,,c)', { a: '' }, true],
    ['a in (b,x)', {}, false],
    ['a notin (b)', {}, true],
    ['a notin (b)', { a: 'b' }, false],
    ['a!=b', {}, true],
    ['! a', {}, true],
    ['velero.io/exclude-from-backup!=true', { 'velero.io/exclude-from-backup': 'true' }, false],
    ['a in (b,c), d', { a: 'c', d: '' }, true],
    ['a in (b,c), d', { a: 'c' }, false],
    ['n>5', { n: '6' }, true],
    ['n>5', { n: '5' }, false],
    ['n<5', { n: 'four' }, false],
  ])('%j on %j: %s', (selector, labels, expected) => {
    expect(picks(selector, labels)).toBe(expected);
  });

  test.each(['a in', 'a in b', '=b', 'a=b=c', 'a,,b', 'a in (b', 'not a', 'UPPER.example/-x=1', '!'])(
    '%j cannot be read',
    (selector) => {
      expect(picks(selector, {})).toMatch(/unable to parse/);
    },
  );
});

describe('a field selector', () => {
  const of = (selector: string) => {
    const match = fieldMatcher(selector);
    return 'problem' in match ? match.problem : match({ name: 'x', namespace: 'n' });
  };

  test.each([
    ['metadata.name=x', true],
    ['metadata.name==x,metadata.namespace=n', true],
    ['metadata.namespace!=n', false],
    ['metadata.name=y', false],
  ])('%s', (selector, expected) => {
    expect(of(selector)).toBe(expected);
  });

  test('a field no kind can be asked for is named', () => {
    expect(of('spec.size=3')).toBe('field label not supported: spec.size');
  });
});
