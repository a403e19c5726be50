import type { Cluster } from '../cluster/port.js';
import type { QueueMeter } from '../controllers/queue.js';
import type { Resources } from '../controllers/resources.js';
import type { JsonObject } from '../domain/json.js';
import type { VeleroKind } from '../domain/velero.gen.js';
import type { Log } from '../log.js';
import type { Repositories } from '../repositories/port.js';

/** How long an agent waits where nothing wakes it, in milliseconds. */
export interface AgentIntervals {
  /** Until the next look at a pod that shall run, a mount that shall appear, a place that shall get free. */
  readonly look: number;
  /** Between looks at what other nodes have begun: whether their node is still there. */
  readonly others: number;
  /** How long a node has to be missing until it counts as gone. */
  readonly gone: number;
}

export const AGENT_INTERVALS: AgentIntervals = { look: 2_000, others: 300_000, gone: 60_000 };

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
  /** Image of the pods that have the volume of a moved snapshot mounted; it has to stay up by itself. */
  readonly hostingPodImage: string;
  readonly intervals: AgentIntervals;
}

/** Everything the agent reaches the world with. */
export interface AgentPorts {
  readonly cluster: Cluster;
  readonly resources: Resources;
  readonly repositories: Repositories;
  readonly clock: () => Date;
  readonly log: Log;
  readonly config: AgentConfig;
  /** Absent: nothing is measured. */
  readonly metrics?: {
    /** Told of each sight of a resource that asks agents for something. */
    readonly seen: (kind: VeleroKind, object: JsonObject) => void;
    readonly queue: (name: string) => QueueMeter;
  };
}
