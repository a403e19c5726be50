import { describe, expect, it } from 'vitest';
import { type LifeboatEvent } from '../../../src/domain/events.js';
import { type LocationFacts } from '../../../src/domain/location.js';
import { foldLocation, type LocationRow } from '../../../src/projections/locations.js';

const facts: LocationFacts = {
  uid: 'u1',
  provider: 'aws',
  bucket: 'velero',
  prefix: '',
  accessMode: 'ReadWrite',
  isDefault: true,
};
const registered: LifeboatEvent = { type: 'LocationRegistered', v: 1, data: { location: facts, at: 't0' } };
const changed: LifeboatEvent = {
  type: 'LocationChanged',
  v: 1,
  data: { location: { ...facts, bucket: 'other' }, at: 't9' },
};
const available: LifeboatEvent = { type: 'LocationBecameAvailable', v: 1, data: { at: 't1' } };
const unavailable: LifeboatEvent = {
  type: 'LocationBecameUnavailable',
  v: 1,
  data: { message: 'denied', at: 't2' },
};
const removed: LifeboatEvent = { type: 'LocationRemoved', v: 1, data: { at: 't3' } };

const rowAfter = (...events: readonly LifeboatEvent[]): LocationRow | undefined =>
  events.reduce<LocationRow | undefined>(foldLocation, undefined);

describe('what people see of a storage location', () => {
  it('is unknown until it was checked', () => {
    expect(rowAfter(registered)).toEqual({ ...facts, phase: 'Unknown', since: 't0' });
  });

  it('is since when it can be used, or cannot and why', () => {
    expect(rowAfter(registered, available)).toEqual({ ...facts, phase: 'Available', since: 't1' });
    expect(rowAfter(registered, available, unavailable)).toEqual({
      ...facts,
      phase: 'Unavailable',
      message: 'denied',
      since: 't2',
    });
  });

  it('forgets the problem when it is over', () => {
    expect(rowAfter(registered, unavailable, available)).toEqual({
      ...facts,
      phase: 'Available',
      since: 't1',
    });
  });

  it('changes where it points to without a word about whether it can be used', () => {
    const row = rowAfter(registered, unavailable, changed);
    expect(row).toEqual({ ...facts, bucket: 'other', phase: 'Unavailable', message: 'denied', since: 't2' });
  });

  it('is gone after it was removed, and begins anew after that', () => {
    expect(rowAfter(registered, unavailable, removed)).toBeUndefined();
    expect(rowAfter(registered, unavailable, removed, registered)).toEqual(rowAfter(registered));
  });

  it('does not begin in the middle, and does not heed facts about others', () => {
    expect(rowAfter(changed, available, unavailable, removed)).toBeUndefined();
    expect(rowAfter(registered, { type: 'BackupDeleted', v: 1, data: { at: 't9' } })).toEqual(
      rowAfter(registered),
    );
  });
});
