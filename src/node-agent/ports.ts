import type { Cluster } from '../cluster/port.js';
import type { Resources } from '../controllers/resources.js';
import type { Log } from '../log.js';
import type { Repositories } from '../repositories/port.js';

/** What the operator chose for the agent of one node. Durations are milliseconds. */
export interface AgentConfig {
  readonly nodeName: string;
  /** Where the kubelet has the volumes of pods: `<root>/pods/<uid>/volumes`. */
  readonly kubeletRoot: string;
  readonly resourceTimeout: number;
  /** How long a volume may take to appear once its copy was accepted. */
  readonly prepareTimeout: number;
  /** ConfigMap of settings for agents; empty: none. */
  readonly configMap: string;
}

/** Everything the agent reaches the world with. */
export interface AgentPorts {
  readonly cluster: Cluster;
  readonly resources: Resources;
  readonly repositories: Repositories;
  readonly clock: () => Date;
  readonly log: Log;
  readonly config: AgentConfig;
}
