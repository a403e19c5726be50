import type { Config } from './config.js';
import { startMetricsEndpoint, type MetricsEndpoint } from './metrics/endpoint.js';
import type { Parts } from './parts.js';

/** The outside worlds as the server uses them: every call to one of them is measured. */
export const measuredParts = (parts: Parts): Parts => {
  const { metrics } = parts;
  return {
    ...parts,
    cluster: metrics.cluster(parts.cluster),
    events: metrics.events(parts.events),
    openLocation: async (spec) => {
      const opened = await parts.openLocation(spec);
      return { ...opened, store: metrics.objectStore(opened.store) };
    },
  };
};

/**
 * Metrics begin with what the views show, before anything new happens, and can be read from then on.
 * Fault `LB_CONFIG` for an address that cannot be listened on.
 */
export const openMetrics = async (
  config: Config,
  { metrics, views, events, cluster, log }: Parts,
  signal: AbortSignal,
): Promise<MetricsEndpoint | undefined> => {
  metrics.begin(views, events, config.namespace);
  const endpoint = config.metrics && (await startMetricsEndpoint(config.metrics, metrics.registry, log));
  const following = metrics.followSchedules(cluster, config.namespace, signal);
  following.catch((error: unknown) =>
    log.warn({ err: error }, 'schedules are no longer followed for metrics'),
  );
  return endpoint;
};
