import { parseObject } from '../../cluster/get-object.js';
import type { Cluster, ObjectRef, ResourceType } from '../../cluster/port.js';
import type { JsonObject } from '../../domain/json.js';

/**
 * Follows one object until `look` finds what it wants, and answers that. `look` gets `undefined` while there is no such object.
 * `undefined` is the answer when the signal ends the wait. Faults are those of `Cluster.watch`.
 */
export const awaitObject = async <T>(
  cluster: Pick<Cluster, 'watch'>,
  type: ResourceType,
  { namespace, name }: ObjectRef,
  look: (object: JsonObject | undefined) => T | undefined,
  signal: AbortSignal,
): Promise<T | undefined> => {
  const watching = new AbortController();
  const options = {
    ...(namespace !== undefined && { namespace }),
    fieldSelector: `metadata.name=${name}`,
    signal: AbortSignal.any([signal, watching.signal]),
  };
  try {
    for await (const event of cluster.watch(type, options)) {
      const bytes =
        event.type === 'SYNCED' ? event.items[0] : event.type === 'DELETED' ? undefined : event.object;
      const found = look(bytes && parseObject(bytes));
      if (found !== undefined) return found;
    }
    return undefined;
  } finally {
    watching.abort();
  }
};

/** True once the object is gone; false when the signal ended the wait before. */
export const awaitGone = async (
  cluster: Pick<Cluster, 'watch'>,
  type: ResourceType,
  ref: ObjectRef,
  signal: AbortSignal,
): Promise<boolean> =>
  (await awaitObject(cluster, type, ref, (object) => (object ? undefined : true), signal)) === true;
