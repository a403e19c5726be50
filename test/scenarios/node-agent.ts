import { onTestFinished } from 'vitest';
import type { MemoryCluster } from '../../src/cluster/memory.js';
import { nameOf, namespaceOf, refOf } from '../../src/domain/item.js';
import { at, objectAt, textAt, type JsonObject } from '../../src/domain/json.js';
import { VELERO_TYPES } from '../../src/domain/velero.gen.js';
import type { Repositories } from '../../src/repositories/port.js';
import type { ResourceType } from '../../src/cluster/port.js';
import { PODS } from '../../src/domain/known-kinds.js';
import { pod, type KubeObject } from '../builders.js';
import { NAMESPACE } from './life.js';

/** How an agent treats one copy: done at once, when the test says so, never, or not at all well. */
export type Conduct = 'done' | 'held' | 'silent' | 'broken' | 'empty';

const CLAIMS: ResourceType = {
  ...PODS,
  resource: 'persistentvolumeclaims',
  kind: 'PersistentVolumeClaim',
  singular: 'persistentvolumeclaim',
};
const VOLUMES: ResourceType = {
  ...PODS,
  resource: 'persistentvolumes',
  kind: 'PersistentVolume',
  singular: 'persistentvolume',
  namespaced: false,
};
const RESTORED = 'velero.io/restore-name';

type CopyKind = 'PodVolumeBackup' | 'PodVolumeRestore';

export interface PlayedAgent {
  /** `namespace/pod/volume` of each copy that was asked for, in order. */
  readonly asked: (kind: CopyKind) => readonly string[];
  /** What the repositories hold, by the id of each copy. */
  readonly held: ReadonlyMap<string, string>;
  readonly repositories: Repositories;
  /** Resolves when so many copies are held back. */
  readonly holds: (count: number) => Promise<void>;
  readonly release: () => Promise<void>;
  /** Lets the first container of a pod run. */
  readonly run: (namespace: string, name: string) => Promise<void>;
}

interface Mount {
  readonly name: string;
  readonly [source: string]: unknown;
}

export const claimed = (name: string, claimName = name): Mount => ({
  name,
  persistentVolumeClaim: { claimName },
});
export const empty = (name: string): Mount => ({ name, emptyDir: {} });

/** A pod on node `n1` that mounts what it has. */
export const mounting = (
  name: string,
  volumes: readonly Mount[],
  more: {
    readonly annotations?: Readonly<Record<string, string>>;
    readonly phase?: string;
    readonly node?: string;
  } = {},
): KubeObject => {
  const plain = pod('shop', name, more.phase ?? 'Running');
  const node = more.node ?? 'n1';
  return {
    ...plain,
    metadata: { ...plain.metadata, ...(more.annotations && { annotations: more.annotations }) },
    spec: {
      ...(node !== '' && { nodeName: node }),
      containers: [
        {
          name: 'main',
          image: 'registry.example/app:1',
          volumeMounts: volumes.map(({ name: volume }) => ({ name: volume, mountPath: `/${volume}` })),
        },
      ],
      volumes,
    },
  };
};

/** The pod of an agent on a node. */
export const agentPod = (node: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `node-agent-${node}`, namespace: NAMESPACE, labels: { role: 'node-agent' } },
  spec: { nodeName: node, containers: [{ name: 'node-agent', image: 'registry.example/agent:1' }] },
  status: { phase: 'Running' },
});

/**
 * The agents of all nodes and the scheduler, as far as the API shows them. They live as long as the test, whatever becomes
 * of the server.
 */
export const playAgents = (
  cluster: MemoryCluster,
  conduct: (volume: string, kind: CopyKind) => Conduct = () => 'done',
  scheduledTo = 'n1',
): PlayedAgent => {
  const stopping = new AbortController();
  const { signal } = stopping;
  onTestFinished(() => stopping.abort());
  const held = new Map<string, string>();
  const asked: Record<CopyKind, string[]> = { PodVolumeBackup: [], PodVolumeRestore: [] };
  const waiting: (() => Promise<void>)[] = [];
  const wanted: { count: number; give: () => void } = { count: Infinity, give: () => undefined };
  const met = new Set<string>();

  const setStatus = async (kind: CopyKind, name: string, status: object) => {
    const ref = { namespace: NAMESPACE, name };
    const patch = JSON.stringify({ status });
    await cluster.patch(VELERO_TYPES[kind], ref, 'merge', patch, { signal });
  };
  const end = async (kind: CopyKind, object: JsonObject, status: object) => {
    const bytes = await cluster.get(
      VELERO_TYPES[kind],
      { namespace: NAMESPACE, name: nameOf(object) },
      { signal },
    );
    const present = bytes && (JSON.parse(bytes.toString('utf8')) as JsonObject);
    if (present && textAt(present, 'status', 'phase') === '')
      await setStatus(kind, nameOf(object), {
        startTimestamp: '2026-01-31T10:00:00Z',
        completionTimestamp: '2026-01-31T10:00:01Z',
        ...status,
      });
  };
  const finish = async (kind: CopyKind, object: JsonObject, how: Conduct) => {
    if (how === 'broken') return end(kind, object, { phase: 'Failed', message: 'the disk is on fire' });
    const snapshot = kind === 'PodVolumeBackup' && how !== 'empty' ? `copy-${nameOf(object)}` : '';
    if (snapshot !== '') held.set(snapshot, textAt(object, 'spec', 'volume'));
    return end(kind, object, {
      phase: 'Completed',
      progress: { totalBytes: 7, bytesDone: 7 },
      ...(kind === 'PodVolumeBackup' && { snapshotID: snapshot, path: '/host_pods/x' }),
    });
  };
  const meet = async (kind: CopyKind, object: JsonObject) => {
    if (textAt(object, 'status', 'phase') !== '') return;
    if (at(object, 'spec', 'cancel') === true && conduct(textAt(object, 'spec', 'volume'), kind) !== 'silent')
      return end(kind, object, { phase: 'Canceled' });
    if (met.has(nameOf(object))) return;
    met.add(nameOf(object));
    const of = objectAt(object, 'spec', 'pod');
    const volume = textAt(object, 'spec', 'volume');
    asked[kind].push(`${textAt(of, 'namespace')}/${textAt(of, 'name')}/${volume}`);
    const how = conduct(volume, kind);
    if (how === 'silent') return;
    if (how !== 'held') return finish(kind, object, how);
    waiting.push(() => finish(kind, object, 'done'));
    if (waiting.length >= wanted.count) wanted.give();
  };
  const follow = async (kind: CopyKind, each: (object: JsonObject) => Promise<unknown>) => {
    for await (const event of cluster.watch(VELERO_TYPES[kind], { namespace: NAMESPACE, signal })) {
      const objects = event.type === 'SYNCED' ? event.items : event.type === 'DELETED' ? [] : [event.object];
      for (const bytes of objects) await each(JSON.parse(bytes.toString('utf8')) as JsonObject);
    }
  };
  for (const kind of ['PodVolumeBackup', 'PodVolumeRestore'] as const)
    void follow(kind, (object) => meet(kind, object)).catch(() => undefined);
  const followKind = async (type: ResourceType, each: (object: JsonObject) => Promise<unknown>) => {
    for await (const event of cluster.watch(type, { signal })) {
      const objects = event.type === 'SYNCED' ? event.items : event.type === 'DELETED' ? [] : [event.object];
      for (const bytes of objects) await each(JSON.parse(bytes.toString('utf8')) as JsonObject);
    }
  };
  const isRestored = (object: JsonObject) => textAt(object, 'metadata', 'labels', RESTORED) !== '';
  /** The scheduler: a restored pod is put on a node. */
  const schedule = async (one: JsonObject) => {
    if (!isRestored(one) || textAt(one, 'spec', 'nodeName') !== '') return;
    const patch = JSON.stringify({ spec: { nodeName: scheduledTo } });
    await cluster.patch(PODS, refOf(one), 'merge', patch, { signal });
  };
  /** The provisioner: a restored claim gets a volume. */
  const provision = async (one: JsonObject) => {
    if (!isRestored(one) || textAt(one, 'spec', 'volumeName') !== '') return;
    const volumeName = `pvc-${textAt(one, 'metadata', 'uid')}`;
    const volume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: volumeName },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Delete',
        claimRef: { kind: 'PersistentVolumeClaim', namespace: namespaceOf(one), name: nameOf(one) },
        csi: { driver: 'disk.csi.example', volumeHandle: volumeName },
      },
    };
    await cluster.create(VOLUMES, undefined, JSON.stringify(volume), { signal });
    const patch = JSON.stringify({ spec: { volumeName } });
    await cluster.patch(CLAIMS, refOf(one), 'merge', patch, { signal });
    const bytes = await cluster.get(CLAIMS, refOf(one), { signal });
    const bound = { ...(JSON.parse(String(bytes)) as object), status: { phase: 'Bound' } };
    await cluster.replace(CLAIMS, refOf(one), JSON.stringify(bound), { signal, subresource: 'status' });
  };
  void followKind(PODS, schedule).catch(() => undefined);
  void followKind(CLAIMS, provision).catch(() => undefined);
  return {
    asked: (kind) => asked[kind],
    held,
    repositories: {
      ensure: () => Promise.resolve(),
      find: () => Promise.resolve(undefined),
      copy: () => Promise.reject(new Error('agents copy')),
      putBack: () => Promise.reject(new Error('agents put back')),
      forget: (_place, ids) => {
        for (const id of ids) held.delete(id);
        return Promise.resolve();
      },
      maintain: () => Promise.resolve(),
    },
    holds: (count) =>
      new Promise((resolve) => {
        Object.assign(wanted, { count, give: resolve });
        if (waiting.length >= count) resolve();
      }),
    run: async (namespace, name) => {
      const bytes = await cluster.get(PODS, { namespace, name }, { signal });
      if (!bytes) throw new Error(`there is no pod ${namespace}/${name}`);
      const up = { name: 'main', ready: true, state: { running: {} } };
      const status = { phase: 'Running', containerStatuses: [up] };
      const body = JSON.stringify({ ...(JSON.parse(bytes.toString('utf8')) as object), status });
      await cluster.replace(PODS, { namespace, name }, body, { signal, subresource: 'status' });
    },
    release: async () => {
      for (const one of waiting.splice(0)) await one();
    },
  };
};
