import { describe, expect, it } from 'vitest';
import { foundBackup, foundRestore, originOf } from '../../../src/controllers/intake.js';
import { type Backup, type ObjectMeta, type Restore } from '../../../src/domain/velero.gen.js';

describe('a Backup that ended elsewhere', () => {
  const bare: Backup = {
    apiVersion: 'velero.io/v1',
    kind: 'Backup',
    metadata: { name: 'nightly', labels: { team: 'web' } },
  };

  it('is told with everything its status tells', () => {
    const status = {
      phase: 'PartiallyFailed',
      startTimestamp: '2026-01-01T00:00:00Z',
      completionTimestamp: '2026-01-01T00:01:00Z',
      expiration: '2026-02-01T00:00:00Z',
      progress: { totalItems: 12, itemsBackedUp: 11 },
      warnings: 2,
      errors: 1,
      failureReason: 'x',
      validationErrors: ['y'],
    } as const;
    expect(foundBackup({ ...bare, spec: { ttl: '1h' }, status })).toEqual({
      phase: 'PartiallyFailed',
      spec: { ttl: '1h' },
      labels: { team: 'web' },
      tally: { items: 11, warnings: 2, errors: 1 },
      startedAt: '2026-01-01T00:00:00Z',
      completedAt: '2026-01-01T00:01:00Z',
      expiresAt: '2026-02-01T00:00:00Z',
      failureReason: 'x',
      validationErrors: ['y'],
    });
  });

  it('tells nothing that its status does not', () => {
    const status = {
      phase: 'Completed',
      completionTimestamp: null,
      progress: null,
      validationErrors: null,
    } as const;
    expect(foundBackup({ ...bare, metadata: { name: 'nightly' }, status })).toEqual({
      phase: 'Completed',
      spec: {},
      labels: {},
      tally: { items: 0, warnings: 0, errors: 0 },
    });
  });
});

describe('a Restore that ended in an earlier life', () => {
  const bare: Restore = {
    apiVersion: 'velero.io/v1',
    kind: 'Restore',
    metadata: { name: 'again', labels: { team: 'web' } },
  };

  it('is told with everything its status tells', () => {
    const status = {
      phase: 'Completed',
      startTimestamp: '2026-01-01T00:00:00Z',
      completionTimestamp: '2026-01-01T00:01:00Z',
      progress: { totalItems: 12, itemsRestored: 11 },
      warnings: 2,
      errors: 1,
      failureReason: 'x',
      validationErrors: ['y'],
    } as const;
    expect(foundRestore({ ...bare, spec: { backupName: 'nightly' }, status })).toEqual({
      phase: 'Completed',
      spec: { backupName: 'nightly' },
      labels: { team: 'web' },
      items: 11,
      warnings: 2,
      errors: 1,
      startedAt: '2026-01-01T00:00:00Z',
      completedAt: '2026-01-01T00:01:00Z',
      failureReason: 'x',
      validationErrors: ['y'],
    });
  });

  it('tells nothing that its status does not', () => {
    expect(foundRestore({ ...bare, metadata: { name: 'again' }, status: { phase: 'Failed' } })).toEqual({
      phase: 'Failed',
      spec: {},
      labels: {},
      items: 0,
      warnings: 0,
      errors: 0,
    });
  });
});

describe('who put a resource into the cluster', () => {
  it('is the first that wrote a field of it, as far as Kubernetes tells', () => {
    const metadata = {
      name: 'nightly',
      uid: 'u1',
      resourceVersion: '42',
      managedFields: [{ manager: 'velero-cli' }, { manager: 'kubectl-edit' }],
    } as ObjectMeta;
    expect(originOf(metadata)).toEqual({
      actor: { kind: 'CLUSTER', name: 'velero-cli', via: 'kubernetes' },
      cause: 'u1@42',
    });
  });

  it('is unknown if nothing tells, never guessed', () => {
    expect(originOf({ name: 'nightly' })).toEqual({
      actor: { kind: 'CLUSTER', name: 'unknown', via: 'kubernetes' },
      cause: 'nightly@0',
    });
  });
});
