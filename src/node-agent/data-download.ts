import { getObject } from '../cluster/get-object.js';
import { annotationsOf } from '../domain/item.js';
import { objectAt, textAt, type JsonObject } from '../domain/json.js';
import { CLAIMS, STORAGE_CLASSES } from '../domain/known-kinds.js';
import type { DataDownload } from '../domain/velero.gen.js';
import { countSetting } from './direction.js';
import { forgetMark, markedVolume, rebind, targetOf } from './filled-volume.js';
import { createOnce, hostVolume, ownedBy, removeHosted } from './hosting-pod.js';
import type { Exposure, Movement, Moving } from './movement.js';
import type { AgentPorts } from './ports.js';
import { repositoryPlace } from './repository.js';

const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

const asDownload = (moving: Moving): DataDownload => moving as DataDownload;

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
    const progress = { totalBytes: bytes, bytesDone: bytes };
    // For the agent that has to do the rest, should this one die on the way.
    await ports.resources.patch('DataDownload', download.metadata.name, { status: { progress } }, signal);
    await rebind(ports, download, signal);
    return { progress };
  },
  finish: async (ports, moving, signal) => {
    if (!(await markedVolume(ports, moving, signal))) return undefined;
    await rebind(ports, asDownload(moving), signal);
    return {};
  },
  cleanUp: async (ports, moving, signal) => {
    const volume = await markedVolume(ports, moving, signal);
    await removeHosted(ports, moving, signal);
    if (volume) await forgetMark(ports, volume, signal);
  },
};
