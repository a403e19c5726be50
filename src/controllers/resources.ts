import type { Cluster, Refused } from '../cluster/port.js';
import { VELERO_TYPES, type VeleroKind, type VeleroObjects } from '../domain/velero.gen.js';
import { Fault } from '../faults.js';

/** The custom resources of the server's namespace, typed. Every read is fresh: a cache may wake us, it may not decide. */
export interface Resources {
  readonly namespace: string;
  read<K extends VeleroKind>(
    kind: K,
    name: string,
    signal: AbortSignal,
  ): Promise<VeleroObjects[K] | undefined>;
  list<K extends VeleroKind>(kind: K, signal: AbortSignal): Promise<readonly VeleroObjects[K][]>;
  /** JSON merge patch; a `metadata.resourceVersion` in it makes it conditional. */
  patch(
    kind: VeleroKind,
    name: string,
    patch: object,
    signal: AbortSignal,
  ): Promise<'patched' | 'conflict' | 'gone'>;
  create(kind: VeleroKind, object: object, signal: AbortSignal): Promise<'created' | 'exists'>;
  delete(kind: VeleroKind, name: string, signal: AbortSignal): Promise<void>;
}

const parse = (bytes: Buffer): unknown => JSON.parse(bytes.toString('utf8'));

const refusedFault = (what: string, refused: Refused): Fault =>
  new Fault(
    refused.status === 403 ? 'LB_CLUSTER_DENIED' : 'LB_CLUSTER_REFUSED',
    `${what}: ${refused.message}`,
  );

export const createResources = (cluster: Cluster, namespace: string): Resources => ({
  namespace,
  read: async <K extends VeleroKind>(kind: K, name: string, signal: AbortSignal) => {
    const bytes = await cluster.get(VELERO_TYPES[kind], { namespace, name }, { signal });
    return bytes && (parse(bytes) as VeleroObjects[K]);
  },
  list: async <K extends VeleroKind>(kind: K, signal: AbortSignal) => {
    const objects: VeleroObjects[K][] = [];
    for await (const page of cluster.list(VELERO_TYPES[kind], { namespace, signal }))
      for (const item of page.items) objects.push(parse(item) as VeleroObjects[K]);
    return objects;
  },
  patch: async (kind, name, patch, signal) => {
    const written = await cluster.patch(
      VELERO_TYPES[kind],
      { namespace, name },
      'merge',
      JSON.stringify(patch),
      { signal },
    );
    if (written.ok) return 'patched';
    if (written.reason === 'Conflict') return 'conflict';
    if (written.reason === 'NotFound') return 'gone';
    throw refusedFault(`cannot update ${kind} ${namespace}/${name}`, written);
  },
  create: async (kind, object, signal) => {
    const written = await cluster.create(VELERO_TYPES[kind], namespace, JSON.stringify(object), { signal });
    if (written.ok) return 'created';
    if (written.reason === 'AlreadyExists') return 'exists';
    throw refusedFault(`cannot create a ${kind}`, written);
  },
  delete: async (kind, name, signal) => {
    const written = await cluster.delete(VELERO_TYPES[kind], { namespace, name }, { signal });
    if (!written.ok && written.reason !== 'NotFound')
      throw refusedFault(`cannot delete ${kind} ${namespace}/${name}`, written);
  },
});
