import { expect, it } from 'vitest';
import { access } from '../../../src/domain/access.js';
import { givenOf } from '../../given.js';

const given = givenOf(access);
const now = '2026-01-02T10:00:00Z';
const asked = { requestId: 'r1', mutation: 'createBackup', target: 'velero/nightly' };
const received = { type: 'MutationReceived', v: 1, data: { ...asked, at: now } } as const;
const answered = {
  type: 'MutationAnswered',
  v: 1,
  data: { ...asked, answer: 'ALREADY_EXISTS', at: now },
} as const;

it('every mutation leaves a fact when it comes in and one when it is answered', () => {
  given()
    .when({ type: 'RecordReceived', ...asked, now })
    .then(received);
  given(received)
    .when({ type: 'RecordAnswered', ...asked, answer: 'ALREADY_EXISTS', now })
    .then(answered);
});

it('an earlier attempt never stands in the way of a later one', () => {
  given(received, answered)
    .when({ type: 'RecordReceived', ...asked, now })
    .then(received);
  expect(access.evolve(null, answered)).toBeNull();
});
