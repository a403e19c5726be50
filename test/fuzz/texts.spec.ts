import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { readVersionPriorities } from '../../src/domain/api-group-versions.js';
import { parseGoDuration } from '../../src/domain/go-duration.js';
import { parseCommand } from '../../src/domain/hooks/hook.js';
import { selectorProblems } from '../../src/domain/label-selector.js';
import { namesInOrder } from '../../src/domain/ordered-resources.js';
import { parseQuantity } from '../../src/domain/quantity.js';
import { compileExpression } from '../../src/domain/re2.js';
import { typeValue, unescapeText } from '../../src/domain/resource-modifiers/value.js';
import { parseCapacity } from '../../src/domain/resource-policies/capacity.js';
import { imageChangesOf } from '../../src/domain/restore-actions/image-name.js';
import { parsePriorities } from '../../src/domain/restore-order.js';
import { compileGlob } from '../../src/domain/separated-glob.js';
import { compileWildcard, namespacePatternProblem } from '../../src/domain/wildcard.js';
import { bounded, expectCleanPrototype } from '../bounded.js';
import { COMPARING, runsOf } from '../property/runs.js';
import { hostileText } from './hostile.js';

/** What a text is told to be wrong for; `undefined` if it is taken. */
type Reading = (text: string) => string | undefined;

const notJson = () => ({ problem: 'is not JSON' });
const matching = (
  read: { ok: true; matches: (text: string) => boolean } | { ok: false; problem: string },
): string | undefined => {
  if (!read.ok) return read.problem;
  for (const name of ['', 'web-0', 'deployments.apps', '😀']) read.matches(name);
  return undefined;
};

/** Every reader of a short text. Where it only says "none", its callers name the field and the way out. */
const READERS: readonly (readonly [string, Reading])[] = [
  ['a duration', (text) => (parseGoDuration(text) === undefined ? 'none' : undefined)],
  ['an amount', (text) => (parseQuantity(text) === undefined ? 'none' : undefined)],
  ['a range of capacities', (text) => [parseCapacity(text)].find((read) => typeof read === 'string')],
  ['a namespace pattern', namespacePatternProblem],
  ['a glob of a filter', (text) => void ['', 'shop', '😀'].some(compileWildcard(text))],
  ['a glob of a modifier', (text) => matching(compileGlob(text, '.'))],
  ['an expression', (text) => matching(compileExpression(text))],
  [
    'a value of a modifier',
    (text) =>
      [typeValue(text, { json: notJson, yaml: notJson })].flatMap((read) =>
        read.ok ? [] : [read.problem],
      )[0],
  ],
  [
    'a path of a modifier',
    (text) => [unescapeText(text)].flatMap((read) => (read.ok ? [] : [read.problem]))[0],
  ],
  ['a command of an annotation', (text) => (parseCommand(text).looksBroken ? 'none' : undefined)],
  ['a label key', (text) => selectorProblems({ matchLabels: Object.fromEntries([[text, 'a']]) })[0]],
  ['a label value', (text) => selectorProblems({ matchLabels: { a: text } })[0]],
  [
    'an operator',
    (text) => selectorProblems({ matchExpressions: [{ key: 'a', operator: text, values: [text] }] })[0],
  ],
  ['an order of resources', (text) => void namesInOrder({ pods: text }, 'pods')],
  ['priorities of versions', (text) => readVersionPriorities(text).problems[0]],
  ['priorities of kinds', (text) => [parsePriorities(text)].find((read) => typeof read === 'string')],
  ['changes of images', (text) => void imageChangesOf({ [text]: text })],
];

const repeated = fc
  .tuple(hostileText, fc.constantFrom(1, 2, 50, 2_000))
  .map(([text, times]) => text.repeat(Math.min(times, 100_000 / (text.length + 1))));

afterEach(expectCleanPrototype);

describe.each(READERS)('The reader of %s', (_what, read) => {
  it('takes any text or refuses it in few words, soon, and without a crash', COMPARING, () => {
    fc.assert(
      fc.property(repeated, (text) => {
        const problem = bounded(() => read(text));
        if (problem === undefined) return;
        expect(problem).not.toBe('');
        expect(problem.length).toBeLessThan(400);
        expect(problem).not.toMatch(/undefined|\[object|call stack|TypeError/);
      }),
      { numRuns: runsOf(300) },
    );
  });
});

describe('Priorities of versions', () => {
  it('tell which lines cannot be read, but not each of thousands', () => {
    const { problems } = bounded(() => readVersionPriorities('nonsense\n'.repeat(100_000)));
    expect(problems.length).toBeLessThan(30);
    expect(problems[0]).toContain('line 1 ("nonsense")');
    expect(problems.at(-1)).toContain('99980 more lines');
  });
});
