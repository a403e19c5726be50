import { expect, it } from 'vitest';
import { metaOf, systemActor, type ControllerPorts } from '../../../src/controllers/ports.js';
import { timestamp } from '../../../src/domain/timestamp.js';

it('times are written as custom resources carry them: UTC, to the second, cut off and not rounded', () => {
  expect(timestamp(new Date('2026-01-02T10:00:00.999Z'))).toBe('2026-01-02T10:00:00Z');
  expect(timestamp(new Date('2026-01-02T12:00:00+02:00'))).toBe('2026-01-02T10:00:00Z');
});

it('a fact tells who caused it, in which story, and with which version of the server', () => {
  const ports = { appVersion: '1.2.3' } as ControllerPorts;
  const actor = systemActor('backup-controller');
  expect(metaOf(ports, actor, 'c1')).toEqual({
    actor: { kind: 'SYSTEM', name: 'backup-controller', via: 'server' },
    correlationId: 'c1',
    appVersion: '1.2.3',
  });
  expect(metaOf(ports, actor, 'c1', 'e1')).toMatchObject({ causationId: 'e1' });
});
