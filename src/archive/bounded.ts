import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Fault, isFault, messageOf } from '../faults.js';

/** No file beside the archive is larger than this, packed or unpacked. */
export const MAX_FILE_BYTES = 256 << 20;

/**
 * A whole file of a backup in memory. `name` is for messages. Faults: `LB_BACKUP_FILE_DAMAGED` above `maxBytes`, `LB_ABORTED`, the
 * source's own; a source that fails with anything else is `LB_STORE_UNREACHABLE`. The source is consumed or destroyed.
 */
export const readBounded = async (
  source: Readable,
  name: string,
  options: { readonly signal?: AbortSignal; readonly maxBytes?: number } = {},
): Promise<Buffer> => {
  const { signal, maxBytes = MAX_FILE_BYTES } = options;
  const chunks: Buffer[] = [];
  let size = 0;
  const collect = async (body: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of body) {
      size += chunk.length;
      if (size > maxBytes)
        throw new Fault('LB_BACKUP_FILE_DAMAGED', `${name}: it has more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
  };
  try {
    await pipeline(source, collect, signal ? { signal } : {});
  } catch (error) {
    if (signal?.aborted) throw new Fault('LB_ABORTED', `reading ${name} was stopped`, { cause: error });
    if (isFault(error)) throw error;
    throw new Fault('LB_STORE_UNREACHABLE', `${name} stopped coming: ${messageOf(error)}`, { cause: error });
  }
  return Buffer.concat(chunks, size);
};
