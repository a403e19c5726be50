import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PreparedBackup } from '../../../src/domain/backup-facts.js';
import { type LifeboatEvent } from '../../../src/domain/events.js';
import { foldBackup, type BackupRow } from '../../../src/projections/backups.js';

const at = (second: number): string => `2026-01-02T10:00:${String(second).padStart(2, '0')}Z`;
const prepared: PreparedBackup = {
  spec: { includedNamespaces: ['shop'], storageLocation: 'default' },
  labels: { 'velero.io/storage-location': 'default' },
  annotations: { 'velero.io/resource-timeout': '10m0s' },
  expiresAt: '2026-02-01T10:00:00Z',
};
const requested: LifeboatEvent = {
  type: 'BackupRequested',
  v: 1,
  data: { uid: 'u1', spec: { includedNamespaces: ['shop'] }, labels: { team: 'web' }, at: at(0) },
};
const started = (attempt: number, second: number): LifeboatEvent => ({
  type: 'BackupStarted',
  v: 1,
  data: { attempt, prepared, at: at(second) },
});
const stored = (errors: number): LifeboatEvent => ({
  type: 'BackupContentsStored',
  v: 1,
  data: { attempt: 1, tally: { items: 9, warnings: 2, errors }, bytes: 1000, sha256: 'abc', at: at(5) },
});
const finished = (outcome: 'Completed' | 'Failed', reason?: string): LifeboatEvent => ({
  type: 'BackupFinished',
  v: 1,
  data: { outcome, ...(reason !== undefined && { reason }), at: at(9) },
});
const interrupted: LifeboatEvent = { type: 'BackupInterrupted', v: 1, data: { attempt: 1, at: at(3) } };
const rejected: LifeboatEvent = {
  type: 'BackupRejected',
  v: 1,
  data: { reasons: ['a', 'b'], prepared, at: at(1) },
};
const deleted: LifeboatEvent = { type: 'BackupDeleted', v: 1, data: { at: at(59) } };
const foreign: LifeboatEvent = { type: 'RestoreDeleted', v: 1, data: { at: at(59) } };

const rowAfter = (...events: readonly LifeboatEvent[]): BackupRow | undefined =>
  events.reduce<BackupRow | undefined>(foldBackup, undefined);

describe('what people see of a backup', () => {
  it('begins with what was asked for', () => {
    expect(rowAfter(requested)).toEqual({
      uid: 'u1',
      phase: 'New',
      spec: { includedNamespaces: ['shop'] },
      labels: { team: 'web' },
      annotations: {},
      attempts: 0,
      items: 0,
      warnings: 0,
      errors: 0,
      bytes: 0,
      requestedAt: at(0),
      validationErrors: [],
    });
  });

  it('at its start shows what the server filled in, beside the labels it was created with', () => {
    expect(rowAfter(requested, started(1, 1))).toMatchObject({
      phase: 'InProgress',
      attempts: 1,
      startedAt: at(1),
      spec: prepared.spec,
      labels: { team: 'web', 'velero.io/storage-location': 'default' },
      annotations: prepared.annotations,
      expiresAt: prepared.expiresAt,
    });
  });

  it('keeps the time of its first start over all attempts', () => {
    const row = rowAfter(requested, started(1, 1), interrupted, started(2, 30));
    expect(row).toMatchObject({ phase: 'InProgress', attempts: 2, startedAt: at(1) });
  });

  it('that was refused has reasons and an expiration but never a start or an end', () => {
    const row = rowAfter(requested, rejected);
    expect(row).toMatchObject({
      phase: 'FailedValidation',
      validationErrors: ['a', 'b'],
      expiresAt: prepared.expiresAt,
    });
    expect(row).not.toHaveProperty('startedAt');
    expect(row).not.toHaveProperty('completedAt');
  });

  it('shows its counts once its contents are stored, and by them how it is going to end', () => {
    const good = rowAfter(requested, started(1, 1), stored(0));
    expect(good).toMatchObject({
      phase: 'Finalizing',
      items: 9,
      warnings: 2,
      errors: 0,
      bytes: 1000,
      sha256: 'abc',
    });
    expect(rowAfter(requested, started(1, 1), stored(1))?.phase).toBe('FinalizingPartiallyFailed');
  });

  it('shows its end, and the reason of a failure', () => {
    const completed = rowAfter(requested, started(1, 1), stored(0), finished('Completed'));
    expect(completed).toMatchObject({ phase: 'Completed', completedAt: at(9), items: 9 });
    expect(completed).not.toHaveProperty('failureReason');
    expect(rowAfter(requested, started(1, 1), finished('Failed', 'x'))).toMatchObject({
      phase: 'Failed',
      failureReason: 'x',
    });
  });

  it('is gone after it was deleted, and nothing of it is left in the next one of its name', () => {
    const life = [requested, started(1, 1), stored(1), finished('Failed', 'x')];
    expect(rowAfter(...life, deleted)).toBeUndefined();
    expect(rowAfter(...life, deleted, requested)).toEqual(rowAfter(requested));
    expect(rowAfter(...life, requested)).toEqual(rowAfter(requested));
  });

  it('that was found shows what was found', () => {
    const found = {
      phase: 'PartiallyFailed',
      spec: { ttl: '1h' },
      labels: { a: 'b' },
      tally: { items: 3, warnings: 1, errors: 2 },
      startedAt: at(1),
      completedAt: at(2),
      expiresAt: at(3),
      failureReason: 'x',
      validationErrors: ['y'],
    } as const;
    const row = rowAfter({ type: 'BackupDiscovered', v: 1, data: { uid: 'u9', found, at: at(40) } });
    const { tally, ...shown } = found;
    expect(row).toEqual({
      ...shown,
      ...tally,
      uid: 'u9',
      annotations: {},
      attempts: 0,
      bytes: 0,
      requestedAt: at(1),
    });
  });

  it('that was found without times was asked for when it was found, as far as anybody knows', () => {
    const found = {
      phase: 'Completed',
      spec: {},
      labels: {},
      tally: { items: 0, warnings: 0, errors: 0 },
    } as const;
    const row = rowAfter({ type: 'BackupDiscovered', v: 1, data: { uid: 'u9', found, at: at(40) } });
    expect(row).toMatchObject({ requestedAt: at(40), validationErrors: [] });
    expect(row).not.toHaveProperty('startedAt');
  });

  it('does not begin in the middle, and does not heed facts about others', () => {
    expect(
      rowAfter(started(1, 1), stored(0), finished('Completed'), interrupted, rejected, deleted),
    ).toBeUndefined();
    expect(rowAfter(requested, foreign)).toEqual(rowAfter(requested));
  });

  it('is the same, whether it is folded at once or in two parts', () => {
    const any = fc.constantFrom(
      requested,
      started(1, 1),
      started(2, 20),
      interrupted,
      stored(0),
      stored(2),
      finished('Completed'),
      rejected,
      deleted,
      foreign,
    );
    fc.assert(
      fc.property(fc.array(any, { maxLength: 20 }), fc.nat(20), (events, cut) => {
        const part = rowAfter(...events.slice(0, cut));
        const snapshot = structuredClone(part);
        expect(events.slice(cut).reduce(foldBackup, part)).toEqual(rowAfter(...events));
        expect(part).toEqual(snapshot);
      }),
    );
  });
});
