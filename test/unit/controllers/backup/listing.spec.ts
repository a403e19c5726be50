import { describe, expect, it } from 'vitest';
import { type Cluster, type ListOptions, type ResourceType } from '../../../../src/cluster/port.js';
import { listKind, type Listing } from '../../../../src/controllers/backup/listing.js';

const PODS: ResourceType = {
  group: '',
  version: 'v1',
  resource: 'pods',
  kind: 'Pod',
  singular: 'pod',
  shortNames: ['po'],
  namespaced: true,
  verbs: ['list'],
};
const NODES: ResourceType = { ...PODS, resource: 'nodes', kind: 'Node', namespaced: false };

/** A cluster with so many objects in each namespace, which writes down what every request asks for. */
const clusterOf = (counts: Readonly<Record<string, number>>) => {
  const requests: string[] = [];
  const list: Cluster['list'] = async function* (
    _type: ResourceType,
    { namespace, pageSize = 500, labelSelector }: ListOptions,
  ) {
    const names = Object.entries(counts)
      .filter(([name]) => namespace === undefined || name === namespace)
      .flatMap(([name, count]) => Array.from({ length: count }, (_, i) => `${name}/${i}`));
    const size = pageSize === 0 ? Math.max(names.length, 1) : pageSize;
    for (let start = 0; start === 0 || start < names.length; start += size) {
      requests.push(
        `${namespace ?? '*'} ${pageSize}${labelSelector === undefined ? '' : ` ${labelSelector}`}`,
      );
      await Promise.resolve();
      const remaining = Math.max(0, names.length - start - size);
      const items = names.slice(start, start + size).map((name) => Buffer.from(name));
      // As the API server does: how many remain is left out on the last page and where a selector is given.
      yield {
        items,
        resourceVersion: '1',
        ...(remaining > 0 && labelSelector === undefined && { remaining }),
      };
    }
  };
  return { cluster: { list } as unknown as Cluster, requests };
};

const counted = async (counts: Readonly<Record<string, number>>, listing: Partial<Listing>) => {
  const { cluster, requests } = clusterOf(counts);
  const found: string[] = [];
  const { signal } = new AbortController();
  const pages = listKind({
    cluster,
    type: PODS,
    namespaces: '*',
    labelSelector: undefined,
    pageSize: 10,
    signal,
    ...listing,
  });
  for await (const page of pages) found.push(...page.items.map(String));
  return { found, requests };
};

/** What the caller would keep: it decides about every object anyway. */
const within = (found: readonly string[], namespaces: readonly string[]) =>
  found.filter((name) => namespaces.includes(name.split('/')[0] ?? '')).length;

const MANY = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`ns${i}`, 3]));

describe('the objects of one kind are listed', () => {
  it('with one request for everything, if everything is wanted', async () => {
    const { found, requests } = await counted({ a: 3, b: 4 }, { namespaces: '*' });
    expect(found).toHaveLength(7);
    expect(requests).toEqual(['* 10']);
  });

  it('with one request for a kind without namespaces, whatever namespaces are wanted', async () => {
    expect((await counted({ '': 3 }, { type: NODES, namespaces: ['a', 'b'] })).requests).toEqual(['* 10']);
    expect((await counted({ '': 3 }, { type: NODES, namespaces: [] })).found).toHaveLength(3);
  });

  it('with one request in the only namespace that is wanted', async () => {
    const { found, requests } = await counted({ a: 3, b: 400 }, { namespaces: ['a'] });
    expect([found.length, requests]).toEqual([3, ['a 10']]);
  });

  it('without any request, if no namespace is wanted', async () => {
    expect(await counted({ a: 3 }, { namespaces: [] })).toEqual({ found: [], requests: [] });
  });

  it('from one list of the whole cluster, if few namespaces of a small kind are wanted', async () => {
    const { found, requests } = await counted({ a: 3, b: 4, c: 1 }, { namespaces: ['a', 'b'] });
    expect(within(found, ['a', 'b'])).toBe(7);
    expect(requests).toEqual(['* 1', '* 10']);
  });

  it('namespace by namespace, if few namespaces of a large kind are wanted', async () => {
    const { found, requests } = await counted({ a: 3, b: 12, c: 500 }, { namespaces: ['a', 'b'] });
    expect(found).toHaveLength(15);
    expect(requests).toEqual(['* 1', 'a 10', 'b 10', 'b 10']);
  });

  it('from one list of the whole cluster, if many namespaces are wanted, and nobody asks how large the kind is', async () => {
    const namespaces = Object.keys(MANY).slice(0, 9);
    const { found, requests } = await counted(MANY, { namespaces });
    expect(within(found, namespaces)).toBe(27);
    expect(requests).toEqual(['* 10', '* 10', '* 10', '* 10']);
  });

  it('from one list, if the kind fills exactly one page', async () => {
    expect((await counted({ a: 5, b: 5 }, { namespaces: ['a', 'b'] })).requests).toEqual(['* 1', '* 10']);
    expect((await counted({ a: 5, b: 6 }, { namespaces: ['a', 'b'] })).requests).toEqual([
      '* 1',
      'a 10',
      'b 10',
    ]);
  });

  it('with all objects on one page, if the operator wants no pages', async () => {
    const { found, requests } = await counted(
      { a: 50, b: 60, c: 1 },
      { namespaces: ['a', 'b'], pageSize: 0 },
    );
    expect(within(found, ['a', 'b'])).toBe(110);
    expect(requests.every((request) => !request.endsWith(' 10'))).toBe(true);
  });

  it('with the label selector in every request', async () => {
    const { requests } = await counted({ a: 3, b: 4 }, { namespaces: ['a', 'b'], labelSelector: 'app=shop' });
    expect(requests.every((request) => request.endsWith('app=shop'))).toBe(true);
    const one = await counted({ a: 3, b: 4 }, { namespaces: ['a'], labelSelector: 'app=shop' });
    expect(one.requests).toEqual(['a 10 app=shop']);
  });
});
