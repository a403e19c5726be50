import type { Actor } from '../eventstore/port.js';
import type { Key } from '../domain/streams.js';
import type { BackupPhase, RestorePhase, SchedulePhase } from '../domain/velero.gen.js';
import type { BackupRow } from './backups.js';
import type { LocationRow } from './locations.js';
import type { RestoreRow } from './restores.js';
import type { ScheduleRow } from './schedules.js';

/** A folded row together with whose row it is. */
export interface Named<R> {
  readonly key: Key;
  readonly row: R;
}

export type NamedBackup = Named<BackupRow>;
export type NamedRestore = Named<RestoreRow>;
export type NamedLocation = Named<LocationRow>;
export type NamedSchedule = Named<ScheduleRow>;

/** One fact as the audit tells it. `summary` is a sentence for people; `data` is the fact as it was written. */
export interface AuditRow {
  readonly id: string;
  readonly position: bigint;
  readonly stream: string;
  readonly revision: bigint;
  readonly type: string;
  /** RFC 3339 UTC, milliseconds. */
  readonly recordedAt: string;
  readonly actor: Actor;
  readonly correlationId: string;
  readonly causationId?: string;
  readonly summary: string;
  readonly data: object;
}

/** The row types that are kept by name, by kind of stream. */
export interface RowOf {
  readonly backup: BackupRow;
  readonly restore: RestoreRow;
  readonly location: LocationRow;
  readonly schedule: ScheduleRow;
}
export type RowKind = keyof RowOf;

/** Where a page starts or ends: the sort value of a row and, to tell equals apart, its stream. */
export interface RowCursor {
  readonly value: string;
  readonly stream: string;
}

/**
 * A slice of a list in order: at most `limit` rows strictly behind `after` and before `before`, from the front, or from the
 * end with `fromEnd` (they still come in order). Rows that appear meanwhile move no cursor.
 */
export interface Slice<C> {
  readonly limit: number;
  readonly after?: C;
  readonly before?: C;
  readonly fromEnd?: boolean;
}

export interface RowOrder {
  readonly by: 'created' | 'name';
  readonly direction: 'ASC' | 'DESC';
}

export interface RowQuery<F> extends Slice<RowCursor> {
  readonly namespace: string;
  readonly order: RowOrder;
  readonly filter?: F;
}

/** All given conditions must hold. */
export interface BackupFilter {
  readonly phases?: readonly BackupPhase[];
  readonly storageLocation?: string;
  readonly labels?: readonly { readonly key: string; readonly value: string }[];
  readonly nameContains?: string;
}

/** All given conditions must hold. */
export interface RestoreFilter {
  readonly phases?: readonly RestorePhase[];
  readonly backupName?: string;
  readonly nameContains?: string;
}

/** All given conditions must hold. */
export interface ScheduleFilter {
  readonly phases?: readonly SchedulePhase[];
  readonly paused?: boolean;
  readonly nameContains?: string;
}

/** All given conditions must hold; `since` is inclusive, `until` exclusive, both RFC 3339 UTC. */
export interface AuditFilter {
  readonly stream?: string;
  readonly types?: readonly string[];
  readonly correlationId?: string;
  /** Name of the actor. */
  readonly actor?: string;
  readonly since?: string;
  readonly until?: string;
}

export interface AuditQuery extends Slice<bigint> {
  readonly filter?: AuditFilter;
}

/** `more`: rows follow in the direction that was read. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly more: boolean;
}

/** Whether a fact passes a filter; the same rule as the audit's own query. */
export const matchesAudit = (fact: AuditRow, filter: AuditFilter): boolean =>
  (filter.stream === undefined || fact.stream === filter.stream) &&
  (filter.types === undefined || filter.types.includes(fact.type)) &&
  (filter.correlationId === undefined || fact.correlationId === filter.correlationId) &&
  (filter.actor === undefined || fact.actor.name === filter.actor) &&
  (filter.since === undefined || fact.recordedAt >= filter.since) &&
  (filter.until === undefined || fact.recordedAt < filter.until);
