import { Fault } from '../faults.js';
import { abortable } from './abortable.js';
import { collectionPath } from './paths.js';
import { groupResource, type ListOptions, type ListPage, type ResourceType } from './port.js';
import { readMetadata, type SlicedList, sliceList } from './rawjson.js';
import { isAborted } from './retry.js';
import { parseStatus, readFault } from './status-refusal.js';
import { type Transport } from './transport.js';

const PAGE_SIZE = 500;
/** Expiries in a row without one new item in between: then no patience helps. */
const MAX_EXPIRIES = 5;

/** What came of asking for one page. `expired.continue` goes on after the last item, in a newer snapshot. */
type PageAnswer =
  | { readonly kind: 'page'; readonly list: SlicedList }
  | { readonly kind: 'expired'; readonly continue: string | undefined; readonly fault: Fault };

/**
 * The pages of a list, one being fetched while the caller works on the one before (never more, so memory stays at two pages).
 *
 * A continue token lives some five minutes. When it has expired, the API server offers one that goes on behind the last
 * delivered item in a newer snapshot; where it does not, the list begins again and what was delivered is left out by name (the
 * names are kept for that, some hundred bytes each, from the moment there is a second page). Either way later pages show a
 * later moment than earlier ones and carry their own `resourceVersion`.
 */
export const listPages = (
  transport: Transport,
  type: ResourceType,
  options: ListOptions,
): AsyncIterable<ListPage> =>
  abortable(options.signal, async function* (signal) {
    const delivered = new Set<string>();
    const ask = (token: string | undefined): Promise<PageAnswer> =>
      askPage(transport, type, options, token, signal);
    let expiries = 0;
    let restarted = false;
    let next: Promise<PageAnswer> | undefined = ask(undefined);
    for (let first = true; next !== undefined;) {
      const answer: PageAnswer = await next;
      // A page fetched ahead is not handed on after a stop: the list would look complete.
      if (isAborted(signal)) throw new Fault('LB_ABORTED', `listing ${groupResource(type)}`);
      if (answer.kind === 'expired') {
        expiries += 1;
        if (expiries > MAX_EXPIRIES) throw answer.fault;
        restarted ||= answer.continue === undefined;
        next = ask(answer.continue);
        continue;
      }
      const list: SlicedList = answer.list;
      next = list.continue === undefined ? undefined : ahead(ask(list.continue));
      const items = restarted ? list.items.filter((item) => !delivered.has(keyOf(item))) : list.items;
      if (items.length > 0) expiries = 0;
      if (next !== undefined) for (const item of items) delivered.add(keyOf(item));
      if (items.length > 0 || first) yield pageOf(list, items);
      first = false;
    }
  });

/** A page asked for before anybody waits for it: its failure is told when somebody does, not as an unhandled rejection. */
const ahead = (page: Promise<PageAnswer>): Promise<PageAnswer> => {
  page.catch(() => undefined);
  return page;
};

const keyOf = (item: Buffer): string => {
  const { namespace, name } = readMetadata(item);
  return `${namespace}/${name}`;
};

const pageOf = (list: SlicedList, items: readonly Buffer[]): ListPage => ({
  items,
  resourceVersion: list.resourceVersion,
  ...(list.remaining === undefined ? {} : { remaining: list.remaining }),
});

const askPage = async (
  transport: Transport,
  type: ResourceType,
  options: ListOptions,
  token: string | undefined,
  signal: AbortSignal,
): Promise<PageAnswer> => {
  const pageSize = options.pageSize ?? PAGE_SIZE;
  const answer = await transport.request({
    method: 'GET',
    path: collectionPath(type, options.namespace),
    query: {
      limit: pageSize === 0 ? undefined : pageSize,
      continue: token,
      labelSelector: options.labelSelector,
      fieldSelector: options.fieldSelector,
    },
    signal,
  });
  if (answer.status === 200) return { kind: 'page', list: sliceList(answer.body) };
  const fault = readFault(answer, 'list', groupResource(type));
  if (answer.status === 410) return { kind: 'expired', continue: parseStatus(answer.body)?.continue, fault };
  throw fault;
};
