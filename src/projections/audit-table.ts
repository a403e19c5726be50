import type { Actor } from '../eventstore/port.js';
import type { Connection } from './disposable-file.js';
import type { AuditFilter, AuditQuery, AuditRow, Page } from './rows.js';

/** `request` holds the request id of the facts about mutations, so that a repeated request finds its first one. */
export const AUDIT_TABLE = `
  CREATE TABLE IF NOT EXISTS audit (
    position INTEGER PRIMARY KEY, id TEXT NOT NULL, stream TEXT NOT NULL, revision INTEGER NOT NULL, type TEXT NOT NULL,
    recorded TEXT NOT NULL, actor_kind TEXT NOT NULL, actor_name TEXT NOT NULL, via TEXT NOT NULL, correlation TEXT NOT NULL,
    causation TEXT, summary TEXT NOT NULL, data TEXT NOT NULL, request TEXT);
  CREATE UNIQUE INDEX IF NOT EXISTS audit_by_id ON audit (id);
  CREATE INDEX IF NOT EXISTS audit_by_stream ON audit (stream, position);
  CREATE INDEX IF NOT EXISTS audit_by_correlation ON audit (correlation, position);
  CREATE INDEX IF NOT EXISTS audit_by_actor ON audit (actor_name, position);
  CREATE INDEX IF NOT EXISTS audit_by_type ON audit (type, position);
  CREATE INDEX IF NOT EXISTS audit_by_recorded ON audit (recorded);
  CREATE INDEX IF NOT EXISTS audit_by_request ON audit (request, position) WHERE request IS NOT NULL;`;

interface Stored {
  readonly id: string;
  readonly position: bigint;
  readonly stream: string;
  readonly revision: bigint;
  readonly type: string;
  readonly recorded: string;
  readonly actor_kind: Actor['kind'];
  readonly actor_name: string;
  readonly via: string;
  readonly correlation: string;
  readonly causation: string | null;
  readonly summary: string;
  readonly data: string;
}

const rowOf = (stored: Stored): AuditRow => ({
  id: stored.id,
  position: stored.position,
  stream: stored.stream,
  revision: stored.revision,
  type: stored.type,
  recordedAt: stored.recorded,
  actor: { kind: stored.actor_kind, name: stored.actor_name, via: stored.via },
  correlationId: stored.correlation,
  ...(stored.causation !== null && { causationId: stored.causation }),
  summary: stored.summary,
  data: JSON.parse(stored.data) as object,
});

const requestOf = (data: object): string | null =>
  'requestId' in data && typeof data.requestId === 'string' ? data.requestId : null;

const conditionsOf = (filter: AuditFilter): { sql: string[]; values: (string | bigint)[] } => {
  const sql: string[] = [];
  const values: (string | bigint)[] = [];
  const when = (value: string | undefined, condition: string) => {
    if (value === undefined) return;
    sql.push(condition);
    values.push(value);
  };
  when(filter.stream, 'stream = ?');
  when(filter.types && JSON.stringify(filter.types), 'type IN (SELECT value FROM json_each(?))');
  when(filter.correlationId, 'correlation = ?');
  when(filter.actor, 'actor_name = ?');
  when(filter.since, 'recorded >= ?');
  when(filter.until, 'recorded < ?');
  return { sql, values };
};

const whereOf = (sql: readonly string[]): string => (sql.length === 0 ? '' : `WHERE ${sql.join(' AND ')}`);

interface Statement {
  readonly sql: string;
  readonly values: readonly (string | bigint)[];
}

const pageStatement = (query: AuditQuery): Statement => {
  const { sql, values } = conditionsOf(query.filter ?? {});
  if (query.after !== undefined) {
    sql.push('position > ?');
    values.push(query.after);
  }
  if (query.before !== undefined) {
    sql.push('position < ?');
    values.push(query.before);
  }
  const order = `ORDER BY position ${query.fromEnd ? 'DESC' : 'ASC'} LIMIT ?`;
  return {
    sql: `SELECT * FROM audit ${whereOf(sql)} ${order}`,
    values: [...values, BigInt(query.limit + 1)],
  };
};

const lists = (db: Connection) => ({
  page: (query: AuditQuery): Page<AuditRow> => {
    const { sql, values } = pageStatement(query);
    const found = db
      .prepare<(string | bigint)[], Stored>(sql)
      .safeIntegers()
      .all(...values);
    const items = found.slice(0, query.limit).map(rowOf);
    return { items: query.fromEnd ? items.reverse() : items, more: found.length > query.limit };
  },
  count: (filter: AuditFilter): number => {
    const { sql, values } = conditionsOf(filter);
    const counting = db.prepare<(string | bigint)[], number>(`SELECT count(*) FROM audit ${whereOf(sql)}`);
    return counting.pluck().get(...values) ?? 0;
  },
});

/** The audit trail: every fact once, in order of position. */
export const auditTable = (db: Connection) => {
  const insert = db.prepare('INSERT OR REPLACE INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const byId = db.prepare<[string], Stored>('SELECT * FROM audit WHERE id = ?').safeIntegers();
  const newest = db.prepare<[], Stored>('SELECT * FROM audit ORDER BY position DESC LIMIT 2').safeIntegers();
  const byRequest = db
    .prepare<[string, string, string], Stored>(
      'SELECT * FROM audit WHERE request >= ? AND request < ? AND type = ? ORDER BY position LIMIT 1',
    )
    .safeIntegers();

  return {
    add: (row: AuditRow): void => {
      const { actor } = row;
      insert.run(
        ...[
          row.position,
          row.id,
          row.stream,
          row.revision,
          row.type,
          row.recordedAt,
          actor.kind,
          actor.name,
          actor.via,
        ],
        ...[
          row.correlationId,
          row.causationId ?? null,
          row.summary,
          JSON.stringify(row.data),
          requestOf(row.data),
        ],
      );
    },
    get: (id: string): AuditRow | undefined => {
      const found = byId.get(id);
      return found && rowOf(found);
    },
    /** The newest two facts, newest first: enough to tell whether the store is still the one that was read. */
    newest: (): readonly AuditRow[] => newest.all().map(rowOf),
    /** The first fact of a type whose request id begins so. */
    firstOfRequest: (prefix: string, type: string): AuditRow | undefined => {
      const found = byRequest.get(prefix, `${prefix}\u{10ffff}`, type);
      return found && rowOf(found);
    },
    ...lists(db),
  };
};
