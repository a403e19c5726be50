import type { Registry } from 'prom-client';
import type { Cluster } from '../cluster/port.js';
import type { JsonObject } from '../domain/json.js';
import { createAgentSeries } from './agent-series.js';
import { measureCluster } from './measured-cluster.js';
import { createQueueMeters, type QueueMeter } from './measured-queues.js';
import { createClusterMeters, createWorkMeters } from './meters.js';
import { createRegistry } from './registry.js';

/** Everything the agent of one node is measured with. */
export interface AgentMetrics {
  readonly registry: Registry;
  readonly cluster: (cluster: Cluster) => Cluster;
  readonly queue: (name: string) => QueueMeter;
  /** Told of each sight of a resource that asks agents for something; others are passed over. */
  readonly seen: (kind: string, object: JsonObject) => void;
  /** A call to the API server is tried again. */
  readonly onRetry: (method: string, reason: string) => void;
  /** A watch broke and begins again. */
  readonly onWatchTrouble: (resource: string, fault: string) => void;
}

export const createAgentMetrics = (version: string, node: string): AgentMetrics => {
  const registry = createRegistry(version);
  const clusterMeters = createClusterMeters(registry);
  return {
    registry,
    cluster: (cluster) => measureCluster(cluster, clusterMeters),
    queue: createQueueMeters(registry, createWorkMeters(registry)),
    seen: createAgentSeries(registry, node),
    onRetry: (method, reason) => clusterMeters.clusterRetries.inc({ method, reason }),
    onWatchTrouble: (resource, fault) => clusterMeters.watchInterruptions.inc({ resource, fault }),
  };
};
