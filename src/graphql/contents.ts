import type { NamedBackup, NamedRestore } from '../projections/rows.js';
import { connectionOf, sliceOf, type Connection, type CursorCodec, type PageArgs } from './connection.js';
import type { ResolverDeps } from './deps.js';
import { hasEnded } from './enums.js';
import { coded } from './errors.js';
import type { FilesOf, StoredItem, StoredResults } from './operation-files.js';
import type * as api from './types.gen.js';

type Given<T> = T | null | undefined;

/** Messages of a scope, and namespaces, that one answer brings at most. */
const MOST_SHOWN = 1_000;

const OUTCOME = {
  created: 'CREATED',
  updated: 'UPDATED',
  skipped: 'SKIPPED',
  failed: 'FAILED',
} as const satisfies Record<NonNullable<StoredItem['outcome']>, api.RestoreItemOutcome>;

/** Where a backup or restore has its files; undefined while it has none. A file that is not there is the reader's matter. */
const filesOfBackup = ({ key, row }: NamedBackup): FilesOf | undefined => {
  const location = row.spec.storageLocation;
  if (!location || !hasEnded(row.phase) || row.phase === 'FailedValidation') return undefined;
  return { of: 'backup', name: key.name, location };
};

const filesOfRestore = (
  { views, namespace }: ResolverDeps,
  { key, row }: NamedRestore,
): FilesOf | undefined => {
  const backupName = row.spec.backupName;
  if (!backupName || !hasEnded(row.phase) || row.phase === 'FailedValidation') return undefined;
  const location = views.backup({ namespace, name: backupName })?.spec.storageLocation;
  return location ? { of: 'restore', name: key.name, location } : undefined;
};

/** The order of the list, and what a cursor holds: a file is never changed, so the place of an object in it is its own name. */
const placeOf = ({ group, version, kind, namespace = '', name }: StoredItem): string =>
  JSON.stringify([kind, group, version, namespace, name]);

const cursors: CursorCodec<string> = {
  write: (place) => Buffer.from(place, 'utf8').toString('base64url'),
  read: (text) => {
    const place = Buffer.from(text, 'base64url').toString('utf8');
    return /^\["[^]*"\]$/.test(place) ? place : undefined;
  },
};

type Filter = api.BackupItemFilter & {
  readonly outcome?: Given<readonly api.RestoreItemOutcome[]>;
};

const fits =
  (filter: Given<Filter>) =>
  (item: StoredItem): boolean => {
    if (!filter) return true;
    const is = (wanted: Given<string>, found: string) =>
      wanted === null || wanted === undefined || wanted === found;
    return (
      is(filter.kind, item.kind) &&
      is(filter.group, item.group) &&
      is(filter.namespace, item.namespace ?? '') &&
      is(filter.name, item.name) &&
      item.name.includes(filter.nameContains ?? '') &&
      (!filter.outcome || (item.outcome !== undefined && filter.outcome.includes(OUTCOME[item.outcome])))
    );
  };

/** A page of those that fit. Errors `BAD_USER_INPUT`: sizes out of bounds, cursors of other lists. */
const pageOf = <T>(
  items: readonly StoredItem[],
  args: PageArgs,
  filter: Given<Filter>,
  show: (item: StoredItem) => T,
): Connection<T> => {
  const slice = sliceOf(args, cursors);
  const { after } = slice;
  const before = after === undefined ? -1 : items.findIndex((item) => placeOf(item) === after);
  if (after !== undefined && before < 0) throw coded('BAD_USER_INPUT', 'after is not a cursor of this list');
  const isWanted = fits(filter);
  const fitting = items.slice(before + 1).filter(isWanted);
  const page = { items: fitting.slice(0, slice.limit), more: fitting.length > slice.limit };
  const write = (item: StoredItem) => cursors.write(placeOf(item));
  const found = connectionOf(slice, page, write, () => items.filter(isWanted).length);
  return { ...found, edges: found.edges.map(({ cursor, node }) => ({ cursor, node: show(node) })) };
};

const shownItem = ({ group, version, kind, namespace, name }: StoredItem) => ({
  group,
  version,
  kind,
  namespace: namespace ?? null,
  name,
});

export const backupContents = async (
  deps: ResolverDeps,
  backup: NamedBackup,
  args: PageArgs & { readonly filter?: Given<api.BackupItemFilter> },
  signal: AbortSignal,
): Promise<Connection<api.BackupItem>> => {
  const files = filesOfBackup(backup);
  const items = files ? await deps.files.items(files, signal) : undefined;
  return pageOf(items ?? [], args, args.filter, shownItem);
};

export const restoreContents = async (
  deps: ResolverDeps,
  restore: NamedRestore,
  args: PageArgs & { readonly filter?: Given<api.RestoreItemFilter> },
  signal: AbortSignal,
): Promise<Connection<api.RestoreItem>> => {
  const files = filesOfRestore(deps, restore);
  const items = files ? await deps.files.items(files, signal) : undefined;
  return pageOf(items ?? [], args, args.filter, (item) => ({
    ...shownItem(item),
    outcome: item.outcome === undefined ? null : OUTCOME[item.outcome],
  }));
};

const scopesOf = ({ velero = [], cluster = [], namespaces = {} }: StoredResults['errors']) => ({
  velero: velero.slice(0, MOST_SHOWN),
  cluster: cluster.slice(0, MOST_SHOWN),
  namespaces: Object.entries(namespaces)
    .slice(0, MOST_SHOWN)
    .map(([namespace, messages]) => ({ namespace, messages: messages.slice(0, MOST_SHOWN) })),
});

const shownResults = (results: StoredResults | undefined): api.OperationResults | null =>
  results ? { warnings: scopesOf(results.warnings), errors: scopesOf(results.errors) } : null;

export const backupResults = async (deps: ResolverDeps, backup: NamedBackup, signal: AbortSignal) => {
  const files = filesOfBackup(backup);
  return shownResults(files && (await deps.files.results(files, signal)));
};

export const restoreResults = async (deps: ResolverDeps, restore: NamedRestore, signal: AbortSignal) => {
  const files = filesOfRestore(deps, restore);
  return shownResults(files && (await deps.files.results(files, signal)));
};
