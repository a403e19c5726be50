import { describe, expect, it } from 'vitest';
import { downloadsOf, type RestoreCommand, type RestoreEvent } from '../../../../src/domain/restore-facts.js';
import { restore } from '../../../../src/domain/restore.js';
import { givenOf } from '../../../given.js';

const given = givenOf(restore);
const at = '2026-01-02T10:00:00Z';
const now = '2026-01-02T14:00:00Z';
const claim = { namespace: 'shop', claim: 'db' };
const volume = { ...claim, download: 'r1-db', operation: 'dd-1', snapshotId: 'k1', dataMover: '' };
const tally = { items: 2, created: 2, updated: 0, skipped: 0, failed: 0, warnings: 0, errors: 0 };

const begun: readonly RestoreEvent[] = [
  { type: 'RestoreRequested', v: 1, data: { uid: 'u1', spec: {}, labels: {}, at } },
  { type: 'RestoreStarted', v: 1, data: { attempt: 1, spec: {}, at } },
];
const handedOver: RestoreEvent = { type: 'RestoreVolumeHandedOver', v: 1, data: { attempt: 1, volume, at } };
const interrupted: RestoreEvent = { type: 'RestoreInterrupted', v: 1, data: { attempt: 1, at } };
const again: RestoreEvent = { type: 'RestoreStarted', v: 1, data: { attempt: 2, spec: {}, at } };
const applied = (attempt: number, settling?: number): RestoreEvent => ({
  type: 'RestoreItemsApplied',
  v: 1,
  data: { attempt, tally, ...(settling !== undefined && { settling }), at },
});
const filled: RestoreEvent = {
  type: 'RestoreVolumeMoved',
  v: 1,
  data: { attempt: 1, claim, bytes: 5, at: now },
};
const notFilled: RestoreEvent = {
  type: 'RestoreVolumeMoveFailed',
  v: 1,
  data: { attempt: 1, claim, reason: 'no room', at: now },
};

const handOver: RestoreCommand = { type: 'HandOverClaim', attempt: 1, volume, now: at };
const record: RestoreCommand = { type: 'RecordDownload', attempt: 1, claim, bytes: 5, now };
const fail: RestoreCommand = { type: 'FailDownload', attempt: 1, claim, reason: 'no room', now };
const finish: RestoreCommand = { type: 'FinishRestore', now };
const finished = (outcome: 'Completed' | 'PartiallyFailed'): RestoreEvent => ({
  type: 'RestoreFinished',
  v: 1,
  data: { outcome, at: now },
});
const after = (...facts: readonly RestoreEvent[]) => facts.reduce(restore.evolve, restore.initial);

describe('Volumes that a restore fills from the bucket', () => {
  it('are asked for once each, while items are applied', () => {
    given(...begun)
      .when(handOver)
      .then(handedOver);
    given(...begun, handedOver)
      .when(handOver)
      .thenNothing();
    given(...begun, interrupted)
      .when(handOver)
      .thenRefused('WRONG_PHASE');
  });

  it('keep the restore from ending until each has ended, and one that failed counts as an error', () => {
    given(...begun, handedOver, applied(1))
      .when(finish)
      .thenRefused('WRONG_PHASE');
    given(...begun, handedOver, applied(1), filled)
      .when(finish)
      .then(finished('Completed'));
    given(...begun, handedOver, applied(1), notFilled)
      .when(finish)
      .then(finished('PartiallyFailed'));
  });

  it('have ended with the first answer', () => {
    given(...begun, handedOver, applied(1))
      .when(record)
      .then(filled);
    given(...begun, handedOver, applied(1), filled)
      .when(fail)
      .thenNothing();
    given(...begun, applied(1))
      .when(record)
      .thenNothing();
  });

  it('are those of the next attempt, too', () => {
    expect(downloadsOf(after(...begun, handedOver, interrupted, again))).toEqual([{ ...volume, since: at }]);
  });

  it('begin the time that their claims have to be bound when they are filled, however long that took', () => {
    expect(after(...begun, handedOver, applied(1, 1))).toMatchObject({ settlingSince: at });
    expect(after(...begun, handedOver, applied(1, 1), filled)).toMatchObject({ settlingSince: now });
    expect(after(...begun, handedOver, applied(1), filled)).not.toHaveProperty('settlingSince');
  });
});
