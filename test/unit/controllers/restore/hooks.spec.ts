import { describe, expect, it } from 'vitest';
import type { Cluster } from '../../../../src/cluster/port.js';
import { Fault } from '../../../../src/faults.js';
import { exits, hangs } from '../backup/hook-world.js';
import { restoreHookWorld as world, running, starting, UP } from './hook-world.js';

describe('the hooks of a restored pod', () => {
  it('behaviour 123: run when its container runs; the restore waits for them, and they are counted', async () => {
    const { create, start, looked, become, hooks, ran, tally, errors, finished } = await world();
    const pod = await create('web');
    start(pod, {});
    await looked('web');
    expect(ran).toEqual([]);
    await become('web', { phase: 'Pending', containerStatuses: [starting('app')] });
    await looked('web', 2);
    expect(ran).toEqual([]);
    await become('web', { phase: 'Running', containerStatuses: [running('app', false)] });
    await hooks.done();
    expect(ran).toEqual(['web/app: true']);
    expect(tally.counts()).toEqual({ hooksAttempted: 1, hooksFailed: 0 });
    expect(errors()).toEqual([]);
    expect(finished).toEqual([
      { namespace: 'shop', name: 'web', hooksAttempted: 1, hooksFailed: 0, errors: [] },
    ]);
  });

  it('behaviour 122: become errors when the limit passes and the pod was never up', async () => {
    const { create, start, hooks, ran, tally, errors } = await world();
    start(
      await create('web'),
      { waitTimeout: '5ms' },
      { container: 'sidecar', waitTimeout: '3ms', waitForReady: true },
    );
    await hooks.done();
    expect(ran).toEqual([]);
    expect(errors()).toEqual([
      'hook load of pod shop/web, container app: not executed: within 5ms container app was not running, container sidecar was not ready',
      'hook load of pod shop/web, container sidecar: not executed: within 5ms container app was not running, container sidecar was not ready',
    ]);
    expect(tally.counts()).toEqual({ hooksAttempted: 2, hooksFailed: 2 });
  });

  it('wait as long as the server says if they name no limit, and never without end', async () => {
    const { create, start, hooks, errors } = await world({}, { maxWaitMs: 5 });
    start(await create('web'), {}, { waitTimeout: '0s' });
    await hooks.done();
    expect(errors()).toHaveLength(2);
    expect(errors()[0]).toContain('within 5ms');
  });

  it('wait until the container is ready, if any hook of that container asks for it', async () => {
    const { create, start, looked, become, hooks, ran } = await world();
    start(
      await create('web'),
      { command: ['a'] },
      { command: ['b'], waitForReady: true },
      { command: ['c'], container: 'sidecar' },
    );
    await looked('web');
    await become('web', { containerStatuses: [running('app', false), running('sidecar', false)] });
    await looked('web', 2);
    expect(ran).toEqual(['web/sidecar: c']);
    await become('web', UP);
    await hooks.done();
    expect(ran).toEqual(['web/sidecar: c', 'web/app: a', 'web/app: b']);
  });

  it('run one after the other, in the order of their container', async () => {
    let inside = 0;
    const alone = async () => {
      expect((inside += 1)).toBe(1);
      await Promise.resolve();
      inside -= 1;
      return exits(0);
    };
    const { create, start, hooks, ran } = await world({ a: alone, b: alone, c: alone });
    const pod = await create('web', UP);
    start(pod, { command: ['a'] }, { command: ['b'], container: 'sidecar' }, { command: ['c'] });
    await hooks.done();
    expect(ran).toEqual(['web/app: a', 'web/app: c', 'web/sidecar: b']);
  });

  it('are errors in the namespace they are restored to when they fail, and the others run', async () => {
    const { create, start, hooks, ran, log, tally } = await world({ bad: () => exits(4, 'no such table\n') });
    start(await create('web', UP), { command: ['bad'] }, { command: ['after'], onError: 'Continue' });
    await hooks.done();
    expect(ran).toEqual(['web/app: bad', 'web/app: after']);
    expect(log.results.errors).toEqual({
      namespaces: {
        shop: ['hook load of pod shop/web, container app: the command ended with exit code 4: no such table'],
      },
    });
    expect(tally.counts()).toEqual({ hooksAttempted: 2, hooksFailed: 1 });
  });

  it('are dropped and count as failed once one fails with onError=Fail, those of other containers too', async () => {
    const { create, start, hooks, ran, errors, tally } = await world({ bad: () => exits(1) });
    start(
      await create('web', UP),
      { command: ['bad'], onError: 'Fail' },
      { command: ['after'] },
      { command: ['beside'], container: 'sidecar' },
    );
    await hooks.done();
    expect(ran).toEqual(['web/app: bad']);
    expect(errors()).toEqual([
      'hook load of pod shop/web, container app: the command ended with exit code 1',
      'hook load of pod shop/web, container app: not executed: a hook before it failed whose onError is Fail',
      'hook load of pod shop/web, container sidecar: not executed: a hook before it failed whose onError is Fail',
    ]);
    expect(tally.counts()).toEqual({ hooksAttempted: 3, hooksFailed: 3 });
  });

  it('of one pod drop no hook of another pod', async () => {
    let through = (): void => undefined;
    const webIsThrough = new Promise<void>((resolve) => (through = resolve));
    const onFinished = (_namespace: string, name: string) => {
      if (name === 'web') through();
    };
    const { create, start, looked, become, hooks, ran } = await world(
      { bad: () => exits(1) },
      { onFinished },
    );
    start(await create('late'), { command: ['late'] });
    await looked('late');
    start(await create('web', UP), { command: ['bad'], onError: 'Fail' });
    await webIsThrough;
    await become('late', UP);
    await hooks.done();
    expect(ran).toEqual(['web/app: bad', 'late/app: late']);
  });

  it.each(['Succeeded', 'Failed'])('become errors if the pod is %s before', async (phase) => {
    const { create, start, looked, become, hooks, errors } = await world();
    start(await create('web'), {});
    await looked('web');
    await become('web', { ...UP, phase });
    await hooks.done();
    expect(errors()).toEqual([expect.stringContaining(`not executed: the pod has ended: it is ${phase}`)]);
  });

  it('become errors if the pod is deleted before', async () => {
    const { create, start, looked, remove, hooks, errors } = await world();
    start(await create('web'), {});
    await looked('web');
    await remove('web');
    await hooks.done();
    expect(errors()).toEqual([expect.stringContaining('not executed: the pod was deleted')]);
  });

  it('become errors if another pod of the same name has taken its place', async () => {
    const { create, start, remove, hooks, errors, ran } = await world();
    const pod = await create('web');
    await remove('web');
    await create('web', UP);
    start(pod, {});
    await hooks.done();
    expect(ran).toEqual([]);
    expect(errors()).toEqual([expect.stringContaining('not executed: the pod was deleted')]);
  });

  it('for a container the pod lacks are a warning, count for nothing, and nobody waits for them', async () => {
    const { create, start, hooks, log, tally, ran } = await world();
    start(await create('web', UP), { container: 'db' });
    await hooks.done();
    expect(ran).toEqual([]);
    expect(tally.counts()).toEqual({ hooksAttempted: 0, hooksFailed: 0 });
    expect(log.results).toEqual({
      errors: {},
      warnings: { namespaces: { shop: [expect.stringContaining('pod shop/web has no container "db"')] } },
    });
  });

  it('go on after a gap in the watch', async () => {
    const { create, start, looked, become, hooks, ran, memory } = await world();
    start(await create('web'), {});
    await looked('web');
    memory.expireWatches();
    await become('web', UP);
    await hooks.done();
    expect(ran).toEqual(['web/app: true']);
  });
});

describe('many restored pods', () => {
  const names = (count: number) => Array.from({ length: count }, (_, i) => `web-${i}`);

  it('are watched a few at a time', async () => {
    const { create, start, hooks, ran, mostAtOnce } = await world({}, { podsAtOnce: 2 });
    for (const name of names(7)) start(await create(name, UP), {});
    await hooks.done();
    expect(ran).toHaveLength(7);
    expect(mostAtOnce()).toBe(2);
  });

  it('that do not come up do not keep the hooks of others waiting', async () => {
    let begun = (): void => undefined;
    const late = new Promise<void>((resolve) => (begun = resolve));
    const programs = { late: () => (begun(), exits(0)) };
    const { create, start, hooks, ran, become } = await world(programs, { podsAtOnce: 1, turnMs: 2 });
    start(await create('stuck'), {});
    start(await create('web', UP), { command: ['late'] });
    await late;
    expect(ran).toEqual(['web/app: late']);
    await become('stuck', UP);
    await hooks.done();
    expect(ran).toEqual(['web/app: late', 'stuck/app: true']);
  });

  it('are all looked at, even if the limit passed while they stood in line', async () => {
    const { create, start, hooks, ran, errors } = await world(
      { slow: () => new Promise((resolve) => setTimeout(() => resolve(exits(0)), 5)) },
      { podsAtOnce: 1 },
    );
    start(await create('first', UP), { command: ['slow'] });
    start(await create('second', UP), { command: ['second'], waitTimeout: '1ms' });
    start(await create('third', UP), { command: ['third'], waitTimeout: '1ms', onError: 'Fail' });
    await hooks.done();
    expect(ran).toEqual(['first/app: slow', 'second/app: second']);
    expect(errors()).toEqual([
      'hook load of pod shop/second, container app: expired: it could not be begun within 1ms',
      'hook load of pod shop/third, container app: expired: it could not be begun within 1ms',
    ]);
  });
});

describe('a further attempt of a restore', () => {
  it('does not run the hooks of pods that were through before', async () => {
    const { create, start, hooks, ran, tally } = await world(
      {},
      { isDone: (namespace, name) => namespace === 'shop' && name === 'web' },
    );
    start(await create('web', UP), {});
    start(await create('db', UP), {});
    await hooks.done();
    expect(ran).toEqual(['db/app: true']);
    expect(tally.counts()).toEqual({ hooksAttempted: 1, hooksFailed: 0 });
  });

  it('learns what failed, and a restore is not done before that is kept', async () => {
    let kept: unknown;
    const { create, start, hooks } = await world(
      { bad: () => exits(1) },
      {
        onFinished: async (_namespace, _name, report) => {
          await Promise.resolve();
          kept = report;
        },
      },
    );
    start(await create('web', UP), { command: ['bad'] });
    await hooks.done();
    expect(kept).toEqual({
      hooksAttempted: 1,
      hooksFailed: 1,
      errors: ['hook load of pod shop/web, container app: the command ended with exit code 1'],
    });
  });

  it('is left to whoever cannot keep it', async () => {
    const fault = new Fault('LB_EVENTSTORE_UNREACHABLE', 'x');
    const { create, start, hooks } = await world({}, { onFinished: () => Promise.reject(fault) });
    start(await create('web', UP), {});
    await expect(hooks.done()).rejects.toBe(fault);
  });
});

describe('a restore that is stopped', () => {
  it('waits for no hook, and reports none that it stopped', async () => {
    const { create, start, looked, hooks, stop, finished, errors } = await world({ hang: hangs });
    start(await create('waiting'), {});
    start(await create('hanging', UP), { command: ['hang'], execTimeout: '-1s' });
    await looked('waiting');
    stop.abort();
    await expect(hooks.done()).rejects.toMatchObject({ code: 'LB_ABORTED' });
    expect([finished, errors()]).toEqual([[], []]);
  });

  it('can stop its hooks without the signal, too', async () => {
    const { create, start, looked, hooks, finished } = await world({}, { podsAtOnce: 1 });
    start(await create('one'), {});
    start(await create('two'), {});
    await looked('one');
    await hooks.stop();
    expect(finished).toEqual([]);
    await expect(hooks.done()).rejects.toMatchObject({ code: 'LB_ABORTED' });
  });

  it('with no hooks is done at once', async () => {
    const { hooks } = await world();
    await hooks.done();
    await hooks.stop();
  });
});

describe('trouble with the watch of one pod', () => {
  const failing = (fault: unknown): Pick<Cluster, 'watch'> => ({
    watch: async function* () {
      await Promise.resolve();
      throw fault;
    },
  });

  it('is an error of its hooks', async () => {
    const cluster = failing(new Fault('LB_CLUSTER_DENIED', 'no right to watch pods'));
    const { create, start, hooks, errors } = await world({}, { cluster });
    start(await create('web'), {});
    await hooks.done();
    expect(errors()).toEqual([
      expect.stringMatching(/not executed: the pod could not be watched: .*no right/),
    ]);
  });

  it('that is a mistake of ours ends the restore', async () => {
    const { create, start, hooks, finished } = await world({}, { cluster: failing(new TypeError('x')) });
    start(await create('web'), {});
    await expect(hooks.done()).rejects.toThrow(TypeError);
    expect(finished).toEqual([]);
  });

  it('is an error, if the cluster is closed under it', async () => {
    const { create, start, looked, hooks, errors, memory } = await world();
    start(await create('web'), {});
    await looked('web');
    await memory.close();
    await hooks.done();
    expect(errors()).toEqual([expect.stringContaining('the watch of the pod has ended')]);
  });
});
