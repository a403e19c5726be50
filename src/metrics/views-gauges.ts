import { Gauge, type Registry } from 'prom-client';
import type { RowKind } from '../projections/rows.js';
import type { Views } from '../projections/views.js';

const MOST_LOCATIONS = 1_000;

const OPERATIONS: readonly RowKind[] = ['backup', 'restore'];

/** `all` is every row of the namespace; the limit does not bound a count. */
const all = (namespace: string) =>
  ({ namespace, order: { by: 'name', direction: 'ASC' }, limit: MOST_LOCATIONS }) as const;

/**
 * Gauges that are read from the views whenever somebody asks, so that they are right from the first answer after a restart and
 * nothing is left of what is gone.
 */
export const createViewsGauges = (registry: Registry, views: Views, namespace: string): void => {
  const registers = [registry];
  new Gauge({
    name: 'velero_backup_total',
    help: 'Backups that exist',
    registers,
    collect() {
      this.set(views.countBackups(all(namespace)));
    },
  });
  new Gauge({
    name: 'velero_restore_total',
    help: 'Restores that exist',
    registers,
    collect() {
      this.set(views.countRestores(all(namespace)));
    },
  });
  new Gauge({
    name: 'velero_backup_location_status_gauge',
    help: 'Whether a storage location can be used: 1 Available, 0 Unavailable',
    labelNames: ['backup_location_name'],
    registers,
    collect() {
      this.reset();
      for (const { key, row } of views.locations(all(namespace)).items)
        if (row.phase !== 'Unknown')
          this.set({ backup_location_name: key.name }, row.phase === 'Available' ? 1 : 0);
    },
  });
  new Gauge({
    name: 'lifeboat_operations',
    help: 'Backups and restores that exist, by phase',
    labelNames: ['kind', 'phase'],
    registers,
    collect() {
      this.reset();
      for (const kind of OPERATIONS)
        for (const [phase, count] of views.byPhase(kind, namespace)) this.set({ kind, phase }, count);
    },
  });
};
