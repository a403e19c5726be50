import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../../src/domain/decider.js';
import {
  location,
  type LocationCommand,
  type LocationEvent,
  type LocationFacts,
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

const observe = (problem?: string, seen: LocationFacts = facts): LocationCommand => ({
  type: 'ObserveLocation',
  location: seen,
  problem,
  now,
});
const remove: LocationCommand = { type: 'RemoveLocation', now };

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

describe('whatever is seen of a storage location, in whatever order', () => {
  const command: fc.Arbitrary<LocationCommand> = fc.oneof(
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
