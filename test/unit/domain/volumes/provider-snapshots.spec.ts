import { describe, expect, it } from 'vitest';
import { owesDiscard, type BackupCommand, type BackupEvent } from '../../../../src/domain/backup-facts.js';
import { backup } from '../../../../src/domain/backup.js';
import { givenOf } from '../../../given.js';

const given = givenOf(backup);
const at = '2026-01-02T10:00:00Z';
const now = '2026-01-02T10:05:00Z';
const snapshot = {
  volume: 'pv-1',
  location: 'default',
  volumeId: 'vol-1',
  snapshotId: 'snap-1',
  type: 'gp3',
  zone: 'eu-west-1a',
};
const prepared = { spec: {}, labels: {}, annotations: {}, expiresAt: at };
const locations = ['default'];
const tally = { items: 3, warnings: 0, errors: 0 };

const started: readonly BackupEvent[] = [
  { type: 'BackupRequested', v: 1, data: { uid: 'u1', spec: {}, labels: {}, at } },
  { type: 'BackupStarted', v: 1, data: { attempt: 1, prepared, at } },
];
const begun: BackupEvent = { type: 'BackupVolumeSnapshotsBegun', v: 1, data: { attempt: 1, locations, at } };
const taken: BackupEvent = {
  type: 'BackupVolumeSnapshotTaken',
  v: 1,
  data: { attempt: 1, snapshot, at: now },
};
const interrupted: BackupEvent = { type: 'BackupInterrupted', v: 1, data: { attempt: 1, at } };
const stored: BackupEvent = {
  type: 'BackupContentsStored',
  v: 1,
  data: { attempt: 1, tally, bytes: 1, sha256: 'a', at },
};
const finished = (outcome: 'Completed' | 'Failed'): BackupEvent => ({
  type: 'BackupFinished',
  v: 1,
  data: { outcome, at },
});
const discarded = (left: readonly string[] = []): BackupEvent => ({
  type: 'BackupVolumeSnapshotsDiscarded',
  v: 1,
  data: { attempt: 1, left, at: now },
});

const begin: BackupCommand = { type: 'BeginVolumeSnapshots', attempt: 1, locations, now: at };
const record = (attempt = 1): BackupCommand => ({
  type: 'RecordVolumeSnapshot',
  attempt,
  volume: 'pv-1',
  snapshot,
  now,
});
const discard: BackupCommand = { type: 'DiscardVolumeSnapshots', left: [], now };
const owes = (...facts: readonly BackupEvent[]) => owesDiscard(facts.reduce(backup.evolve, backup.initial));

describe('Snapshots by providers of a backup', () => {
  it('begin once', () => {
    given(...started)
      .when(begin)
      .then(begun);
    given(...started, begun)
      .when(begin)
      .thenNothing();
  });

  it('are told once for each volume, and only after they have begun', () => {
    given(...started, begun)
      .when(record())
      .then(taken);
    given(...started, begun, taken)
      .when(record())
      .thenNothing();
    given(...started)
      .when(record())
      .thenRefused('WRONG_PHASE');
  });

  it('that fail are told with the reason', () => {
    const failed = { attempt: 1, volume: 'pv-1', location: 'default', reason: 'quota' };
    given(...started, begun)
      .when({ type: 'FailVolumeSnapshot', ...failed, now: at })
      .then({ type: 'BackupVolumeSnapshotFailed', v: 1, data: { ...failed, at } });
  });

  it('of an attempt that lost its turn, or whose contents are stored, are refused', () => {
    given(...started, begun, interrupted)
      .when(record())
      .thenRefused('WRONG_PHASE');
    given(...started, begun, stored)
      .when(record())
      .thenRefused('WRONG_PHASE');
    given(...started, begun)
      .when(record(2))
      .thenRefused('WRONG_PHASE');
  });

  it('are to go if the attempt broke off or the backup failed, and not if it holds them', () => {
    expect(owes(...started, begun)).toBe(false);
    expect(owes(...started, begun, interrupted)).toBe(true);
    expect(owes(...started, begun, stored, finished('Failed'))).toBe(true);
    expect(owes(...started, begun, taken, stored, finished('Completed'))).toBe(false);
    expect(owes(...started, begun, taken, finished('Failed'), discarded(['one is in use']))).toBe(false);
  });

  it('are discarded where that is owed, and only there', () => {
    given(...started, begun, taken, interrupted)
      .when(discard)
      .then(discarded());
    given(...started, begun, taken)
      .when(discard)
      .thenNothing();
    given(...started, begun, interrupted, discarded())
      .when(discard)
      .thenNothing();
  });

  it('stay owed when those of CSI are discarded', () => {
    const csiBegun: BackupEvent = { type: 'BackupSnapshotsBegun', v: 1, data: { attempt: 1, at } };
    const csiDiscarded: BackupEvent = { type: 'BackupSnapshotsDiscarded', v: 1, data: { attempt: 1, at } };
    expect(owes(...started, csiBegun, begun, interrupted, csiDiscarded)).toBe(true);
    given(...started, begun, interrupted)
      .when({ type: 'DiscardSnapshots', now })
      .thenNothing();
  });
});
