import type { Cluster } from '../cluster/port.js';
import { labelsOf, nameOf } from '../domain/item.js';
import { textAt, type JsonObject } from '../domain/json.js';
import type { ExistingNamespace } from '../domain/namespace-filter.js';
import { NAMESPACES } from '../domain/known-kinds.js';

/** Every namespace there is, with its object as the API server sent it. */
export const listNamespaces = async (
  cluster: Cluster,
  signal: AbortSignal,
): Promise<readonly (ExistingNamespace & { readonly json: Buffer })[]> => {
  const found: (ExistingNamespace & { readonly json: Buffer })[] = [];
  for await (const page of cluster.list(NAMESPACES, { signal }))
    for (const json of page.items) {
      const object = JSON.parse(json.toString('utf8')) as JsonObject;
      found.push({
        name: nameOf(object),
        labels: labelsOf(object),
        phase: textAt(object, 'status', 'phase'),
        json,
      });
    }
  return found;
};
