import { Readable } from 'node:stream';
import { Fault } from '../faults.js';
import { sourceOf, type Source } from './body.js';
import { checkAborted, checkKey, compareKeys } from './keys.js';
import { type Listed, type ObjectStore } from './port.js';

interface Stored {
  readonly bytes: Buffer;
  readonly modified: Date;
}

const readAll = async (source: Source, doing: string, signal: AbortSignal | undefined): Promise<Buffer> => {
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of source.chunks()) pieces.push(piece);
  } catch (error) {
    checkAborted(signal, doing);
    throw error;
  } finally {
    source.close();
  }
  checkAborted(signal, doing);
  return Buffer.concat(pieces);
};

/** The next level of sorted keys under a prefix, or all of them: what S3 answers to a listing. */
const listed = function* (
  objects: ReadonlyMap<string, Stored>,
  prefix: string,
  delimiter?: '/',
): Generator<Listed> {
  let last: string | undefined;
  for (const key of [...objects.keys()].filter((k) => k.startsWith(prefix)).sort(compareKeys)) {
    const end = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
    const stored = objects.get(key);
    if (end >= 0) {
      const common = key.slice(0, end + 1);
      if (common !== last) yield { kind: 'prefix', prefix: common };
      last = common;
    } else if (stored !== undefined) {
      yield { kind: 'object', key, size: stored.bytes.length, modified: stored.modified };
    }
  }
};

/** An object storage that lives as long as the process: for tests and for a server that keeps nothing. */
export const createMemoryObjectStore = (options: { readonly presignBase?: string } = {}): ObjectStore => {
  const objects = new Map<string, Stored>();
  const base = options.presignBase ?? 'memory://store';
  return {
    async put(key, body, { ifAbsent = false, signal } = {}) {
      const doing = `writing ${key}`;
      checkKey(key);
      const bytes = await readAll(sourceOf(body, signal), doing, signal);
      if (ifAbsent && objects.has(key)) return 'exists';
      objects.set(key, { bytes, modified: new Date() });
      return 'stored';
    },
    async get(key, signal) {
      await Promise.resolve();
      checkAborted(signal, `reading ${key}`);
      const stored = objects.get(key);
      // One piece of an object at a time, as a network gives it.
      return (
        stored && {
          size: stored.bytes.length,
          modified: stored.modified,
          body: Readable.from(pieces(stored.bytes), { objectMode: false }),
        }
      );
    },
    async head(key, signal) {
      await Promise.resolve();
      checkAborted(signal, `looking at ${key}`);
      const stored = objects.get(key);
      return stored && { size: stored.bytes.length, modified: stored.modified };
    },
    async *list(prefix, { delimiter, signal } = {}) {
      await Promise.resolve();
      for (const entry of listed(new Map(objects), prefix, delimiter)) {
        checkAborted(signal, `listing ${prefix}`);
        yield entry;
      }
    },
    async delete(key, signal) {
      await Promise.resolve();
      checkAborted(signal, `deleting ${key}`);
      objects.delete(key);
    },
    async presign(key, seconds) {
      await Promise.resolve();
      if (!(seconds > 0)) throw new Fault('LB_STORE_REFUSED', 'a link has to be valid for more than 0 s');
      return `${base}/${key.split('/').map(encodeURIComponent).join('/')}?seconds=${seconds}`;
    },
    close: () => undefined,
  };
};

const PIECE = 64 * 1024;

const pieces = function* (bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
};
