import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../../src/domain/decider.js';
import { backupNameOf, schedule, type ScheduleCommand } from '../../../src/domain/schedule.js';
import type { ScheduleEvent, ScheduleState } from '../../../src/domain/schedule-facts.js';
import type { ScheduleSpec } from '../../../src/domain/velero.gen.js';
import { givenOf } from '../../given.js';

const given = givenOf(schedule);
const at = '2026-01-10T10:00:00Z';
const spec: ScheduleSpec = { schedule: '0 3 * * *', template: {} };

const fact = <T extends ScheduleEvent['type']>(
  type: T,
  data: Omit<Extract<ScheduleEvent, { type: T }>['data'], 'at'>,
  when = at,
): ScheduleEvent => ({ type, v: 1, data: { ...data, at: when } }) as unknown as ScheduleEvent;

const registered = fact('ScheduleRegistered', { uid: 'u1', spec, createdAt: at });
const accepted = fact('ScheduleAccepted', {});
const first = fact('ScheduleFired', { tick: at, backup: 'n-20260110100000', because: 'created' });
const created = fact('ScheduleBackupCreated', { tick: at, backup: 'n-20260110100000' });
const running = [registered, accepted, first, created] as const;

const observe = (
  more: Partial<Extract<ScheduleCommand, { type: 'ObserveSchedule' }>> = {},
): ScheduleCommand => ({
  type: 'ObserveSchedule',
  uid: 'u1',
  spec,
  createdAt: at,
  problems: [],
  now: at,
  ...more,
});
const take = (now: string, more: object = {}): ScheduleCommand => ({
  type: 'TakeDueTicks',
  name: 'n',
  now,
  ...more,
});
const once = (tick: string) => ({ from: tick, to: tick, count: 1 });
const T1 = '2026-01-11T03:00:00Z';
const T2 = '2026-01-12T03:00:00Z';
const T3 = '2026-01-13T03:00:00Z';
const fired = (tick: string, because: 'due' | 'caught-up' | 'created', when: string) =>
  fact('ScheduleFired', { tick, backup: backupNameOf('n', tick), because }, when);

describe('A new schedule', () => {
  it('is registered and in use, or registered and refused', () => {
    given().when(observe()).then(registered, accepted);
    given()
      .when(observe({ problems: ['bad'] }))
      .then(registered, fact('ScheduleRejected', { reasons: ['bad'] }));
  });
  it('makes a backup for the moment of its creation', () => {
    given(registered, accepted).when(take(at)).then(first);
  });
  it('that another server looked after makes none until its next time', () => {
    const found = { lastBackup: '2026-01-10T03:00:00Z' };
    const adopted = fact('ScheduleRegistered', { uid: 'u1', spec, createdAt: '2025-01-01T00:00:00Z', found });
    given(adopted, accepted).when(take(at)).thenNothing();
  });
  it('that was refused begins when it is put right', () => {
    const later = '2026-01-10T12:00:00Z';
    given(registered, fact('ScheduleRejected', { reasons: ['bad'] }), fact('ScheduleAccepted', {}, later))
      .when(take(later))
      .then(fired(later, 'created', later));
  });
  it('is another one when its name comes back with another uid', () => {
    given(...running)
      .when(observe({ uid: 'u2' }))
      .then(
        fact('ScheduleRemoved', {}),
        fact('ScheduleRegistered', { uid: 'u2', spec, createdAt: at }),
        accepted,
      );
  });
});

describe('A tick', () => {
  it('fires once: nothing comes of it until its backup is there, and nothing more after that', () => {
    given(...running)
      .when(take(T1, { due: once(T1) }))
      .then(fired(T1, 'due', T1));
    given(...running, fired(T1, 'due', T1))
      .when(take(T2, { due: once(T2) }))
      .thenNothing();
  });
  it('that comes later than a minute after its time is caught up', () => {
    given(...running)
      .when(take('2026-01-11T03:01:01Z', { due: once(T1) }))
      .then(fired(T1, 'caught-up', '2026-01-11T03:01:01Z'));
  });
  it('is the latest of those that were missed; the others are told as missed', () => {
    given(...running)
      .when(take(T3, { due: { from: T1, to: T3, before: T2, count: 3 } }))
      .then(
        fact('ScheduleSkipped', { from: T1, to: T2, count: 2, because: 'missed' }, T3),
        fired(T3, 'caught-up', T3),
      );
  });
  it('behind an unfinished backup is put off, which is said once for that backup', () => {
    const put = fact('ScheduleSkipped', { ...once(T1), because: 'backup-unfinished', backup: 'b' }, T1);
    given(...running)
      .when(take(T1, { due: once(T1), unfinished: 'b' }))
      .then(put);
    given(...running, put)
      .when(take(T2, { due: once(T2), unfinished: 'b' }))
      .thenNothing();
    given(...running, put)
      .when(take(T1))
      .then(fired(T1, 'caught-up', T1));
    given(...running, put)
      .when(take(T3, { due: { from: T2, to: T3, before: T2, count: 2 } }))
      .then(
        fact('ScheduleSkipped', { ...once(T2), because: 'backup-unfinished', backup: 'b' }, T3),
        fired(T3, 'caught-up', T3),
      );
  });
  it('whose name is taken passes, and the next one comes', () => {
    const taken = fact(
      'ScheduleSkipped',
      { ...once(T1), because: 'name-taken', backup: backupNameOf('n', T1) },
      T1,
    );
    given(...running, fired(T1, 'due', T1))
      .when({ type: 'RefuseName', now: T1 })
      .then(taken);
    given(...running, fired(T1, 'due', T1), taken)
      .when(take(T2, { due: once(T2) }))
      .then(fired(T2, 'due', T2));
  });
  it('passes when it is to be skipped, once for each wish', () => {
    const skip = { type: 'SkipDueTicks', due: once(T1), resourceVersion: '7', now: T1 } as const;
    const skipped = fact(
      'ScheduleSkipped',
      { ...once(T1), because: 'skip-immediately', resourceVersion: '7' },
      T1,
    );
    given(...running)
      .when(skip)
      .then(skipped);
    given(...running, skipped)
      .when(skip)
      .thenNothing();
    given(...running, skipped)
      .when(take(T1))
      .thenNothing();
  });
});

describe('A pause', () => {
  const paused = fact('SchedulePaused', {});
  it('stops everything, the checks as well', () => {
    given(...running)
      .when(observe({ spec: { ...spec, paused: true }, problems: ['bad'] }))
      .then(paused);
    given(...running, paused)
      .when(take(T1, { due: once(T1) }))
      .thenNothing();
  });
  it('ends with one backup for all that passed', () => {
    const resumed = fact('ScheduleResumed', {}, T2);
    given(...running, paused)
      .when(observe({ now: T2 }))
      .then(resumed);
    given(...running, paused, resumed)
      .when(take(T2, { due: { from: T1, to: T2, before: T1, count: 2 } }))
      .then(fact('ScheduleSkipped', { ...once(T1), because: 'paused' }, T2), fired(T2, 'caught-up', T2));
  });
});

describe('The stream of a busy schedule', () => {
  it('says after 500 ticks what came of all before, and that alone gives the same state', () => {
    let state: ScheduleState = running.reduce(schedule.evolve, schedule.initial);
    const told: ScheduleEvent[] = [];
    const send = (command: ScheduleCommand) => {
      const decided = schedule.decide(command, state);
      if (isRefusal(decided)) return expect.fail(decided.message);
      for (const event of decided) {
        state = schedule.evolve(state, event);
        told.push(event);
      }
    };
    for (let n = 1; n <= 1_200; n += 1) {
      const tick = `${new Date(Date.parse(at) + n * 60_000).toISOString().slice(0, 19)}Z`;
      send(take(tick, { due: once(tick) }));
      send({ type: 'RecordBackup', now: tick });
    }
    const carried = told.filter(({ type }) => type === 'ScheduleCarriedForward');
    expect(carried.length).toBe(2);
    const since = told.slice(told.findLastIndex(({ type }) => type === 'ScheduleCarriedForward'));
    expect(since.reduce(schedule.evolve, schedule.initial)).toEqual(state);
  });
});
