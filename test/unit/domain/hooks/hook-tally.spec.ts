import { describe, expect, it } from 'vitest';
import { createHookTally, type HookPlace } from '../../../../src/domain/hooks/hook-tally.js';
import type { ExecHook } from '../../../../src/domain/hooks/hook.js';
import { aHook } from './pods.js';

const place: HookPlace = { namespace: 'shop', pod: 'web', phase: 'pre' };

describe('the counts of hooks', () => {
  it('are zero before any', () => {
    expect(createHookTally().counts()).toEqual({ hooksAttempted: 0, hooksFailed: 0 });
  });

  it.each<[string, Partial<HookPlace>, Partial<ExecHook>]>([
    ['in another namespace', { namespace: 'bank' }, {}],
    ['in another pod', { pod: 'db' }, {}],
    ['in the other phase', { phase: 'post' }, {}],
    ['of another name', {}, { name: 'thaw' }],
    ['from an annotation', {}, { source: 'annotation' }],
    ['in another container', {}, { container: 'sidecar' }],
    ['at another place in its list', {}, { index: 1 }],
    ['whose names run into each other', { namespace: 'sho', pod: 'pweb' }, {}],
  ])('tell a hook from one %s', (_what, elsewhere, other) => {
    const tally = createHookTally();
    tally.attempt(place, aHook());
    tally.fail({ ...place, ...elsewhere }, aHook(other));
    expect(tally.counts()).toEqual({ hooksAttempted: 2, hooksFailed: 1 });
  });

  it('take one hook once, however often it is reported', () => {
    const tally = createHookTally();
    for (let i = 0; i < 3; i++) tally.attempt(place, aHook());
    for (let i = 0; i < 2; i++) tally.fail(place, aHook({ command: ['other'] }));
    expect(tally.counts()).toEqual({ hooksAttempted: 1, hooksFailed: 1 });
  });

  it('go on from those of an earlier attempt', () => {
    const tally = createHookTally({ hooksAttempted: 3, hooksFailed: 1 });
    tally.fail(place, aHook());
    expect(tally.counts()).toEqual({ hooksAttempted: 4, hooksFailed: 2 });
  });
});
