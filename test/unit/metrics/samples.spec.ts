import { describe, expect, it } from 'vitest';
import { samplesOf } from '../../../src/metrics/samples.js';
import { foldBatch } from '../../../src/projections/fold.js';
import { recordedAt } from '../projections/facts.js';

type Told = readonly [type: string, data?: object];

const prepared = { spec: {}, labels: {}, annotations: {}, expiresAt: '2026-02-01T00:00:00Z' };
const tally = { items: 7, warnings: 0, errors: 0 };
const requested = (labels: object = {}): Told => ['BackupRequested', { uid: 'u', spec: {}, labels }];
const started = (attempt = 1): Told => ['BackupStarted', { attempt, prepared, at: '2026-01-01T00:00:00Z' }];
const stored = (more: object = {}): Told => [
  'BackupContentsStored',
  { attempt: 1, tally: { ...tally, ...more }, bytes: 99, sha256: 'abc' },
];
const finished = (outcome: string): Told => ['BackupFinished', { outcome, at: '2026-01-01T00:02:00Z' }];

/** What the last of these facts changes, as `series{label} value`. */
const last = (kind: 'backup' | 'restore' | 'location', ...facts: readonly Told[]): readonly string[] => {
  const recorded = facts.map(([type, data = {}], i) =>
    recordedAt(BigInt(i), {
      stream: `${kind}-velero.one`,
      type,
      data: { at: '2026-01-01T00:00:00Z', ...data },
    }),
  );
  const step = foldBatch(recorded, 0n, () => undefined).steps.at(-1);
  return step
    ? samplesOf(step).map(
        ({ series, labels, value }) => `${series}{${Object.values(labels).join()}} ${value}`,
      )
    : [];
};

const ofRestore = (type: string, spec: object = {}, ...more: readonly Told[]) =>
  last('restore', ['RestoreRequested', { uid: 'u', spec, labels: {} }], ...more, [
    type,
    { attempt: 1, spec, reasons: ['no'], outcome: 'Completed' },
  ]);

describe('What a fact about a backup changes', () => {
  it('is nothing while it waits', () => expect(last('backup', requested())).toEqual([]));

  it('is an attempt when it runs, and another when it runs again after a restart', () => {
    expect(last('backup', requested(), started())).toEqual(['backup_attempt_total{} 1']);
    const again = last('backup', requested(), started(), ['BackupInterrupted', { attempt: 1 }], started(2));
    expect(again).toEqual(['backup_attempt_total{} 1']);
  });

  it('is a refusal, without an attempt, when it is invalid', () => {
    expect(last('backup', requested(), ['BackupRejected', { reasons: ['no'], prepared }])).toEqual([
      'backup_validation_failure_total{} 1',
      'backup_last_status{} 0',
    ]);
  });

  it.each([
    ['Completed', 'backup_success_total', 1],
    ['PartiallyFailed', 'backup_partial_failure_total', 0],
  ])('is everything about it when it ends %s', (outcome, series, status) => {
    const samples = last('backup', requested(), started(), stored({ errors: 1 - status }), finished(outcome));
    expect(samples).toEqual([
      `${series}{} 1`,
      'backup_duration_seconds{} 120',
      `backup_last_status{} ${status}`,
      ...(status === 1 ? ['backup_last_successful_timestamp{} 1767225720'] : []),
      'backup_tarball_size_bytes{} 99',
      'backup_items_total{} 7',
      `backup_items_errors{} ${1 - status}`,
    ]);
  });

  it('is a failure without sizes when nothing was stored', () => {
    expect(last('backup', requested(), started(), finished('Failed'))).toEqual([
      'backup_failure_total{} 1',
      'backup_duration_seconds{} 120',
      'backup_last_status{} 0',
    ]);
  });

  it('is the CSI snapshots that were asked for, got ready and failed, under the name of the backup, when it ends', () => {
    const taken = (claim: string, ready: boolean): Told => [
      'BackupSnapshotTaken',
      { attempt: 1, snapshot: { namespace: 'shop', claim, ready } },
    ];
    const facts = [requested(), started(), taken('db', true), taken('wal', false), stored({ errors: 1 })];
    const samples = last('backup', ...facts, finished('PartiallyFailed'));
    expect(samples.filter((sample) => sample.startsWith('csi_'))).toEqual([
      'csi_snapshot_attempt_total{,one} 2',
      'csi_snapshot_success_total{,one} 1',
      'csi_snapshot_failure_total{,one} 1',
    ]);
  });

  it('is the snapshots that providers were asked for, took and refused, when it ends', () => {
    const about = { volume: 'pv-1', location: 'default' };
    const facts = [
      requested(),
      started(),
      ['BackupVolumeSnapshotTaken', { attempt: 1, snapshot: about }] as Told,
      ['BackupVolumeSnapshotFailed', { attempt: 1, ...about, reason: 'quota' }] as Told,
      stored({ errors: 1 }),
    ];
    const samples = last('backup', ...facts, finished('PartiallyFailed'));
    expect(samples.filter((sample) => sample.startsWith('volume_'))).toEqual([
      'volume_snapshot_attempt_total{} 2',
      'volume_snapshot_success_total{} 1',
      'volume_snapshot_failure_total{} 1',
    ]);
  });

  it('is nothing when it ends before it ran, since its resource went away', () =>
    expect(last('backup', requested(), finished('Failed'))).toEqual([]));

  it('is one warned backup, however many warnings it has', () => {
    const samples = last('backup', requested(), started(), stored({ warnings: 5 }), finished('Completed'));
    expect(samples).toContain('backup_warning_total{} 1');
  });

  it('stands under the schedule that its label names', () => {
    const labels = { 'velero.io/schedule-name': 'nightly' };
    expect(last('backup', requested(labels), started())).toEqual(['backup_attempt_total{nightly} 1']);
  });

  it('is only the time of a success when another server made it', () => {
    const found = (phase: string): Told => [
      'BackupDiscovered',
      { uid: 'u', found: { phase, spec: {}, labels: {}, tally, completedAt: '2026-01-01T00:02:00Z' } },
    ];
    expect(last('backup', found('Completed'))).toEqual(['backup_last_successful_timestamp{} 1767225720']);
    expect(last('backup', found('Failed'))).toEqual([]);
  });

  it('is no deletion when its resource just goes away', () =>
    expect(last('backup', requested(), started(), finished('Completed'), ['BackupDeleted'])).toEqual([]));
});

describe('What a fact about a restore changes', () => {
  const started: Told = ['RestoreStarted', { attempt: 1, spec: {} }];

  it('is an attempt when it runs', () =>
    expect(ofRestore('RestoreStarted')).toEqual(['restore_attempt_total{} 1']));

  it('is an attempt and a refusal when it is invalid, as in Velero', () =>
    expect(ofRestore('RestoreRejected')).toEqual([
      'restore_attempt_total{} 1',
      'restore_validation_failed_total{} 1',
    ]));

  it('is its outcome when it ends, unless it never ran', () => {
    expect(ofRestore('RestoreFinished', {}, started)).toEqual(['restore_success_total{} 1']);
    expect(ofRestore('RestoreFinished')).toEqual([]);
  });

  it('stands under the schedule that its spec names', () => {
    const spec = { scheduleName: 'nightly' };
    expect(ofRestore('RestoreStarted', spec)).toEqual(['restore_attempt_total{nightly} 1']);
  });
});

describe('Facts that count for nothing', () => {
  it('are those of locations, which are read from the views, and those of a newer Lifeboat', () => {
    const location = { uid: 'u', provider: 'aws', bucket: 'b', prefix: '', accessMode: 'ReadWrite' };
    expect(last('location', ['LocationRegistered', { location }])).toEqual([]);
    expect(last('backup', requested(), ['BackupTeleported'])).toEqual([]);
  });
});
