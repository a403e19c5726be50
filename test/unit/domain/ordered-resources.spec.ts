import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namesInOrder } from '../../../src/domain/ordered-resources.js';

describe('the order that a backup asks for', () => {
  it('is that of the list, with the namespace before the slash', () => {
    expect(namesInOrder({ pods: 'ns/b,ns/a' }, 'pods')).toEqual([
      { namespace: 'ns', name: 'b' },
      { namespace: 'ns', name: 'a' },
    ]);
  });

  it('names cluster-scoped objects without a slash', () => {
    expect(namesInOrder({ persistentvolumes: 'disk-2,disk-1' }, 'persistentvolumes')).toEqual([
      { name: 'disk-2' },
      { name: 'disk-1' },
    ]);
  });

  it('does not mind blanks, empty entries and doubles', () => {
    expect(namesInOrder({ pods: ' ns/b , ns/a,, ns/b' }, 'pods')).toEqual([
      { namespace: 'ns', name: 'b' },
      { namespace: 'ns', name: 'a' },
    ]);
  });

  it('says nothing about other kinds, and nothing where it is absent', () => {
    expect(namesInOrder({ pods: 'ns/a' }, 'configmaps')).toEqual([]);
    expect(namesInOrder({ pods: 'ns/a' }, 'constructor')).toEqual([]);
    expect(namesInOrder(undefined, 'pods')).toEqual([]);
    expect(namesInOrder(null, 'pods')).toEqual([]);
  });

  it('is read from any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const { name, namespace } of namesInOrder({ pods: text }, 'pods'))
          expect(`${namespace ?? ''}${name}`).not.toContain(',');
      }),
    );
  });
});
