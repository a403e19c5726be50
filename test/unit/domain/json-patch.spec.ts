import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at } from '../../../src/domain/json.js';
import { applyJsonPatch, pointerKeys, type PatchOperation } from '../../../src/domain/json-patch.js';
import { frozen, vectors } from './resource-modifiers/vectors.js';

interface Vector {
  readonly document: unknown;
  readonly patch: readonly PatchOperation[];
  readonly result?: unknown;
  readonly why?: string;
}

const big = { isLosslessNumber: true, value: '9007199254740993' };
const patch = (document: unknown, ...operations: PatchOperation[]): unknown => {
  const patched = applyJsonPatch(frozen(document), operations);
  return patched.ok ? patched.value : patched.why;
};
const pointer = (keys: readonly string[]): string =>
  keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

const key = fc.constantFrom('a', 'b', 'x/y', 'm~n', '0', '-', '', '__proto__', 'constructor');
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, true, 1, 'x', big),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie('json')), { maxLength: 3 }).map((entries) => Object.fromEntries(entries)),
  ),
}));
const path = fc.array(fc.oneof(key, fc.constantFrom('1', '-1', '01', '9')), { maxLength: 4 }).map(pointer);
const operation: fc.Arbitrary<PatchOperation> = fc.oneof(
  fc.record({ op: fc.constantFrom('add', 'replace', 'test'), path, value: json }),
  fc.record({ op: fc.constant('remove'), path }),
  fc.record({ op: fc.constantFrom('move', 'copy'), from: path, path }),
);

describe('a JSON patch', () => {
  it('does what it does in Go', () => {
    for (const { document, patch: operations, result, why } of vectors(
      'json-patches.json',
    ) as readonly Vector[]) {
      expect([operations, patch(document, ...operations)]).toEqual([operations, why ?? result]);
    }
  });

  it('reaches list entries by index, from the end, and behind it', () => {
    const document = { list: [1, 2, 3] };
    expect(patch(document, { op: 'add', path: '/list/-', value: 4 })).toEqual({ list: [1, 2, 3, 4] });
    expect(patch(document, { op: 'add', path: '/list/-1', value: 4 })).toEqual({ list: [1, 2, 3, 4] });
    expect(patch(document, { op: 'remove', path: '/list/-1' })).toEqual({ list: [1, 2] });
    expect(patch(document, { op: 'replace', path: '/list/0', value: 9 })).toEqual({ list: [9, 2, 3] });
    expect(patch(document, { op: 'add', path: '/list/5', value: 9 })).toBe('INVALID');
    expect(patch(document, { op: 'remove', path: '/list/x' })).toBe('INVALID');
  });

  it('makes no parents, and needs what it removes or replaces', () => {
    expect(patch({}, { op: 'add', path: '/a/b', value: 1 })).toBe('MISSING');
    expect(patch({}, { op: 'remove', path: '/a' })).toBe('MISSING');
    expect(patch({}, { op: 'replace', path: '/a', value: 1 })).toBe('MISSING');
  });

  it('tells a test that fails from a way that ends', () => {
    expect(patch({ a: 1 }, { op: 'test', path: '/a', value: 2 })).toBe('TEST_FAILED');
    expect(patch({ a: 1 }, { op: 'test', path: '/b', value: 2 })).toBe('TEST_FAILED');
    expect(patch({ a: 1 }, { op: 'test', path: '/b/c', value: 2 })).toBe('MISSING');
    expect(patch({ a: 1 }, { op: 'test', path: '/b', value: null })).toEqual({ a: 1 });
  });

  it('is applied as a whole or not at all', () => {
    const document = { a: 1 };
    expect(patch(document, { op: 'add', path: '/b', value: 1 }, { op: 'remove', path: '/c' })).toBe(
      'MISSING',
    );
    expect(document).toEqual({ a: 1 });
  });

  it('reads slashes and tildes in keys', () => {
    expect(pointerKeys('/metadata/annotations/a~1b~01')).toEqual(['metadata', 'annotations', 'a/b~1']);
    expect(patch({ 'a/b': 1 }, { op: 'remove', path: '/a~1b' })).toEqual({});
    expect(patch({ a: 1 }, { op: 'remove', path: 'a' })).toBe('INVALID');
  });

  it('moves and copies large numbers as the very objects they came in', () => {
    const moved = applyJsonPatch({ a: big }, [{ op: 'move', from: '/a', path: '/b' }]);
    expect(moved.ok && at(moved.value, 'b')).toBe(big);
  });

  it('does not grow without bound by copying itself into itself', () => {
    const doubling = Array.from({ length: 60 }, (_, i): PatchOperation => ({
      op: 'copy',
      from: '',
      path: `/k${i}`,
    }));
    expect(patch({ a: 1 }, ...doubling)).toBe('INVALID');
  });

  it('never throws and never changes the document, whatever both are', () => {
    fc.assert(
      fc.property(json, fc.array(operation, { maxLength: 4 }), (document, operations) => {
        const before = structuredClone(document);
        expect(applyJsonPatch(frozen(document), operations)).toHaveProperty('ok');
        expect(document).toEqual(before);
      }),
      { numRuns: 2000 },
    );
  });

  it('gives the document back when what was added is removed again', () => {
    fc.assert(
      fc.property(fc.array(json, { maxLength: 4 }), fc.nat(4), json, (list, at, value) => {
        const document = { spec: { list } };
        const path = `/spec/list/${Math.min(at, list.length)}`;
        expect(patch(document, { op: 'add', path, value }, { op: 'remove', path })).toEqual(document);
      }),
    );
    fc.assert(
      fc.property(fc.dictionary(key, json), key, json, (map, name, value) => {
        const { [name]: _taken, ...rest } = map;
        const path = `/spec${pointer([name])}`;
        const added = patch({ spec: rest }, { op: 'add', path, value }, { op: 'test', path, value });
        expect(patch(added, { op: 'remove', path })).toEqual({ spec: rest });
      }),
    );
  });
});
