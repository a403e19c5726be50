import { describe, expect, it } from 'vitest';
import type { BackupCommand, BackupEvent, HookedPod } from '../../../src/domain/backup-facts.js';
import { backup } from '../../../src/domain/backup.js';
import type { RestoreCommand, RestoreEvent } from '../../../src/domain/restore-facts.js';
import { restore } from '../../../src/domain/restore.js';
import { givenOf } from '../../given.js';

const now = '2026-01-02T10:00:00Z';
const prepared = { spec: {}, labels: {}, annotations: {}, expiresAt: now };
const pod: HookedPod = { namespace: 'shop', name: 'db-0', uid: 'p1' };
const madeAnew: HookedPod = { ...pod, uid: 'p2' };

describe('the post hooks that a backup owes', () => {
  const given = givenOf(backup);
  const requested: BackupEvent = {
    type: 'BackupRequested',
    v: 1,
    data: { uid: 'u1', spec: {}, labels: {}, at: now },
  };
  const started = (attempt: number): BackupEvent => ({
    type: 'BackupStarted',
    v: 1,
    data: { attempt, prepared, at: now },
  });
  const owed = (of: HookedPod): BackupEvent => ({
    type: 'BackupPostHooksOwed',
    v: 1,
    data: { attempt: 1, pod: of, at: now },
  });
  const run = (of: HookedPod, attempt = 1): BackupEvent => ({
    type: 'BackupPostHooksSettled',
    v: 1,
    data: { attempt, pod: of, ran: true, at: now },
  });
  const interrupted: BackupEvent = { type: 'BackupInterrupted', v: 1, data: { attempt: 1, at: now } };
  const owe = (attempt: number, of = pod): BackupCommand => ({
    type: 'OwePostHooks',
    attempt,
    pod: of,
    now,
  });
  const settle = (of = pod): BackupCommand => ({ type: 'SettlePostHooks', pod: of, ran: true, now });

  it('are told before the first pre hook runs', () =>
    given(requested, started(1)).when(owe(1)).then(owed(pod)));

  it('are told once for each pod', () => given(requested, started(1), owed(pod)).when(owe(1)).thenNothing());

  it('are another pod’s if it was made anew under the same name', () =>
    given(requested, started(1), owed(pod)).when(owe(1, madeAnew)).then(owed(madeAnew)));

  it('are not owed by an attempt that has lost its turn', () =>
    given(requested, started(1), interrupted, started(2)).when(owe(1)).thenRefused('WRONG_PHASE'));

  it('are not owed before the backup runs or after it ended', () => {
    given(requested).when(owe(1)).thenRefused('WRONG_PHASE');
    given(requested, started(1), {
      type: 'BackupFinished',
      v: 1,
      data: { outcome: 'Failed', at: now },
    })
      .when(owe(1))
      .thenRefused('WRONG_PHASE');
  });

  it('are settled when they were run', () =>
    given(requested, started(1), owed(pod)).when(settle()).then(run(pod)));

  it('are settled once, and only for the pod that owed them', () => {
    given(requested, started(1), owed(pod), run(pod)).when(settle()).thenNothing();
    given(requested, started(1), owed(pod)).when(settle(madeAnew)).thenNothing();
    given(requested).when(settle()).thenNothing();
  });

  it('are still owed after the attempt was interrupted and a further one began', () =>
    given(requested, started(1), owed(pod), interrupted, started(2)).when(settle()).then(run(pod, 2)));

  it('are owed even by a backup that failed meanwhile', () =>
    given(requested, started(1), owed(pod), {
      type: 'BackupFinished',
      v: 1,
      data: { outcome: 'Failed', at: now },
    })
      .when(settle())
      .then({ type: 'BackupPostHooksSettled', v: 1, data: { attempt: 0, pod, ran: true, at: now } }));

  it('keep nothing of the former life when another backup takes the name', () => {
    const facts = [
      requested,
      started(1),
      owed(pod),
      { type: 'BackupFinished', v: 1, data: { outcome: 'Failed', at: now } } as const,
      { type: 'BackupRequested', v: 1, data: { uid: 'u2', spec: {}, labels: {}, at: now } } as const,
      started(1),
    ];
    expect(facts.reduce(backup.evolve, backup.initial)).toMatchObject({ phase: 'InProgress', owed: [] });
  });
});

describe('the hooks that a restore has run', () => {
  const given = givenOf(restore);
  const place = { namespace: 'shop', name: 'db-0' };
  const counts = { hooksAttempted: 2, hooksFailed: 1 };
  const requested: RestoreEvent = {
    type: 'RestoreRequested',
    v: 1,
    data: { uid: 'u1', spec: {}, labels: {}, at: now },
  };
  const started = (attempt: number): RestoreEvent => ({
    type: 'RestoreStarted',
    v: 1,
    data: { attempt, spec: {}, at: now },
  });
  const interrupted: RestoreEvent = { type: 'RestoreInterrupted', v: 1, data: { attempt: 1, at: now } };
  const run: RestoreEvent = {
    type: 'RestoreHooksRun',
    v: 1,
    data: { attempt: 1, pod: place, ...counts, at: now },
  };
  const record = (attempt: number): RestoreCommand => ({
    type: 'RecordHooksRun',
    attempt,
    pod: place,
    ...counts,
    now,
  });

  it('are recorded once for each pod', () => {
    given(requested, started(1)).when(record(1)).then(run);
    given(requested, started(1), run).when(record(1)).thenNothing();
  });

  it('are not recorded by an attempt that has lost its turn', () =>
    given(requested, started(1), interrupted, started(2)).when(record(1)).thenRefused('WRONG_PHASE'));

  it('are known to the next attempt, which leaves those pods alone', () =>
    given(requested, started(1), run, interrupted, started(2)).when(record(2)).thenNothing());
});
