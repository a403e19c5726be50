import { groupResource, type Cluster, type Discovery } from '../../cluster/port.js';
import { nameOf, namespaceOf } from '../../domain/item.js';
import type { JsonObject } from '../../domain/json.js';
import { claimsChosenBy } from '../../domain/volumes/copy-decision.js';

interface Looking {
  readonly cluster: Pick<Cluster, 'list'>;
  readonly discovery: Pick<Discovery, 'resources'>;
  readonly copiesAreDefault: boolean;
  readonly signal: AbortSignal;
}

/**
 * Whether a pod that mounts the claim, in whatever phase, chooses its volume for a copy: then there is no snapshot of it
 * (`internal/volumehelper/volume_policy_helper.go`). One list of pods for each namespace; kept are the names of claims.
 */
export const createChosenClaims = ({ cluster, discovery, copiesAreDefault, signal }: Looking) => {
  const known = new Map<string, Promise<ReadonlySet<string>>>();
  const read = async (namespace: string): Promise<ReadonlySet<string>> => {
    const chosen = new Set<string>();
    const type = discovery.resources.find((one) => groupResource(one) === 'pods');
    if (!type) return chosen;
    for await (const page of cluster.list(type, { namespace, signal }))
      for (const item of page.items) {
        const pod = JSON.parse(item.toString('utf8')) as JsonObject;
        for (const claim of claimsChosenBy(pod, copiesAreDefault)) chosen.add(claim);
      }
    return chosen;
  };
  return async (claim: JsonObject): Promise<boolean> => {
    const namespace = namespaceOf(claim);
    const chosen = known.get(namespace) ?? read(namespace);
    known.set(namespace, chosen);
    return (await chosen).has(nameOf(claim));
  };
};
