import { describe, expect, it } from 'vitest';
import { createMemoryCluster } from '../../../src/cluster/memory.js';
import type { Cluster, WatchEvent } from '../../../src/cluster/port.js';
import { followObjects } from '../../../src/controllers/volumes/followed-objects.js';
import { labelsOf, nameOf } from '../../../src/domain/item.js';
import type { JsonObject } from '../../../src/domain/json.js';
import { CONFIG_MAPS } from '../../../src/domain/known-kinds.js';
import { configMap } from '../../builders.js';

const soon = (): AbortSignal => AbortSignal.timeout(5_000);
const isThere = (object: JsonObject | undefined): true | undefined => (object ? true : undefined);
const isGone = (object: JsonObject | undefined): true | undefined => (object ? undefined : true);
const stateOf = (object: JsonObject | undefined): string | undefined => object && labelsOf(object)['state'];

const followed = (cluster: Pick<Cluster, 'watch'>, signal = soon()) =>
  followObjects({ cluster, type: CONFIG_MAPS, keyOf: nameOf, signal });

const make = (cluster: Cluster, name: string) =>
  cluster.create(CONFIG_MAPS, 'default', JSON.stringify(configMap('default', name)), { signal: soon() });
const mark = (cluster: Cluster, name: string, state: string) =>
  cluster.patch(
    CONFIG_MAPS,
    { namespace: 'default', name },
    'merge',
    JSON.stringify({ metadata: { labels: { state } } }),
    { signal: soon() },
  );

describe('Objects that are followed', () => {
  it('are found whether they were there before or come later, all by one watch', async () => {
    const cluster = createMemoryCluster();
    let watches = 0;
    const { found } = followed({
      watch: (...args) => {
        watches += 1;
        return cluster.watch(...args);
      },
    });
    await make(cluster, 'early');
    const late = found('late', isThere, soon());
    expect(await found('early', isThere, soon())).toBe(true);
    await make(cluster, 'late');
    expect(await late).toBe(true);
    expect(watches).toBe(1);
  });

  it('are waited for until they are as wanted', async () => {
    const cluster = createMemoryCluster();
    const { found } = followed(cluster);
    await make(cluster, 'one');
    const done = found('one', (object) => (stateOf(object) === 'done' ? true : undefined), soon());
    await mark(cluster, 'one', 'begun');
    await mark(cluster, 'one', 'done');
    expect(await done).toBe(true);
  });

  it('are missed when they go', async () => {
    const cluster = createMemoryCluster();
    const { found } = followed(cluster);
    await make(cluster, 'one');
    expect(await found('one', isThere, soon())).toBe(true);
    const gone = found('one', isGone, soon());
    await cluster.delete(CONFIG_MAPS, { namespace: 'default', name: 'one' }, { signal: soon() });
    expect(await gone).toBe(true);
  });

  it('are seen anew after a gap in the watch, those that went meanwhile too', async () => {
    const item = (name: string, state: string): Buffer =>
      Buffer.from(JSON.stringify({ metadata: { name, labels: { state } } }));
    const steps: WatchEvent[] = [
      { type: 'SYNCED', items: [item('stays', 'old'), item('goes', 'old')] },
      { type: 'SYNCED', items: [item('stays', 'new')] },
    ];
    const { found } = followed({
      watch: async function* () {
        yield* steps;
        await new Promise(() => undefined);
      },
    });
    const changed = found('stays', (one) => (stateOf(one) === 'new' ? true : undefined), soon());
    expect(await Promise.all([changed, found('goes', isGone, soon())])).toEqual([true, true]);
  });

  it('are given up when the time of one wait is over, and the others go on', async () => {
    const cluster = createMemoryCluster();
    const { found } = followed(cluster);
    const patient = found('one', isThere, soon());
    expect(await found('one', isThere, AbortSignal.timeout(1))).toBeUndefined();
    expect(await found('one', isThere, AbortSignal.abort())).toBeUndefined();
    await make(cluster, 'one');
    expect(await patient).toBe(true);
  });

  it('fail everybody who waits when the operation ends, and whoever asks later', async () => {
    const cluster = createMemoryCluster();
    const ending = new AbortController();
    const { found } = followed(cluster, ending.signal);
    const waits = found('one', isThere, soon());
    ending.abort();
    await expect(waits).rejects.toMatchObject({ code: 'LB_ABORTED' });
    await expect(found('one', isThere, soon())).rejects.toMatchObject({ code: 'LB_ABORTED' });
  });
});
