import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BackupCommand, BackupEvent } from '../../../src/domain/backup-facts.js';
import { backup } from '../../../src/domain/backup.js';
import { DELETION_STEPS, type DeletionStep } from '../../../src/domain/backup-deletion.js';
import { isRefusal } from '../../../src/domain/decider.js';
import { givenOf } from '../../given.js';

const given = givenOf(backup);
const now = '2026-01-02T10:00:00Z';
const spec = { includedNamespaces: ['shop'] };
const prepared = { spec, labels: {}, annotations: {}, expiresAt: '2026-02-01T10:00:00Z' };
const tally = { items: 3, warnings: 0, errors: 0 };
const pod = { namespace: 'shop', name: 'db-0', uid: 'p1' };
const first = { name: 'delete-1', uid: 'd1' };
const second = { name: 'delete-2', uid: 'd2' };

const requested: BackupEvent = {
  type: 'BackupRequested',
  v: 1,
  data: { uid: 'u1', spec, labels: {}, at: now },
};
const started: BackupEvent = { type: 'BackupStarted', v: 1, data: { attempt: 1, prepared, at: now } };
const owed: BackupEvent = { type: 'BackupPostHooksOwed', v: 1, data: { attempt: 1, pod, at: now } };
const settled: BackupEvent = {
  type: 'BackupPostHooksSettled',
  v: 1,
  data: { attempt: 0, pod, ran: true, at: now },
};
const stored: BackupEvent = {
  type: 'BackupContentsStored',
  v: 1,
  data: { attempt: 1, tally, bytes: 1, sha256: 'abc', at: now },
};
const finished: BackupEvent = { type: 'BackupFinished', v: 1, data: { outcome: 'Completed', at: now } };
const rejected: BackupEvent = { type: 'BackupRejected', v: 1, data: { reasons: ['no'], prepared, at: now } };
const deleted: BackupEvent = { type: 'BackupDeleted', v: 1, data: { at: now } };
const begun = (request = first, because: 'Asked' | 'Expired' = 'Asked'): BackupEvent => ({
  type: 'BackupDeletionStarted',
  v: 1,
  data: { request, because, at: now },
});
const done = (step: DeletionStep, kept?: string): BackupEvent => ({
  type: 'BackupDeletionStepDone',
  v: 1,
  data: { step, ...(kept !== undefined && { kept }), at: now },
});
const failed: BackupEvent = { type: 'BackupDeletionFailed', v: 1, data: { errors: ['snap-1'], at: now } };

const ask = (request = first, because: 'Asked' | 'Expired' = 'Asked'): BackupCommand => ({
  type: 'DeleteBackup',
  request,
  because,
  now,
});
const acknowledge = (step: DeletionStep): BackupCommand => ({ type: 'AcknowledgeDeletionStep', step, now });
const fail: BackupCommand = { type: 'FailDeletion', errors: ['snap-1'], now };
const forget: BackupCommand = { type: 'ForgetBackup', now };

const ended = [requested, started, stored, finished];
const allDone = DELETION_STEPS.map((step) => done(step));

describe('A backup may be deleted', () => {
  it('when it has ended, however it ended', () => {
    given(...ended)
      .when(ask())
      .then(begun());
    given(requested, rejected).when(ask()).then(begun());
  });

  it('when its time is over', () => {
    given(...ended)
      .when(ask(first, 'Expired'))
      .then(begun(first, 'Expired'));
  });

  it('while it waits for its turn', () => {
    given(requested).when(ask()).then(begun());
    given(requested, begun())
      .when({ type: 'StartBackup', prepared, problems: [], now })
      .thenRefused('WRONG_PHASE');
  });

  it('not while it runs or is being finished', () => {
    given(requested, started).when(ask()).thenRefused('WRONG_PHASE');
    given(requested, started, stored).when(ask()).thenRefused('WRONG_PHASE');
  });

  it('not when there is none', () => {
    given().when(ask()).thenRefused('NOT_FOUND');
    given(...ended, begun(), ...allDone, deleted)
      .when(ask(second))
      .thenRefused('NOT_FOUND');
  });

  it('once by each request, and by one request at a time', () => {
    given(...ended, begun())
      .when(ask())
      .thenNothing();
    given(...ended, begun())
      .when(ask(second))
      .thenRefused('WRONG_PHASE');
  });
});

describe('A deletion', () => {
  it('acknowledges each of its steps once', () => {
    given(...ended, begun())
      .when(acknowledge('VolumeData'))
      .then(done('VolumeData'));
    given(...ended, begun(), done('VolumeData'))
      .when(acknowledge('VolumeData'))
      .thenNothing();
  });

  it('ends when nothing is left, and not before', () => {
    given(...ended, begun(), done('VolumeData'))
      .when(forget)
      .thenRefused('WRONG_PHASE');
    given(...ended, begun(), ...allDone)
      .when(forget)
      .then(deleted);
  });

  it('that failed can be asked for again, and begins from the front', () => {
    given(...ended, begun(), done('VolumeData'))
      .when(fail)
      .then(failed);
    given(...ended, begun(), failed)
      .when(ask())
      .thenNothing();
    given(...ended, begun(), failed)
      .when(ask(second))
      .then(begun(second));
    given(...ended, begun(), done('VolumeData'), failed, begun(second))
      .when(acknowledge('VolumeData'))
      .then(done('VolumeData'));
  });

  it('that failed leaves the name free once the resource is gone', () => {
    given(...ended, begun(), failed)
      .when(forget)
      .then(deleted);
    given(...ended, begun(), failed)
      .when({ type: 'RequestBackup', uid: 'u2', spec, labels: {}, now })
      .then({ type: 'BackupRequested', v: 1, data: { uid: 'u2', spec, labels: {}, at: now } });
  });

  it('that goes on keeps the name', () => {
    given(...ended, begun())
      .when({ type: 'RequestBackup', uid: 'u2', spec, labels: {}, now })
      .thenRefused('NAME_TAKEN');
  });

  it('is not there, and so has no steps', () => {
    given(...ended)
      .when(acknowledge('Files'))
      .thenRefused('WRONG_PHASE');
    given(...ended, begun(), failed)
      .when(acknowledge('Files'))
      .thenRefused('WRONG_PHASE');
    given(...ended)
      .when(fail)
      .thenRefused('WRONG_PHASE');
  });

  it('does not make it forget the pods that wait for their post hooks', () => {
    given(requested, started, owed, finished, begun())
      .when({ type: 'SettlePostHooks', pod, ran: true, now })
      .then(settled);
  });
});

describe('whatever is asked while a deletion goes on', () => {
  const anyCommand: fc.Arbitrary<BackupCommand> = fc.constantFrom<BackupCommand>(
    ask(first),
    ask(second),
    ...DELETION_STEPS.map(acknowledge),
    fail,
    forget,
    { type: 'RequestBackup', uid: 'u1', spec, labels: {}, now },
    { type: 'RequestBackup', uid: 'u2', spec, labels: {}, now },
    { type: 'DiscoverBackup', uid: 'u2', found: { phase: 'Completed', spec, labels: {}, tally }, now },
    { type: 'StartBackup', prepared, problems: [], now },
    { type: 'RecoverBackup', policy: 'restart', maxAttempts: 3, now },
    { type: 'RecordContents', attempt: 1, tally, bytes: 1, sha256: 'abc', now },
    { type: 'FinishBackup', now },
    { type: 'FailBackup', reason: 'no', now },
  );

  it('only its own facts follow, and the backup is not gone before every step is done', () => {
    fc.assert(
      fc.property(fc.array(anyCommand, { maxLength: 40 }), (commands) => {
        let state = [...ended, begun()].reduce(backup.evolve, backup.initial);
        let steps: DeletionStep[] = [];
        for (const command of commands) {
          const answer = backup.decide(command, state);
          if (isRefusal(answer)) continue;
          for (const event of answer) {
            const goesOn = state.phase === 'Deleting' && state.deletion.errors.length === 0;
            if (goesOn) expect(event.type).toMatch(/^BackupDelet/);
            if (event.type === 'BackupDeletionStarted') steps = [];
            if (event.type === 'BackupDeletionStepDone') {
              expect(steps).not.toContain(event.data.step);
              steps.push(event.data.step);
            }
            if (goesOn && event.type === 'BackupDeleted') expect(steps.length).toBe(DELETION_STEPS.length);
            state = backup.evolve(state, event);
          }
        }
      }),
    );
  });
});
