import type { ResourceType } from '../../src/cluster/port.js';
import type { KubeObject } from '../builders.js';

/** An object and the kind under which it is served. */
export interface Served {
  readonly kind: ResourceType;
  readonly object: KubeObject;
}

export interface SmallCluster {
  /** In the order of discovery. */
  readonly kinds: readonly ResourceType[];
  readonly objects: readonly Served[];
}
