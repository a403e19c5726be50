import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventId, uuidv5 } from '../../../src/eventstore/event-id.js';

const DNS = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
const part = fc.string({ maxLength: 8 });

describe('the id of a fact', () => {
  it('is made as RFC 9562 says: its own example comes out', () => {
    expect(uuidv5(DNS, 'www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
  });

  it('is a UUID of version 5 for any cause, and the same for the same cause', () => {
    fc.assert(
      fc.property(part, part, part, part, (stream, uid, type, discriminator) => {
        const id = eventId(stream, uid, type, discriminator);
        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(eventId(stream, uid, type, discriminator)).toBe(id);
      }),
    );
  });

  it('differs when any part of the cause differs, also when the parts put together read the same', () => {
    const one = fc.tuple(part, part, part, part);
    fc.assert(
      fc.property(one, one, (a, b) => {
        expect(eventId(...a) === eventId(...b)).toBe(a.every((text, i) => text === b[i]));
      }),
    );
    expect(eventId('a', 'bc', 'T', '')).not.toBe(eventId('ab', 'c', 'T', ''));
  });

  it('stays what it was: stored facts are found again by it', () => {
    expect(eventId('backup-velero.nightly', 'uid-1', 'BackupRequested', '/0')).toBe(
      'a99182ee-b385-5dc6-bb0d-01b86628e81d',
    );
  });

  it('needs a name space that is a UUID', () => {
    expect(() => uuidv5('nonsense', 'name')).toThrow(RangeError);
  });
});
