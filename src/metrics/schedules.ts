import type { Cluster } from '../cluster/port.js';
import { nameOf } from '../domain/item.js';
import type { JsonObject } from '../domain/json.js';
import { VELERO_TYPES } from '../domain/velero.gen.js';
import type { VeleroSeries } from './velero-series.js';

const nameIn = (bytes: Buffer): string => nameOf(JSON.parse(bytes.toString('utf8')) as JsonObject);

/**
 * Begins and ends the series of schedules as these come and go. The resource decides and not the labels of backups, since
 * these outlive their schedule. Resolves when the signal aborts.
 */
export const followSchedules = async (options: {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly series: Pick<VeleroSeries, 'knowSchedule' | 'forgetSchedule'>;
  readonly signal: AbortSignal;
}): Promise<void> => {
  const { cluster, namespace, series, signal } = options;
  let present = new Set<string>();
  for await (const event of cluster.watch(VELERO_TYPES.Schedule, { namespace, signal }))
    switch (event.type) {
      case 'SYNCED': {
        const listed = new Set(event.items.map(nameIn));
        for (const name of present) if (!listed.has(name)) series.forgetSchedule(name);
        for (const name of listed) series.knowSchedule(name);
        present = listed;
        break;
      }
      case 'ADDED':
      case 'MODIFIED':
        present.add(nameIn(event.object));
        series.knowSchedule(nameIn(event.object));
        break;
      case 'DELETED':
        present.delete(nameIn(event.object));
        series.forgetSchedule(nameIn(event.object));
    }
};
