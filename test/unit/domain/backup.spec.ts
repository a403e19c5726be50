import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  BackupCommand,
  BackupEvent,
  BackupState,
  FoundBackup,
  PreparedBackup,
} from '../../../src/domain/backup-facts.js';
import { backup, INTERRUPTED_REASON } from '../../../src/domain/backup.js';
import { isRefusal } from '../../../src/domain/decider.js';
import { givenOf } from '../../given.js';

const given = givenOf(backup);
const now = '2026-01-02T10:00:00Z';
const later = '2026-01-02T11:00:00Z';
const spec = { includedNamespaces: ['shop'] };
const labels = { team: 'web' };
const prepared: PreparedBackup = {
  spec: { ...spec, storageLocation: 'default' },
  labels: { 'velero.io/storage-location': 'default' },
  annotations: {},
  expiresAt: '2026-02-01T10:00:00Z',
};
const otherwise: PreparedBackup = { ...prepared, expiresAt: '2027-01-01T00:00:00Z' };
const found: FoundBackup = { phase: 'Completed', spec, labels, tally: { items: 3, warnings: 0, errors: 0 } };
const clean = { items: 3, warnings: 1, errors: 0 };
const contents = { tally: clean, bytes: 1000, sha256: 'abc' };

const requested: BackupEvent = { type: 'BackupRequested', v: 1, data: { uid: 'u1', spec, labels, at: now } };
const started = (attempt: number): BackupEvent => ({
  type: 'BackupStarted',
  v: 1,
  data: { attempt, prepared, at: now },
});
const interrupted = (attempt: number): BackupEvent => ({
  type: 'BackupInterrupted',
  v: 1,
  data: { attempt, at: now },
});
const stored = (attempt: number, errors = 0): BackupEvent => ({
  type: 'BackupContentsStored',
  v: 1,
  data: { attempt, ...contents, tally: { ...clean, errors }, at: now },
});
const finished = (outcome: 'Completed' | 'PartiallyFailed' | 'Failed', reason?: string): BackupEvent => ({
  type: 'BackupFinished',
  v: 1,
  data: { outcome, ...(reason !== undefined && { reason }), at: now },
});
const rejected: BackupEvent = {
  type: 'BackupRejected',
  v: 1,
  data: { reasons: ['no such location'], prepared, at: now },
};
const discovered: BackupEvent = { type: 'BackupDiscovered', v: 1, data: { uid: 'u1', found, at: now } };
const deleted: BackupEvent = { type: 'BackupDeleted', v: 1, data: { at: now } };

const request = (uid: string): BackupCommand => ({ type: 'RequestBackup', uid, spec, labels, now });
const discover = (uid: string): BackupCommand => ({ type: 'DiscoverBackup', uid, found, now });
const start: BackupCommand = { type: 'StartBackup', prepared, problems: [], now };
const recover = (policy: 'restart' | 'fail' = 'restart'): BackupCommand => ({
  type: 'RecoverBackup',
  policy,
  maxAttempts: 3,
  now,
});
const record = (attempt: number): BackupCommand => ({ type: 'RecordContents', attempt, ...contents, now });
const finish: BackupCommand = { type: 'FinishBackup', now };
const fail: BackupCommand = { type: 'FailBackup', reason: 'the disk is full', now };
const forget: BackupCommand = { type: 'ForgetBackup', now };
const miss = (uid: string): BackupCommand => ({ type: 'MissBackup', uid, location: 'default', now });
const vanished: BackupEvent = { type: 'BackupVanished', v: 1, data: { location: 'default', at: now } };

const COMPLETED = [requested, started(1), stored(1), finished('Completed')];

/** One history for each state a backup can be in. */
const HISTORIES = {
  Absent: [],
  New: [requested],
  Running: [requested, started(1)],
  Interrupted: [requested, started(1), interrupted(1)],
  Stored: [requested, started(1), stored(1)],
  Completed: COMPLETED,
  Rejected: [requested, rejected],
  Discovered: [discovered],
  Vanished: [...COMPLETED, vanished],
  Deleted: [...COMPLETED, deleted],
} as const satisfies Record<string, readonly BackupEvent[]>;

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
  miss: miss('u1'),
  'miss another': miss('u2'),
} as const satisfies Record<string, BackupCommand>;

type Row = Record<keyof typeof COMMANDS, string>;
const no = 'WRONG_PHASE';
const nothing = '';
const discoveredAndRequestedAnew = { 'request again': nothing, 'request anew': 'BackupRequested' } as const;
const ended: Row = {
  ...discoveredAndRequestedAnew,
  'discover again': nothing,
  'discover anew': 'BackupDiscovered',
  start: no,
  recover: nothing,
  'record 1': no,
  finish: no,
  fail: nothing,
  forget: 'BackupDeleted',
  miss: 'BackupVanished',
  'miss another': no,
};
const absent: Row = {
  'request again': 'BackupRequested',
  'request anew': 'BackupRequested',
  'discover again': 'BackupDiscovered',
  'discover anew': 'BackupDiscovered',
  start: no,
  recover: nothing,
  'record 1': no,
  finish: no,
  fail: no,
  forget: nothing,
  miss: no,
  'miss another': no,
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
  fail: 'BackupFinished',
  forget: no,
  miss: no,
  'miss another': no,
};
const TABLE: Record<keyof typeof HISTORIES, Row> = {
  Absent: absent,
  New: { ...going, start: 'BackupStarted' },
  Running: { ...going, recover: 'BackupInterrupted', 'record 1': 'BackupContentsStored' },
  Interrupted: { ...going, start: 'BackupStarted', 'record 1': 'BackupContentsStored' },
  Stored: { ...going, finish: 'BackupFinished' },
  Completed: ended,
  Rejected: ended,
  Discovered: ended,
  Vanished: { ...ended, miss: nothing },
  Deleted: absent,
};

const stateAfter = (events: readonly BackupEvent[]): BackupState =>
  events.reduce(backup.evolve, backup.initial);

const answerTo = (command: BackupCommand, events: readonly BackupEvent[]): string => {
  const answer = backup.decide(command, stateAfter(events));
  return isRefusal(answer) ? answer.refused : answer.map(({ type }) => type).join(' ');
};

describe('every command in every state of a backup', () => {
  const states = Object.keys(HISTORIES) as (keyof typeof HISTORIES)[];
  const commands = Object.keys(COMMANDS) as (keyof typeof COMMANDS)[];
  const rows = states.flatMap((state) =>
    commands.map((command) => [state, command, TABLE[state][command]] as const),
  );

  it.each(rows)('%s, %s: %s', (state, command, expected) => {
    expect(answerTo(COMMANDS[command], HISTORIES[state])).toBe(expected);
  });
});

describe('a backup', () => {
  it('begins when its resource asks for it', () => given().when(request('u1')).then(requested));

  it('is the same request when the resource is seen again', () =>
    given(requested).when(request('u1')).thenNothing());

  it('is not replaced by another resource of its name while it runs', () =>
    given(requested, started(1)).when(request('u2')).thenRefused('NAME_TAKEN'));

  it('is succeeded by another resource of its name once it has ended', () =>
    given(...COMPLETED)
      .when(request('u2'))
      .then({ type: 'BackupRequested', v: 1, data: { uid: 'u2', spec, labels, at: now } }));

  it('can be asked for again after it was deleted', () =>
    given(...COMPLETED, deleted)
      .when(request('u1'))
      .then(requested));

  it('starts with what the server made of the request', () => given(requested).when(start).then(started(1)));

  it('is refused with all its problems', () =>
    given(requested)
      .when({ type: 'StartBackup', prepared, problems: ['a', 'b'], now })
      .then({ type: 'BackupRejected', v: 1, data: { reasons: ['a', 'b'], prepared, at: now } }));

  it('is not refused half-way: a further attempt starts whatever the problems are by now', () =>
    given(requested, started(1), interrupted(1))
      .when({ type: 'StartBackup', prepared: otherwise, problems: ['the location is away'], now: later })
      .then({ type: 'BackupStarted', v: 1, data: { attempt: 2, prepared, at: later } }));

  it('runs once at a time', () => given(requested, started(1)).when(start).thenRefused('WRONG_PHASE'));

  it('takes the contents of its present attempt', () =>
    given(requested, started(1)).when(record(1)).then(stored(1)));

  it('does not take the contents of an attempt that has lost its turn', () =>
    given(requested, started(1), interrupted(1), started(2)).when(record(1)).thenRefused('WRONG_PHASE'));

  it('does not take the contents of an attempt that never began', () =>
    given(requested, started(1)).when(record(2)).thenRefused('WRONG_PHASE'));

  it('takes contents once', () =>
    given(requested, started(1), stored(1)).when(record(1)).thenRefused('WRONG_PHASE'));

  it('is completed without errors, whatever the warnings', () =>
    given(requested, started(1), stored(1)).when(finish).then(finished('Completed')));

  it('is partially failed with one error', () =>
    given(requested, started(1), stored(1, 1)).when(finish).then(finished('PartiallyFailed')));

  it('keeps the reason of its failure', () =>
    given(requested, started(1)).when(fail).then(finished('Failed', 'the disk is full')));

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

  it('whose files are gone says so once, and then its resource may go', () => {
    given(discovered).when(miss('u1')).then(vanished);
    given(discovered, vanished).when(forget).then(deleted);
  });

  it('that ended elsewhere is found once', () => {
    given().when(discover('u1')).then(discovered);
    given(discovered).when(discover('u1')).thenNothing();
  });

  it('that ended elsewhere under the name of an ended one takes its place', () =>
    given(...COMPLETED)
      .when(discover('u2'))
      .then({ type: 'BackupDiscovered', v: 1, data: { uid: 'u2', found, at: now } }));
});

describe('a backup that a restart of the server interrupted', () => {
  it('is tried again', () => given(requested, started(1)).when(recover()).then(interrupted(1)));

  it('is interrupted once, however often the server looks', () =>
    given(requested, started(1), interrupted(1)).when(recover()).thenNothing());

  it('is given up at the third interruption, with the way out in the reason', () => {
    const history = [requested, started(1), interrupted(1), started(2), interrupted(2), started(3)];
    const reason =
      'interrupted 3 times, given up; look at why the server restarts, then create the backup again';
    given(...history)
      .when(recover())
      .then(interrupted(3), finished('Failed', reason));
  });

  it('fails at once with the words of Velero, if the operator wants it so', () => {
    given(requested, started(1))
      .when(recover('fail'))
      .then(interrupted(1), finished('Failed', INTERRUPTED_REASON));
    expect(INTERRUPTED_REASON).toBe(
      'found a backup with status "InProgress" during the server starting, mark it as "Failed"',
    );
  });

  it('is not interrupted once its contents are stored', () =>
    given(requested, started(1), stored(1)).when(recover('fail')).thenNothing());
});

const anyCommand: fc.Arbitrary<BackupCommand> = fc.oneof(
  fc.constantFrom('u1', 'u2', 'u3').map(request),
  fc.constantFrom('u1', 'u2', 'u3').map(discover),
  fc.constant(start),
  fc.constant<BackupCommand>({ type: 'StartBackup', prepared, problems: ['no'], now }),
  fc.constantFrom('restart' as const, 'fail' as const).map(recover),
  fc.integer({ min: 1, max: 4 }).map(record),
  fc.integer({ min: 1, max: 4 }).map((attempt): BackupCommand => ({
    type: 'RecordContents',
    attempt,
    ...contents,
    tally: { ...clean, errors: 2 },
    now,
  })),
  fc.constantFrom(finish, fail, forget),
);

const anyEvent: fc.Arbitrary<BackupEvent> = fc.constantFrom(
  ...[requested, started(1), started(2), interrupted(1), stored(1), stored(2, 4), finished('Completed')],
  ...[finished('Failed', 'x'), rejected, discovered, deleted],
);

/** Everything that a sequence of commands makes happen, with the state before each event. */
const live = (commands: readonly BackupCommand[]) => {
  const steps: { readonly before: BackupState; readonly event: BackupEvent; readonly after: BackupState }[] =
    [];
  let state = backup.initial;
  for (const command of commands) {
    const answer = backup.decide(command, state);
    if (isRefusal(answer)) continue;
    for (const event of answer) {
      const after = backup.evolve(state, event);
      steps.push({ before: state, event, after });
      state = after;
    }
  }
  return steps;
};

describe('whatever is asked of a backup, in whatever order', () => {
  const commands = fc.array(anyCommand, { maxLength: 60 });

  it('attempts are numbered 1, 2, 3 and one runs at a time', () => {
    fc.assert(
      fc.property(commands, (sequence) => {
        let attempt = 0;
        let running = false;
        for (const { event } of live(sequence)) {
          if (event.type === 'BackupRequested' || event.type === 'BackupDiscovered')
            [attempt, running] = [0, false];
          if (event.type === 'BackupStarted') {
            expect(running).toBe(false);
            expect(event.data.attempt).toBe(attempt + 1);
            [attempt, running] = [event.data.attempt, true];
          }
          if (event.type === 'BackupInterrupted') {
            expect([running, event.data.attempt]).toEqual([true, attempt]);
            running = false;
          }
          if (event.type === 'BackupContentsStored') expect(event.data.attempt).toBe(attempt);
          if (event.type === 'BackupContentsStored' || event.type === 'BackupFinished') running = false;
          expect(attempt).toBeLessThanOrEqual(3);
        }
      }),
    );
  });

  it('an ended backup changes only by being found, asked for or forgotten', () => {
    fc.assert(
      fc.property(commands, (sequence) => {
        for (const { before, event } of live(sequence))
          if (before.phase === 'Ended')
            expect(['BackupDiscovered', 'BackupRequested', 'BackupDeleted', 'BackupVanished']).toContain(
              event.type,
            );
      }),
    );
  });

  it('only an ended backup is forgotten or replaced by another one', () => {
    fc.assert(
      fc.property(commands, (sequence) => {
        for (const { before, event, after } of live(sequence)) {
          if (event.type === 'BackupDeleted') expect(before.phase).toBe('Ended');
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
        const part = events.slice(0, cut).reduce(backup.evolve, backup.initial);
        const whole = stateAfter(events);
        expect(events.slice(cut).reduce(backup.evolve, part)).toEqual(whole);
        expect(whole.phase).toMatch(/^(Absent|New|InProgress|Stored|Ended)$/);
      }),
    );
  });
});
