import { Fault } from '../../faults.js';
import type { ObjectStore } from '../../objectstore/port.js';
import { sideBySide, takingFrom } from '../side-by-side.js';

const PAGE = 1_000;
const AT_ONCE = 16;

const firstKeys = async (
  store: ObjectStore,
  prefix: string,
  signal: AbortSignal,
): Promise<readonly string[]> => {
  const keys: string[] = [];
  for await (const entry of store.list(prefix, { signal })) {
    if (entry.kind === 'object') keys.push(entry.key);
    if (keys.length === PAGE) break;
  }
  return keys;
};

/**
 * Deletes every object under a directory of the bucket, which ends with a slash. Faults are those of the store; `LB_STORE_REFUSED`
 * if it takes a deletion and then still has the object, as a bucket under a retention rule may.
 */
export const removeUnder = async (
  store: ObjectStore,
  directory: string,
  signal: AbortSignal,
): Promise<void> => {
  const removed = new Set<string>();
  for (;;) {
    const keys = await firstKeys(store, directory, signal);
    if (keys.length === 0) return;
    const kept = keys.find((key) => removed.has(key));
    if (kept !== undefined)
      throw new Fault(
        'LB_STORE_REFUSED',
        `${kept} is still there after it was deleted; look at the rules of the bucket`,
      );
    await sideBySide(takingFrom(keys), AT_ONCE, (key) => store.delete(key, signal));
    for (const key of keys) removed.add(key);
  }
};
