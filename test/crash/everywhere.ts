import { expect } from 'vitest';
import { perform, type Performance, type Plot } from './plots.js';

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

type Play = (dies: Parameters<typeof perform>[1]) => Promise<Performance>;

/** Learns how many effects a play has, then plays it with a death before and after each of them. */
export const everyDeath = async (play: Play): Promise<void> => {
  const { effects } = await play(() => undefined);
  expect(effects.length).toBeGreaterThan(2);
  const deaths = effects.flatMap((effect, i) => SIDES.map((side) => ({ effect, n: i + 1, side })));
  let crashes = 0;
  await eachOf(deaths, async ({ effect, n, side }) => {
    try {
      const { crashed } = await play((_call, at) => (at === n ? side : undefined));
      if (crashed) crashes += 1;
    } catch (error) {
      throw new Error(`it died ${side} effect ${n} (${effect})`, { cause: error });
    }
  });
  // A clock that strikes meanwhile is an effect more or less; nearly every death has to have come.
  expect(crashes).toBeGreaterThan(deaths.length * 0.9);
};

/** Lets the server die everywhere in a plot. */
export const dieEverywhere = async (plot: Plot | (() => Promise<Plot>)): Promise<void> => {
  const staged = () => (typeof plot === 'function' ? plot() : plot);
  await everyDeath(async (dies) => perform(await staged(), dies));
};
