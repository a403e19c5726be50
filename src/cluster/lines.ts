import { Fault } from '../faults.js';

/** Larger than any object etcd takes by far; a line beyond it is no watch event. */
const MAX_LINE_BYTES = 64 << 20;

/** Cuts a byte stream at line feeds; empty lines are left out, and so is a last line that has no end. */
export async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let parts: Buffer[] = [];
  let held = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(0x0a); at !== -1; at = chunk.indexOf(0x0a, from)) {
      const tail = chunk.subarray(from, at);
      const line = parts.length === 0 ? tail : Buffer.concat([...parts, tail]);
      parts = [];
      held = 0;
      from = at + 1;
      if (line.length > 0) yield line;
    }
    if (from < chunk.length) parts.push(chunk.subarray(from));
    held += chunk.length - from;
    if (held > MAX_LINE_BYTES) throw new Fault('LB_CLUSTER_PROTOCOL', 'a watch event does not end');
  }
}
