import { describe, expect, test } from 'vitest';
import { auditRowOf } from '../../../src/projections/audit.js';
import { foldBatch } from '../../../src/projections/fold.js';
import { matchesAudit, type AuditFilter } from '../../../src/projections/rows.js';
import { openViews } from '../../../src/projections/views.js';
import { backupRequested, recordedAt } from './facts.js';

describe('the audit trail', () => {
  test('tells a known fact in a sentence', () => {
    expect(auditRowOf(recordedAt(1n, backupRequested('a'))).summary).toBe(
      'Backup of all namespaces requested.',
    );
  });

  test('keeps a fact of a newer version under its own name, with its data', () => {
    const row = auditRowOf(
      recordedAt(1n, { stream: 'backup-velero.a', type: 'BackupTeleported', data: { where: 'Mars' } }),
    );
    expect(row).toMatchObject({
      type: 'BackupTeleported',
      summary: 'BackupTeleported was recorded.',
      data: { where: 'Mars' },
    });
  });

  test('a fact nobody knows changes no row', () => {
    const views = openViews(':memory:');
    const first = recordedAt(1n, backupRequested('a'));
    const strange = recordedAt(2n, { stream: 'backup-velero.a', type: 'BackupTeleported', data: {} });
    views.write(foldBatch([first], 1n, views.present));
    const before = views.backup({ namespace: 'velero', name: 'a' });
    views.write(foldBatch([strange], 2n, views.present));
    expect(views.backup({ namespace: 'velero', name: 'a' })).toEqual(before);
    views.close();
  });

  test('the live filter and the query of the table agree', () => {
    const views = openViews(':memory:');
    const facts = [
      recordedAt(1n, backupRequested('a')),
      { ...recordedAt(2n, backupRequested('b')), recordedAt: '2026-05-01T00:00:00.000Z' },
      { ...recordedAt(3n, { stream: 'backup-velero.a', type: 'BackupDeleted', data: { at: 'x' } }) },
      {
        ...recordedAt(4n, backupRequested('c')),
        meta: { ...recordedAt(4n, backupRequested('c')).meta, correlationId: 'other' },
      },
    ];
    views.write(foldBatch(facts, 4n, views.present));
    const filters: readonly AuditFilter[] = [
      {},
      { stream: 'backup-velero.a' },
      { types: ['BackupDeleted', 'Nothing'] },
      { types: [] },
      { correlationId: 'other' },
      { actor: 'alice' },
      { actor: 'bob' },
      { since: '2026-05-01T00:00:00.000Z' },
      { until: '2026-05-01T00:00:00.000Z' },
      { stream: 'backup-velero.a', types: ['BackupRequested'] },
    ];
    for (const filter of filters) {
      const live = facts.map(auditRowOf).filter((row) => matchesAudit(row, filter));
      expect(views.auditEvents({ limit: 10, filter }).items).toEqual(live);
      expect(views.countAuditEvents(filter)).toBe(live.length);
    }
    views.close();
  });
});
