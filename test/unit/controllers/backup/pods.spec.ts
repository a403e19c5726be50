import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blocksOf, type StagedPod } from '../../../../src/controllers/backup/pods.js';

const pod = (name: string, ...claims: readonly string[]): StagedPod => ({ namespace: 'shop', name, claims });
const names = (pods: readonly StagedPod[]) =>
  blocksOf(pods).map((block) => block.map(({ name }) => name).sort());

describe('pods with hooks', () => {
  it('are archived each by itself when they share no volume', () => {
    expect(names([pod('a', 'x'), pod('b', 'y'), pod('c')])).toEqual([['a'], ['b'], ['c']]);
  });

  it('are archived together when they mount the same claim', () => {
    expect(names([pod('a', 'x'), pod('b', 'y'), pod('c', 'x')])).toEqual([['a', 'c'], ['b']]);
  });

  it('are archived together when a third one joins their claims', () => {
    expect(names([pod('a', 'x'), pod('b', 'y'), pod('c', 'z'), pod('d', 'y', 'x')])).toEqual([
      ['a', 'b', 'd'],
      ['c'],
    ]);
  });

  it('are in exactly one block each, and two blocks never share a claim', () => {
    const claims = fc.uniqueArray(fc.constantFrom('v', 'w', 'x', 'y', 'z'), { maxLength: 3 });
    fc.assert(
      fc.property(fc.array(claims, { maxLength: 12 }), (lists) => {
        const pods = lists.map((list, i) => pod(`p${i}`, ...list));
        const blocks = blocksOf(pods);
        expect(
          blocks
            .flat()
            .map(({ name }) => name)
            .sort(),
        ).toEqual(pods.map(({ name }) => name).sort());
        const held = blocks.map((block) => new Set(block.flatMap((one) => one.claims)));
        const all = held.flatMap((set) => [...set]);
        expect(new Set(all).size).toBe(all.length);
      }),
    );
  });

  it('are together only for a reason: every block hangs together by claims', () => {
    const claims = fc.uniqueArray(fc.constantFrom('v', 'w', 'x', 'y', 'z'), { maxLength: 2 });
    fc.assert(
      fc.property(fc.array(claims, { maxLength: 12 }), (lists) => {
        for (const block of blocksOf(lists.map((list, i) => pod(`p${i}`, ...list)))) {
          const reached = new Set(block.slice(0, 1));
          const known = new Set(block[0]?.claims);
          for (let grew = true; grew;) {
            grew = false;
            for (const one of block) {
              if (reached.has(one) || !one.claims.some((claim) => known.has(claim))) continue;
              reached.add(one);
              for (const claim of one.claims) known.add(claim);
              grew = true;
            }
          }
          expect(reached.size).toBe(block.length);
        }
      }),
    );
  });
});
