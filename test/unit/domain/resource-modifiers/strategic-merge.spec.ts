import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../src/domain/json.js';
import { mergeField, rootType } from '../../../../src/domain/resource-modifiers/merge-keys.js';
import { compilePatches } from '../../../../src/domain/resource-modifiers/patches.js';
import { strategicMerge } from '../../../../src/domain/resource-modifiers/strategic-merge.js';
import { frozen, parsers, vectors } from './vectors.js';

interface Vector {
  readonly object: JsonObject;
  readonly patches: readonly JsonObject[];
  readonly result?: JsonObject;
  readonly error?: boolean;
}

const POD = { apiVersion: 'v1', kind: 'Pod' };
const merge = (object: JsonObject, patch: JsonObject, of = POD): unknown => {
  const merged = strategicMerge(frozen(object), frozen(patch), of);
  return 'problem' in merged ? merged.problem : merged.value;
};
const pod = (...containers: object[]): JsonObject => ({ ...POD, spec: { containers } });

describe('a strategic merge', () => {
  it('does what it does in Go', () => {
    for (const { object, patches, result } of vectors('strategic-patches.json') as readonly Vector[]) {
      const strategicPatches = patches.map((patch) => JSON.stringify(patch));
      const conditions = { groupResource: '', namespaces: [], resourceNameRegex: '', matches: [] };
      const rule = { conditions, patches: [], mergePatches: [], strategicPatches };
      const merged = compilePatches(rule, parsers)(frozen(object));
      expect([object, patches, 'problem' in merged ? undefined : merged.object]).toEqual([
        object,
        patches,
        result,
      ]);
    }
  });

  it('merges containers by name, and their variables by name', () => {
    const object = pod({ name: 'a', image: '1', env: [{ name: 'X', value: '1' }] }, { name: 'b' });
    const patch = { spec: { containers: [{ name: 'a', image: '2', env: [{ name: 'Y', value: '2' }] }] } };
    expect(merge(object, patch)).toEqual(
      pod(
        {
          name: 'a',
          image: '2',
          env: [
            { name: 'Y', value: '2' },
            { name: 'X', value: '1' },
          ],
        },
        { name: 'b' },
      ),
    );
  });

  it('replaces lists that have no key, and maps and lists that ask for it', () => {
    const object = {
      ...POD,
      spec: { tolerations: [{ key: 'a' }], nodeSelector: { a: '1' }, containers: [{ name: 'a' }] },
    };
    const patch = {
      spec: {
        tolerations: [{ key: 'b' }],
        nodeSelector: { $patch: 'replace', b: '2' },
        containers: [{ $patch: 'replace' }, { name: 'z' }],
      },
    };
    expect(merge(object, patch)).toEqual({
      ...POD,
      spec: { tolerations: [{ key: 'b' }], nodeSelector: { b: '2' }, containers: [{ name: 'z' }] },
    });
  });

  it('deletes entries, texts and fields when told, and puts entries in order', () => {
    const object = {
      ...pod({ name: 'a' }, { name: 'b' }, { name: 'c' }),
      metadata: { finalizers: ['x', 'y'], labels: { a: '1', b: '2' } },
    };
    const patch = {
      metadata: { '$deleteFromPrimitiveList/finalizers': ['x'], labels: { $retainKeys: ['b'] } },
      spec: {
        containers: [
          { name: 'b', $patch: 'delete' },
          { name: 'a', image: '1' },
        ],
        '$setElementOrder/containers': [{ name: 'c' }, { name: 'a' }],
      },
    };
    expect(merge(object, patch)).toEqual({
      ...pod({ name: 'c' }, { name: 'a', image: '1' }),
      metadata: { finalizers: ['y'], labels: { b: '2' } },
    });
  });

  it.each([
    ['an entry without its key', { spec: { containers: [{ image: '1' }] } }, /lacks "name"/],
    ['an unknown directive', { spec: { $patch: 'merge' } }, /neither delete nor replace/],
    ['entries of several types', { spec: { containers: ['a'] } }, /several types/],
    ['a field that retained keys do not name', { spec: { $retainKeys: ['a'], b: 1 } }, /add it there/],
    ['an order that is no list', { spec: { '$setElementOrder/containers': 1 } }, /no list/],
    ['an order of nothing', { spec: { $setElementOrder: [] } }, /names no list/],
  ])('refuses %s', (_what, patch, reason) => {
    expect(merge(pod({ name: 'a' }), patch)).toMatch(reason);
  });

  it('is for kinds of Kubernetes and Velero only', () => {
    expect(merge({ kind: 'Widget' }, {}, { apiVersion: 'example.com/v1', kind: 'Widget' })).toMatch(
      /not known; use mergePatches/,
    );
    expect(rootType({ apiVersion: 'velero.io/v1', kind: 'Backup' })).toBeDefined();
    expect(rootType({ apiVersion: 'policy/v1beta1', kind: 'PodDisruptionBudget' })).toBeDefined();
    expect(rootType({ apiVersion: 'extensions/v1beta1', kind: 'Deployment' })).toBe(
      rootType({ apiVersion: 'apps/v1', kind: 'Deployment' }),
    );
    expect(rootType({ apiVersion: 'v1', kind: 'constructor' })).toBeUndefined();
    expect(mergeField('PodSpec', 'constructor')).toEqual({ type: '', strategy: '', mergeKey: '' });
  });

  it('keeps large numbers as the very objects they came in', () => {
    const port = { isLosslessNumber: true, value: '9007199254740993' };
    const object = { ...POD, spec: { containers: [{ name: 'a', ports: [{ containerPort: port }] }] } };
    const patch = {
      spec: { containers: [{ name: 'a', ports: [{ containerPort: { ...port }, name: 'x' }] }] },
    };
    expect(merge(object, patch)).toEqual({
      ...POD,
      spec: { containers: [{ name: 'a', ports: [{ containerPort: port, name: 'x' }] }] },
    });
  });

  it('never throws and never changes what it is given, whatever the patch is', () => {
    const name = fc.constantFrom(
      'metadata',
      'spec',
      'containers',
      'env',
      'name',
      'finalizers',
      '$patch',
      '$retainKeys',
      '$setElementOrder/containers',
      '$deleteFromPrimitiveList/finalizers',
      '__proto__',
    );
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom<unknown>(null, 1, 'a', 'delete', 'replace'),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(name, tie('value'), { maxKeys: 4 }),
      ),
    }));
    const map = fc.dictionary(name, value, { maxKeys: 4 });
    fc.assert(
      fc.property(map, map, (object, patch) => {
        expect(typeof merge(object, patch)).toMatch(/^(object|string)$/);
      }),
      { numRuns: 3000 },
    );
  });
});
