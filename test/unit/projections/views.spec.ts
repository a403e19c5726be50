import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Recorded } from '../../../src/eventstore/port.js';
import { foldBatch } from '../../../src/projections/fold.js';
import { openViews, VIEWS_VERSION, type Views } from '../../../src/projections/views.js';
import type { RowQuery } from '../../../src/projections/rows.js';
import { backupRequested, recordedAt } from './facts.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lifeboat-views-'));
  path = join(folder, 'views.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const apply = (views: Views, ...facts: readonly Recorded[]) =>
  views.write(foldBatch(facts, facts.at(-1)!.position, views.present));

const NEWEST: Omit<RowQuery<object>, 'limit'> = {
  namespace: 'velero',
  order: { by: 'created', direction: 'DESC' },
};
const names = (views: Views, query: Partial<RowQuery<object>> = {}) =>
  views.backups({ ...NEWEST, limit: 100, ...query }).items.map(({ key }) => key.name);

describe('the file of the views', () => {
  test('is there again after a restart, with its position', () => {
    const first = openViews(path);
    apply(first, recordedAt(7n, backupRequested('a')));
    first.close();
    const second = openViews(path);
    expect([second.position(), names(second)]).toEqual([7n, ['a']]);
    second.close();
  });

  test('of another version is begun anew', () => {
    const first = openViews(path);
    apply(first, recordedAt(7n, backupRequested('a')));
    first.close();
    const raw = new Database(path);
    raw.pragma(`user_version = ${VIEWS_VERSION + 1}`);
    raw.close();
    const second = openViews(path);
    expect([second.position(), names(second)]).toEqual([-1n, []]);
    second.close();
  });

  test('that is no database, or a torn one, is begun anew', () => {
    writeFileSync(path, 'this is no database, and long enough to be looked at as one'.repeat(100));
    const views = openViews(path);
    expect(views.position()).toBe(-1n);
    apply(views, recordedAt(1n, backupRequested('a')));
    views.close();
    const again = openViews(path);
    expect(again.position()).toBe(1n);
    again.close();
  });

  test('in a folder that is not there is a fault that says where', () => {
    expect(() => openViews(join(folder, 'none', 'views.db'))).toThrow(/views cannot be kept/);
  });

  test('keeps rows and position together: what fails half-way leaves neither', () => {
    const views = openViews(path);
    apply(views, recordedAt(1n, backupRequested('a')));
    const batch = foldBatch([recordedAt(2n, backupRequested('b'))], 2n, views.present);
    const broken = {
      ...batch,
      audit: [{ ...batch.audit[0]!, actor: { kind: 'USER', name: null as never, via: 'x' } as const }],
    };
    expect(() => views.write(broken)).toThrow();
    expect([views.position(), names(views), views.auditEvents({ limit: 10 }).items.length]).toEqual([
      1n,
      ['a'],
      1,
    ]);
    views.close();
  });

  test('positions beyond 2^53 are kept exactly', () => {
    const views = openViews(path);
    const far = 2n ** 62n + 1n;
    apply(views, recordedAt(far, backupRequested('a')));
    expect([views.position(), views.auditEvents({ limit: 1 }).items[0]?.position]).toEqual([far, far]);
    views.close();
  });
});

describe('lists of backups', () => {
  test('however the pages are cut, going through them gives every backup once, in order, in both directions', () => {
    const views = openViews(':memory:');
    const days = [
      '2026-01-01',
      '2026-01-02',
      '2026-01-02',
      '2026-01-03',
      '2026-01-03',
      '2026-01-03',
      '2026-01-09',
    ];
    days.forEach((day, n) =>
      apply(views, recordedAt(BigInt(n), backupRequested(`b${n}`, { at: `${day}T00:00:00Z` }))),
    );
    const cursor = (name: string) => ({
      value: views.backup({ namespace: 'velero', name })!.requestedAt,
      stream: `backup-velero.${name}`,
    });
    const all = names(views);
    expect(all).toHaveLength(days.length);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.boolean(), (limit, fromEnd) => {
        const seen: string[] = [];
        for (let turns = 0; turns <= days.length; turns++) {
          const edge = fromEnd ? seen[0] : seen.at(-1);
          const side = edge === undefined ? {} : fromEnd ? { before: cursor(edge) } : { after: cursor(edge) };
          const page = views.backups({ ...NEWEST, limit, fromEnd, ...side });
          const found = page.items.map(({ key }) => key.name);
          if (fromEnd) seen.unshift(...found);
          else seen.push(...found);
          if (!page.more) break;
        }
        expect(seen).toEqual(all);
      }),
    );
    views.close();
  });

  test('can be narrowed by labels, all of which must be there', () => {
    const views = openViews(':memory:');
    apply(
      views,
      recordedAt(1n, backupRequested('a', { labels: { 'app.kubernetes.io/name': 'shop', team: 'x' } })),
    );
    apply(views, recordedAt(2n, backupRequested('b', { labels: { team: 'x' } })));
    const team = { key: 'team', value: 'x' };
    expect(names(views, { filter: { labels: [team] } }).sort()).toEqual(['a', 'b']);
    expect(
      names(views, { filter: { labels: [team, { key: 'app.kubernetes.io/name', value: 'shop' }] } }),
    ).toEqual(['a']);
    expect(names(views, { filter: { labels: [{ key: `x"' OR 1=1 --`, value: 'x' }] } })).toEqual([]);
    views.close();
  });

  test('do not show those of another namespace', () => {
    const views = openViews(':memory:');
    apply(views, { ...recordedAt(1n, backupRequested('a')), stream: 'backup-other.a' });
    expect(names(views)).toEqual([]);
    views.close();
  });
});
