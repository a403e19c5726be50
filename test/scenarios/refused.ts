import { expect } from 'vitest';
import type { World } from './world.js';

/** Asks for what cannot be: it is refused, and `told` is all that is said. */
export const expectRefused = async (
  world: World,
  kind: 'backup' | 'restore',
  [what, spec]: readonly [string, object],
  told: string,
): Promise<void> => {
  const name = `${kind}-${what.replace(/[^a-z0-9]+/gi, '-').toLowerCase()}x`;
  const { status } = await world[kind](name, spec);
  expect(status?.phase, what).toBe('FailedValidation');
  expect(status?.validationErrors, what).toEqual([told]);
};
