import type { Page, RowCursor, Slice } from '../projections/rows.js';
import { coded } from './errors.js';

export const DEFAULT_PAGE = 20;
export const LARGEST_PAGE = 100;

/** A Relay connection. `total` runs its query only if somebody asks. */
export interface Connection<T> {
  readonly edges: readonly { readonly cursor: string; readonly node: T }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly total: () => number;
}

type Given<T> = T | null | undefined;

export interface PageArgs {
  readonly first?: Given<number>;
  readonly after?: Given<string>;
  readonly last?: Given<number>;
  readonly before?: Given<string>;
}

/** How a kind of cursor is written into an opaque text and read back. */
export interface CursorCodec<C> {
  readonly write: (cursor: C) => string;
  readonly read: (text: string) => C | undefined;
}

const toBase64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64url');
const fromBase64 = (text: string): string => Buffer.from(text, 'base64url').toString('utf8');

/** The order is part of a row cursor: in another order the same text would point somewhere else. */
export const rowCursors = (order: string): CursorCodec<RowCursor> => ({
  write: ({ value, stream }) => toBase64(JSON.stringify([order, value, stream])),
  read: (text) => {
    try {
      const parsed: unknown = JSON.parse(fromBase64(text));
      if (!Array.isArray(parsed)) return undefined;
      const [written, value, stream] = parsed as readonly unknown[];
      if (written !== order || typeof value !== 'string' || typeof stream !== 'string') return undefined;
      return { value, stream };
    } catch {
      return undefined;
    }
  },
});

export const positionCursors: CursorCodec<bigint> = {
  write: (position) => toBase64(`at:${position}`),
  read: (text) => {
    const digits = /^at:(-?\d{1,19})$/.exec(fromBase64(text))?.[1];
    return digits === undefined ? undefined : BigInt(digits);
  },
};

const sizeOf = (name: string, size: Given<number>): number | undefined => {
  if (size === null || size === undefined) return undefined;
  if (size < 0 || size > LARGEST_PAGE)
    throw coded('BAD_USER_INPUT', `${name} is between 0 and ${LARGEST_PAGE}`);
  return size;
};

const cursorOf = <C>(name: string, text: Given<string>, codec: CursorCodec<C>): C | undefined => {
  if (text === null || text === undefined) return undefined;
  const cursor = codec.read(text);
  if (cursor === undefined)
    throw coded('BAD_USER_INPUT', `${name} is not a cursor of this list in this order`);
  return cursor;
};

/** The slice that the arguments of a list ask for. Errors `BAD_USER_INPUT`: sizes out of bounds, foreign cursors. */
export const sliceOf = <C>(args: PageArgs, codec: CursorCodec<C>): Slice<C> => {
  const first = sizeOf('first', args.first);
  const last = sizeOf('last', args.last);
  if (first !== undefined && last !== undefined)
    throw coded('BAD_USER_INPUT', 'give first or last, not both');
  const after = cursorOf('after', args.after, codec);
  const before = cursorOf('before', args.before, codec);
  return {
    limit: first ?? last ?? DEFAULT_PAGE,
    fromEnd: last !== undefined,
    ...(after !== undefined && { after }),
    ...(before !== undefined && { before }),
  };
};

/** Wraps a page that was read for a slice. */
export const connectionOf = <T, C>(
  slice: Slice<C>,
  page: Page<T>,
  write: (item: T) => string,
  total: () => number,
): Connection<T> => {
  const edges = page.items.map((node) => ({ cursor: write(node), node }));
  return {
    edges,
    pageInfo: {
      // What lies beyond a cursor is not counted again: the one who has the cursor came from there.
      hasNextPage: slice.fromEnd === true ? slice.before !== undefined : page.more,
      hasPreviousPage: slice.fromEnd === true ? page.more : slice.after !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    total,
  };
};
