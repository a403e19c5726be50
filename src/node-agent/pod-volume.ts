import { getObject } from '../cluster/get-object.js';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CLAIMS, PODS, VOLUMES } from '../domain/known-kinds.js';
import { at, listAt, textAt, type JsonObject } from '../domain/json.js';
import type { ObjectReference } from '../domain/velero.gen.js';
import type { AgentPorts } from './ports.js';

export type VolumeFolder =
  | { readonly folder: string }
  /** `final`: waiting for it would not help. */
  | { readonly problem: string; readonly final?: true };

/** What has no data of its own, or lies outside of the folder of the kubelet (`pkg/util/podvolume/pod_volume.go`). */
const NOT_COPIED = ['hostPath', 'secret', 'configMap', 'projected', 'downwardAPI'];

/** The pod that a copy is of; undefined if it is gone, or another of its name. */
export const podOf = async (
  ports: AgentPorts,
  { namespace = '', name = '', uid }: ObjectReference,
  signal: AbortSignal,
): Promise<JsonObject | undefined> => {
  const pod = await getObject(ports.cluster, PODS, { namespace, name }, { signal });
  return uid !== undefined && textAt(pod, 'metadata', 'uid') !== uid ? undefined : pod;
};

interface Named {
  /** Its folder below that of its plugin. */
  readonly name: string;
  readonly csi: boolean;
}

const claimNameOf = (pod: JsonObject, volume: unknown): string => {
  if (at(volume, 'ephemeral') !== undefined)
    return `${textAt(pod, 'metadata', 'name')}-${textAt(volume, 'name')}`;
  return textAt(volume, 'persistentVolumeClaim', 'claimName');
};

/** By what name the kubelet has mounted a volume: that of the PersistentVolume where there is one (`pkg/util/kube/utils.go`). */
const mountedName = async (
  ports: AgentPorts,
  pod: JsonObject,
  volume: unknown,
  signal: AbortSignal,
): Promise<Named | Extract<VolumeFolder, { readonly problem: string }>> => {
  const name = textAt(volume, 'name');
  const kind = NOT_COPIED.find((source) => at(volume, source) !== undefined);
  if (kind !== undefined) return { problem: `volumes of kind ${kind} are not copied`, final: true };
  const claimName = claimNameOf(pod, volume);
  if (claimName === '') return { name, csi: at(volume, 'csi') !== undefined };
  const claimRef = { namespace: textAt(pod, 'metadata', 'namespace'), name: claimName };
  const claim = await getObject(ports.cluster, CLAIMS, claimRef, { signal });
  const volumeName = textAt(claim, 'spec', 'volumeName');
  if (volumeName === '') return { problem: `the claim ${claimName} has no volume yet` };
  if (textAt(claim, 'spec', 'volumeMode') === 'Block')
    return { problem: `the claim ${claimName} is a block device; only file systems are copied`, final: true };
  const persistent = await getObject(ports.cluster, VOLUMES, { name: volumeName }, { signal });
  if (!persistent) return { problem: `there is no PersistentVolume ${volumeName}` };
  if (at(persistent, 'spec', 'hostPath') !== undefined)
    return {
      problem: `the PersistentVolume ${volumeName} is a folder of the host; such are not copied`,
      final: true,
    };
  return { name: volumeName, csi: at(persistent, 'spec', 'csi') !== undefined };
};

/** A name that the cluster gave goes into a path: it must be one step of it. */
const isOneStep = (name: string): boolean =>
  name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name);

const foldersIn = async (path: string): Promise<readonly string[]> =>
  readdir(path).catch(() => [] as readonly string[]);

/** Below which plugin the kubelet has it is the kubelet's matter. */
const findFolder = async (volumes: string, { name, csi }: Named): Promise<string | undefined> => {
  for (const plugin of await foldersIn(volumes)) {
    const path = join(volumes, plugin, name, ...(csi ? ['mount'] : []));
    const found = await stat(path).catch(() => undefined);
    if (found?.isDirectory()) return realpath(path);
  }
  return undefined;
};

/** The folder on this node that holds a volume of a pod, or why there is none. Faults are those of the API server. */
export const volumeFolderOf = async (
  ports: AgentPorts,
  pod: JsonObject,
  volumeName: string,
  signal: AbortSignal,
): Promise<VolumeFolder> => {
  const volume = listAt(pod, 'spec', 'volumes').find((one) => textAt(one, 'name') === volumeName);
  if (volume === undefined) return { problem: `the pod has no volume "${volumeName}"`, final: true };
  const named = await mountedName(ports, pod, volume, signal);
  if ('problem' in named) return named;
  const uid = textAt(pod, 'metadata', 'uid');
  if (!isOneStep(uid) || !isOneStep(named.name)) return { problem: 'its name cannot be part of a path' };
  const volumes = join(ports.config.kubeletRoot, 'pods', uid, 'volumes');
  const folder = await findFolder(volumes, named);
  return folder === undefined
    ? { problem: `there is no folder of "${named.name}" below ${volumes}; is --kubelet-root right?` }
    : { folder };
};
