import { setMaxListeners } from 'node:events';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { loadCluster } from './cluster/credentials.js';
import { connectCluster } from './cluster/kube.js';
import type { Cluster } from './cluster/port.js';
import type { Config } from './config.js';
import { createResources } from './controllers/resources.js';
import { Fault } from './faults.js';
import { createLog, type Log } from './log.js';
import { createAgentMetrics, type AgentMetrics } from './metrics/agent-metrics.js';
import { startMetricsEndpoint } from './metrics/endpoint.js';
import { startAgent, type RunningAgent } from './node-agent/agent.js';
import { AGENT_INTERVALS, type AgentConfig } from './node-agent/ports.js';
import { openRepositories } from './parts.js';
import { kopiaVersion } from './repositories/kopia-version.js';
import { toldToStop } from './told-to-stop.js';
import { APP_VERSION } from './version.js';

const LISTENERS = 500;
const STOP_DEADLINE_MS = 15_000;

/** Without the folder, every copy would fail much later and say less. */
const checkKubeletRoot = async (root: string): Promise<void> => {
  const pods = await stat(join(root, 'pods')).catch(() => undefined);
  if (!pods?.isDirectory())
    throw new Fault(
      'LB_CONFIG',
      `there is no folder ${join(root, 'pods')}; mount the kubelet's folder, or name it with --kubelet-root`,
    );
};

const connect = (config: Config, metrics: AgentMetrics, log: Log): Cluster =>
  connectCluster({
    access: loadCluster({
      ...(config.kubeconfig !== undefined && { kubeconfig: config.kubeconfig }),
      ...(config.kubecontext !== undefined && { context: config.kubecontext }),
    }),
    connections: config.connections,
    onRetry: metrics.onRetry,
    onWatchTrouble: (resource, fault) => {
      metrics.onWatchTrouble(resource, fault.code);
      log.warn({ resource, code: fault.code }, `a watch was interrupted: ${fault.detail}`);
    },
  });

/** Runs the agent of one node until it is told to stop. Copies that are under way then are run again by the next one. */
export const serveNodeAgent = async (
  config: Config,
  own: Omit<AgentConfig, 'resourceTimeout' | 'intervals'>,
): Promise<number> => {
  const log = createLog(config.logLevel);
  const stopping = new AbortController();
  setMaxListeners(LISTENERS, stopping.signal);
  await checkKubeletRoot(own.kubeletRoot);
  const kopia = await kopiaVersion(config.kopia, stopping.signal);
  await mkdir(config.controllers.scratch, { recursive: true });
  const metrics = createAgentMetrics(APP_VERSION, own.nodeName);
  const cluster = metrics.cluster(connect(config, metrics, log));
  const asked = toldToStop();
  let agent: RunningAgent | undefined;
  const endpoint =
    config.metrics &&
    (await startMetricsEndpoint(config.metrics, metrics.registry, log, {
      '/healthz': () => true,
      '/readyz': () => agent?.ready() === true && !stopping.signal.aborted,
    }));
  try {
    agent = await startAgent(
      {
        cluster,
        resources: createResources(cluster, config.namespace),
        repositories: openRepositories(cluster, config),
        clock: () => new Date(),
        log,
        config: { ...own, intervals: AGENT_INTERVALS, resourceTimeout: config.controllers.resourceTimeout },
        metrics,
      },
      stopping.signal,
    );
    log.info(
      { node: own.nodeName, namespace: config.namespace, kopia, metrics: endpoint?.url },
      'the node agent is running',
    );
    log.info({ signal: await asked }, 'stopping');
    stopping.abort();
    await Promise.race([agent.stopped(), delay(STOP_DEADLINE_MS, undefined, { ref: false })]);
    return 0;
  } finally {
    stopping.abort();
    await endpoint?.close();
    await cluster.close();
  }
};
