import { describe, expect, test } from 'vitest';
import { differencesBetween, explain, pointerOf } from '../../lab/fixture/round-trip/compare.js';
import { EXPLAINED } from '../../lab/fixture/round-trip/differences.js';
import { parseExactly, printExactly } from '../../lab/fixture/round-trip/exact-json.js';
import { reckon } from '../../lab/fixture/round-trip/reckoning.js';
import { planWorld } from '../../lab/fixture/round-trip/world.js';

const parse = (json: string) => parseExactly(json) as Readonly<Record<string, unknown>>;
const between = (before: string, after: string) => {
  const [one, other] = [before, after].map((spec) => parse(`{"metadata":{"name":"a"},"spec":${spec}}`));
  return differencesBetween(one!, other!).map(({ path, change }) => `${pointerOf(path)} ${change}`);
};

describe('the comparison of a round trip', () => {
  test.each([
    ['a number in another spelling', '{"n":1.50}', '{"n":1.5}', ['/spec/n changed']],
    ['a number that was rounded', '[9007199254740993]', '[9007199254740992]', ['/spec/0 changed']],
    ['a number that became a text', '{"n":12}', '{"n":"12"}', ['/spec/n changed']],
    ['a null that is gone', '{"n":null}', '{}', ['/spec/n lost']],
    ['an empty object that is gone', '{"a":{"b":{}}}', '{"a":{}}', ['/spec/a/b lost']],
    ['fields that are gone, each', '{"a/b":{"c":1,"d":2}}', '{}', ['/spec/a~1b/c lost', '/spec/a~1b/d lost']],
    ['a new entry', '{"l":[1]}', '{"l":[1,2]}', ['/spec/l/1 added']],
    ['a list in another order', '["a","b"]', '["b","a"]', ['/spec/0 changed', '/spec/1 changed']],
    ['a key that is no field', '{"__proto__":{"a":1}}', '{}', ['/spec/__proto__/a lost']],
    ['nothing, if keys stand in another order', '{"a":1,"b":2}', '{"b":2,"a":1}', []],
  ])('tells %s', (_what, before, after, told) => {
    expect(between(before, after)).toEqual(told);
  });

  test('gives back what it read', () => {
    const json = '{"a":[1.50,-1e+21,"1.5\\"2",{"b\\\\":"7","__proto__":{"c":0}}],"n":null,"t":true}';
    expect(printExactly(parseExactly(json))).toBe(json);
  });

  test('explains a difference only for its kind, its place and its direction', () => {
    const told = (kind: string, path: readonly string[], change: 'lost' | 'changed') =>
      explain(EXPLAINED, kind, {}, { path, change, before: 'a', after: 'b' }) !== undefined;
    expect(told('pods', ['spec', 'nodeName'], 'lost')).toBe(true);
    expect(told('pods', ['spec', 'nodeName'], 'changed')).toBe(false);
    expect(told('deployments.apps', ['spec', 'nodeName'], 'lost')).toBe(false);
    expect(told('pods', ['spec'], 'lost')).toBe(false);
    expect(told('secrets', ['data', 'token'], 'lost')).toBe(false);
  });

  test('misses an object wherever it gets lost, and one that nobody made', () => {
    const object = parse('{"metadata":{"name":"a","namespace":"n"}}');
    const found = { namespace: 'n', name: 'a', version: '1', object };
    const archived = new Map([['n/a', Buffer.from('{}')]]);
    const world = {
      kind: 'configmaps',
      source: [found],
      archived,
      before: new Map<string, string>(),
      after: [found],
    };
    const complaints = (change: Partial<typeof world>) => reckon({ ...world, ...change }).unexplained;
    expect(complaints({})).toEqual([]);
    expect(complaints({ archived: new Map() })).toHaveLength(2);
    expect(complaints({ after: [] })).toEqual(['configmaps n/a is in the backup and not in the new cluster']);
    expect(complaints({ source: [] })).toEqual([
      'configmaps n/a is in the backup and not in the old cluster',
    ]);
    expect(complaints({ before: new Map([['n/a', '0']]) })).toEqual([
      'configmaps n/a stood in the new cluster already and was touched',
    ]);
  });
});

describe('the generated world', () => {
  const isNamespaced = (kind: string) => ['configmaps', 'serviceaccounts'].includes(kind);

  test('is the same for the same seed, object by object, and another for another', () => {
    const [one, again, other] = ['a', 'a', 'b'].map((seed) => planWorld(seed, 1500, isNamespaced));
    expect(again).toEqual(one);
    expect(other).not.toEqual(one);
    expect(new Set(one!.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`)).size).toBe(1500);
  });

  test('refuses a size that holds not every kind', () => {
    expect(() => planWorld('a', 10, isNamespaced)).toThrow('1000 objects or more');
  });
});
