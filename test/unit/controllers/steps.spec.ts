import { describe, expect, it } from 'vitest';
import { nextBackupStep, type BackupStep } from '../../../src/controllers/backup/next-step.js';
import { nextRestoreStep, type RestoreStep } from '../../../src/controllers/restore/next-step.js';
import type { BackupState } from '../../../src/domain/backup-facts.js';
import type { RestoreState } from '../../../src/domain/restore-facts.js';
import {
  BACKUP_PHASES,
  RESTORE_PHASES,
  type Backup,
  type BackupPhase,
  type Restore,
  type RestorePhase,
} from '../../../src/domain/velero.gen.js';

const ENDED = ['Completed', 'PartiallyFailed', 'Failed', 'FailedValidation', 'Deleting'];

const backup = (uid: string, phase?: BackupPhase): Backup => ({
  apiVersion: 'velero.io/v1',
  kind: 'Backup',
  metadata: { name: 'nightly', uid },
  ...(phase !== undefined && { status: { phase } }),
});
const HELD = { finalizers: ['restores.velero.io/external-resources-finalizer'] };
const restore = (uid: string, phase?: RestorePhase, metadata: object = HELD): Restore => ({
  apiVersion: 'velero.io/v1',
  kind: 'Restore',
  metadata: { name: 'again', uid, ...metadata },
  ...(phase !== undefined && { status: { phase } }),
});

const pod = { namespace: 'shop', name: 'db-0', uid: 'p1' };
const request = { name: 'delete-it', uid: 'd1' };
const prepared = { spec: {}, labels: {}, annotations: {}, expiresAt: '' };
const snapshots = {
  begun: true,
  taken: [
    {
      namespace: 'shop',
      claim: 'db',
      volume: 'pv-1',
      snapshot: 'velero-db-1',
      content: 'snapcontent-1',
      driver: 'disk.example',
      handle: 'h1',
      ready: false,
      since: '2026-01-02T10:00:00Z',
    },
  ],
  late: [],
  moves: [],
} as const;

const BACKUP_STATES = {
  Absent: { phase: 'Absent' },
  New: { phase: 'New', uid: 'u1' },
  Running: { phase: 'InProgress', uid: 'u1', attempt: 1, running: true, prepared, owed: [] },
  Frozen: { phase: 'InProgress', uid: 'u1', attempt: 1, running: true, prepared, owed: [pod] },
  Interrupted: { phase: 'InProgress', uid: 'u1', attempt: 1, running: false, prepared, owed: [] },
  Stored: { phase: 'Stored', uid: 'u1', attempt: 1, errors: 0, owed: [] },
  Ended: { phase: 'Ended', uid: 'u1', outcome: 'Completed', owed: [] },
  Deleting: { phase: 'Deleting', uid: 'u1', deletion: { request, done: [], errors: [] }, owed: [] },
  DeletingFrozen: { phase: 'Deleting', uid: 'u1', deletion: { request, done: [], errors: [] }, owed: [pod] },
  DeletionFailed: { phase: 'Deleting', uid: 'u1', deletion: { request, done: [], errors: ['no'] }, owed: [] },
  Waiting: { phase: 'Stored', uid: 'u1', attempt: 1, errors: 0, owed: [], snapshots },
  InterruptedWithSnapshots: {
    phase: 'InProgress',
    uid: 'u1',
    attempt: 1,
    running: false,
    prepared,
    owed: [],
    snapshots,
  },
  FailedWithSnapshots: { phase: 'Ended', uid: 'u1', outcome: 'Failed', owed: [], snapshots },
} as const satisfies Record<string, BackupState>;
const RESTORE_STATES = {
  Absent: { phase: 'Absent' },
  New: { phase: 'New', uid: 'u1' },
  Running: { phase: 'InProgress', uid: 'u1', attempt: 1, running: true, spec: {}, hooksRun: [] },
  Interrupted: { phase: 'InProgress', uid: 'u1', attempt: 1, running: false, spec: {}, hooksRun: [] },
  Applied: { phase: 'Applied', uid: 'u1', attempt: 1, errors: 0, spec: {} },
  Settling: { phase: 'Applied', uid: 'u1', attempt: 1, errors: 0, spec: {}, settlingSince: 'then' },
  Ended: { phase: 'Ended', uid: 'u1', outcome: 'Completed' },
} as const satisfies Record<string, RestoreState>;

/** What is next with: no resource, our resource, another resource of the name; each begun elsewhere / begun here. */
type Row<S> = readonly [gone: readonly [S, S], ours: readonly [S, S], other: readonly [S, S]];

const BACKUP_TABLE: Record<keyof typeof BACKUP_STATES, Row<BackupStep>> = {
  Absent: [
    ['none', 'none'],
    ['intake', 'intake'],
    ['intake', 'intake'],
  ],
  New: [
    ['abandon', 'abandon'],
    ['start', 'start'],
    ['abandon', 'abandon'],
  ],
  Running: [
    ['abandon', 'abandon'],
    ['recover', 'collect'],
    ['abandon', 'abandon'],
  ],
  // The application comes first, even if the backup is gone.
  Frozen: [
    ['thaw', 'thaw'],
    ['thaw', 'thaw'],
    ['thaw', 'thaw'],
  ],
  Interrupted: [
    ['abandon', 'abandon'],
    ['start', 'start'],
    ['abandon', 'abandon'],
  ],
  Stored: [
    ['abandon', 'abandon'],
    ['finish', 'finish'],
    ['abandon', 'abandon'],
  ],
  Ended: [
    ['forget', 'forget'],
    ['mirror', 'mirror'],
    ['intake', 'intake'],
  ],
  // Nothing stops a deletion but its own failure.
  Deleting: [
    ['delete', 'delete'],
    ['delete', 'delete'],
    ['delete', 'delete'],
  ],
  DeletingFrozen: [
    ['thaw', 'thaw'],
    ['thaw', 'thaw'],
    ['thaw', 'thaw'],
  ],
  DeletionFailed: [
    ['forget', 'forget'],
    ['mirror', 'mirror'],
    ['intake', 'intake'],
  ],
  Waiting: [
    ['abandon', 'abandon'],
    ['await', 'await'],
    ['abandon', 'abandon'],
  ],
  // Snapshots of nobody come first, even if the backup is gone.
  InterruptedWithSnapshots: [
    ['discard', 'discard'],
    ['discard', 'discard'],
    ['discard', 'discard'],
  ],
  FailedWithSnapshots: [
    ['discard', 'discard'],
    ['discard', 'discard'],
    ['discard', 'discard'],
  ],
};
const RESTORE_TABLE: Record<keyof typeof RESTORE_STATES, Row<RestoreStep>> = {
  Absent: [
    ['none', 'none'],
    ['intake', 'intake'],
    ['intake', 'intake'],
  ],
  New: [
    ['abandon', 'abandon'],
    ['start', 'start'],
    ['abandon', 'abandon'],
  ],
  Running: [
    ['abandon', 'abandon'],
    ['recover', 'apply'],
    ['abandon', 'abandon'],
  ],
  Interrupted: [
    ['abandon', 'abandon'],
    ['start', 'start'],
    ['abandon', 'abandon'],
  ],
  Applied: [
    ['abandon', 'abandon'],
    ['finish', 'finish'],
    ['abandon', 'abandon'],
  ],
  Settling: [
    ['abandon', 'abandon'],
    ['settle', 'settle'],
    ['abandon', 'abandon'],
  ],
  Ended: [
    ['forget', 'forget'],
    ['mirror', 'mirror'],
    ['intake', 'intake'],
  ],
};

describe('the next step of a backup', () => {
  const rows = (Object.keys(BACKUP_STATES) as (keyof typeof BACKUP_STATES)[]).map((name) => [name] as const);

  it.each(rows)('%s: without its resource, with it, and with another one of its name', (name) => {
    const next = (resource: Backup | undefined) =>
      [false, true].map((here) => nextBackupStep(BACKUP_STATES[name], resource, here));
    expect([next(undefined), next(backup('u1')), next(backup('u2'))]).toEqual(BACKUP_TABLE[name]);
  });

  it.each(BACKUP_PHASES)(
    'a resource nobody knows that says %s is taken in or, if it has ended, found',
    (phase) => {
      const step = ENDED.includes(phase) ? 'discover' : 'intake';
      expect(nextBackupStep(BACKUP_STATES.Absent, backup('u1', phase), false)).toBe(step);
      expect(nextBackupStep(BACKUP_STATES.Ended, backup('u2', phase), false)).toBe(step);
    },
  );

  it.each(BACKUP_PHASES)('facts count and not what the resource says, be it %s', (phase) => {
    expect(nextBackupStep(BACKUP_STATES.New, backup('u1', phase), false)).toBe('start');
    expect(nextBackupStep(BACKUP_STATES.Running, backup('u1', phase), true)).toBe('collect');
    expect(nextBackupStep(BACKUP_STATES.Stored, backup('u1', phase), true)).toBe('finish');
    expect(nextBackupStep(BACKUP_STATES.Ended, backup('u1', phase), false)).toBe('mirror');
  });
});

describe('the next step of a restore', () => {
  const rows = (Object.keys(RESTORE_STATES) as (keyof typeof RESTORE_STATES)[]).map(
    (name) => [name] as const,
  );

  it.each(rows)('%s: without its resource, with it, and with another one of its name', (name) => {
    const next = (resource: Restore | undefined) =>
      [false, true].map((here) => nextRestoreStep(RESTORE_STATES[name], resource, here));
    expect([next(undefined), next(restore('u1')), next(restore('u2'))]).toEqual(RESTORE_TABLE[name]);
  });

  it.each(RESTORE_PHASES)(
    'a resource nobody knows that says %s is taken in or, if it has ended, found',
    (phase) => {
      const step = ENDED.includes(phase) ? 'discover' : 'intake';
      expect(nextRestoreStep(RESTORE_STATES.Absent, restore('u1', phase), false)).toBe(step);
      expect(nextRestoreStep(RESTORE_STATES.Ended, restore('u2', phase), false)).toBe(step);
    },
  );

  it.each(RESTORE_PHASES)('facts count and not what the resource says, be it %s', (phase) => {
    expect(nextRestoreStep(RESTORE_STATES.New, restore('u1', phase), false)).toBe('start');
    expect(nextRestoreStep(RESTORE_STATES.Running, restore('u1', phase), true)).toBe('apply');
    expect(nextRestoreStep(RESTORE_STATES.Applied, restore('u1', phase), true)).toBe('finish');
    expect(nextRestoreStep(RESTORE_STATES.Ended, restore('u1', phase), false)).toBe('mirror');
  });

  it('is to hold it for its files, before there are any', () => {
    expect(nextRestoreStep(RESTORE_STATES.New, restore('u1', 'New', {}), false)).toBe('hold');
    expect(nextRestoreStep(RESTORE_STATES.Running, restore('u1', 'InProgress', {}), false)).toBe('recover');
  });

  const deletionTimestamp = '2026-01-02T10:00:00Z';
  it.each([
    ['Absent', 'release', 'release'],
    ['New', 'abandon', 'abandon'],
    ['Running', 'abandon', 'abandon'],
    ['Interrupted', 'abandon', 'abandon'],
    ['Applied', 'finish', 'abandon'],
    ['Settling', 'finish', 'abandon'],
    ['Ended', 'release', 'release'],
  ] as const)('%s, and somebody deleted the resource: it ends, then its files go', (name, ours, other) => {
    const next = (uid: string) =>
      nextRestoreStep(RESTORE_STATES[name], restore(uid, 'Completed', { ...HELD, deletionTimestamp }), true);
    expect([next('u1'), next('u2')]).toEqual([ours, other]);
  });

  it('is none of ours where only others hold the deleted resource', () => {
    const held = restore('u1', 'Completed', { finalizers: ['example.com/mine'], deletionTimestamp });
    expect(nextRestoreStep(RESTORE_STATES.Absent, held, false)).toBe('none');
    expect(nextRestoreStep(RESTORE_STATES.Ended, held, false)).toBe('mirror');
  });
});

describe('the next step of what is to be cancelled', () => {
  const metadata = { name: 'nightly', uid: 'u1', annotations: { 'lifeboat.io/cancel': 'true' } };

  it.each([
    ['New', 'cancel'],
    ['Running', 'cancel'],
    ['Interrupted', 'cancel'],
    ['Frozen', 'thaw'],
    ['Stored', 'finish'],
    ['Ended', 'mirror'],
  ] as const)('of a backup that is %s is to %s', (name, step) => {
    for (const here of [false, true])
      expect(nextBackupStep(BACKUP_STATES[name], { ...backup('u1'), metadata }, here)).toBe(step);
  });

  it.each([
    ['New', 'cancel'],
    ['Running', 'cancel'],
    ['Interrupted', 'cancel'],
    ['Applied', 'finish'],
    ['Ended', 'mirror'],
  ] as const)('of a restore that is %s is to %s', (name, step) => {
    for (const here of [false, true])
      expect(nextRestoreStep(RESTORE_STATES[name], { ...restore('u1'), metadata }, here)).toBe(step);
  });

  it('stays so when the annotation is taken away after it was recorded', () => {
    const cancelled = { cancelled: true } as const;
    expect(nextBackupStep({ ...BACKUP_STATES.Running, ...cancelled }, backup('u1'), true)).toBe('cancel');
    expect(nextRestoreStep({ ...RESTORE_STATES.Running, ...cancelled }, restore('u1'), true)).toBe('cancel');
  });
});
