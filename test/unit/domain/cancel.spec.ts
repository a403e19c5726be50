import { describe, it } from 'vitest';
import type { BackupEvent } from '../../../src/domain/backup-facts.js';
import { backup } from '../../../src/domain/backup.js';
import type { RestoreEvent, RestoreTally } from '../../../src/domain/restore-facts.js';
import { restore } from '../../../src/domain/restore.js';
import { givenOf } from '../../given.js';

const now = '2026-01-02T10:00:00Z';
const prepared = { spec: {}, labels: {}, annotations: {}, expiresAt: now };
const pod = { namespace: 'shop', name: 'db-0', uid: 'p1' };

describe('cancelling a backup', () => {
  const given = givenOf(backup);
  const cancel = { type: 'CancelBackup', now } as const;
  const requested: BackupEvent = {
    type: 'BackupRequested',
    v: 1,
    data: { uid: 'u1', spec: {}, labels: {}, at: now },
  };
  const started: BackupEvent = { type: 'BackupStarted', v: 1, data: { attempt: 1, prepared, at: now } };
  const interrupted: BackupEvent = { type: 'BackupInterrupted', v: 1, data: { attempt: 1, at: now } };
  const asked: BackupEvent = { type: 'BackupCancelRequested', v: 1, data: { at: now } };
  const tally = { items: 1, warnings: 0, errors: 0 };
  const stored: BackupEvent = {
    type: 'BackupContentsStored',
    v: 1,
    data: { attempt: 1, tally, bytes: 1, sha256: 'f', at: now },
  };
  const failed = (reason: string): BackupEvent => ({
    type: 'BackupFinished',
    v: 1,
    data: { outcome: 'Failed', reason, at: now },
  });

  it('ends at once what has not begun', () =>
    given(requested).when(cancel).then(asked, failed('cancelled before it started')));

  it('of one that runs is a wish; the end follows when it has stopped', () => {
    given(requested, started).when(cancel).then(asked);
    given(requested, started, asked)
      .when({ type: 'FailBackup', reason: 'cancelled while it ran', now })
      .then(failed('cancelled while it ran'));
  });

  it('twice is once', () => given(requested, started, asked).when(cancel).thenNothing());

  it('lets no attempt begin, store its contents or freeze a pod any more', () => {
    given(requested, started, interrupted, asked)
      .when({ type: 'StartBackup', prepared, problems: [], now })
      .thenRefused('WRONG_PHASE');
    given(requested, started, asked)
      .when({ type: 'RecordContents', attempt: 1, tally, bytes: 1, sha256: 'f', now })
      .thenRefused('WRONG_PHASE');
    given(requested, started, asked)
      .when({ type: 'OwePostHooks', attempt: 1, pod, now })
      .thenRefused('WRONG_PHASE');
  });

  it('lets pods be thawed', () =>
    given(
      requested,
      started,
      { type: 'BackupPostHooksOwed', v: 1, data: { attempt: 1, pod, at: now } },
      asked,
    )
      .when({ type: 'SettlePostHooks', pod, ran: true, now })
      .then({ type: 'BackupPostHooksSettled', v: 1, data: { attempt: 1, pod, ran: true, at: now } }));

  it('comes too late once the contents are stored, or nothing is left to cancel', () => {
    given(requested, started, stored).when(cancel).thenRefused('WRONG_PHASE');
    given(requested, failed('x')).when(cancel).thenRefused('WRONG_PHASE');
    given().when(cancel).thenRefused('WRONG_PHASE');
  });

  it('says nothing about the next backup of the name', () =>
    given(requested, started, asked, failed('cancelled while it ran'), requested)
      .when({ type: 'StartBackup', prepared, problems: [], now })
      .then(started));
});

describe('cancelling a restore', () => {
  const given = givenOf(restore);
  const cancel = { type: 'CancelRestore', now } as const;
  const requested: RestoreEvent = {
    type: 'RestoreRequested',
    v: 1,
    data: { uid: 'u1', spec: {}, labels: {}, at: now },
  };
  const started: RestoreEvent = { type: 'RestoreStarted', v: 1, data: { attempt: 1, spec: {}, at: now } };
  const interrupted: RestoreEvent = { type: 'RestoreInterrupted', v: 1, data: { attempt: 1, at: now } };
  const asked: RestoreEvent = { type: 'RestoreCancelRequested', v: 1, data: { at: now } };
  const tally: RestoreTally = {
    items: 2,
    created: 2,
    updated: 0,
    skipped: 0,
    failed: 0,
    warnings: 0,
    errors: 0,
  };
  const failed = (reason: string, done?: RestoreTally): RestoreEvent => ({
    type: 'RestoreFinished',
    v: 1,
    data: { outcome: 'Failed', reason, ...(done && { tally: done }), at: now },
  });

  it('ends at once what has not begun', () =>
    given(requested).when(cancel).then(asked, failed('cancelled before it started')));

  it('of one that runs is a wish; the end tells what was done until then', () => {
    given(requested, started).when(cancel).then(asked);
    given(requested, started, asked)
      .when({ type: 'FailRestore', reason: 'cancelled', tally, now })
      .then(failed('cancelled', tally));
  });

  it('twice is once', () => given(requested, started, asked).when(cancel).thenNothing());

  it('lets no attempt begin or end well any more', () => {
    given(requested, started, interrupted, asked)
      .when({ type: 'StartRestore', spec: {}, problems: [], now })
      .thenRefused('WRONG_PHASE');
    given(requested, started, asked)
      .when({ type: 'RecordItems', attempt: 1, tally, now })
      .thenRefused('WRONG_PHASE');
  });

  it('comes too late once every item was tried, or nothing is left to cancel', () => {
    given(requested, started, { type: 'RestoreItemsApplied', v: 1, data: { attempt: 1, tally, at: now } })
      .when(cancel)
      .thenRefused('WRONG_PHASE');
    given(requested, failed('x')).when(cancel).thenRefused('WRONG_PHASE');
    given().when(cancel).thenRefused('WRONG_PHASE');
  });
});
