import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createQueue, type Queue, type Requeue } from '../../../src/controllers/queue.js';
import { Fault } from '../../../src/faults.js';

const DONE: Requeue = { done: true };

/** Lets everything that is ready now run; time stands still. */
const breathe = () => vi.advanceTimersByTimeAsync(0);

interface Run {
  readonly key: string;
  readonly end: (requeue?: Requeue) => void;
  readonly fail: (error: unknown) => void;
}

/** A queue whose every look ends when the test says so. */
const opened = (concurrency = 10) => {
  const stop = new AbortController();
  const runs: Run[] = [];
  const now = new Map<string, number>();
  const errors: { readonly key: string; readonly error: unknown; readonly failures: number }[] = [];
  let most = 0;
  const queue: Queue = createQueue({
    concurrency,
    signal: stop.signal,
    onError: (key, error, failures) => errors.push({ key, error, failures }),
    reconcile: async (key) => {
      now.set(key, (now.get(key) ?? 0) + 1);
      expect(now.get(key)).toBe(1);
      most = Math.max(
        most,
        [...now.values()].reduce((sum, n) => sum + n, 0),
      );
      try {
        return await new Promise<Requeue>((resolve, reject) => {
          runs.push({ key, end: (requeue = DONE) => resolve(requeue), fail: reject });
        });
      } finally {
        now.set(key, (now.get(key) ?? 0) - 1);
      }
    },
  });
  const keys = () => runs.map(({ key }) => key);
  const last = () => runs.at(-1)!;
  return { queue, stop, runs, errors, keys, last, most: () => most };
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a key', () => {
  it('is looked at once, however often it is added before its turn', async () => {
    const { queue, keys, last } = opened(1);
    for (const key of ['busy', 'a', 'a', 'b', 'a']) queue.add(key);
    expect(keys()).toEqual(['busy']);
    for (let i = 0; i < 3; i++) {
      last().end();
      await breathe();
    }
    expect(keys()).toEqual(['busy', 'a', 'b']);
  });

  it('that is added while it is looked at is looked at once more, and never twice at a time', async () => {
    const { queue, keys, last } = opened();
    queue.add('a');
    queue.add('a');
    queue.add('a');
    expect(keys()).toEqual(['a']);
    last().end();
    await breathe();
    expect(keys()).toEqual(['a', 'a']);
    last().end();
    await breathe();
    expect(keys()).toEqual(['a', 'a']);
  });

  it('that wants another look at once gets it', async () => {
    const { queue, keys, last } = opened();
    queue.add('a');
    last().end({ after: 0 });
    await breathe();
    expect(keys()).toEqual(['a', 'a']);
  });

  it('that wants another look later gets it then and not before', async () => {
    const { queue, keys, last } = opened();
    queue.add('a');
    last().end({ after: 5000 });
    await vi.advanceTimersByTimeAsync(4999);
    expect(keys()).toEqual(['a']);
    await vi.advanceTimersByTimeAsync(1);
    expect(keys()).toEqual(['a', 'a']);
  });

  it('with several times to be looked at again is looked at at the earliest, once', async () => {
    const { queue, keys, last } = opened();
    queue.addAfter('a', 5000);
    queue.addAfter('a', 1000);
    queue.addAfter('a', 3000);
    await vi.advanceTimersByTimeAsync(1000);
    expect(keys()).toEqual(['a']);
    last().end();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(keys()).toEqual(['a']);
  });

  it('can be woken before its time', async () => {
    const { queue, keys, last } = opened();
    queue.add('a');
    last().end({ after: 60_000 });
    await breathe();
    queue.add('a');
    expect(keys()).toEqual(['a', 'a']);
  });
});

describe('a look that fails', () => {
  it('is told, and tried again after a pause that doubles, with jitter on its upper half', async () => {
    const { queue, errors, runs, last } = opened();
    queue.add('a');
    for (let failures = 1; failures <= 5; failures++) {
      last().fail(new Error(`failure ${failures}`));
      await breathe();
      expect(errors.at(-1)).toMatchObject({ key: 'a', failures, error: { message: `failure ${failures}` } });
      const ceiling = 250 * 2 ** (failures - 1);
      await vi.advanceTimersByTimeAsync(ceiling / 2 - 1);
      expect(runs).toHaveLength(failures);
      await vi.advanceTimersByTimeAsync(ceiling / 2 + 2);
      expect(runs).toHaveLength(failures + 1);
    }
  });

  it('is tried again within five minutes, however often it failed', async () => {
    const { queue, runs, last } = opened();
    queue.add('a');
    for (let failures = 1; failures <= 40; failures++) {
      last().fail(new Fault('LB_CLUSTER_UNREACHABLE', 'x'));
      await vi.advanceTimersByTimeAsync(300_001);
      expect(runs).toHaveLength(failures + 1);
    }
  });

  it('is forgotten by the next one that succeeds', async () => {
    const { queue, errors, last } = opened();
    queue.add('a');
    for (let i = 0; i < 4; i++) {
      last().fail(new Error('x'));
      await vi.advanceTimersByTimeAsync(10_000);
    }
    last().end();
    await breathe();
    queue.add('a');
    last().fail(new Error('x'));
    await breathe();
    expect(errors.map(({ failures }) => failures)).toEqual([1, 2, 3, 4, 1]);
  });

  it('because something inside was stopped is tried again, as long as the queue itself runs', async () => {
    const { queue, errors, runs, last } = opened();
    queue.add('a');
    last().fail(new Fault('LB_ABORTED', 'a deadline of a single call'));
    await vi.advanceTimersByTimeAsync(251);
    expect(runs).toHaveLength(2);
    expect(errors).toHaveLength(1);
  });

  it('does not hold up other keys', async () => {
    const { queue, keys, last } = opened(1);
    queue.add('a');
    queue.add('b');
    last().fail(new Error('x'));
    await breathe();
    expect(keys()).toEqual(['a', 'b']);
  });
});

describe('many keys', () => {
  it('are looked at side by side, but never more than allowed', async () => {
    const { queue, runs, keys, most } = opened(3);
    for (let i = 0; i < 20; i++) queue.add(`k${i}`);
    for (let i = 0; i < 20; i++) {
      expect(runs.length).toBe(Math.min(20, i + 3));
      runs[i]?.end();
      await breathe();
    }
    expect(most()).toBe(3);
    expect(keys()).toEqual(Array.from({ length: 20 }, (_, i) => `k${i}`));
  });
});

describe('the queue', () => {
  const settled = async (promise: Promise<void>): Promise<boolean> => {
    let done = false;
    void promise.then(() => (done = true));
    await breathe();
    return done;
  };

  it('is idle when nothing waits and nothing runs', async () => {
    const { queue, last } = opened(1);
    expect(await settled(queue.idle())).toBe(true);
    queue.add('a');
    queue.add('b');
    const idle = queue.idle();
    expect(await settled(idle)).toBe(false);
    last().end();
    expect(await settled(idle)).toBe(false);
    last().end();
    expect(await settled(idle)).toBe(true);
  });

  it('is not idle between a look and the one it wants at once, but does not wait for later ones', async () => {
    const { queue, last } = opened();
    queue.add('a');
    const idle = queue.idle();
    last().end({ after: 0 });
    expect(await settled(idle)).toBe(false);
    last().end({ after: 1000 });
    expect(await settled(idle)).toBe(true);
  });

  it('begins nothing after it was stopped: neither what waits, nor what comes, nor what time brings', async () => {
    const { queue, stop, keys, runs } = opened(1);
    queue.add('running');
    queue.add('waiting');
    queue.addAfter('later', 1000);
    stop.abort();
    queue.add('new');
    queue.addAfter('new later', 1);
    runs[0]?.end({ after: 10 });
    await vi.advanceTimersByTimeAsync(600_000);
    expect(keys()).toEqual(['running']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each<[string, (run: Run) => void]>([
    ['ends', (run) => run.end()],
    ['wants another look at once', (run) => run.end({ after: 0 })],
    ['wants another look later', (run) => run.end({ after: 1000 })],
    ['fails', (run) => run.fail(new Error('x'))],
    ['is stopped', (run) => run.fail(new Fault('LB_ABORTED', 'x'))],
  ])('is idle after it was stopped, once the look that runs %s', async (_how, end) => {
    const { queue, stop, runs, errors } = opened();
    queue.add('a');
    queue.add('a');
    stop.abort();
    const idle = queue.idle();
    expect(await settled(idle)).toBe(false);
    end(runs[0]!);
    expect(await settled(idle)).toBe(true);
    expect(await settled(queue.idle())).toBe(true);
    expect(errors).toEqual([]);
  });

  it('that was stopped while only timers were set is idle', async () => {
    const { queue, stop } = opened();
    queue.addAfter('a', 1000);
    stop.abort();
    expect(await settled(queue.idle())).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});
