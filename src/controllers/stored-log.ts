import type { Spool } from '../archive/spool.js';
import { isFault } from '../faults.js';
import type { ObjectStore } from '../objectstore/port.js';
import type { ControllerPorts } from './ports.js';

/** Puts the log of an operation into the bucket. It is for people: nothing is lost because it could not be stored. */
export const storeLog = async (
  ports: ControllerPorts,
  store: ObjectStore,
  key: string,
  log: Spool,
  signal: AbortSignal,
): Promise<void> => {
  try {
    await store.put(key, log.read(), { signal });
  } catch (error) {
    if (isFault(error, 'LB_ABORTED')) throw error;
    ports.log.warn({ err: error, key }, 'the log of an operation could not be stored');
  }
};
