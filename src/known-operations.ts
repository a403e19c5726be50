import type { KnownOperations } from './controllers/run.js';
import { BACKUP_PHASES, RESTORE_PHASES } from './domain/velero.gen.js';
import { streamOf } from './domain/streams.js';
import type { Views } from './projections/views.js';
import { isLast } from './domain/phases.js';

const PAGE = 500;

interface Rows {
  readonly items: readonly { readonly key: { readonly namespace: string; readonly name: string } }[];
  readonly more: boolean;
}

const namesOf = (
  page: (after: { readonly value: string; readonly stream: string } | undefined) => Rows,
  kind: 'backup' | 'restore' | 'schedule',
) => {
  const names: string[] = [];
  for (let after: { value: string; stream: string } | undefined; ;) {
    const { items, more } = page(after);
    for (const { key } of items) names.push(key.name);
    const last = items.at(-1)?.key;
    if (!more || !last) return names;
    after = { value: last.name, stream: streamOf(kind, last) };
  }
};

/** The operations that the views know, by name; those still under way, or every one. */
export const knownOperations =
  (views: Views, namespace: string): KnownOperations =>
  (which) => {
    const order = { by: 'name', direction: 'ASC' } as const;
    const open = <P extends string>(phases: readonly P[]) =>
      which === 'all' ? {} : { phases: phases.filter((phase) => !isLast(phase)) };
    return {
      backups: namesOf(
        (after) =>
          views.backups({
            namespace,
            order,
            limit: PAGE,
            ...(after && { after }),
            filter: open(BACKUP_PHASES),
          }),
        'backup',
      ),
      restores: namesOf(
        (after) =>
          views.restores({
            namespace,
            order,
            limit: PAGE,
            ...(after && { after }),
            filter: open(RESTORE_PHASES),
          }),
        'restore',
      ),
      // They have no end of their own: each one known may be gone.
      schedules: namesOf(
        (after) => views.schedules({ namespace, order, limit: PAGE, ...(after && { after }) }),
        'schedule',
      ),
    };
  };
