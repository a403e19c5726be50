import { streamOf } from '../domain/streams.js';
import { cursorOf } from '../projections/row-table.js';
import type {
  AuditFilter,
  AuditRow,
  BackupFilter,
  NamedBackup,
  NamedLocation,
  NamedRestore,
  NamedSchedule,
  RestoreFilter,
  RowOrder,
  ScheduleFilter,
} from '../projections/rows.js';
import {
  connectionOf,
  positionCursors,
  rowCursors,
  sliceOf,
  type Connection,
  type PageArgs,
} from './connection.js';
import type { ResolverDeps } from './deps.js';
import { BACKUP_PHASE, RESTORE_PHASE, SCHEDULE_PHASE, veleroName } from './enums.js';
import type * as api from './types.gen.js';

type Given<T> = T | null | undefined;

const NEWEST_FIRST: RowOrder = { by: 'created', direction: 'DESC' };
const BY_NAME: RowOrder = { by: 'name', direction: 'ASC' };

export const orderOf = (order: Given<api.BackupOrder | api.RestoreOrder>): RowOrder =>
  order ? { by: order.field === 'NAME' ? 'name' : 'created', direction: order.direction } : NEWEST_FIRST;

const codecOf = (order: RowOrder) => rowCursors(`${order.by} ${order.direction}`);

export const backupFilterOf = (filter: Given<api.BackupFilter>): BackupFilter => ({
  ...(filter?.phase && { phases: filter.phase.flatMap((phase) => veleroName(BACKUP_PHASE, phase) ?? []) }),
  ...(filter?.storageLocation != null && { storageLocation: filter.storageLocation }),
  ...(filter?.labels && { labels: filter.labels }),
  ...(filter?.nameContains != null && { nameContains: filter.nameContains }),
});

export const restoreFilterOf = (filter: Given<api.RestoreFilter>): RestoreFilter => ({
  ...(filter?.phase && { phases: filter.phase.flatMap((phase) => veleroName(RESTORE_PHASE, phase) ?? []) }),
  ...(filter?.backupName != null && { backupName: filter.backupName }),
  ...(filter?.nameContains != null && { nameContains: filter.nameContains }),
});

export const scheduleFilterOf = (filter: Given<api.ScheduleFilter>): ScheduleFilter => ({
  ...(filter?.phase && { phases: filter.phase.flatMap((phase) => veleroName(SCHEDULE_PHASE, phase) ?? []) }),
  ...(filter?.paused != null && { paused: filter.paused }),
  ...(filter?.nameContains != null && { nameContains: filter.nameContains }),
});

export const auditFilterOf = (filter: Given<api.EventFilter>): AuditFilter => ({
  ...(filter?.stream != null && { stream: filter.stream }),
  ...(filter?.types && { types: filter.types }),
  ...(filter?.correlationId != null && { correlationId: filter.correlationId }),
  ...(filter?.actor != null && { actor: filter.actor }),
  ...(filter?.since != null && { since: filter.since }),
  ...(filter?.until != null && { until: filter.until }),
});

export const readBackups = (
  { views, namespace }: ResolverDeps,
  args: PageArgs,
  filter: BackupFilter,
  order: RowOrder,
): Connection<NamedBackup> => {
  const codec = codecOf(order);
  const query = { ...sliceOf(args, codec), namespace, order, filter };
  const write = (item: NamedBackup) => codec.write(cursorOf('backup', item, order.by));
  return connectionOf(query, views.backups(query), write, () => views.countBackups(query));
};

export const readRestores = (
  { views, namespace }: ResolverDeps,
  args: PageArgs,
  filter: RestoreFilter,
  order: RowOrder = NEWEST_FIRST,
): Connection<NamedRestore> => {
  const codec = codecOf(order);
  const query = { ...sliceOf(args, codec), namespace, order, filter };
  const write = (item: NamedRestore) => codec.write(cursorOf('restore', item, order.by));
  return connectionOf(query, views.restores(query), write, () => views.countRestores(query));
};

export const readLocations = (
  { views, namespace }: ResolverDeps,
  args: PageArgs,
): Connection<NamedLocation> => {
  const codec = codecOf(BY_NAME);
  const query = { ...sliceOf(args, codec), namespace, order: BY_NAME };
  const write = (item: NamedLocation) => codec.write(cursorOf('location', item, BY_NAME.by));
  return connectionOf(query, views.locations(query), write, () => views.countLocations(query));
};

export const readSchedules = (
  { views, namespace }: ResolverDeps,
  args: PageArgs,
  filter: ScheduleFilter,
): Connection<NamedSchedule> => {
  const codec = codecOf(BY_NAME);
  const query = { ...sliceOf(args, codec), namespace, order: BY_NAME, filter };
  const write = (item: NamedSchedule) => codec.write(cursorOf('schedule', item, BY_NAME.by));
  return connectionOf(query, views.schedules(query), write, () => views.countSchedules(query));
};

export const readEvents = (
  { views }: ResolverDeps,
  args: PageArgs,
  filter: AuditFilter,
): Connection<AuditRow> => {
  const query = { ...sliceOf(args, positionCursors), filter };
  const write = (fact: AuditRow) => positionCursors.write(fact.position);
  return connectionOf(query, views.auditEvents(query), write, () => views.countAuditEvents(filter));
};

/** The facts of one named thing. */
export const readStream = (
  deps: ResolverDeps,
  kind: 'backup' | 'restore' | 'location' | 'schedule',
  name: string,
  args: PageArgs,
): Connection<AuditRow> =>
  readEvents(deps, args, { stream: streamOf(kind, { namespace: deps.namespace, name }) });

export const findBackup = ({ views, namespace }: ResolverDeps, name: string): NamedBackup | undefined => {
  const key = { namespace, name };
  const row = views.backup(key);
  return row && { key, row };
};

export const findRestore = ({ views, namespace }: ResolverDeps, name: string): NamedRestore | undefined => {
  const key = { namespace, name };
  const row = views.restore(key);
  return row && { key, row };
};

export const findLocation = ({ views, namespace }: ResolverDeps, name: string): NamedLocation | undefined => {
  const key = { namespace, name };
  const row = views.location(key);
  return row && { key, row };
};

export const findSchedule = ({ views, namespace }: ResolverDeps, name: string): NamedSchedule | undefined => {
  const key = { namespace, name };
  const row = views.schedule(key);
  return row && { key, row };
};
