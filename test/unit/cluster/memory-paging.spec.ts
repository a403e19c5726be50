import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMemoryCluster } from '../../../src/cluster/memory.js';
import { accepted, body, names, secrets, soon } from '../../contract/cluster-fixture.js';

const filled = async (count: number, expireContinueAfter: number) => {
  const cluster = createMemoryCluster({ expireContinueAfter });
  const create = async (name: string) =>
    accepted(await cluster.create(secrets, 'default', body(secrets, name), { signal: soon() }));
  for (let i = 0; i < count; i += 1) await create(`s-${String(i).padStart(3, '0')}`);
  return { cluster, create };
};

describe('a list whose continue token expires', () => {
  test('goes on in a new moment, after the last item it has shown', async () => {
    const { cluster, create } = await filled(6, 1);
    const shown: string[][] = [];
    const versions = new Set<string>();
    for await (const page of cluster.list(secrets, { namespace: 'default', pageSize: 2, signal: soon() })) {
      shown.push(names(page.items));
      versions.add(page.resourceVersion);
      if (shown.length === 1) {
        await create('s-000-before');
        await create('s-004-after');
      }
    }
    expect(shown).toEqual([['s-000', 's-001'], ['s-002', 's-003'], ['s-004', 's-004-after'], ['s-005']]);
    expect(versions.size).toBe(2);
  });

  test('never loses an old item and shows none twice, whatever is written in between', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 4 }),
        async (pageSize, expireAfter) => {
          const { cluster, create } = await filled(12, expireAfter);
          const shown: string[] = [];
          for await (const page of cluster.list(secrets, {
            namespace: 'default',
            pageSize,
            signal: soon(),
          })) {
            shown.push(...names(page.items));
            await create(`s-${String(shown.length % 12).padStart(3, '0')}-new-${shown.length}`);
          }
          expect(new Set(shown).size).toBe(shown.length);
          expect(shown.filter((name) => !name.includes('new'))).toHaveLength(12);
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('a list that is stopped', () => {
  test('ends with a fault between two pages', async () => {
    const { cluster } = await filled(6, Infinity);
    const abort = new AbortController();
    const read = async () => {
      for await (const _page of cluster.list(secrets, { pageSize: 2, signal: abort.signal })) abort.abort();
    };
    await expect(read()).rejects.toMatchObject({ code: 'LB_ABORTED' });
  });
});
