import { expect, test } from 'vitest';
import { parseStatus, readFault, refusalOf } from '../../../src/cluster/status-refusal.js';
import { status } from './api-server.js';

const bytes = (body: unknown): Buffer => Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));

test('a refusal carries reason, message and causes of the server', () => {
  const causes = [
    { field: 'spec.x', reason: 'FieldValueInvalid', message: 'too long' },
    { message: 'alone' },
  ];
  const body = bytes(status(422, 'Invalid', { details: { name: 'a', causes } }));
  expect(refusalOf({ status: 422, body })).toEqual({
    ok: false,
    status: 422,
    reason: 'Invalid',
    message: 'Invalid it is',
    causes,
  });
});

test.each([
  [404, '404 page not found\n', 'NotFound', '404 page not found'],
  [403, '', 'Forbidden', 'HTTP 403'],
  [418, '{"kind":"Teapot"}', 'Unknown', '{"kind":"Teapot"}'],
  [409, '{"kind":"Status"}', 'Conflict', '{"kind":"Status"}'],
])('an answer %i that is no Status is named by its code', (code, body, reason, message) => {
  expect(refusalOf({ status: code, body: bytes(body) })).toMatchObject({ reason, message, causes: [] });
});

test.each([
  [401, 'LB_CLUSTER_DENIED'],
  [403, 'LB_CLUSTER_DENIED'],
  [404, 'LB_CLUSTER_REFUSED'],
  [400, 'LB_CLUSTER_REFUSED'],
  [410, 'LB_CLUSTER_EXPIRED'],
  [429, 'LB_CLUSTER_UNREACHABLE'],
  [503, 'LB_CLUSTER_UNREACHABLE'],
  [302, 'LB_CLUSTER_PROTOCOL'],
])('a read answered with %i is the fault %s, naming verb and resource', (code, fault) => {
  const made = readFault({ status: code, body: bytes('') }, 'list', 'deployments.apps');
  expect(made.code).toBe(fault);
  expect(made.message).toContain('list deployments.apps');
});

test('an expired list tells where to go on', () => {
  const body = bytes(status(410, 'Expired', { metadata: { continue: 'further' } }));
  expect(parseStatus(body)).toMatchObject({ reason: 'Expired', continue: 'further', code: 410 });
  expect(parseStatus(bytes({ kind: 'Pod' }))).toBeUndefined();
});
