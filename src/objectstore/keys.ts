import { Fault } from '../faults.js';

/** The longest key S3 takes, in bytes of UTF-8. */
const MAX_KEY_BYTES = 1024;

/** Byte order of UTF-8, the order of every listing. JavaScript's own `<` orders by UTF-16 units and differs beyond U+FFFF. */
export const compareKeys = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const problemOf = (key: string): string | undefined => {
  if (key === '') return 'it is empty';
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) return `it is longer than ${MAX_KEY_BYTES} bytes`;
  if (key.includes('\0')) return 'it holds a NUL';
  if (Buffer.from(key).toString() !== key) return 'it is not valid Unicode';
  const segments = key.split('/');
  if (segments.includes('')) return 'it has an empty segment, or a slash at an end';
  if (segments.includes('.') || segments.includes('..')) return 'it has a segment `.` or `..`';
  return undefined;
};

/**
 * Refuses what not every object storage can hold, so that a backup can be copied from any one to any other, and
 * so that a key can never lead out of a folder. Fault: `LB_STORE_REFUSED`.
 */
export const checkKey = (key: string): void => {
  const problem = problemOf(key);
  if (problem !== undefined)
    throw new Fault('LB_STORE_REFUSED', `the key ${JSON.stringify(key)} cannot be used: ${problem}`);
};

/** Fault `LB_ABORTED` if the signal has fired. */
export const checkAborted = (signal: AbortSignal | undefined, doing: string): void => {
  if (signal?.aborted === true) throw new Fault('LB_ABORTED', doing);
};
