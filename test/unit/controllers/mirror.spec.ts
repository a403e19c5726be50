import { describe, expect, it } from 'vitest';
import { desiredBackup, desiredRestore, mirrorPatch, type Desired } from '../../../src/controllers/mirror.js';
import {
  BACKUP_PHASES,
  RESTORE_PHASES,
  type BackupSpec,
  type RestoreSpec,
} from '../../../src/domain/velero.gen.js';
import { type BackupRow } from '../../../src/projections/backups.js';
import { type Progress } from '../../../src/projections/progress.js';
import { type RestoreRow } from '../../../src/projections/restores.js';
import { applied, type Mirrored } from './merge-patch.js';
import { hasEnded } from '../../../src/domain/phases.js';

const empty: Mirrored = { metadata: { resourceVersion: '7' } };

describe('what is written to a resource', () => {
  it('is only what differs', () => {
    const desired: Desired = {
      labels: { a: '1', b: '2' },
      annotations: { c: '3' },
      spec: { ttl: '1h', hooks: { resources: [] } },
      status: { phase: 'InProgress', progress: { totalItems: 5, itemsBackedUp: 2 } },
    };
    const actual: Mirrored = {
      metadata: { resourceVersion: '7', labels: { a: '1', mine: 'x' }, annotations: { c: '3' } },
      spec: { ttl: '1h', hooks: { resources: [] }, more: true },
      status: { phase: 'InProgress', progress: { totalItems: 5, itemsBackedUp: 1 } },
    };
    expect(mirrorPatch(desired, actual)).toEqual({
      status: { progress: { itemsBackedUp: 2 } },
      metadata: { labels: { b: '2' } },
    });
  });

  it('is nothing when the resource shows everything, whatever else it shows', () => {
    const status = { phase: 'Completed', more: 1 };
    expect(mirrorPatch({ status: { phase: 'Completed' } }, { ...empty, status })).toBeUndefined();
  });

  it('takes a field away with null, and only one that is there', () => {
    const desired: Desired = { status: { queuePosition: null } };
    expect(mirrorPatch(desired, { ...empty, status: { queuePosition: 2 } })).toEqual({
      status: { queuePosition: null },
    });
    expect(mirrorPatch(desired, { ...empty, status: {} })).toBeUndefined();
    expect(mirrorPatch(desired, empty)).toBeUndefined();
  });

  it('holds for the version it was decided on if the phase or the spec changes', () => {
    expect(mirrorPatch({ status: { phase: 'InProgress' } }, empty)).toEqual({
      status: { phase: 'InProgress' },
      metadata: { resourceVersion: '7' },
    });
    expect(mirrorPatch({ status: {}, spec: { ttl: '1h' } }, empty)).toEqual({
      spec: { ttl: '1h' },
      metadata: { resourceVersion: '7' },
    });
  });

  it('holds for any version if only counts or labels change, which are not worth a conflict', () => {
    const progress = { totalItems: 5, itemsBackedUp: 1 };
    expect(mirrorPatch({ status: { progress } }, empty)).toEqual({ status: { progress } });
    expect(mirrorPatch({ status: {}, labels: { a: '1' } }, empty)).toEqual({
      metadata: { labels: { a: '1' } },
    });
  });

  it('replaces a list as a whole, for a merge patch knows no other way', () => {
    const patch = mirrorPatch(
      { status: { validationErrors: ['b'] } },
      { ...empty, status: { validationErrors: ['a', 'b'] } },
    );
    expect(patch).toEqual({ status: { validationErrors: ['b'] } });
  });

  it('is nothing when only the order of fields differs', () => {
    const spec = { orLabelSelectors: [{ matchLabels: { b: '2', a: '1' } }] };
    const actual: Mirrored = { ...empty, spec: { orLabelSelectors: [{ matchLabels: { a: '1', b: '2' } }] } };
    expect(mirrorPatch({ status: {}, spec }, actual)).toBeUndefined();
  });

  it('is nothing when an empty object stands where more is known already', () => {
    const actual: Mirrored = { ...empty, status: { hookStatus: { hooksAttempted: 2 } } };
    expect(mirrorPatch({ status: { hookStatus: {} } }, actual)).toBeUndefined();
    expect(mirrorPatch({ status: { hookStatus: {} } }, empty)).toEqual({ status: { hookStatus: {} } });
  });
});

const spec: BackupSpec = { storageLocation: 'default', ttl: '720h0m0s' };
const fresh: BackupRow = {
  uid: 'u1',
  phase: 'New',
  spec,
  labels: { team: 'web' },
  annotations: {},
  attempts: 0,
  items: 0,
  warnings: 0,
  errors: 0,
  bytes: 0,
  requestedAt: '2026-01-02T10:00:00Z',
  validationErrors: [],
};
const [expiresAt, startedAt, completedAt] = [
  '2026-02-01T10:00:00Z',
  '2026-01-02T10:00:01Z',
  '2026-01-02T10:00:09Z',
];
const preparedFields = { version: 1, formatVersion: '1.1.0', expiration: expiresAt, queuePosition: null };
const half: Progress = { itemsDone: 4, totalItems: 10, bytesWritten: 99 };
const started: BackupRow = { ...fresh, expiresAt, startedAt, attempts: 1 };

describe('the status of a Backup, as Velero shows it', () => {
  const rows: readonly (readonly [string, BackupRow, Progress | undefined, number | undefined, object])[] = [
    ['New', fresh, undefined, undefined, { phase: 'New', queuePosition: null }],
    ['Queued with its place', fresh, undefined, 2, { phase: 'Queued', queuePosition: 2 }],
    [
      'InProgress before the first count',
      { ...started, phase: 'InProgress' },
      undefined,
      undefined,
      { ...preparedFields, phase: 'InProgress', startTimestamp: startedAt },
    ],
    [
      'InProgress with its progress, and never a place in line',
      { ...started, phase: 'InProgress' },
      half,
      1,
      {
        ...preparedFields,
        phase: 'InProgress',
        startTimestamp: startedAt,
        progress: { totalItems: 10, itemsBackedUp: 4 },
      },
    ],
    [
      'Finalizing, when the counts are final',
      { ...started, phase: 'Finalizing', items: 10, warnings: 1 },
      half,
      undefined,
      {
        ...preparedFields,
        phase: 'Finalizing',
        startTimestamp: startedAt,
        warnings: 1,
        progress: { totalItems: 10, itemsBackedUp: 10 },
        hookStatus: {},
      },
    ],
    [
      'Completed',
      { ...started, phase: 'Completed', items: 10, completedAt },
      undefined,
      undefined,
      {
        ...preparedFields,
        phase: 'Completed',
        startTimestamp: startedAt,
        completionTimestamp: completedAt,
        progress: { totalItems: 10, itemsBackedUp: 10 },
        hookStatus: {},
      },
    ],
    [
      'Completed without any item',
      { ...started, phase: 'Completed', sha256: 'abc', completedAt },
      undefined,
      undefined,
      {
        ...preparedFields,
        phase: 'Completed',
        startTimestamp: startedAt,
        completionTimestamp: completedAt,
        progress: {},
        hookStatus: {},
      },
    ],
    [
      'PartiallyFailed',
      { ...started, phase: 'PartiallyFailed', items: 10, errors: 3, warnings: 2, completedAt },
      undefined,
      undefined,
      {
        ...preparedFields,
        phase: 'PartiallyFailed',
        startTimestamp: startedAt,
        completionTimestamp: completedAt,
        errors: 3,
        warnings: 2,
        progress: { totalItems: 10, itemsBackedUp: 10 },
        hookStatus: {},
      },
    ],
    [
      'Failed with its reason',
      { ...started, phase: 'Failed', failureReason: 'the bucket is gone', completedAt },
      undefined,
      undefined,
      {
        ...preparedFields,
        phase: 'Failed',
        startTimestamp: startedAt,
        completionTimestamp: completedAt,
        failureReason: 'the bucket is gone',
      },
    ],
    [
      'FailedValidation with reasons and expiration, but without a start',
      { ...fresh, expiresAt, phase: 'FailedValidation', validationErrors: ['a', 'b'] },
      undefined,
      undefined,
      { ...preparedFields, phase: 'FailedValidation', validationErrors: ['a', 'b'] },
    ],
  ];

  it.each(rows)('%s', (_name, row, progress, place, status) => {
    expect(desiredBackup(row, progress, place).status).toEqual(status);
  });

  it('comes with spec, labels and annotations only after the server has filled them in', () => {
    expect(desiredBackup(fresh, undefined)).toEqual({ status: { phase: 'New', queuePosition: null } });
    expect(desiredBackup(started, undefined)).toMatchObject({
      spec,
      labels: { team: 'web' },
      annotations: {},
    });
  });

  it('leaves the line when the work begins', () => {
    const queued = applied(empty, mirrorPatch(desiredBackup(fresh, undefined, 1), empty)!);
    expect(queued.status).toEqual({ phase: 'Queued', queuePosition: 1 });
    const running = applied(
      queued,
      mirrorPatch(desiredBackup({ ...started, phase: 'InProgress' }, undefined), queued)!,
    );
    expect(running.status).not.toHaveProperty('queuePosition');
  });
});

const nothing = { created: 0, updated: 0, skipped: 0, failed: 0, items: 0, warnings: 0, errors: 0 };
const restoreSpec: RestoreSpec = { backupName: 'nightly' };
const asked: RestoreRow = {
  uid: 'u1',
  phase: 'New',
  spec: restoreSpec,
  labels: {},
  attempts: 0,
  ...nothing,
  requestedAt: '2026-01-02T10:00:00Z',
  validationErrors: [],
};
const applying: RestoreRow = { ...asked, phase: 'InProgress', attempts: 1, startedAt };
const counts = { progress: { totalItems: 10, itemsRestored: 10 }, hookStatus: {} };

describe('the status of a Restore, as Velero shows it', () => {
  const rows: readonly (readonly [string, RestoreRow, Progress | undefined, object])[] = [
    ['New shows nothing', asked, undefined, {}],
    [
      'InProgress before the first count',
      applying,
      undefined,
      { phase: 'InProgress', startTimestamp: startedAt },
    ],
    [
      'InProgress with its progress',
      applying,
      half,
      { phase: 'InProgress', startTimestamp: startedAt, progress: { totalItems: 10, itemsRestored: 4 } },
    ],
    [
      'Finalizing, when the counts are final',
      { ...applying, phase: 'Finalizing', items: 10 },
      half,
      { phase: 'Finalizing', startTimestamp: startedAt, ...counts },
    ],
    [
      'Completed',
      { ...applying, phase: 'Completed', items: 10, warnings: 1, completedAt },
      undefined,
      {
        phase: 'Completed',
        startTimestamp: startedAt,
        completionTimestamp: completedAt,
        warnings: 1,
        ...counts,
      },
    ],
    [
      'PartiallyFailed',
      { ...applying, phase: 'PartiallyFailed', items: 10, errors: 2, completedAt },
      undefined,
      {
        phase: 'PartiallyFailed',
        startTimestamp: startedAt,
        completionTimestamp: completedAt,
        errors: 2,
        ...counts,
      },
    ],
    [
      'Failed with its reason',
      { ...applying, phase: 'Failed', failureReason: 'no archive', completedAt },
      undefined,
      {
        phase: 'Failed',
        startTimestamp: startedAt,
        completionTimestamp: completedAt,
        failureReason: 'no archive',
      },
    ],
    [
      'FailedValidation with reasons, but without a start',
      { ...asked, phase: 'FailedValidation', validationErrors: ['no such backup'] },
      undefined,
      { phase: 'FailedValidation', validationErrors: ['no such backup'] },
    ],
  ];

  it.each(rows)('%s', (_name, row, progress, status) => {
    expect(desiredRestore(row, progress).status).toEqual(status);
  });

  it('comes with the spec once it was decided on', () => {
    expect(desiredRestore(asked, undefined)).toEqual({ status: {} });
    expect(desiredRestore(applying, undefined)).toMatchObject({ spec: restoreSpec });
  });
});

it('four phases are ends, one is for the deletion to end, all others are on their way', () => {
  const ends = ['Completed', 'Failed', 'FailedValidation', 'PartiallyFailed'];
  expect(BACKUP_PHASES.filter(hasEnded).sort()).toEqual([...ends, 'Deleting'].sort());
  expect(RESTORE_PHASES.filter(hasEnded).sort()).toEqual(ends);
  expect(hasEnded('')).toBe(false);
});
