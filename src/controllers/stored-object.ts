import { readBounded } from '../archive/bounded.js';
import type { ObjectStore } from '../objectstore/port.js';

/** A small object as a whole; undefined if there is none. A larger one than any sidecar may be is a fault, not an out-of-memory. */
export const readObject = async (
  store: ObjectStore,
  key: string,
  signal: AbortSignal,
): Promise<Buffer | undefined> => {
  const found = await store.get(key, signal);
  return found && readBounded(found.body, key, { signal });
};
