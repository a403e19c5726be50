import { describe, expect, it } from 'vitest';
import { owesDiscard, type BackupCommand, type BackupEvent } from '../../../src/domain/backup-facts.js';
import { backup } from '../../../src/domain/backup.js';
import { givenOf } from '../../given.js';

const given = givenOf(backup);
const at = '2026-01-02T10:00:00Z';
const now = '2026-01-02T10:05:00Z';
const claim = { namespace: 'shop', claim: 'db' };
const snapshot = {
  ...claim,
  volume: 'pv-1',
  snapshot: 'velero-db-1',
  content: 'snapcontent-1',
  driver: 'disk.example',
  handle: 'h1',
  ready: false,
};
const prepared = { spec: {}, labels: {}, annotations: {}, expiresAt: at };
const tally = { items: 3, warnings: 0, errors: 0 };

const begun: readonly BackupEvent[] = [
  { type: 'BackupRequested', v: 1, data: { uid: 'u1', spec: {}, labels: {}, at } },
  { type: 'BackupStarted', v: 1, data: { attempt: 1, prepared, at } },
  { type: 'BackupSnapshotsBegun', v: 1, data: { attempt: 1, at } },
];
const taken: BackupEvent = { type: 'BackupSnapshotTaken', v: 1, data: { attempt: 1, snapshot, at } };
const stored: BackupEvent = {
  type: 'BackupContentsStored',
  v: 1,
  data: { attempt: 1, tally, bytes: 1, sha256: 'a', at },
};
const interrupted: BackupEvent = { type: 'BackupInterrupted', v: 1, data: { attempt: 1, at } };
const discarded: BackupEvent = { type: 'BackupSnapshotsDiscarded', v: 1, data: { attempt: 1, at: now } };
const failedFor = (afterwards: boolean): BackupEvent => ({
  type: 'BackupSnapshotFailed',
  v: 1,
  data: { attempt: 1, claim, afterwards, reason: 'quota', at: now },
});
const ready: BackupEvent = { type: 'BackupSnapshotReady', v: 1, data: { attempt: 1, claim, at: now } };

const record: BackupCommand = { type: 'RecordSnapshot', attempt: 1, snapshot, now: at };
const settle: BackupCommand = { type: 'SettleSnapshot', attempt: 1, claim, now };
const fail: BackupCommand = { type: 'FailSnapshot', attempt: 1, claim, reason: 'quota', now };
const finish: BackupCommand = { type: 'FinishBackup', now };
const discard: BackupCommand = { type: 'DiscardSnapshots', now };

const owes = (...facts: readonly BackupEvent[]): boolean =>
  owesDiscard(facts.reduce(backup.evolve, backup.initial));

describe('Snapshots of a backup', () => {
  it('are written down once each, and only after they have begun', () => {
    given(...begun)
      .when(record)
      .then(taken);
    given(...begun, taken)
      .when(record)
      .thenNothing();
    given(...begun.slice(0, 2))
      .when(record)
      .thenRefused('WRONG_PHASE');
  });

  it('of an attempt that lost its turn are refused', () => {
    given(...begun, interrupted)
      .when(record)
      .thenRefused('WRONG_PHASE');
  });

  it('keep a backup from ending while one is not ready', () => {
    given(...begun, taken, stored)
      .when(finish)
      .thenRefused('WRONG_PHASE');
    given(...begun, taken, stored)
      .when(settle)
      .then(ready);
    given(...begun, taken, stored, ready)
      .when(finish)
      .then({ type: 'BackupFinished', v: 1, data: { outcome: 'Completed', at: now } });
  });

  it('that fail while the contents are collected are no error beside the one in the log', () => {
    given(...begun)
      .when(fail)
      .then(failedFor(false));
    given(...begun, failedFor(false), stored)
      .when(finish)
      .then({ type: 'BackupFinished', v: 1, data: { outcome: 'Completed', at: now } });
  });

  it('that fail afterwards are an error of the backup, once', () => {
    given(...begun, taken, stored)
      .when(fail)
      .then(failedFor(true));
    given(...begun, taken, stored, failedFor(true))
      .when(fail)
      .thenNothing();
    given(...begun, taken, stored, failedFor(true))
      .when(finish)
      .then({ type: 'BackupFinished', v: 1, data: { outcome: 'PartiallyFailed', at: now } });
  });

  it('are to be discarded when their attempt broke off or their backup failed, and are kept otherwise', () => {
    const ended = (outcome: 'Completed' | 'Failed'): BackupEvent => ({
      type: 'BackupFinished',
      v: 1,
      data: { outcome, at },
    });
    expect(owes(...begun)).toBe(false);
    expect(owes(...begun, interrupted)).toBe(true);
    expect(owes(...begun, taken, ended('Failed'))).toBe(true);
    expect(owes(...begun, taken, stored, ready, ended('Completed'))).toBe(false);
    expect(owes(...begun, interrupted, discarded)).toBe(false);
    given(...begun, interrupted)
      .when(discard)
      .then(discarded);
    given(...begun, interrupted, discarded)
      .when(discard)
      .thenNothing();
  });
});
