import type { Cluster, ListPage, ResourceType } from '../../cluster/port.js';

export interface Listing {
  readonly cluster: Cluster;
  readonly type: ResourceType;
  /** Namespaces to take from; `*` for all. Without meaning for a cluster-scoped kind. */
  readonly namespaces: '*' | readonly string[];
  readonly labelSelector: string | undefined;
  readonly pageSize: number;
  readonly signal: AbortSignal;
}

/** From this many namespaces on, one list of the whole cluster costs less than one request for each namespace. */
const MANY_NAMESPACES = 8;

const pagesOf = (listing: Listing, namespace: string | undefined): AsyncIterable<ListPage> =>
  listing.cluster.list(listing.type, {
    ...(namespace !== undefined && { namespace }),
    ...(listing.labelSelector !== undefined && { labelSelector: listing.labelSelector }),
    pageSize: listing.pageSize,
    signal: listing.signal,
  });

/**
 * Every page that may hold objects of one kind of the backup. Objects of other namespaces can be among them: the caller
 * decides about each object anyway. Most kinds of a cluster fit into one page, and a request costs more than a page, so
 * several namespaces are taken from one list of the whole cluster, unless the kind is large and few namespaces are wanted.
 */
export async function* listKind(listing: Listing): AsyncGenerator<ListPage> {
  const { type, namespaces } = listing;
  if (!type.namespaced || namespaces === '*') {
    yield* pagesOf(listing, undefined);
    return;
  }
  const [only, ...others] = namespaces;
  if (only === undefined) return;
  if (others.length === 0) {
    yield* pagesOf(listing, only);
    return;
  }
  if (namespaces.length >= MANY_NAMESPACES || !(await isLarge(listing))) yield* pagesOf(listing, undefined);
  else for (const namespace of namespaces) yield* pagesOf(listing, namespace);
}

/** Whether the kind has more objects in the whole cluster than fit into one page. One cheap request. */
const isLarge = async (listing: Listing): Promise<boolean> => {
  for await (const page of pagesOf({ ...listing, pageSize: 1 }, undefined))
    return (page.remaining ?? 0) >= listing.pageSize;
  return false;
};
