import { describe, expect, test, vi } from 'vitest';
import { listPages } from '../../../src/cluster/list.js';
import { type ListPage } from '../../../src/cluster/port.js';
import { readMetadata } from '../../../src/cluster/rawjson.js';
import { answer, configMaps, hang, impatient, listOf, never, serve, status } from './api-server.js';

const namesOf = (pages: readonly ListPage[]): string[][] =>
  pages.map((page) => page.items.map((item) => readMetadata(item).name));

const collect = async (pages: AsyncIterable<ListPage>): Promise<ListPage[]> => {
  const all: ListPage[] = [];
  for await (const page of pages) all.push(page);
  return all;
};

const page = (names: readonly string[], token?: string, resourceVersion = '10') =>
  answer(200, listOf(names, { resourceVersion, ...(token === undefined ? {} : { continue: token }) }));
const expired = (token?: string) =>
  answer(410, status(410, 'Expired', token === undefined ? {} : { metadata: { continue: token } }));

describe('pages', () => {
  test('follow each other by their token, with the selectors on each', async () => {
    const server = await serve(page(['a', 'b'], 'one'), page(['c'], 'two'), page(['d']));
    const pages = await collect(
      listPages(impatient(server.url), configMaps, {
        namespace: 'shop',
        labelSelector: 'x=y',
        fieldSelector: 'f=g',
        pageSize: 2,
        signal: never(),
      }),
    );
    expect(namesOf(pages)).toEqual([['a', 'b'], ['c'], ['d']]);
    expect(server.calls.map((call) => call.url.searchParams.get('continue'))).toEqual([null, 'one', 'two']);
    expect(server.calls.map((call) => call.url.pathname)).toEqual(
      Array(3).fill('/api/v1/namespaces/shop/configmaps'),
    );
    expect(
      server.calls.map((call) => call.url.search.includes('labelSelector=x%3Dy&fieldSelector=f%3Dg')),
    ).toEqual([true, true, true]);
  });

  test('come with type and kind in each item and the version of their snapshot', async () => {
    const server = await serve(page(['a']));
    const [only] = await collect(listPages(impatient(server.url), configMaps, { signal: never() }));
    expect(only?.resourceVersion).toBe('10');
    expect(only?.items[0]?.toString()).toMatch(/^\{"apiVersion":"v1","kind":"ConfigMap","metadata":/);
    expect(server.calls[0]?.url.searchParams.get('limit')).toBe('500');
  });

  test('an empty list is one empty page', async () => {
    const server = await serve(page([]));
    expect(namesOf(await collect(listPages(impatient(server.url), configMaps, { signal: never() })))).toEqual(
      [[]],
    );
  });

  test('the next page is under way while the reader works on one, and no more than that', async () => {
    const server = await serve(page(['a'], 'one'), page(['b'], 'two'), page(['c'], 'three'), page(['d']));
    const reader = listPages(impatient(server.url), configMaps, { signal: never() })[Symbol.asyncIterator]();
    await reader.next();
    await vi.waitFor(() => expect(server.calls).toHaveLength(2));
    await reader.next();
    await vi.waitFor(() => expect(server.calls).toHaveLength(3));
    await reader.return?.();
    expect(server.calls).toHaveLength(3);
  });
});

describe('a token that expires half-way', () => {
  test('is followed by the one the server offers', async () => {
    const server = await serve(
      page(['a', 'b'], 'one'),
      expired('further'),
      page(['c'], 'two', '20'),
      page(['d'], undefined, '20'),
    );
    const pages = await collect(listPages(impatient(server.url), configMaps, { signal: never() }));
    expect(namesOf(pages)).toEqual([['a', 'b'], ['c'], ['d']]);
    expect(pages.map((one) => one.resourceVersion)).toEqual(['10', '20', '20']);
    expect(server.calls.map((call) => call.url.searchParams.get('continue'))).toEqual([
      null,
      'one',
      'further',
      'two',
    ]);
  });

  test('without an offer the list begins again and nothing comes twice or is lost', async () => {
    const server = await serve(
      page(['a', 'b'], 'one'),
      page(['c', 'd'], 'two'),
      expired(),
      page(['a', 'b'], 'three', '20'),
      page(['bb', 'c', 'd'], 'four', '20'),
      page(['e'], undefined, '20'),
    );
    const pages = await collect(listPages(impatient(server.url), configMaps, { signal: never() }));
    expect(namesOf(pages)).toEqual([['a', 'b'], ['c', 'd'], ['bb'], ['e']]);
  });

  test('again and again without getting any further is a fault', async () => {
    const server = await serve(page(['a'], 'one'), expired('x'));
    const all = collect(listPages(impatient(server.url), configMaps, { signal: never() }));
    await expect(all).rejects.toMatchObject({ code: 'LB_CLUSTER_EXPIRED' });
    expect(server.calls.length).toBeLessThan(10);
  });
});

describe('a list that cannot be had', () => {
  test('for want of rights names verb and resource', async () => {
    const server = await serve(answer(403, status(403, 'Forbidden')));
    const all = collect(listPages(impatient(server.url), configMaps, { signal: never() }));
    await expect(all).rejects.toMatchObject({
      code: 'LB_CLUSTER_DENIED',
      detail: expect.stringContaining('list configmaps') as string,
    });
  });

  test('because a later page fails throws when that page is asked for, not before', async () => {
    const server = await serve(page(['a'], 'one'), answer(400, status(400, 'BadRequest')));
    const reader = listPages(impatient(server.url), configMaps, { signal: never() })[Symbol.asyncIterator]();
    expect(namesOf([(await reader.next()).value as ListPage])).toEqual([['a']]);
    await vi.waitFor(() => expect(server.calls).toHaveLength(2));
    await expect(reader.next()).rejects.toMatchObject({ code: 'LB_CLUSTER_REFUSED' });
  });

  test('because it was stopped is LB_ABORTED', async () => {
    const server = await serve(page(['a'], 'one'), hang);
    const abort = new AbortController();
    const all = collect(listPages(impatient(server.url), configMaps, { signal: abort.signal }));
    await vi.waitFor(() => expect(server.calls).toHaveLength(2));
    abort.abort();
    await expect(all).rejects.toMatchObject({ code: 'LB_ABORTED' });
  });

  test('a reader can leave while the server is silent', async () => {
    const server = await serve(hang);
    const reader = listPages(impatient(server.url), configMaps, { signal: never() })[Symbol.asyncIterator]();
    const waiting = reader.next();
    await vi.waitFor(() => expect(server.calls).toHaveLength(1));
    await reader.return?.();
    await expect(waiting).rejects.toMatchObject({ code: 'LB_ABORTED' });
  });
});
