import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LifeboatEvent } from '../../../src/domain/events.js';
import { foldRestore, type RestoreRow } from '../../../src/projections/restores.js';

const at = (second: number): string => `2026-01-02T10:00:${String(second).padStart(2, '0')}Z`;
const spec = { backupName: 'nightly', itemOperationTimeout: '4h0m0s' };
const requested: LifeboatEvent = {
  type: 'RestoreRequested',
  v: 1,
  data: { uid: 'u1', spec: { backupName: 'nightly' }, labels: { team: 'web' }, at: at(0) },
};
const started = (attempt: number, second: number): LifeboatEvent => ({
  type: 'RestoreStarted',
  v: 1,
  data: { attempt, spec, at: at(second) },
});
const tally = { items: 9, created: 4, updated: 1, skipped: 3, failed: 1, warnings: 2, errors: 0 };
const applied = (errors: number): LifeboatEvent => ({
  type: 'RestoreItemsApplied',
  v: 1,
  data: { attempt: 1, tally: { ...tally, errors }, at: at(5) },
});
const finished = (outcome: 'Completed' | 'Failed', reason?: string): LifeboatEvent => ({
  type: 'RestoreFinished',
  v: 1,
  data: { outcome, ...(reason !== undefined && { reason }), at: at(9) },
});
const interrupted: LifeboatEvent = { type: 'RestoreInterrupted', v: 1, data: { attempt: 1, at: at(3) } };
const rejected: LifeboatEvent = {
  type: 'RestoreRejected',
  v: 1,
  data: { reasons: ['a', 'b'], spec, at: at(1) },
};
const deleted: LifeboatEvent = { type: 'RestoreDeleted', v: 1, data: { at: at(59) } };
const foreign: LifeboatEvent = { type: 'BackupDeleted', v: 1, data: { at: at(59) } };

const rowAfter = (...events: readonly LifeboatEvent[]): RestoreRow | undefined =>
  events.reduce<RestoreRow | undefined>(foldRestore, undefined);
const nothing = { items: 0, created: 0, updated: 0, skipped: 0, failed: 0, warnings: 0, errors: 0 };

describe('what people see of a restore', () => {
  it('begins with what was asked for', () => {
    expect(rowAfter(requested)).toEqual({
      uid: 'u1',
      phase: 'New',
      spec: { backupName: 'nightly' },
      labels: { team: 'web' },
      attempts: 0,
      ...nothing,
      requestedAt: at(0),
      validationErrors: [],
    });
  });

  it('at its start shows what the server filled in', () => {
    const row = rowAfter(requested, started(1, 1));
    expect(row).toMatchObject({ phase: 'InProgress', attempts: 1, startedAt: at(1), spec });
  });

  it('keeps the time of its first start over all attempts', () => {
    const row = rowAfter(requested, started(1, 1), interrupted, started(2, 30));
    expect(row).toMatchObject({ phase: 'InProgress', attempts: 2, startedAt: at(1) });
  });

  it('that was refused has reasons but never a start or an end', () => {
    const row = rowAfter(requested, rejected);
    expect(row).toMatchObject({ phase: 'FailedValidation', validationErrors: ['a', 'b'], spec });
    expect(row).not.toHaveProperty('startedAt');
    expect(row).not.toHaveProperty('completedAt');
  });

  it('shows its counts once its items are applied, and by them how it is going to end', () => {
    expect(rowAfter(requested, started(1, 1), applied(0))).toMatchObject({ phase: 'Finalizing', ...tally });
    expect(rowAfter(requested, started(1, 1), applied(1))?.phase).toBe('FinalizingPartiallyFailed');
  });

  it('shows its end, and the reason of a failure', () => {
    const completed = rowAfter(requested, started(1, 1), applied(0), finished('Completed'));
    expect(completed).toMatchObject({ phase: 'Completed', completedAt: at(9), ...tally });
    expect(completed).not.toHaveProperty('failureReason');
    expect(rowAfter(requested, started(1, 1), finished('Failed', 'x'))).toMatchObject({
      phase: 'Failed',
      failureReason: 'x',
    });
  });

  it('is gone after it was deleted, and nothing of it is left in the next one of its name', () => {
    const life = [requested, started(1, 1), applied(1), finished('Failed', 'x')];
    expect(rowAfter(...life, deleted)).toBeUndefined();
    expect(rowAfter(...life, requested)).toEqual(rowAfter(requested));
  });

  it('that was found shows what was found', () => {
    const found = {
      phase: 'PartiallyFailed',
      spec,
      labels: { a: 'b' },
      items: 3,
      warnings: 1,
      errors: 2,
      startedAt: at(1),
      completedAt: at(2),
      failureReason: 'x',
      validationErrors: ['y'],
    } as const;
    const row = rowAfter({ type: 'RestoreDiscovered', v: 1, data: { uid: 'u9', found, at: at(40) } });
    expect(row).toEqual({ ...nothing, ...found, uid: 'u9', attempts: 0, requestedAt: at(1) });
  });

  it('does not begin in the middle, and does not heed facts about others', () => {
    expect(
      rowAfter(started(1, 1), applied(0), finished('Completed'), interrupted, rejected, deleted),
    ).toBeUndefined();
    expect(rowAfter(requested, foreign)).toEqual(rowAfter(requested));
  });

  it('is the same, whether it is folded at once or in two parts', () => {
    const any = fc.constantFrom(
      requested,
      started(1, 1),
      started(2, 20),
      interrupted,
      applied(0),
      applied(2),
      finished('Completed'),
      rejected,
      deleted,
      foreign,
    );
    fc.assert(
      fc.property(fc.array(any, { maxLength: 20 }), fc.nat(20), (events, cut) => {
        const part = rowAfter(...events.slice(0, cut));
        const snapshot = structuredClone(part);
        expect(events.slice(cut).reduce(foldRestore, part)).toEqual(rowAfter(...events));
        expect(part).toEqual(snapshot);
      }),
    );
  });
});
