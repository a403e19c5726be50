import { Fault } from '../faults.js';
import type { ObjectStore } from '../objectstore/port.js';

/** Sidecar files are small; one beyond this is not ours and not Velero's. */
const MAX_BYTES = 256 << 20;

/** A small object as a whole; undefined if there is none. A larger one than any sidecar may be is a fault, not an out-of-memory. */
export const readObject = async (
  store: ObjectStore,
  key: string,
  signal: AbortSignal,
): Promise<Buffer | undefined> => {
  const found = await store.get(key, signal);
  if (!found) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of found.body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BYTES)
      throw new Fault('LB_BACKUP_FILE_DAMAGED', `${key} is larger than any such file can be`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
};
