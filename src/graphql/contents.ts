import type { NamedBackup, NamedRestore } from '../projections/rows.js';
import type { Connection, PageArgs } from './connection.js';
import type { ResolverDeps } from './deps.js';
import { filePage, filesOfBackup, filesOfRestore } from './file-page.js';
import type { StoredItem, StoredResults } from './operation-files.js';
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

/** The order of the list, and what a cursor holds. */
const placeOf = ({ group, version, kind, namespace = '', name }: StoredItem): string =>
  JSON.stringify([kind, group, version, namespace, name]);

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
  return filePage(items ?? [], args, { placeOf, isWanted: fits(args.filter), show: shownItem });
};

export const restoreContents = async (
  deps: ResolverDeps,
  restore: NamedRestore,
  args: PageArgs & { readonly filter?: Given<api.RestoreItemFilter> },
  signal: AbortSignal,
): Promise<Connection<api.RestoreItem>> => {
  const files = filesOfRestore(deps, restore);
  const items = files ? await deps.files.items(files, signal) : undefined;
  const show = (item: StoredItem) => ({
    ...shownItem(item),
    outcome: item.outcome === undefined ? null : OUTCOME[item.outcome],
  });
  return filePage(items ?? [], args, { placeOf, isWanted: fits(args.filter), show });
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
