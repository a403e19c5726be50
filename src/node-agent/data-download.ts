import { getObject, parseObject } from '../cluster/get-object.js';
import { annotationsOf, nameOf } from '../domain/item.js';
import { objectAt, textAt, type JsonObject } from '../domain/json.js';
import { CLAIMS, STORAGE_CLASSES, VOLUMES } from '../domain/known-kinds.js';
import type { DataDownload } from '../domain/velero.gen.js';
import { DYNAMIC_RESTORE_LABEL } from '../domain/volumes/data-download.js';
import { Fault } from '../faults.js';
import { countSetting } from './direction.js';
import { createOnce, hostVolume, ownedBy, removeHosted } from './hosting-pod.js';
import type { Exposure, Movement, Moving } from './movement.js';
import type { AgentPorts } from './ports.js';
import { repositoryPlace } from './repository.js';

const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
/** On the volume while it changes hands: whose it is, and what becomes of it afterwards. */
const FILLED_BY_LABEL = 'velero.io/data-download';
const POLICY_ANNOTATION = 'lifeboat.io/reclaim-policy';

const asDownload = (moving: Moving): DataDownload => moving as DataDownload;

const targetOf = ({ spec }: DataDownload) => ({
  namespace: spec?.targetVolume.namespace ?? '',
  name: spec?.targetVolume.pvc ?? '',
});

/** The node that the pod of a claim was put on, where the volume is made only then; `undefined` while there is no such pod. */
const selectedNode = async (
  ports: AgentPorts,
  claim: JsonObject,
  signal: AbortSignal,
): Promise<{ readonly node?: string } | undefined> => {
  const className = textAt(claim, 'spec', 'storageClassName');
  const storageClass =
    className === ''
      ? undefined
      : await getObject(ports.cluster, STORAGE_CLASSES, { name: className }, { signal });
  if (textAt(storageClass, 'volumeBindingMode') !== 'WaitForFirstConsumer') return {};
  const node = annotationsOf(claim)[SELECTED_NODE] ?? '';
  return node === '' ? undefined : { node };
};

/** A claim of the server's own for the volume that is filled: as the target asks for it, but for its selector. */
const claimOfOurs = (namespace: string, download: DataDownload, target: JsonObject, node?: string) => {
  const { selector: _selector, volumeName: _volume, dataSource: _source, ...spec } = objectAt(target, 'spec');
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: download.metadata.name,
      namespace,
      ...(node !== undefined && { annotations: { [SELECTED_NODE]: node } }),
      ...ownedBy(download),
    },
    spec,
  };
};

const expose = async (ports: AgentPorts, download: DataDownload, signal: AbortSignal): Promise<Exposure> => {
  const { namespace } = ports.resources;
  const ref = targetOf(download);
  const target = await getObject(ports.cluster, CLAIMS, ref, { signal });
  if (!target) return { waitsFor: `the claim ${ref.namespace}/${ref.name}` };
  if (textAt(target, 'spec', 'volumeName') !== '')
    return { problem: `the claim ${ref.namespace}/${ref.name} has a volume already` };
  if (textAt(target, 'spec', 'volumeMode') === 'Block')
    return {
      problem: `the claim ${ref.namespace}/${ref.name} is a block device; only file systems are filled`,
    };
  const selected = await selectedNode(ports, target, signal);
  if (!selected) return { waitsFor: `a pod that uses the claim ${ref.namespace}/${ref.name}` };
  await createOnce(ports, CLAIMS, namespace, claimOfOurs(namespace, download, target, selected.node), signal);
  return hostVolume(ports, download, selected.node, signal);
};

const patchVolume = async (ports: AgentPorts, name: string, patch: object, signal: AbortSignal) => {
  const written = await ports.cluster.patch(VOLUMES, { name }, 'merge', JSON.stringify(patch), { signal });
  if (!written.ok) throw new Fault('LB_CLUSTER_REFUSED', `PersistentVolume ${name}: ${written.message}`);
};

/** The volume that was filled: by our claim, or by its mark once the claim is gone. */
const filledVolume = async (
  ports: AgentPorts,
  download: DataDownload,
  signal: AbortSignal,
): Promise<JsonObject | undefined> => {
  const { name } = download.metadata;
  const claim = await getObject(
    ports.cluster,
    CLAIMS,
    { namespace: ports.resources.namespace, name },
    { signal },
  );
  const bound = textAt(claim, 'spec', 'volumeName');
  if (bound !== '') return getObject(ports.cluster, VOLUMES, { name: bound }, { signal });
  const labelSelector = `${FILLED_BY_LABEL}=${download.metadata.uid ?? ''}`;
  for await (const page of ports.cluster.list(VOLUMES, { labelSelector, signal }))
    for (const item of page.items) return parseObject(item);
  return undefined;
};

/**
 * Gives the filled volume to the claim it was filled for (`RebindVolume` in `pkg/exposer/generic_restore.go`): it is kept while our claim
 * goes, and gets the label that the target asks for. What becomes of it with its claim is then as it was.
 */
const rebind = async (ports: AgentPorts, download: DataDownload, signal: AbortSignal): Promise<void> => {
  const ref = targetOf(download);
  const target = await getObject(ports.cluster, CLAIMS, ref, { signal });
  const volume = await filledVolume(ports, download, signal);
  if (!target || !volume)
    throw new Fault('LB_CLUSTER_REFUSED', `the claim ${ref.namespace}/${ref.name} or its volume is gone`);
  const name = nameOf(volume);
  const policy =
    annotationsOf(volume)[POLICY_ANNOTATION] ?? textAt(volume, 'spec', 'persistentVolumeReclaimPolicy');
  await patchVolume(
    ports,
    name,
    {
      metadata: {
        labels: { [FILLED_BY_LABEL]: download.metadata.uid },
        annotations: { [POLICY_ANNOTATION]: policy },
      },
      spec: { persistentVolumeReclaimPolicy: 'Retain' },
    },
    signal,
  );
  await removeHosted(ports, download, signal);
  const wanted = textAt(target, 'spec', 'selector', 'matchLabels', DYNAMIC_RESTORE_LABEL);
  const uid = textAt(target, 'metadata', 'uid');
  await patchVolume(
    ports,
    name,
    {
      metadata: {
        labels: { ...(wanted !== '' && { [DYNAMIC_RESTORE_LABEL]: wanted }) },
        annotations: { 'pv.kubernetes.io/bound-by-controller': null },
      },
      spec: {
        claimRef: {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          ...ref,
          uid,
          resourceVersion: null,
        },
      },
    },
    signal,
  );
  await becomesBound(ports, ref, signal);
  await patchVolume(
    ports,
    name,
    {
      metadata: {
        labels: { [FILLED_BY_LABEL]: null, [DYNAMIC_RESTORE_LABEL]: null },
        annotations: { [POLICY_ANNOTATION]: null },
      },
      spec: { persistentVolumeReclaimPolicy: policy },
    },
    signal,
  );
};

const becomesBound = async (
  { cluster, config }: AgentPorts,
  ref: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<void> => {
  const watching = new AbortController();
  const limit = AbortSignal.any([signal, watching.signal, AbortSignal.timeout(config.resourceTimeout)]);
  const options = { namespace: ref.namespace, fieldSelector: `metadata.name=${ref.name}`, signal: limit };
  try {
    for await (const event of cluster.watch(CLAIMS, options)) {
      const bytes = event.type === 'SYNCED' ? event.items[0] : event.object;
      if (bytes && textAt(JSON.parse(bytes.toString('utf8')), 'status', 'phase') === 'Bound') return;
    }
  } finally {
    watching.abort();
  }
  signal.throwIfAborted();
  throw new Fault('LB_DEADLINE', `the claim ${ref.namespace}/${ref.name} was not bound to its filled volume`);
};

/** Fills the volume of a restored claim from the repository (`pkg/controller/data_download_controller.go`). */
export const dataDownload: Movement = {
  kind: 'DataDownload',
  // Before that there is nothing to prepare, and the time for it would run already.
  acceptable: async (ports, moving, signal) =>
    (await getObject(ports.cluster, CLAIMS, targetOf(asDownload(moving)), { signal })) !== undefined,
  expose: (ports, moving, signal) => expose(ports, asDownload(moving), signal),
  run: async (ports, moving, { folder, onProgress, signal }) => {
    const download = asDownload(moving);
    const { spec } = download;
    const place = await repositoryPlace(
      ports,
      spec?.sourceNamespace ?? '',
      spec?.backupStorageLocation ?? '',
      signal,
    );
    const parallelFiles = countSetting(spec?.dataMoverConfig, 'ParallelFilesDownload');
    const { bytes } = await ports.repositories.putBack(
      place,
      {
        snapshotId: spec?.snapshotID ?? '',
        folder,
        onProgress,
        sparse: spec?.dataMoverConfig?.['WriteSparseFiles'] === 'true',
        ...(parallelFiles !== undefined && { parallelFiles }),
      },
      signal,
    );
    await rebind(ports, download, signal);
    return { progress: { totalBytes: bytes, bytesDone: bytes } };
  },
  cleanUp: (ports, moving, signal) => removeHosted(ports, moving, signal),
};
