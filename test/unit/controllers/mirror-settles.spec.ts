import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { desiredBackup, desiredRestore, mirrorPatch, type Desired } from '../../../src/controllers/mirror.js';
import {
  BACKUP_PHASES,
  RESTORE_PHASES,
  type BackupPhase,
  type RestorePhase,
} from '../../../src/domain/velero.gen.js';
import { type BackupRow } from '../../../src/projections/backups.js';
import { type RestoreRow } from '../../../src/projections/restores.js';
import { applied, overTheWire, type Json, type Mirrored } from './merge-patch.js';

/** Values of all shapes JSON has, with few names, so that two of them often meet. */
const json = fc.letrec<{ value: unknown; record: Json }>((tie) => ({
  record: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, 0, 1, '', 'x'),
    fc.array(tie('value'), { maxLength: 2 }),
    tie('record'),
  ),
}));
const texts = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('', 'x', 'y'), {
  noNullPrototype: true,
});
const moment = fc.constantFrom('2026-01-02T10:00:00Z', '2026-01-03T10:00:00Z');
const count = fc.nat(3);
const actual: fc.Arbitrary<Mirrored> = fc
  .record({
    metadata: fc.record({ labels: texts, annotations: texts }, { requiredKeys: [] }),
    spec: json.record,
    status: json.record,
  })
  .map((one) => ({ ...one, metadata: { resourceVersion: '7', ...one.metadata } }));
const progress = fc.option(fc.record({ itemsDone: count, totalItems: count, bytesWritten: count }), {
  nil: undefined,
});
const common = {
  uid: fc.constant('u1'),
  labels: texts,
  attempts: count,
  items: count,
  warnings: count,
  errors: count,
  requestedAt: moment,
  validationErrors: fc.array(fc.constantFrom('no', 'never'), { maxLength: 2 }),
};
const sometimes = { startedAt: moment, completedAt: moment, failureReason: fc.constantFrom('x', 'y') };
const required = [...Object.keys(common), 'phase', 'spec'];

const backupRow = fc.record(
  {
    ...common,
    ...sometimes,
    phase: fc.constantFrom<BackupPhase>(...BACKUP_PHASES),
    spec: json.record,
    annotations: texts,
    bytes: count,
    expiresAt: moment,
  },
  { requiredKeys: [...required, 'annotations', 'bytes'] as never[] },
) as fc.Arbitrary<BackupRow>;
const restoreRow = fc.record(
  {
    ...common,
    ...sometimes,
    phase: fc.constantFrom<RestorePhase>(...RESTORE_PHASES),
    spec: json.record,
    created: count,
    updated: count,
    skipped: count,
    failed: count,
  },
  { requiredKeys: [...required, 'created', 'updated', 'skipped', 'failed'] as never[] },
) as fc.Arbitrary<RestoreRow>;

describe('a mirrored resource needs no further write', () => {
  const settles = (desired: Desired, before: Mirrored) => {
    const patch = mirrorPatch(desired, before);
    if (patch === undefined) return;
    const after = applied(before, patch);
    expect(after).not.toEqual(overTheWire(before));
    expect(mirrorPatch(desired, after)).toBeUndefined();
  };

  it('whatever the backup is and whatever the resource showed before', () => {
    fc.assert(
      fc.property(
        backupRow,
        progress,
        fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
        actual,
        (row, tally, place, before) => {
          settles(desiredBackup(row, tally, place), before);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('whatever the restore is and whatever the resource showed before', () => {
    fc.assert(
      fc.property(restoreRow, progress, actual, (row, tally, before) => {
        settles(desiredRestore(row, tally), before);
      }),
      { numRuns: 500 },
    );
  });
});
