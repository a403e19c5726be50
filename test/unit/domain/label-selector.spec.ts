import { describe, expect, it } from 'vitest';
import {
  matchesAnySelector,
  matchesSelector,
  printSelector,
  selectorProblems,
} from '../../../src/domain/label-selector.js';

const expression = (key: string, operator: string, ...values: string[]) => ({
  matchExpressions: [{ key, operator, ...(values.length > 0 ? { values } : {}) }],
});

describe('a label selector', () => {
  it.each([
    ['without conditions selects all', {}, {}, true],
    ['that is null selects all', null, { a: '1' }, true],
    ['wants the label', { matchLabels: { a: '1' } }, { a: '1', b: '2' }, true],
    ['wants the very value', { matchLabels: { a: '1' } }, { a: '2' }, false],
    ['wants all its labels', { matchLabels: { a: '1', b: '2' } }, { a: '1' }, false],
    ['In takes one of the values', expression('a', 'In', '1', '2'), { a: '2' }, true],
    ['In refuses another value', expression('a', 'In', '1', '2'), { a: '3' }, false],
    ['In refuses a missing label', expression('a', 'In', '1'), {}, false],
    ['NotIn takes another value', expression('a', 'NotIn', '1'), { a: '2' }, true],
    ['NotIn takes a missing label', expression('a', 'NotIn', '1'), {}, true],
    ['NotIn refuses the value', expression('a', 'NotIn', '1'), { a: '1' }, false],
    ['Exists takes any value, the empty one too', expression('a', 'Exists'), { a: '' }, true],
    ['Exists refuses a missing label', expression('a', 'Exists'), {}, false],
    ['DoesNotExist takes a missing label', expression('a', 'DoesNotExist'), { b: '1' }, true],
    ['DoesNotExist refuses the label', expression('a', 'DoesNotExist'), { a: '1' }, false],
    ['with an unknown operator selects nothing', expression('a', 'Like', '1'), { a: '1' }, false],
    ['does not take JavaScript properties for labels', expression('constructor', 'Exists'), {}, false],
  ])('%s', (_rule, selector, labels, expected) => {
    expect(matchesSelector(selector, labels)).toBe(expected);
  });

  it('in a list of selectors is enough if it matches', () => {
    const selectors = [{ matchLabels: { a: '1' } }, { matchLabels: { b: '1' } }];
    expect(matchesAnySelector(selectors, { b: '1' })).toBe(true);
    expect(matchesAnySelector(selectors, { c: '1' })).toBe(false);
    expect(matchesAnySelector([], { c: '1' })).toBe(false);
  });

  it('is printed the way the API reads it', () => {
    expect(
      printSelector({
        matchLabels: { a: 'b' },
        matchExpressions: [
          { key: 'c', operator: 'In', values: ['y', 'x'] },
          { key: 'd', operator: 'DoesNotExist' },
          { key: 'e', operator: 'Exists' },
          { key: 'f', operator: 'NotIn', values: ['z'] },
        ],
      }),
    ).toBe('a=b,c in (x,y),!d,e,f notin (z)');
    expect(printSelector(undefined)).toBe('');
  });

  it('that is fine has no problems', () => {
    expect(selectorProblems({ matchLabels: { 'app.kubernetes.io/name': 'web', x: '' } })).toEqual([]);
    expect(selectorProblems(null)).toEqual([]);
  });

  it.each([
    [{ matchLabels: { 'a b': '1' } }, /not a label key/],
    [{ matchLabels: { 'A.com/x': '1' } }, /not a label key/],
    [{ matchLabels: { a: 'x,b=1' } }, /not a label value/],
    [{ matchLabels: { a: 'x'.repeat(64) } }, /not a label value/],
    [expression('a', 'Like', '1'), /unknown/],
    [expression('a', 'In'), /at least one value/],
    [expression('a', 'Exists', '1'), /takes no values/],
  ])('%j is refused with a way out', (selector, message) => {
    expect(selectorProblems(selector)).toEqual([expect.stringMatching(message)]);
  });
});
