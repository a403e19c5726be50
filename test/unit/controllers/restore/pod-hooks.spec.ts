import { describe, expect, it } from 'vitest';
import { createRestoredPodHooks } from '../../../../src/controllers/restore/pod-hooks.js';
import { createOutcomes } from '../../../../src/controllers/restore/outcomes.js';
import { createHookTally } from '../../../../src/domain/hooks/hook-tally.js';
import type { RestoreExecHook } from '../../../../src/domain/hooks/restore-hook-sets.js';
import { aHook, aPod } from '../../domain/hooks/pods.js';
import { exits, openLog, runner } from '../backup/hook-world.js';
import { running } from './hook-world.js';

const LIMIT = 10_000;
const aRestoreHook = (more: Partial<RestoreExecHook> = {}): RestoreExecHook => ({
  ...aHook(more),
  waitForReady: false,
  ...more,
});

/** A restored pod at a time of the test's choice. */
const world = (hooks: readonly RestoreExecHook[], programs: Parameters<typeof runner>[0] = {}) => {
  let now = 1_000_000;
  const { exec, ran } = runner(programs);
  const { log, lines } = openLog('restore');
  const tally = createHookTally();
  const pod = createRestoredPodHooks(aPod(), hooks, {
    exec,
    log,
    outcomes: createOutcomes(log),
    tally,
    signal: new AbortController().signal,
    maxWaitMs: LIMIT,
    clock: () => now,
  });
  return { pod, ran, log, lines, tally, pass: (ms: number) => (now += ms) };
};
const up = aPod({}, { status: { containerStatuses: [running('app'), running('sidecar')] } });

describe('a hook that comes too late', () => {
  it('is an error and yet is run', async () => {
    const { pod, ran, pass, tally } = world([aRestoreHook({ waitTimeoutMs: 5 }), aRestoreHook({ index: 1 })]);
    pass(6);
    expect(await pod.meet(up)).toBe(true);
    expect(ran).toHaveLength(2);
    expect(pod.report().errors).toEqual([
      'hook freeze of pod shop/web, container app: expired: it could not be begun within 5ms',
    ]);
    expect(tally.counts()).toEqual({ hooksAttempted: 2, hooksFailed: 1 });
  });

  it('is one error, even if it then fails, too', async () => {
    const late = aRestoreHook({ waitTimeoutMs: 5, command: ['bad'] });
    const { pod, pass, log, lines } = world([late], { bad: () => exits(1) });
    pass(6);
    await pod.meet(up);
    expect(log.errors).toBe(1);
    expect((await lines('error')).map(({ msg }) => msg)).toContain('Expired hook failed');
  });

  it('is not run with onError=Fail, and no other hook of the pod is', async () => {
    const late = aRestoreHook({ waitTimeoutMs: 5, onError: 'Fail' });
    const { pod, ran, pass, tally } = world([late, aRestoreHook({ container: 'sidecar' })]);
    pass(6);
    expect(await pod.meet(up)).toBe(true);
    expect(ran).toEqual([]);
    expect(tally.counts()).toEqual({ hooksAttempted: 2, hooksFailed: 2 });
  });

  it('is none as long as its limit has not passed', async () => {
    const { pod, pass } = world([aRestoreHook({ waitTimeoutMs: 5 })]);
    pass(5);
    await pod.meet(up);
    expect(pod.report()).toEqual({ hooksAttempted: 1, hooksFailed: 0, errors: [] });
  });

  it('may be late because of the one before it', async () => {
    const later = aRestoreHook({ waitTimeoutMs: 5, index: 1 });
    const { pod, pass, ran } = world([aRestoreHook({ command: ['slow'] }), later], {
      slow: () => (pass(6), exits(0)),
    });
    await pod.meet(up);
    expect(ran).toHaveLength(2);
    expect(pod.report().hooksFailed).toBe(1);
  });
});

describe('the limit of a pod', () => {
  it.each<[string, readonly (number | undefined)[], number]>([
    ['is the longest of its hooks', [5, 700, 30], 700],
    ['is that of the server, if a hook has none', [5, undefined], LIMIT],
    ['may be longer than that of the server, if a hook says so', [5, LIMIT * 2], LIMIT * 2],
  ])('%s', (_what, waits, limit) => {
    const hooks = waits.map((waitTimeoutMs, index) =>
      aRestoreHook({ index, ...(waitTimeoutMs !== undefined && { waitTimeoutMs }) }),
    );
    const { pod, pass } = world(hooks);
    expect(pod.left()).toBe(limit);
    pass(limit + 1);
    expect(pod.left()).toBe(-1);
  });
});

describe('a pod that has been given up', () => {
  it('has one error for each hook, however often that happens', async () => {
    const { pod, log, ran } = world([aRestoreHook(), aRestoreHook({ index: 1 })]);
    pod.expire();
    pod.giveUp('again');
    expect(await pod.meet(up)).toBe(true);
    expect(ran).toEqual([]);
    expect(log.errors).toBe(2);
  });

  it('counts two hooks that nobody can tell apart once, as everywhere', async () => {
    const { pod, tally } = world([aRestoreHook(), aRestoreHook()]);
    await pod.meet(up);
    expect(pod.report()).toMatchObject(tally.counts());
    expect(tally.counts().hooksAttempted).toBe(1);
  });
});
