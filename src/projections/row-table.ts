import { parseStream, streamOf, type Key } from '../domain/streams.js';
import type { Connection } from './disposable-file.js';
import type { RowChange } from './fold.js';
import type {
  BackupFilter,
  Named,
  Page,
  RestoreFilter,
  RowCursor,
  RowKind,
  RowOf,
  RowQuery,
  ScheduleFilter,
} from './rows.js';

/** `created` and `related` (a backup's location, a restore's backup, whether a schedule is paused) repeat what the JSON says, for sorting and filters. */
export const ROW_TABLE = `
  CREATE TABLE IF NOT EXISTS rows (
    kind TEXT NOT NULL, stream TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, created TEXT NOT NULL,
    phase TEXT NOT NULL, related TEXT NOT NULL, json TEXT NOT NULL, PRIMARY KEY (kind, stream)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS rows_by_created ON rows (kind, namespace, created, stream);
  CREATE INDEX IF NOT EXISTS rows_by_name ON rows (kind, namespace, name, stream);
  CREATE INDEX IF NOT EXISTS rows_by_phase ON rows (kind, namespace, phase);`;

interface Stored {
  readonly stream: string;
  readonly json: string;
}

/** Conditions joined by AND, with their values in order. */
interface Conditions {
  readonly sql: readonly string[];
  readonly values: readonly (string | number)[];
}

/** What cursors compare by. */
export const cursorOf = (kind: RowKind, item: Named<RowOf[RowKind]>, by: 'created' | 'name'): RowCursor => ({
  value: by === 'name' ? item.key.name : 'requestedAt' in item.row ? item.row.requestedAt : item.row.since,
  stream: streamOf(kind, item.key),
});

const nameCondition = (part: string | undefined): Conditions =>
  part === undefined ? { sql: [], values: [] } : { sql: ['instr(name, ?) > 0'], values: [part] };

const phaseCondition = (phases: readonly string[] | undefined): Conditions =>
  phases === undefined
    ? { sql: [], values: [] }
    : { sql: ['phase IN (SELECT value FROM json_each(?))'], values: [JSON.stringify(phases)] };

const relatedCondition = (related: string | undefined): Conditions =>
  related === undefined ? { sql: [], values: [] } : { sql: ['related = ?'], values: [related] };

const all = (...parts: readonly Conditions[]): Conditions => ({
  sql: parts.flatMap((part) => part.sql),
  values: parts.flatMap((part) => part.values),
});

// `rows.json` in full: json_each has a column of that name as well.
const HAS_LABEL = `EXISTS (SELECT 1 FROM json_each(rows.json, '$.labels') AS label WHERE label.key = ? AND label.value = ?)`;

export const backupConditions = (filter: BackupFilter): Conditions =>
  all(
    phaseCondition(filter.phases),
    relatedCondition(filter.storageLocation),
    nameCondition(filter.nameContains),
    {
      sql: (filter.labels ?? []).map(() => HAS_LABEL),
      values: (filter.labels ?? []).flatMap(({ key, value }) => [key, value]),
    },
  );

export const restoreConditions = (filter: RestoreFilter): Conditions =>
  all(phaseCondition(filter.phases), relatedCondition(filter.backupName), nameCondition(filter.nameContains));

const pausedText = (paused: boolean): string => (paused ? 'paused' : 'running');

export const scheduleConditions = (filter: ScheduleFilter): Conditions =>
  all(
    phaseCondition(filter.phases),
    relatedCondition(filter.paused === undefined ? undefined : pausedText(filter.paused)),
    nameCondition(filter.nameContains),
  );

const behind = (query: RowQuery<unknown>): Conditions => {
  const column = query.order.by;
  const [after, before] = query.order.direction === 'ASC' ? ['>', '<'] : ['<', '>'];
  const side = (cursor: RowCursor | undefined, sign: string): Conditions =>
    cursor === undefined
      ? { sql: [], values: [] }
      : { sql: [`(${column}, stream) ${sign} (?, ?)`], values: [cursor.value, cursor.stream] };
  return all(side(query.after, after), side(query.before, before));
};

const relatedOf = (change: RowChange): string => {
  if (!change.row) return '';
  switch (change.kind) {
    case 'backup':
      return change.row.spec.storageLocation ?? '';
    case 'restore':
      return change.row.spec.backupName ?? '';
    case 'location':
      return change.row.bucket;
    case 'schedule':
      return pausedText(change.row.paused);
  }
};

const keyOf = (stream: string): Key => parseStream(stream)?.key ?? { namespace: '', name: stream };

const flip = (direction: 'ASC' | 'DESC'): 'ASC' | 'DESC' => (direction === 'ASC' ? 'DESC' : 'ASC');

/** Rows by kind and stream, as JSON beside the columns that lists are sorted and narrowed by. */
export const rowTable = (db: Connection) => {
  const insert = db.prepare('INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const remove = db.prepare('DELETE FROM rows WHERE kind = ? AND stream = ?');
  const one = db.prepare<[string, string], Stored>(
    'SELECT stream, json FROM rows WHERE kind = ? AND stream = ?',
  );
  const tally = db.prepare<[string, string], { phase: string; n: number }>(
    'SELECT phase, count(*) AS n FROM rows WHERE kind = ? AND namespace = ? GROUP BY phase',
  );

  const where = (kind: RowKind, query: RowQuery<unknown>, filter: Conditions, extra: Conditions) => {
    const sql = ['kind = ?', 'namespace = ?', ...filter.sql, ...extra.sql].join(' AND ');
    return { sql, values: [kind, query.namespace, ...filter.values, ...extra.values] };
  };

  return {
    put: (change: RowChange): void => {
      const { kind, stream, row } = change;
      if (!row) {
        remove.run(kind, stream);
        return;
      }
      const { namespace, name } = keyOf(stream);
      const created = 'requestedAt' in row ? row.requestedAt : row.since;
      insert.run(kind, stream, namespace, name, created, row.phase, relatedOf(change), JSON.stringify(row));
    },
    get: <K extends RowKind>(kind: K, stream: string): RowOf[K] | undefined => {
      const found = one.get(kind, stream);
      return found && (JSON.parse(found.json) as RowOf[K]);
    },
    page: <K extends RowKind>(
      kind: K,
      query: RowQuery<unknown>,
      filter: Conditions,
    ): Page<Named<RowOf[K]>> => {
      const { sql, values } = where(kind, query, filter, behind(query));
      const direction = query.fromEnd ? flip(query.order.direction) : query.order.direction;
      const order = `ORDER BY ${query.order.by} ${direction}, stream ${direction} LIMIT ?`;
      const found = db
        .prepare<(string | number)[], Stored>(`SELECT stream, json FROM rows WHERE ${sql} ${order}`)
        .all(...values, query.limit + 1);
      const items = found
        .slice(0, query.limit)
        .map(({ stream, json }) => ({ key: keyOf(stream), row: JSON.parse(json) as RowOf[K] }));
      return { items: query.fromEnd ? items.reverse() : items, more: found.length > query.limit };
    },
    count: (kind: RowKind, query: RowQuery<unknown>, filter: Conditions): number => {
      const { sql, values } = where(kind, query, filter, { sql: [], values: [] });
      return (
        db
          .prepare<(string | number)[], number>(`SELECT count(*) FROM rows WHERE ${sql}`)
          .pluck()
          .get(...values) ?? 0
      );
    },
    byPhase: (kind: RowKind, namespace: string): ReadonlyMap<string, number> =>
      new Map(tally.all(kind, namespace).map(({ phase, n }) => [phase, n])),
  };
};
