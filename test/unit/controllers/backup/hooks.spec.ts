import { afterEach, describe, expect, it, vi } from 'vitest';
import { createHookRunner } from '../../../../src/controllers/backup/hooks.js';
import { backupHooksOf } from '../../../../src/domain/hooks/backup-hooks.js';
import type { ExecHook, PodHooks } from '../../../../src/domain/hooks/hook.js';
import { createHookTally } from '../../../../src/domain/hooks/hook-tally.js';
import { Fault } from '../../../../src/faults.js';
import { aHook, aPod } from '../../domain/hooks/pods.js';
import { exits, hangs, openLog, runner } from './hook-world.js';

const PRE = 'pre.hook.backup.velero.io';
const POST = 'post.hook.backup.velero.io';

const world = (programs: Parameters<typeof runner>[0] = {}) => {
  const { exec, ran } = runner(programs);
  const { log, lines } = openLog('backup');
  const tally = createHookTally();
  const stop = new AbortController();
  const hooks = createHookRunner({ exec, log, tally, signal: stop.signal });
  return { hooks, ran, log, lines, tally, stop };
};
const spec = (...hooks: Partial<ExecHook>[]): PodHooks => ({
  hooks: hooks.map((hook, index) => aHook({ index, ...hook })),
  warnings: [],
});

describe('the hooks of a pod that is backed up', () => {
  it('behaviour 114: run before and after it, and are counted', async () => {
    const { hooks, ran, tally } = world();
    const pod = aPod({ [`${PRE}/command`]: 'sync', [`${POST}/command`]: '["thaw", "-f"]' });
    expect(await hooks.run('pre', pod, backupHooksOf(pod, 'pre', []))).toEqual({ failed: false });
    expect(ran).toEqual(['web/app: sync']);
    await hooks.run('post', pod, backupHooksOf(pod, 'post', []));
    expect(ran).toEqual(['web/app: sync', 'web/app: thaw -f']);
    expect(tally.counts()).toEqual({ hooksAttempted: 2, hooksFailed: 0 });
  });

  it('behaviour 115: one that fails with onError=Fail keeps the pod out; the rest is not run, but counts as attempted', async () => {
    const { hooks, ran, lines, tally } = world({ bad: () => exits(3, 'first\nno space left\n') });
    const asked = spec({ command: ['bad'], onError: 'Fail' }, { command: ['after'] });
    expect(await hooks.run('pre', aPod(), asked)).toEqual({ failed: true });
    expect(ran).toEqual(['web/app: bad']);
    expect(tally.counts()).toEqual({ hooksAttempted: 2, hooksFailed: 1 });
    const error = 'the command ended with exit code 3: no space left';
    const where = {
      resource: 'pods',
      namespace: 'shop',
      name: 'web',
      hookPhase: 'pre',
      'error.message': error,
    };
    expect(await lines('error')).toMatchObject([
      { ...where, msg: 'Hook freeze failed', hookName: 'freeze', hookSource: 'spec', hookContainer: 'app' },
      { ...where, msg: 'Pod not backed up, since a hook failed whose onError is Fail' },
    ]);
  });

  it('behaviour 116: one that fails otherwise is an error, and the others run', async () => {
    const { hooks, ran, lines, tally } = world({ bad: () => exits(1) });
    const pod = aPod();
    expect(await hooks.run('pre', pod, spec({ command: ['bad'] }, { command: ['after'] }))).toEqual({
      failed: false,
    });
    expect(ran).toEqual(['web/app: bad', 'web/app: after']);
    expect(await lines('error')).toMatchObject([
      { msg: 'Hook freeze failed', 'error.message': 'the command ended with exit code 1' },
    ]);
    expect(tally.counts()).toEqual({ hooksAttempted: 2, hooksFailed: 1 });
  });

  it('one that fails with onError=Fail after the backup is one more error, and changes nothing else', async () => {
    const { hooks, lines } = world({ bad: () => exits(1) });
    await hooks.run('post', aPod(), spec({ command: ['bad'], onError: 'Fail' }));
    expect((await lines('error')).map(({ msg }) => msg)).toEqual([
      'Hook freeze failed',
      'Further hooks of the pod not run, since a hook failed whose onError is Fail',
    ]);
  });

  it('behaviour 117: get their command as argv, without a shell', async () => {
    const commands: (readonly string[])[] = [];
    const keep = ({ command }: { command: readonly string[] }) => (commands.push(command), exits(0));
    const { hooks } = world({ '/bin/sh': keep, 'ls -l': keep });
    for (const command of ['["/bin/sh","-c","x"]', 'ls -l']) {
      const pod = aPod({ [`${PRE}/command`]: command });
      await hooks.run('pre', pod, backupHooksOf(pod, 'pre', []));
    }
    expect(commands).toEqual([['/bin/sh', '-c', 'x'], ['ls -l']]);
  });

  it('behaviour 118: one for an unknown container fails without being tried', async () => {
    const { hooks, ran, lines, tally } = world();
    const pod = aPod({ [`${PRE}/command`]: 'sync', [`${PRE}/container`]: 'db' });
    await hooks.run('pre', pod, backupHooksOf(pod, 'pre', []));
    expect(ran).toEqual([]);
    expect(await lines('error')).toMatchObject([
      { 'error.message': 'the pod has no container "db"; name one of app, sidecar' },
    ]);
    expect(tally.counts()).toEqual({ hooksAttempted: 1, hooksFailed: 1 });
  });

  it('behaviour 120: one that takes too long fails, and says after how long', async () => {
    const limits: unknown[] = [];
    const { hooks, lines } = world({
      slow: ({ timeoutMs }) => (limits.push(timeoutMs), { ended: 'timeout', stdout: 'half', stderr: '' }),
    });
    await hooks.run('pre', aPod(), spec({ command: ['slow'] }));
    expect(limits).toEqual([30_000]);
    expect(await lines('error')).toMatchObject([
      { 'error.message': 'the command did not end within 30s; it may still be running' },
    ]);
    expect(await lines('info')).toContainEqual(expect.objectContaining({ stream: 'stdout', text: 'half' }));
  });

  it.each(['Succeeded', 'Failed'])(
    'behaviour 124: do nothing in a pod that is %s, and do not fail',
    async (phase) => {
      const { hooks, ran, lines, tally } = world();
      const pod = aPod({}, { status: { phase } });
      expect(await hooks.run('pre', pod, spec({ onError: 'Fail' }))).toEqual({ failed: false });
      expect([ran, await lines('error')]).toEqual([[], []]);
      expect(tally.counts()).toEqual({ hooksAttempted: 1, hooksFailed: 0 });
    },
  );

  it('are in the results of the backup as Velero writes them, under the namespace of their pod', async () => {
    const { hooks, log } = world({ bad: () => exits(1) });
    await hooks.run('pre', aPod(), spec({ command: ['bad'], onError: 'Fail' }));
    expect(log.results.errors).toEqual({
      namespaces: {
        shop: [
          ' resource: /pods name: /web message: /Hook freeze failed error: /the command ended with exit code 1',
          ' resource: /pods name: /web message: /Pod not backed up, since a hook failed whose onError is Fail error: /the command ended with exit code 1',
        ],
      },
    });
  });

  it('say as warnings what the annotations ask for that cannot be read', async () => {
    const { hooks, lines } = world();
    const pod = aPod({ [`${PRE}/command`]: 'sync', [`${PRE}/timeout`]: 'soon' });
    await hooks.run('pre', pod, backupHooksOf(pod, 'pre', []));
    expect(await lines('warning')).toMatchObject([{ resource: 'pods', namespace: 'shop', name: 'web' }]);
  });
});

describe('what a hook prints', () => {
  it('goes into the log, but not without end', async () => {
    const { hooks, lines } = world({ chatty: () => exits(0, 'e', `${'x'.repeat(60_000)}the end`) });
    await hooks.run('pre', aPod(), spec({ command: ['chatty'] }));
    const [out, err] = (await lines('info')).filter(({ stream }) => stream !== undefined);
    expect(err).toMatchObject({ stream: 'stderr', text: 'e', namespace: 'shop', name: 'web' });
    expect(out?.['text']).toMatch(/^…x{8,}.*the end$/);
    expect(String(out?.['text']).length).toBeLessThan(10_000);
  });

  it('goes into the log when it fails, too, and the error has no more than a line of it', async () => {
    const { hooks, lines } = world({ bad: () => exits(2, `${'y'.repeat(5_000)}\n`) });
    await hooks.run('pre', aPod(), spec({ command: ['bad'] }));
    expect(String((await lines('error'))[0]?.['error.message']).length).toBeLessThan(300);
    expect((await lines()).some(({ stream }) => stream === 'stderr')).toBe(true);
  });

  it('is in the log without the command, which may hold a password', async () => {
    const { hooks, lines } = world({ mysqldump: () => exits(1) });
    await hooks.run('pre', aPod(), spec({ command: ['mysqldump', '-phunter2'] }));
    expect(JSON.stringify(await lines())).not.toContain('hunter2');
  });
});

describe('trouble with the cluster', () => {
  it.each([
    [
      'the command is refused',
      () => ({ ended: 'refused' as const, message: 'no right to exec' }),
      'the command could not be run: no right to exec',
    ],
    [
      'the connection breaks',
      () => Promise.reject(new Fault('LB_CLUSTER_UNREACHABLE', 'reset')),
      'the API server does not answer: reset',
    ],
  ])('when %s is a failure of the hook', async (_what, program, error) => {
    const { hooks, lines, ran } = world({ bad: program });
    expect(await hooks.run('pre', aPod(), spec({ command: ['bad'] }, {}))).toEqual({ failed: false });
    expect(await lines('error')).toMatchObject([{ 'error.message': error }]);
    expect(ran).toHaveLength(2);
  });

  it('that is a mistake of ours is no failure of the hook', async () => {
    const { hooks } = world({ bad: () => Promise.reject(new TypeError('x is undefined')) });
    await expect(hooks.run('pre', aPod(), spec({ command: ['bad'] }))).rejects.toThrow(TypeError);
  });
});

describe('a hook that would never end', () => {
  afterEach(() => vi.useRealTimers());

  it('ends with the signal, even if it has no limit and does not hear it', async () => {
    const { timeoutMs: _none, ...unlimited } = aHook({ command: ['hang'] });
    const { hooks, stop, lines } = world({ hang: hangs });
    const run = hooks.run('pre', aPod(), { hooks: [unlimited], warnings: [] });
    stop.abort();
    await expect(run).rejects.toMatchObject({ code: 'LB_ABORTED' });
    expect(await lines('error')).toEqual([]);
  });

  it('is not begun once the signal has ended', async () => {
    const { hooks, stop, ran } = world();
    stop.abort();
    await expect(hooks.run('pre', aPod(), spec({}))).rejects.toMatchObject({ code: 'LB_ABORTED' });
    expect(ran).toEqual([]);
  });

  it('fails after its limit even if the cluster does not say so, and is told to stop', async () => {
    vi.useFakeTimers();
    let told: AbortSignal | undefined;
    const { hooks, log, lines } = world({ hang: ({ signal }) => ((told = signal), hangs()) });
    const run = hooks.run('pre', aPod(), spec({ command: ['hang'], timeoutMs: 60_000 }));
    await vi.advanceTimersByTimeAsync(59_000);
    expect(log.errors).toBe(0);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await run).toEqual({ failed: false });
    vi.useRealTimers();
    expect(await lines('error')).toMatchObject([
      { 'error.message': expect.stringContaining('within 1m0s') as string },
    ]);
    expect(told?.aborted).toBe(true);
  });
});
