import { parseObject } from '../../cluster/get-object.js';
import type { Cluster, ResourceType } from '../../cluster/port.js';
import type { JsonObject } from '../../domain/json.js';

/** All objects of a kind, for kinds of which a cluster has few. Faults are those of `Cluster.list`. */
export const listObjects = async (
  { cluster, signal }: { readonly cluster: Pick<Cluster, 'list'>; readonly signal: AbortSignal },
  type: ResourceType,
  options: { readonly namespace?: string; readonly labelSelector?: string } = {},
): Promise<readonly JsonObject[]> => {
  const found: JsonObject[] = [];
  for await (const page of cluster.list(type, { ...options, signal }))
    for (const item of page.items) found.push(parseObject(item));
  return found;
};
