import { expect } from 'vitest';
import { perform, type Plot } from './plots.js';

const SIDES = ['before', 'after'] as const;
/** Plays at once: enough to fill the waits for the disk, few enough that each is as fast as alone. */
const AT_ONCE = 6;

const eachOf = async <T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> => {
  const iterator = items.values();
  const worker = async () => {
    for (const item of iterator) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
};

/** Learns how many effects a plot has, then lets the server die before and after each of them. */
export const dieEverywhere = async (plot: Plot): Promise<void> => {
  const { effects } = await perform(plot, () => undefined);
  expect(effects.length).toBeGreaterThan(2);
  const deaths = effects.flatMap((effect, i) => SIDES.map((side) => ({ effect, n: i + 1, side })));
  let crashes = 0;
  await eachOf(deaths, async ({ effect, n, side }) => {
    try {
      const { crashed } = await perform(plot, (_call, at) => (at === n ? side : undefined));
      if (crashed) crashes += 1;
    } catch (error) {
      throw new Error(`the server died ${side} effect ${n} (${effect})`, { cause: error });
    }
  });
  // A clock that strikes meanwhile is an effect more or less; nearly every death has to have come.
  expect(crashes).toBeGreaterThan(deaths.length * 0.9);
};
