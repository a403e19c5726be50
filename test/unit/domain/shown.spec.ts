import { describe, expect, it } from 'vitest';
import { shown } from '../../../src/domain/shown.js';

describe('a text of a user in a message', () => {
  it('stands there whole, unless it is long', () => {
    expect(shown('shop')).toBe('shop');
    expect(shown('x'.repeat(120))).toBe('x'.repeat(120));
    expect(shown('x'.repeat(121))).toBe(`${'x'.repeat(120)}…`);
  });

  it('is not cut within a character', () => {
    expect(shown('a😀😀', 4)).toBe('a😀…');
    expect(shown('a😀😀', 2)).toBe('a…');
  });
});
