import type { Readable } from 'node:stream';

/** One entry of a listing: an object, or (with a delimiter) a common prefix that ends with it. */
export type Listed =
  | { readonly kind: 'object'; readonly key: string; readonly size: number; readonly modified: Date }
  | { readonly kind: 'prefix'; readonly prefix: string };

export interface PutOptions {
  /** Only if no object has this key. The loser of two racing puts gets `exists`; nothing is overwritten. */
  readonly ifAbsent?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Keys and bytes. A put is all or nothing: readers see the old object or the new one, never a part, also after a crash.
 * Faults: `LB_STORE_UNREACHABLE`, `LB_STORE_DENIED`, `LB_STORE_BUCKET_MISSING`, `LB_STORE_REFUSED`, `LB_ABORTED`.
 * `test/contract/objectstore.ts` is the law of this port; every adapter passes it.
 */
export interface ObjectStore {
  /** `body` of unknown length is fine; a stream is read once and never held in memory as a whole. */
  put(key: string, body: Uint8Array | Readable, options?: PutOptions): Promise<'stored' | 'exists'>;
  /** The object as a stream; `undefined` if there is none. The caller consumes or destroys the stream. */
  get(
    key: string,
    signal?: AbortSignal,
  ): Promise<{ readonly size: number; readonly modified: Date; readonly body: Readable } | undefined>;
  /** Size of the object; `undefined` if there is none. */
  head(
    key: string,
    signal?: AbortSignal,
  ): Promise<{ readonly size: number; readonly modified: Date } | undefined>;
  /** Everything under a prefix in byte order of keys, page by page. With `delimiter: '/'` the next level only. */
  list(
    prefix: string,
    options?: { readonly delimiter?: '/'; readonly signal?: AbortSignal },
  ): AsyncIterable<Listed>;
  /** Deleting what is not there is fine. */
  delete(key: string, signal?: AbortSignal): Promise<void>;
  /** A URL that anyone can GET for so many seconds; a missing object answers 404 there. */
  presign(key: string, seconds: number): Promise<string>;
  close(): void;
}
