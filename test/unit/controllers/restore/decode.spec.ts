import { describe, expect, it } from 'vitest';
import { decodeItem } from '../../../../src/controllers/restore/decode.js';

const nested = (levels: number): Buffer =>
  Buffer.from(
    `{"kind":"Boat","metadata":{"name":"a"},"spec":${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}}`,
  );

describe('an item of an archive', () => {
  it('is read if it is an object with a kind', () => {
    expect(decodeItem(Buffer.from('{"kind":"Boat"}'))).toEqual({ kind: 'Boat' });
  });

  it.each(['', 'null', '[]', '7', '{"kind":""}', '{"metadata":{}}', '{"kind":"Boat"'])(
    'is nothing anybody can tell if it is %s',
    (text) => {
      expect(decodeItem(Buffer.from(text))).toBeUndefined();
    },
  );

  it('may nest as deep as anything in Kubernetes does, and not without measure', () => {
    expect(decodeItem(nested(500))).toBeDefined();
    expect(decodeItem(nested(2_000))).toBeUndefined();
    expect(decodeItem(nested(500_000))).toBeUndefined();
  });
});
