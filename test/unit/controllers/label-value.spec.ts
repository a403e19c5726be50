import { expect, it } from 'vitest';
import { labelValue } from '../../../src/controllers/label-value.js';

it.each([
  ['default', 'default'],
  ['', ''],
  ['a'.repeat(63), 'a'.repeat(63)],
  ['a'.repeat(64), `${'a'.repeat(57)}ffe054`],
  [
    'the-really-long-location-name-that-is-much-more-than-63-characters',
    'the-really-long-location-name-that-is-much-more-than-63-c69e779',
  ],
])('the label for the name %s is %s, as Velero has it', (name, value) => {
  expect(labelValue(name)).toBe(value);
  expect(labelValue(name).length).toBeLessThanOrEqual(63);
});
