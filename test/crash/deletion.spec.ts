import { describe, expect, it, vi } from 'vitest';
import { createWorld } from '../scenarios/world.js';
import { deletionPlot, expiryPlot, restoreDeletionPlot } from './deletion-plots.js';
import { dieEverywhere } from './everywhere.js';
import { UNREACHABLE, withFaults } from './faults.js';
import type { Call } from './intercept.js';
import type { Plot, Seen } from './plots.js';

const PLOTS: readonly (readonly [string, Plot])[] = [
  ['the deletion of a backup', deletionPlot],
  ['the expiry of a backup', expiryPlot],
  ['the deletion of a restore', restoreDeletionPlot],
];

describe('Wherever the server dies,', () => {
  it.each(PLOTS)(
    '%s ends with nothing left over, and each step is told once',
    { timeout: 120_000 },
    (_what, plot) => dieEverywhere(plot),
  );
});

const NOTHING_SEEN: Seen = {
  created: [],
  deleted: [],
  ran: [],
  marks: new Map(),
  crashed: false,
  effects: [],
};

/** Plays a plot while the n-th call of a port fails once; false when there were not that many calls. */
const failOnce = async (plot: Plot, port: Call['port'], nth: number, side: 'before' | 'after') => {
  const world = await createWorld(plot.options);
  await plot.prepare(world);
  let came = false;
  let begun = false;
  let calls = 0;
  await world.restart(
    withFaults(world, (call) => {
      if (!begun || call.port !== port || (side === 'after' && !call.effect)) return undefined;
      calls += 1;
      if (calls !== nth) return undefined;
      came = true;
      return { side, code: UNREACHABLE[port] };
    }),
  );
  await world.idle();
  begun = true;
  await plot.act(world);
  // What failed is tried again a little later, of which `idle` knows nothing.
  await vi.waitFor(() => plot.check(world, NOTHING_SEEN), { timeout: 5_000, interval: 100 });
  await world.stop();
  return came;
};

/** There are many calls of the API server, and they are alike. */
const STRIDE = { store: 2, cluster: 5, events: 2 } as const;

describe('Whichever call fails once,', () => {
  it.each(
    PLOTS.flatMap(([what, plot]) =>
      (['store', 'cluster', 'events'] as const).flatMap((port) =>
        (['before', 'after'] as const).map((side) => [what, port, side, plot] as const),
      ),
    ),
  )('%s comes to its end (%s fails %s a call)', { timeout: 120_000 }, async (_what, port, side, plot) => {
    let nth = 1;
    while (nth < 60 && (await failOnce(plot, port, nth, side))) nth += STRIDE[port];
    expect(nth).toBeGreaterThan(1);
  });
});
