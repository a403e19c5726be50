import { expect, test } from 'vitest';
import { judgeLoss } from '../../../src/cluster/connection-faults.js';

const failure = (code: string, syscall?: string): Error =>
  Object.assign(new Error(code), { code, ...(syscall === undefined ? {} : { syscall }) });

test.each([
  [failure('ECONNREFUSED', 'connect'), false],
  [failure('ETIMEDOUT', 'connect'), false],
  [failure('EHOSTUNREACH', 'connect'), false],
  [failure('ECONNREFUSED'), false],
  [failure('ECONNRESET', 'read'), true],
  [failure('EHOSTUNREACH', 'read'), true],
  [failure('ENETDOWN', 'write'), true],
])('%s of a call (whether it was sent: %s)', (error, sent) => {
  expect(judgeLoss(error, 'GET /x')).toMatchObject({
    sent,
    hopeless: false,
    fault: { code: 'LB_CLUSTER_UNREACHABLE' },
  });
});

test('a header that no server would take is not tried again', () => {
  expect(judgeLoss(failure('ERR_INVALID_CHAR'), 'GET /x')).toMatchObject({
    sent: false,
    hopeless: true,
    fault: { code: 'LB_CLUSTER_PROTOCOL' },
  });
});
