import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isObject, json, parseJson, print } from '../../../src/cluster/memory-json.js';
import { isPatchProblem, jsonPatch, mergePatch } from '../../../src/cluster/memory-patch.js';

describe('a merge patch', () => {
  // The examples of RFC 7396, appendix A.
  test.each([
    ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
    ['{"a":"b"}', '{"a":null}', '{}'],
    ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
    ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
    ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
    ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
    ['["a","b"]', '["c","d"]', '["c","d"]'],
    ['{"a":"b"}', '["c"]', '["c"]'],
    ['{"a":"foo"}', 'null', 'null'],
    ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
    ['[1,2]', '{"a":"b","c":null}', '{"a":"b"}'],
    ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
  ])('of %s with %s gives %s', (target, patch, result) => {
    expect(print(mergePatch(parseJson(target), parseJson(patch)))).toBe(result);
  });

  test('applied twice changes no more than once', () => {
    fc.assert(
      fc.property(fc.json(), fc.json(), (target, patch) => {
        const once = mergePatch(parseJson(target), parseJson(patch));
        expect(print(mergePatch(once, parseJson(patch)))).toBe(print(once));
      }),
    );
  });

  test('does not touch what it is applied to', () => {
    const target = parseJson('{"a":{"b":1},"c":[1]}');
    mergePatch(target, parseJson('{"a":{"b":null,"d":2},"c":null}'));
    expect(print(target)).toBe('{"a":{"b":1},"c":[1]}');
  });
});

describe('a JSON patch', () => {
  const patched = (target: string, operations: unknown) => {
    const object = parseJson(target);
    if (!isObject(object)) throw new TypeError('the target of the test is not an object');
    const result = jsonPatch(object, json(operations));
    return { object: print(object), result: isPatchProblem(result) ? result.kind : print(result) };
  };

  test.each([
    ['{"a":[1,3]}', { op: 'add', path: '/a/1', value: 2 }, '{"a":[1,2,3]}'],
    ['{"a":[1]}', { op: 'add', path: '/a/-', value: 2 }, '{"a":[1,2]}'],
    ['{"a":[1]}', { op: 'add', path: '/a/1', value: 2 }, '{"a":[1,2]}'],
    ['{"a":[1,2]}', { op: 'remove', path: '/a/0' }, '{"a":[2]}'],
    ['{"a":[1,2]}', { op: 'replace', path: '/a/1', value: null }, '{"a":[1,null]}'],
    ['{"a":{}}', { op: 'add', path: '/a/x~1y~0z', value: '!' }, '{"a":{"x/y~z":"!"}}'],
    ['{"a":null}', { op: 'test', path: '/a', value: null }, '{"a":null}'],
    ['{"a":{"b":[{"c":1}]}}', { op: 'replace', path: '/a/b/0/c', value: 2 }, '{"a":{"b":[{"c":2}]}}'],
    ['{"a":1}', { op: 'remove', path: '/a', value: 'ignored' }, '{}'],
  ])('on %s of %j gives %s', (target, operation, result) => {
    expect(patched(target, [operation]).result).toBe(result);
  });

  test.each([
    [{ op: 'replace', path: '/b', value: 1 }, 'application'],
    [{ op: 'remove', path: '/a/2' }, 'application'],
    [{ op: 'add', path: '/a/9', value: 1 }, 'application'],
    [{ op: 'add', path: '/a/01', value: 1 }, 'application'],
    [{ op: 'add', path: '/x/y', value: 1 }, 'application'],
    [{ op: 'test', path: '/a/0', value: 2 }, 'application'],
    [{ op: 'replace', path: '', value: {} }, 'application'],
    [{ op: 'add', path: '/b' }, 'document'],
    [{ op: 'copy', from: '/a', path: '/b' }, 'document'],
    [{ op: 'add', path: 'b', value: 1 }, 'document'],
    ['add', 'document'],
  ])('%j cannot be applied, and nothing of the patch is', (operation, kind) => {
    const { object, result } = patched('{"a":[1,2]}', [{ op: 'add', path: '/new', value: 1 }, operation]);
    expect(result).toBe(kind);
    expect(object).toBe('{"a":[1,2]}');
  });
});
