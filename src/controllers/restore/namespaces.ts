import { setTimeout as delay } from 'node:timers/promises';
import { stringifyItem } from '../../archive/json.js';
import type { IndexedItem, ScannedArchive } from '../../archive/scanned-archive.js';
import { getObject } from '../../cluster/get-object.js';
import type { Cluster } from '../../cluster/port.js';
import type { ItemRef } from '../../domain/item.js';
import { at, objectAt, textAt, type JsonObject } from '../../domain/json.js';
import { messageOf } from '../../faults.js';
import { decodeItem } from './decode.js';
import { NAMESPACES } from '../../domain/known-kinds.js';
import { isFatal, type Outcomes } from './outcomes.js';

/** Makes sure that target namespaces exist, each once. */
export interface NamespaceKeeper {
  /** Undefined when the namespace can be used, else why not. */
  ensure(target: string, original: string): Promise<string | undefined>;
}

const POLL_MS = 1_000;

const isTerminating = (namespace: JsonObject): boolean =>
  at(namespace, 'metadata', 'deletionTimestamp') !== undefined ||
  textAt(namespace, 'status', 'phase') === 'Terminating';

/** A namespace like the archived one, under the target's name and without Velero's labels (`pkg/restore/restore.go`). */
const blueprint = (target: string, archived: JsonObject | undefined): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name: target,
    labels: objectAt(archived, 'metadata', 'labels'),
    annotations: objectAt(archived, 'metadata', 'annotations'),
  },
  spec: objectAt(archived, 'spec'),
});

/**
 * Whether items can go into the namespace. If not, the results say so once for each of them, and they count as not handled
 * (`processSelectedResource` in `pkg/restore/restore.go`). Faults other than the loss of the API server count as a refusal.
 */
export const ensureNamespace = async (
  {
    namespaces,
    outcomes,
    signal,
  }: {
    readonly namespaces: NamespaceKeeper;
    readonly outcomes: Outcomes;
    readonly signal: AbortSignal;
  },
  target: string,
  original: string,
): Promise<boolean> => {
  const problem = await namespaces.ensure(target, original).catch((error: unknown) => {
    if (isFatal(error) || signal.aborted) throw error;
    return messageOf(error);
  });
  if (problem !== undefined)
    outcomes.error(undefined, `error creating or using namespace ${target}: ${problem}`);
  return problem === undefined;
};

export const createNamespaceKeeper = (options: {
  readonly cluster: Cluster;
  readonly archive: ScannedArchive;
  readonly find: (ref: ItemRef) => IndexedItem | undefined;
  readonly outcomes: Outcomes;
  /** How long to wait for a namespace that is being deleted, in milliseconds. */
  readonly terminatingTimeout: number;
  /** If an earlier attempt was interrupted: since when it ran. A namespace that young is one it made, and counts as made. */
  readonly madeSince?: string;
  readonly signal: AbortSignal;
}): NamespaceKeeper => {
  const { cluster, archive, find, outcomes, terminatingTimeout, madeSince, signal } = options;
  const known = new Map<string, Promise<string | undefined>>();

  const read = (name: string): Promise<JsonObject | undefined> =>
    getObject(cluster, NAMESPACES, { name }, { signal });

  const create = async (target: string, original: string): Promise<string | undefined> => {
    const item = find({ groupResource: 'namespaces', name: original });
    const archived = item && decodeItem(await archive.read(item));
    const written = await cluster.create(NAMESPACES, undefined, stringifyItem(blueprint(target, archived)), {
      signal,
    });
    if (written.ok) outcomes.record('v1/Namespace', '', target, 'created');
    else if (written.reason !== 'AlreadyExists') return written.message;
    return undefined;
  };

  const ensure = async (target: string, original: string): Promise<string | undefined> => {
    const deadline = Date.now() + terminatingTimeout;
    for (;;) {
      const present = await read(target);
      if (!present) return create(target, original);
      if (!isTerminating(present)) {
        const made = madeSince !== undefined && textAt(present, 'metadata', 'creationTimestamp') >= madeSince;
        if (made) outcomes.record('v1/Namespace', '', target, 'created');
        return undefined;
      }
      if (Date.now() >= deadline)
        return `timed out waiting for terminating namespace ${target} to disappear before restoring`;
      await delay(POLL_MS, undefined, { signal });
    }
  };

  return {
    ensure: (target, original) => {
      const present = known.get(target) ?? ensure(target, original);
      known.set(target, present);
      return present;
    },
  };
};
