import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/domain/json.js';
import { mergePatch } from '../../../src/domain/merge-patch.js';
import { frozen, vectors } from './resource-modifiers/vectors.js';

interface Vector {
  readonly document: JsonObject;
  readonly patch: JsonObject;
  readonly result: JsonObject;
}

const object = fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), fc.jsonValue({ maxDepth: 3 }));

describe('a merge patch', () => {
  it('does what it does in Go', () => {
    for (const { document, patch, result } of vectors('merge-patches.json') as readonly Vector[]) {
      expect([document, patch, mergePatch(document, patch)]).toEqual([document, patch, result]);
    }
  });

  it('removes by null, goes into maps and replaces lists', () => {
    const object = { a: { x: 1, y: 2 }, list: [1, 2], gone: 1 };
    const patch = { a: { x: null, z: 3 }, list: [3], gone: null };
    expect(mergePatch(object, patch)).toEqual({ a: { y: 2, z: 3 }, list: [3] });
  });

  it('keeps large numbers as the very objects they came in', () => {
    const big = { isLosslessNumber: true, value: '9007199254740993' };
    const merged = mergePatch({ a: big, b: 1 }, { b: big });
    expect(merged['a']).toBe(big);
    expect(merged['b']).toBe(big);
  });

  it('never changes what it is given, and leaves alone what it does not name', () => {
    fc.assert(
      fc.property(object, object, (target, patch) => {
        const merged = mergePatch(frozen(target), frozen(patch));
        for (const key of new Set([...Object.keys(target), ...Object.keys(patch)])) {
          const named = Object.hasOwn(patch, key);
          if (!named) expect(merged[key]).toBe(target[key]);
          else expect(Object.hasOwn(merged, key)).toBe(patch[key] !== null);
        }
      }),
    );
  });
});
