import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../../src/domain/decider.js';
import {
  location,
  type LocationCommand,
  type LocationEvent,
  type LocationFacts,
  MOST_PASSED_OVER,
  type PassedOver,
} from '../../../src/domain/location.js';
import { givenOf } from '../../given.js';

const given = givenOf(location);
const now = '2026-01-02T10:00:00Z';
const facts: LocationFacts = {
  uid: 'u1',
  provider: 'aws',
  bucket: 'velero',
  prefix: '',
  accessMode: 'ReadWrite',
  isDefault: true,
};

const registered: LocationEvent = { type: 'LocationRegistered', v: 1, data: { location: facts, at: now } };
const changed = (to: LocationFacts): LocationEvent => ({
  type: 'LocationChanged',
  v: 1,
  data: { location: to, at: now },
});
const available: LocationEvent = { type: 'LocationBecameAvailable', v: 1, data: { at: now } };
const unavailable = (message: string): LocationEvent => ({
  type: 'LocationBecameUnavailable',
  v: 1,
  data: { message, at: now },
});
const removed: LocationEvent = { type: 'LocationRemoved', v: 1, data: { at: now } };

const observe = (
  problem?: string,
  seen: LocationFacts = facts,
): Extract<LocationCommand, { type: 'ObserveLocation' }> => ({
  type: 'ObserveLocation',
  location: seen,
  problem,
  now,
});
const remove: Extract<LocationCommand, { type: 'RemoveLocation' }> = { type: 'RemoveLocation', now };

describe('a storage location', () => {
  it('is registered and available when it is first seen and can be used', () =>
    given().when(observe()).then(registered, available));

  it('is registered and unavailable when it is first seen and cannot be used', () =>
    given().when(observe('no bucket')).then(registered, unavailable('no bucket')));

  it('is no news while it stays available', () => given(registered, available).when(observe()).thenNothing());

  it('is no news while it stays unavailable for the same reason', () =>
    given(registered, unavailable('no bucket')).when(observe('no bucket')).thenNothing());

  it('is news when the reason changes', () =>
    given(registered, unavailable('no bucket')).when(observe('denied')).then(unavailable('denied')));

  it('is news when it goes away and when it comes back', () => {
    given(registered, available).when(observe('denied')).then(unavailable('denied'));
    given(registered, unavailable('denied')).when(observe()).then(available);
  });

  it.each<[string, Partial<LocationFacts>]>([
    ['resource', { uid: 'u2' }],
    ['provider', { provider: 'gcp' }],
    ['bucket', { bucket: 'other' }],
    ['prefix', { prefix: 'a' }],
    ['access mode', { accessMode: 'ReadOnly' }],
    ['being the default', { isDefault: false }],
  ])('is changed when its %s changes', (_what, difference) => {
    const seen = { ...facts, ...difference };
    given(registered, available).when(observe(undefined, seen)).then(changed(seen));
  });

  it('keeps its problem when only what it points to changes', () => {
    const seen = { ...facts, bucket: 'other' };
    given(registered, unavailable('denied')).when(observe('denied', seen)).then(changed(seen));
    given(registered, unavailable('denied'), changed(seen)).when(observe('denied', seen)).thenNothing();
  });

  it('that was registered and never checked is available after its first good check', () =>
    given(registered).when(observe()).then(available));

  it('is removed once', () => {
    given(registered, available).when(remove).then(removed);
    given(registered, removed).when(remove).thenNothing();
    given().when(remove).thenNothing();
  });

  it('is registered anew after it was removed', () =>
    given(registered, available, removed).when(observe()).then(registered, available));

  it('facts of a location that is not there change nothing', () => {
    for (const event of [changed(facts), available, unavailable('x'), removed])
      expect(location.evolve({ phase: 'Absent' }, event)).toEqual({ phase: 'Absent' });
  });
});

describe('what lies in a storage location', () => {
  const look = (passedOver: readonly PassedOver[], place = 'here', inUse = true): LocationCommand => ({
    type: 'ObserveStoredBackups',
    place,
    inUse,
    passedOver,
    now,
  });
  const taken: PassedOver = { name: 'a', because: 'NameTaken', message: 'it is in "other"' };
  const broken: PassedOver = { name: 'b', because: 'Unusable', message: 'it is not JSON' };
  const inUse = (place: string): LocationEvent => ({
    type: 'LocationFoundInUse',
    v: 1,
    data: { place, at: now },
  });
  const passed = (...backups: readonly PassedOver[]): LocationEvent => ({
    type: 'LocationBackupsPassedOver',
    v: 1,
    data: { backups, at: now },
  });
  const cleared = (...names: readonly string[]): LocationEvent => ({
    type: 'LocationBackupsCleared',
    v: 1,
    data: { names, at: now },
  });
  const known = [registered, available, inUse('here')];

  it('is no fact before the location is one', () =>
    given()
      .when(look([taken]))
      .thenNothing());

  it('is found in use once for each place, and never when it is empty', () => {
    given(registered)
      .when(look([], 'here', false))
      .thenNothing();
    given(registered).when(look([])).then(inUse('here'));
    given(...known)
      .when(look([]))
      .thenNothing();
    given(...known)
      .when(look([], 'there'))
      .then(inUse('there'));
    given(...known, inUse('there'))
      .when(look([], 'here'))
      .then(inUse('here'));
  });

  it('is told as passed over once, and again when the reason is another one', () => {
    given(...known)
      .when(look([taken, broken]))
      .then(passed(taken, broken));
    given(...known, passed(taken))
      .when(look([taken, broken]))
      .then(passed(broken));
    given(...known, passed(taken, broken))
      .when(look([broken, taken]))
      .thenNothing();
    const otherwise = { ...broken, message: 'it has no name' };
    given(...known, passed(broken))
      .when(look([otherwise]))
      .then(passed(otherwise));
  });

  it('is told as cleared when it can be shown or is gone, and then anew', () => {
    given(...known, passed(taken, broken))
      .when(look([broken]))
      .then(cleared('a'));
    given(...known, passed(taken), cleared('a'))
      .when(look([taken]))
      .then(passed(taken));
  });

  it('stays known while the location comes and goes, and is forgotten with it', () => {
    const gone = unavailable('denied');
    given(...known, passed(taken), gone, available)
      .when(look([taken]))
      .thenNothing();
    given(...known, passed(taken), removed, registered)
      .when(look([taken]))
      .then(inUse('here'), passed(taken));
  });

  it('is told in portions, and the next look tells the rest', () => {
    const many = Array.from({ length: MOST_PASSED_OVER + 1 }, (_, i) => ({ ...broken, name: `n${i}` }));
    given(...known)
      .when(look(many))
      .then(passed(...many.slice(0, MOST_PASSED_OVER)));
    given(...known, passed(...many.slice(0, MOST_PASSED_OVER)))
      .when(look(many))
      .then(passed(...many.slice(MOST_PASSED_OVER)));
  });
});

describe('whatever is seen of a storage location, in whatever order', () => {
  type Seen = Extract<LocationCommand, { type: 'ObserveLocation' | 'RemoveLocation' }>;
  const command: fc.Arbitrary<Seen> = fc.oneof(
    fc.constant(remove),
    fc
      .record({
        problem: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
        bucket: fc.constantFrom('x', 'y'),
      })
      .map(({ problem, bucket }) => observe(problem, { ...facts, bucket })),
  );

  it('the record shows what was seen last, and seeing it again is no news', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), (sequence) => {
        let state = location.initial;
        for (const one of sequence) {
          const answer = location.decide(one, state);
          if (isRefusal(answer)) throw new Error(`refused: ${answer.message}`);
          state = answer.reduce(location.evolve, state);
          if (one.type === 'RemoveLocation') expect(state).toEqual({ phase: 'Absent' });
          else
            expect(state).toEqual(
              one.problem === undefined
                ? { phase: 'Available', location: one.location }
                : { phase: 'Unavailable', location: one.location, message: one.problem },
            );
          expect(location.decide(one, state)).toEqual([]);
        }
      }),
    );
  });
});
