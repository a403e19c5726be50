import { describe, it } from 'vitest';
import type { BackupCommand, BackupEvent } from '../../../../src/domain/backup-facts.js';
import { backup } from '../../../../src/domain/backup.js';
import { givenOf } from '../../../given.js';

const given = givenOf(backup);
const at = '2026-01-02T10:00:00Z';
const now = '2026-01-02T10:05:00Z';
const claim = { namespace: 'shop', claim: 'db' };
const volume = {
  ...claim,
  volume: 'pv-1',
  snapshot: 'velero-db-1',
  content: 'snapcontent-1',
  driver: 'disk.example',
  handle: 'h1',
  ready: true,
  upload: 'b1-db',
  operation: 'du-1',
};
const prepared = { spec: {}, labels: {}, annotations: {}, expiresAt: at };
const tally = { items: 3, warnings: 0, errors: 0 };
const copy = { snapshotId: 'k1', bytes: 5, incrementalBytes: 5 };

const begun: readonly BackupEvent[] = [
  { type: 'BackupRequested', v: 1, data: { uid: 'u1', spec: {}, labels: {}, at } },
  { type: 'BackupStarted', v: 1, data: { attempt: 1, prepared, at } },
  { type: 'BackupSnapshotsBegun', v: 1, data: { attempt: 1, at } },
];
const handedOver: BackupEvent = { type: 'BackupVolumeHandedOver', v: 1, data: { attempt: 1, volume, at } };
const stored: BackupEvent = {
  type: 'BackupContentsStored',
  v: 1,
  data: { attempt: 1, tally, bytes: 1, sha256: 'a', at },
};
const moving = [...begun, handedOver, stored];
const moved: BackupEvent = { type: 'BackupVolumeMoved', v: 1, data: { attempt: 1, claim, ...copy, at: now } };
const notMoved: BackupEvent = {
  type: 'BackupVolumeMoveFailed',
  v: 1,
  data: { attempt: 1, claim, reason: 'no room', at: now },
};
const completed: BackupEvent = {
  type: 'BackupContentsCompleted',
  v: 1,
  data: { attempt: 1, bytes: 2, sha256: 'b', at: now },
};

const handOver: BackupCommand = { type: 'HandOverVolume', attempt: 1, volume, now: at };
const record: BackupCommand = { type: 'RecordMove', attempt: 1, claim, ...copy, now };
const fail: BackupCommand = { type: 'FailMove', attempt: 1, claim, reason: 'no room', now };
const complete: BackupCommand = { type: 'CompleteContents', attempt: 1, bytes: 2, sha256: 'b', now };
const finish: BackupCommand = { type: 'FinishBackup', now };
const finished = (outcome: 'Completed' | 'PartiallyFailed'): BackupEvent => ({
  type: 'BackupFinished',
  v: 1,
  data: { outcome, at: now },
});

describe('Moves of the data of snapshots', () => {
  it('are written down once each, and only once snapshots have begun', () => {
    given(...begun)
      .when(handOver)
      .then(handedOver);
    given(...begun, handedOver)
      .when(handOver)
      .thenNothing();
    given(...begun.slice(0, 2))
      .when(handOver)
      .thenRefused('WRONG_PHASE');
  });

  it('have ended with the first answer', () => {
    given(...moving)
      .when(record)
      .then(moved);
    given(...moving, moved)
      .when(fail)
      .thenNothing();
  });

  it('have all ended before the archive is completed, once', () => {
    given(...moving)
      .when(complete)
      .thenRefused('WRONG_PHASE');
    given(...moving, moved)
      .when(complete)
      .then(completed);
    given(...moving, moved, completed)
      .when(complete)
      .thenNothing();
  });

  it('keep the backup from ending until the archive tells of them, and one that failed counts as an error', () => {
    given(...moving, moved)
      .when(finish)
      .thenRefused('WRONG_PHASE');
    given(...moving, moved, completed)
      .when(finish)
      .then(finished('Completed'));
    given(...moving, notMoved, completed)
      .when(finish)
      .then(finished('PartiallyFailed'));
  });
});
