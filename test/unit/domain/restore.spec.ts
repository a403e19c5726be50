import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  RestoreCommand,
  RestoreEvent,
  RestoreState,
  FoundRestore,
  RestoreTally,
} from '../../../src/domain/restore-facts.js';
import { restore, INTERRUPTED_RESTORE_REASON } from '../../../src/domain/restore.js';
import { isRefusal } from '../../../src/domain/decider.js';
import { type RestoreSpec } from '../../../src/domain/velero.gen.js';
import { givenOf } from '../../given.js';

const given = givenOf(restore);
const now = '2026-01-02T10:00:00Z';
const later = '2026-01-02T11:00:00Z';
const spec: RestoreSpec = { backupName: 'nightly', includedNamespaces: ['shop'] };
const labels = { team: 'web' };
const prepared: RestoreSpec = { ...spec, itemOperationTimeout: '4h0m0s' };
const otherwise: RestoreSpec = { ...spec, itemOperationTimeout: '9h0m0s' };
const found: FoundRestore = { phase: 'Completed', spec, labels, items: 3, warnings: 0, errors: 0 };
const clean: RestoreTally = {
  items: 3,
  created: 1,
  updated: 1,
  skipped: 1,
  failed: 0,
  warnings: 1,
  errors: 0,
};
const contents = { tally: clean };

const requested: RestoreEvent = {
  type: 'RestoreRequested',
  v: 1,
  data: { uid: 'u1', spec, labels, at: now },
};
const started = (attempt: number): RestoreEvent => ({
  type: 'RestoreStarted',
  v: 1,
  data: { attempt, spec: prepared, at: now },
});
const interrupted = (attempt: number): RestoreEvent => ({
  type: 'RestoreInterrupted',
  v: 1,
  data: { attempt, at: now },
});
const applied = (attempt: number, errors = 0): RestoreEvent => ({
  type: 'RestoreItemsApplied',
  v: 1,
  data: { attempt, ...contents, tally: { ...clean, errors }, at: now },
});
const finished = (outcome: 'Completed' | 'PartiallyFailed' | 'Failed', reason?: string): RestoreEvent => ({
  type: 'RestoreFinished',
  v: 1,
  data: { outcome, ...(reason !== undefined && { reason }), at: now },
});
const rejected: RestoreEvent = {
  type: 'RestoreRejected',
  v: 1,
  data: { reasons: ['no such backup'], spec: prepared, at: now },
};
const discovered: RestoreEvent = { type: 'RestoreDiscovered', v: 1, data: { uid: 'u1', found, at: now } };
const deleted: RestoreEvent = { type: 'RestoreDeleted', v: 1, data: { at: now } };

const request = (uid: string): RestoreCommand => ({ type: 'RequestRestore', uid, spec, labels, now });
const discover = (uid: string): RestoreCommand => ({ type: 'DiscoverRestore', uid, found, now });
const start: RestoreCommand = { type: 'StartRestore', spec: prepared, problems: [], now };
const recover = (policy: 'restart' | 'fail' = 'restart'): RestoreCommand => ({
  type: 'RecoverRestore',
  policy,
  maxAttempts: 3,
  now,
});
const record = (attempt: number): RestoreCommand => ({ type: 'RecordItems', attempt, ...contents, now });
const finish: RestoreCommand = { type: 'FinishRestore', now };
const fail: RestoreCommand = { type: 'FailRestore', reason: 'the archive is damaged', now };
const forget: RestoreCommand = { type: 'ForgetRestore', now };

const COMPLETED = [requested, started(1), applied(1), finished('Completed')];

/** One history for each state a restore can be in. */
const HISTORIES = {
  Absent: [],
  New: [requested],
  Running: [requested, started(1)],
  Interrupted: [requested, started(1), interrupted(1)],
  Applied: [requested, started(1), applied(1)],
  Completed: COMPLETED,
  Rejected: [requested, rejected],
  Discovered: [discovered],
  Deleted: [...COMPLETED, deleted],
} as const satisfies Record<string, readonly RestoreEvent[]>;

const COMMANDS = {
  'request again': request('u1'),
  'request anew': request('u2'),
  'discover again': discover('u1'),
  'discover anew': discover('u2'),
  start,
  recover: recover(),
  'record 1': record(1),
  finish,
  fail,
  forget,
} as const satisfies Record<string, RestoreCommand>;

type Row = Record<keyof typeof COMMANDS, string>;
const no = 'WRONG_PHASE';
const nothing = '';
const discoveredAndRequestedAnew = { 'request again': nothing, 'request anew': 'RestoreRequested' } as const;
const ended: Row = {
  ...discoveredAndRequestedAnew,
  'discover again': nothing,
  'discover anew': 'RestoreDiscovered',
  start: no,
  recover: nothing,
  'record 1': no,
  finish: no,
  fail: nothing,
  forget: 'RestoreDeleted',
};
const absent: Row = {
  'request again': 'RestoreRequested',
  'request anew': 'RestoreRequested',
  'discover again': 'RestoreDiscovered',
  'discover anew': 'RestoreDiscovered',
  start: no,
  recover: nothing,
  'record 1': no,
  finish: no,
  fail: no,
  forget: nothing,
};
/** What holds in every state between the request and the end. */
const going: Row = {
  'request again': nothing,
  'request anew': 'NAME_TAKEN',
  'discover again': nothing,
  'discover anew': nothing,
  start: no,
  recover: nothing,
  'record 1': no,
  finish: no,
  fail: 'RestoreFinished',
  forget: no,
};
const TABLE: Record<keyof typeof HISTORIES, Row> = {
  Absent: absent,
  New: { ...going, start: 'RestoreStarted' },
  Running: { ...going, recover: 'RestoreInterrupted', 'record 1': 'RestoreItemsApplied' },
  Interrupted: { ...going, start: 'RestoreStarted', 'record 1': 'RestoreItemsApplied' },
  Applied: { ...going, finish: 'RestoreFinished' },
  Completed: ended,
  Rejected: ended,
  Discovered: ended,
  Deleted: absent,
};

const stateAfter = (events: readonly RestoreEvent[]): RestoreState =>
  events.reduce(restore.evolve, restore.initial);

const answerTo = (command: RestoreCommand, events: readonly RestoreEvent[]): string => {
  const answer = restore.decide(command, stateAfter(events));
  return isRefusal(answer) ? answer.refused : answer.map(({ type }) => type).join(' ');
};

describe('every command in every state of a restore', () => {
  const states = Object.keys(HISTORIES) as (keyof typeof HISTORIES)[];
  const commands = Object.keys(COMMANDS) as (keyof typeof COMMANDS)[];
  const rows = states.flatMap((state) =>
    commands.map((command) => [state, command, TABLE[state][command]] as const),
  );

  it.each(rows)('%s, %s: %s', (state, command, expected) => {
    expect(answerTo(COMMANDS[command], HISTORIES[state])).toBe(expected);
  });
});

describe('the volumes of a restore', () => {
  const waiting: RestoreEvent = {
    type: 'RestoreItemsApplied',
    v: 1,
    data: { attempt: 1, ...contents, settling: 2, at: now },
  };
  const volume = { namespace: 'shop', claim: 'db', reason: 'claim db was not bound' };
  const settle = (attempt: number, failed = [volume]): RestoreCommand => ({
    type: 'SettleVolumes',
    attempt,
    failed,
    now,
  });
  const settled = (errors: number, failed = [volume]): RestoreEvent => ({
    type: 'RestoreVolumesSettled',
    v: 1,
    data: { attempt: 1, errors, failed, at: now },
  });

  it('are a fact of their own once they were looked after', () =>
    given(requested, started(1), waiting).when(settle(1)).then(settled(1)));

  it('are settled once, and only where some are to be settled', () => {
    given(requested, started(1), waiting, settled(1)).when(settle(1)).thenNothing();
    given(requested, started(1), applied(1)).when(settle(1)).thenNothing();
  });

  it('are settled by the attempt that applied the items, after it did', () => {
    given(requested, started(1), waiting).when(settle(2)).thenRefused('WRONG_PHASE');
    given(requested, started(1)).when(settle(1)).thenRefused('WRONG_PHASE');
  });

  it('make it PartiallyFailed where one is not as it was', () => {
    given(requested, started(1), waiting, settled(1)).when(finish).then(finished('PartiallyFailed'));
    given(requested, started(1), waiting, settled(0, [])).when(finish).then(finished('Completed'));
  });

  it('fill no fact beyond measure, and all are counted', () => {
    const many = Array.from({ length: 300 }, () => volume);
    given(requested, started(1), waiting)
      .when(settle(1, many))
      .then(settled(300, many.slice(0, 200)));
  });
});

describe('a restore', () => {
  it('begins when its resource asks for it', () => given().when(request('u1')).then(requested));

  it('is the same request when the resource is seen again', () =>
    given(requested).when(request('u1')).thenNothing());

  it('is not replaced by another resource of its name while it runs', () =>
    given(requested, started(1)).when(request('u2')).thenRefused('NAME_TAKEN'));

  it('is succeeded by another resource of its name once it has ended', () =>
    given(...COMPLETED)
      .when(request('u2'))
      .then({ type: 'RestoreRequested', v: 1, data: { uid: 'u2', spec, labels, at: now } }));

  it('can be asked for again after it was deleted', () =>
    given(...COMPLETED, deleted)
      .when(request('u1'))
      .then(requested));

  it('starts with what the server made of the request', () => given(requested).when(start).then(started(1)));

  it('is refused with all its problems', () =>
    given(requested)
      .when({ type: 'StartRestore', spec: prepared, problems: ['a', 'b'], now })
      .then({ type: 'RestoreRejected', v: 1, data: { reasons: ['a', 'b'], spec: prepared, at: now } }));

  it('is not refused half-way: a further attempt starts whatever the problems are by now', () =>
    given(requested, started(1), interrupted(1))
      .when({ type: 'StartRestore', spec: otherwise, problems: ['the backup is gone'], now: later })
      .then({ type: 'RestoreStarted', v: 1, data: { attempt: 2, spec: prepared, at: later } }));

  it('runs once at a time', () => given(requested, started(1)).when(start).thenRefused('WRONG_PHASE'));

  it('takes the items of its present attempt', () =>
    given(requested, started(1)).when(record(1)).then(applied(1)));

  it('does not take the items of an attempt that has lost its turn', () =>
    given(requested, started(1), interrupted(1), started(2)).when(record(1)).thenRefused('WRONG_PHASE'));

  it('does not take the items of an attempt that never began', () =>
    given(requested, started(1)).when(record(2)).thenRefused('WRONG_PHASE'));

  it('takes items once', () =>
    given(requested, started(1), applied(1)).when(record(1)).thenRefused('WRONG_PHASE'));

  it('is completed without errors, whatever the warnings', () =>
    given(requested, started(1), applied(1)).when(finish).then(finished('Completed')));

  it('is partially failed with one error', () =>
    given(requested, started(1), applied(1, 1)).when(finish).then(finished('PartiallyFailed')));

  it('keeps the reason of its failure', () =>
    given(requested, started(1)).when(fail).then(finished('Failed', 'the archive is damaged')));

  it('does not fail after it ended', () =>
    given(...COMPLETED)
      .when(fail)
      .thenNothing());

  it('is forgotten after its end and not before', () => {
    given(...COMPLETED)
      .when(forget)
      .then(deleted);
    given(requested, started(1)).when(forget).thenRefused('WRONG_PHASE');
  });

  it('that ended in an earlier life is found once', () => {
    given().when(discover('u1')).then(discovered);
    given(discovered).when(discover('u1')).thenNothing();
  });

  it('that ended in an earlier life under the name of an ended one takes its place', () =>
    given(...COMPLETED)
      .when(discover('u2'))
      .then({ type: 'RestoreDiscovered', v: 1, data: { uid: 'u2', found, at: now } }));
});

describe('a restore that a restart of the server interrupted', () => {
  it('is tried again', () => given(requested, started(1)).when(recover()).then(interrupted(1)));

  it('is interrupted once, however often the server looks', () =>
    given(requested, started(1), interrupted(1)).when(recover()).thenNothing());

  it('is given up at the third interruption, with the way out in the reason', () => {
    const history = [requested, started(1), interrupted(1), started(2), interrupted(2), started(3)];
    const reason =
      'interrupted 3 times, given up; look at why the server restarts, then create the restore again';
    given(...history)
      .when(recover())
      .then(interrupted(3), finished('Failed', reason));
  });

  it('fails at once with the words of Velero, if the operator wants it so', () => {
    given(requested, started(1))
      .when(recover('fail'))
      .then(interrupted(1), finished('Failed', INTERRUPTED_RESTORE_REASON));
    expect(INTERRUPTED_RESTORE_REASON).toBe(
      'found a restore with status "InProgress" during the server starting, mark it as "Failed"',
    );
  });

  it('is not interrupted once its items are applied', () =>
    given(requested, started(1), applied(1)).when(recover('fail')).thenNothing());
});

const anyCommand: fc.Arbitrary<RestoreCommand> = fc.oneof(
  fc.constantFrom('u1', 'u2', 'u3').map(request),
  fc.constantFrom('u1', 'u2', 'u3').map(discover),
  fc.constant(start),
  fc.constant<RestoreCommand>({ type: 'StartRestore', spec: prepared, problems: ['no'], now }),
  fc.constantFrom('restart' as const, 'fail' as const).map(recover),
  fc.integer({ min: 1, max: 4 }).map(record),
  fc.integer({ min: 1, max: 4 }).map((attempt): RestoreCommand => ({
    type: 'RecordItems',
    attempt,
    ...contents,
    tally: { ...clean, errors: 2 },
    now,
  })),
  fc.constantFrom(finish, fail, forget),
);

const anyEvent: fc.Arbitrary<RestoreEvent> = fc.constantFrom(
  ...[requested, started(1), started(2), interrupted(1), applied(1), applied(2, 4), finished('Completed')],
  ...[finished('Failed', 'x'), rejected, discovered, deleted],
);

/** Everything that a sequence of commands makes happen, with the state before each event. */
const live = (commands: readonly RestoreCommand[]) => {
  const steps: {
    readonly before: RestoreState;
    readonly event: RestoreEvent;
    readonly after: RestoreState;
  }[] = [];
  let state = restore.initial;
  for (const command of commands) {
    const answer = restore.decide(command, state);
    if (isRefusal(answer)) continue;
    for (const event of answer) {
      const after = restore.evolve(state, event);
      steps.push({ before: state, event, after });
      state = after;
    }
  }
  return steps;
};

describe('whatever is asked of a restore, in whatever order', () => {
  const commands = fc.array(anyCommand, { maxLength: 60 });

  it('attempts are numbered 1, 2, 3 and one runs at a time', () => {
    fc.assert(
      fc.property(commands, (sequence) => {
        let attempt = 0;
        let running = false;
        for (const { event } of live(sequence)) {
          if (event.type === 'RestoreRequested' || event.type === 'RestoreDiscovered')
            [attempt, running] = [0, false];
          if (event.type === 'RestoreStarted') {
            expect(running).toBe(false);
            expect(event.data.attempt).toBe(attempt + 1);
            [attempt, running] = [event.data.attempt, true];
          }
          if (event.type === 'RestoreInterrupted') {
            expect([running, event.data.attempt]).toEqual([true, attempt]);
            running = false;
          }
          if (event.type === 'RestoreItemsApplied') expect(event.data.attempt).toBe(attempt);
          if (event.type === 'RestoreItemsApplied' || event.type === 'RestoreFinished') running = false;
          expect(attempt).toBeLessThanOrEqual(3);
        }
      }),
    );
  });

  it('an ended restore changes only by being found, asked for or forgotten', () => {
    fc.assert(
      fc.property(commands, (sequence) => {
        for (const { before, event } of live(sequence))
          if (before.phase === 'Ended')
            expect(['RestoreDiscovered', 'RestoreRequested', 'RestoreDeleted']).toContain(event.type);
      }),
    );
  });

  it('only an ended restore is forgotten or replaced by another one', () => {
    fc.assert(
      fc.property(commands, (sequence) => {
        for (const { before, event, after } of live(sequence)) {
          if (event.type === 'RestoreDeleted') expect(before.phase).toBe('Ended');
          if ('uid' in before && 'uid' in after && before.uid !== after.uid)
            expect(before.phase).toBe('Ended');
        }
      }),
    );
  });

  it('asking the same twice in a row adds nothing but a refusal', () => {
    const repeatable = fc.oneof(
      fc.constantFrom('u1', 'u2').map(request),
      fc.constantFrom('u1', 'u2').map(discover),
      fc.constantFrom(recover(), forget, fail),
    );
    fc.assert(
      fc.property(commands, repeatable, (sequence, command) => {
        const once = live([...sequence, command]);
        expect(live([...sequence, command, command])).toEqual(once);
      }),
    );
  });

  it('folding is defined for every fact in every state, and a part first and the rest later is the whole', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 30 }), fc.nat(30), (events, cut) => {
        const part = events.slice(0, cut).reduce(restore.evolve, restore.initial);
        const whole = stateAfter(events);
        expect(events.slice(cut).reduce(restore.evolve, part)).toEqual(whole);
        expect(whole.phase).toMatch(/^(Absent|New|InProgress|Applied|Ended)$/);
      }),
    );
  });
});
