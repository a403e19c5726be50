import { describe, expect, it } from 'vitest';
import {
  at,
  listAt,
  mapList,
  numberOf,
  objectAt,
  put,
  sameJson,
  textAt,
  without,
} from '../../../src/domain/json.js';

const big = { isLosslessNumber: true, value: '9007199254740993' };

describe('a parsed Kubernetes object', () => {
  it('gives what is at a path, and nothing where the path ends early', () => {
    const object = { a: { b: { c: 'x' } }, list: [1] };
    expect(at(object, 'a', 'b', 'c')).toBe('x');
    expect(at(object, 'a', 'x', 'c')).toBeUndefined();
    expect(at(object, 'a', 'constructor')).toBeUndefined();
    expect(textAt(object, 'a', 'b')).toBe('');
    expect(objectAt(object, 'list')).toEqual({});
    expect(listAt(object, 'a')).toEqual([]);
  });

  it('is never changed: put gives a copy', () => {
    const object = Object.freeze({ spec: Object.freeze({ a: 1, n: big }) });
    expect(put(object, ['spec', 'a'], 2)).toEqual({ spec: { a: 2, n: big } });
    expect(put(object, ['spec', 'x', 'y'], 2)).toEqual({ spec: { a: 1, n: big, x: { y: 2 } } });
    expect(put(object, ['spec', 'a'], undefined)).toEqual({ spec: { n: big } });
    expect(put(object, ['status', 'x'], undefined)).toBe(object);
    expect(object).toEqual({ spec: { a: 1, n: big } });
  });

  it('keeps numbers that are too large as the very objects they came in', () => {
    const changed = put({ spec: { ports: [{ port: big }], x: 1 } }, ['spec', 'x'], 2);
    const [port] = listAt(changed, 'spec', 'ports');
    expect(at(port, 'port')).toBe(big);
    expect(numberOf(big)).toBe(Number('9007199254740993'));
    expect(at({ n: big }, 'n', 'value')).toBeUndefined();
  });

  it('keeps a key called __proto__ as a key', () => {
    const hostile = JSON.parse('{"metadata":{"labels":{"__proto__":{"admin":"x"},"a":"1"}}}') as Record<
      string,
      unknown
    >;
    const changed = put(hostile, ['metadata', 'labels', 'b'], '2');
    expect(JSON.stringify(changed)).toBe(
      '{"metadata":{"labels":{"__proto__":{"admin":"x"},"a":"1","b":"2"}}}',
    );
    expect(textAt(changed, 'admin')).toBe('');
  });

  it('keeps the order of its keys', () => {
    expect(Object.keys(put({ a: 1, b: 2, c: 3 }, ['b'], 9))).toEqual(['a', 'b', 'c']);
    expect(Object.keys(without({ a: 1, b: 2, c: 3 }, ['b']))).toEqual(['a', 'c']);
  });

  it('has every object of a list changed and other entries left', () => {
    expect(mapList({ l: [{ a: 1 }, 'x'] }, ['l'], (o) => put(o, ['a'], 2))).toEqual({ l: [{ a: 2 }, 'x'] });
  });

  it.each([
    [{ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }, true],
    [{ a: [1, 2] }, { a: [2, 1] }, false],
    [{ a: 1 }, { a: 1, b: undefined }, false],
    [{ a: null }, {}, false],
    [{ a: big }, { a: { isLosslessNumber: true, value: '9007199254740993' } }, true],
    [{ a: big }, { a: { isLosslessNumber: true, value: '9007199254740992' } }, false],
    [{ a: 5 }, { a: { isLosslessNumber: true, value: '5' } }, true],
    [[], {}, false],
  ])('%j and %j are the same: %s', (a, b, expected) => {
    expect(sameJson(a, b)).toBe(expected);
  });
});
