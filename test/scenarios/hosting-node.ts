import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ResourceType } from '../../src/cluster/port.js';
import { nameOf, namespaceOf, refOf } from '../../src/domain/item.js';
import { at, listAt, objectAt, put, textAt, type JsonObject } from '../../src/domain/json.js';
import { CLAIMS, PODS, VOLUMES } from '../../src/domain/known-kinds.js';
import { NAMESPACE } from './life.js';
import type { World } from './world.js';

export interface HostingNode {
  /** Names of the files in the volume with this name; `undefined` if there is no such disk. */
  readonly filesOf: (volume: string) => Promise<readonly string[] | undefined>;
  /** Pods are put on this node from now on. */
  readonly scheduleTo: (node: string) => void;
}

const KINDS = [PODS, CLAIMS, VOLUMES];

/**
 * Scheduler, kubelet, provisioner and volume controller for the pods that an agent makes, on watches like the real ones. Disks are folders;
 * one that is made of a snapshot holds a file. It lives as long as the test, whatever becomes of the agents.
 */
export const startHostingNode = (
  { cluster, config }: Pick<World, 'cluster' | 'config'>,
  kubeletRoot: string,
  firstNode: string,
): HostingNode => {
  const stopping = new AbortController();
  const { signal } = stopping;
  onTestFinished(() => stopping.abort());
  const disks = join(config.scratch, 'disks');
  let node = firstNode;

  const listed = async (type: ResourceType): Promise<readonly JsonObject[]> => {
    const found: JsonObject[] = [];
    for await (const page of cluster.list(type, { signal }))
      for (const item of page.items) found.push(JSON.parse(item.toString('utf8')) as JsonObject);
    return found;
  };
  const patch = (type: ResourceType, object: JsonObject, body: object) =>
    cluster.patch(type, refOf(object), 'merge', JSON.stringify(body), { signal });
  const setStatus = async (type: ResourceType, object: JsonObject, status: object) => {
    const bytes = await cluster.get(type, refOf(object), { signal });
    if (!bytes) return;
    const body = JSON.stringify(put(JSON.parse(bytes.toString('utf8')) as JsonObject, ['status'], status));
    await cluster.replace(type, refOf(object), body, { signal, subresource: 'status' });
  };

  const bind = async (claim: JsonObject, volumeName: string) => {
    await patch(CLAIMS, claim, { spec: { volumeName } });
    await setStatus(CLAIMS, claim, { phase: 'Bound' });
  };
  /** A claim of the agent that asks for an empty disk. */
  const provision = async (claim: JsonObject) => {
    const name = `pvc-${textAt(claim, 'metadata', 'uid')}`;
    const { uid } = objectAt(claim, 'metadata');
    const volume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Delete',
        claimRef: { kind: 'PersistentVolumeClaim', ...refOf(claim), uid },
        csi: { driver: 'disk.csi.example', volumeHandle: name },
      },
    };
    await cluster.create(VOLUMES, undefined, JSON.stringify(volume), { signal });
    await bind(claim, name);
  };
  const isOf = (volume: JsonObject, claim: JsonObject): boolean =>
    textAt(volume, 'spec', 'claimRef', 'namespace') === namespaceOf(claim) &&
    textAt(volume, 'spec', 'claimRef', 'name') === nameOf(claim) &&
    [textAt(claim, 'metadata', 'uid'), ''].includes(textAt(volume, 'spec', 'claimRef', 'uid'));
  const meetClaim = async (claim: JsonObject, volumes: readonly JsonObject[]) => {
    if (textAt(claim, 'spec', 'volumeName') !== '') return;
    const meant = volumes.find((volume) => isOf(volume, claim));
    if (meant) return bind(claim, nameOf(meant));
    const waits =
      at(claim, 'spec', 'dataSource') !== undefined || at(claim, 'spec', 'selector') !== undefined;
    if (namespaceOf(claim) === NAMESPACE && !waits) return provision(claim);
  };
  const meetVolume = async (volume: JsonObject, claims: readonly JsonObject[]) => {
    if (claims.some((claim) => isOf(volume, claim))) return;
    // As it is now: it may have been handed over since it was listed.
    const bytes = await cluster.get(VOLUMES, refOf(volume), { signal });
    const present = bytes && (JSON.parse(bytes.toString('utf8')) as JsonObject);
    if (!present || textAt(present, 'spec', 'persistentVolumeReclaimPolicy') !== 'Delete') return;
    if (claims.some((claim) => isOf(present, claim))) return;
    await cluster.delete(VOLUMES, { name: nameOf(volume) }, { signal });
    await rm(join(disks, nameOf(volume)), { recursive: true, force: true });
  };
  const mount = async (pod: JsonObject, claim: JsonObject) => {
    const volume = textAt(claim, 'spec', 'volumeName');
    const disk = join(disks, volume);
    const made = await mkdir(disk, { recursive: true });
    if (made !== undefined && at(claim, 'spec', 'dataSource') !== undefined)
      await writeFile(join(disk, 'file'), 'contents');
    const path = join(kubeletRoot, 'pods', textAt(pod, 'metadata', 'uid'), 'volumes', 'csi', volume);
    await mkdir(path, { recursive: true });
    await symlink(disk, join(path, 'mount'));
  };
  const meetPod = async (pod: JsonObject, claims: readonly JsonObject[]) => {
    if (namespaceOf(pod) !== NAMESPACE || textAt(pod, 'status', 'phase') === 'Running') return;
    const name = textAt(listAt(pod, 'spec', 'volumes')[0], 'persistentVolumeClaim', 'claimName');
    const claim = claims.find((one) => namespaceOf(one) === NAMESPACE && nameOf(one) === name);
    if (!claim || textAt(claim, 'status', 'phase') !== 'Bound') return;
    await mount(pod, claim);
    await patch(PODS, pod, { spec: { nodeName: node } });
    await setStatus(PODS, pod, { phase: 'Running' });
  };

  const look = async () => {
    // In this order: the claim of a volume that was seen was there before it.
    const volumes = await listed(VOLUMES);
    const claims = await listed(CLAIMS);
    for (const claim of claims) await meetClaim(claim, volumes);
    for (const volume of volumes) await meetVolume(volume, claims);
    const bound = await listed(CLAIMS);
    for (const pod of await listed(PODS)) await meetPod(pod, bound);
  };
  /** One look at a time: two would put a pod on the node twice. */
  let last: Promise<unknown> = Promise.resolve();
  const follow = async (type: ResourceType) => {
    for await (const _event of cluster.watch(type, { signal })) last = last.then(look).catch(() => undefined);
  };
  for (const type of KINDS) void follow(type).catch(() => undefined);
  return {
    filesOf: (volume) => readdir(join(disks, volume)).catch(() => undefined),
    scheduleTo: (chosen) => {
      node = chosen;
    },
  };
};
