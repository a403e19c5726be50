import { type Cluster, type ResourceType } from '../../cluster/port.js';
import { listAt, textAt } from '../../domain/json.js';
import { VELERO_TYPES } from '../../domain/velero.gen.js';
import { Fault } from '../../faults.js';
import { FILES_FINALIZER } from '../../domain/labels.js';

/** What a server of Velero's API puts on its resources, to be asked before they go (`pkg/apis/velero/v1`, `v2alpha1`). */
const FINALIZERS: readonly string[] = [
  FILES_FINALIZER,
  'velero.io/pod-volume-finalizer',
  'velero.io/data-upload-download-finalizer',
];

const kindsWithFinalizers: readonly ResourceType[] = [
  VELERO_TYPES.Restore,
  VELERO_TYPES.PodVolumeBackup,
  VELERO_TYPES.PodVolumeRestore,
  VELERO_TYPES.DataUpload,
  VELERO_TYPES.DataDownload,
];

const release = async (
  cluster: Cluster,
  type: ResourceType,
  object: unknown,
  signal: AbortSignal,
): Promise<boolean> => {
  const finalizers = listAt(object, 'metadata', 'finalizers').map(String);
  const others = finalizers.filter((one) => !FINALIZERS.includes(one));
  if (others.length === finalizers.length) return false;
  const namespace = textAt(object, 'metadata', 'namespace');
  const ref = { name: textAt(object, 'metadata', 'name'), namespace };
  // Conditional: a list of finalizers is replaced as a whole, and somebody else's new one must not go with it.
  const resourceVersion = textAt(object, 'metadata', 'resourceVersion');
  const patch = JSON.stringify({
    metadata: { resourceVersion, finalizers: others.length > 0 ? others : null },
  });
  const written = await cluster.patch(type, ref, 'merge', patch, { signal });
  if (written.ok || written.reason === 'NotFound') return true;
  throw new Fault('LB_CLUSTER_REFUSED', `finalizer of ${type.kind} ${ref.name}: ${written.message}`);
};

/**
 * Takes the finalizers of a server that is gone off the resources of a namespace, or deleting them would hang for ever. Answers how many
 * had one. Files of such a restore stay in the bucket.
 */
export const releaseResources = async (
  cluster: Cluster,
  namespace: string,
  served: (type: ResourceType) => boolean,
  signal: AbortSignal,
): Promise<number> => {
  let released = 0;
  for (const type of kindsWithFinalizers.filter(served))
    for await (const page of cluster.list(type, { namespace, signal }))
      for (const item of page.items)
        if (await release(cluster, type, JSON.parse(item.toString('utf8')), signal)) released += 1;
  return released;
};
