import { onTestFinished } from 'vitest';
import type { MemoryCluster } from '../../src/cluster/memory.js';
import { groupResource, type ResourceType } from '../../src/cluster/port.js';
import { nameOf, namespaceOf, refOf } from '../../src/domain/item.js';
import { at, listAt, objectAt, put, textAt, type JsonObject } from '../../src/domain/json.js';
import type { KubeObject, Metadata } from '../builders.js';
import { startGroups } from './csi-groups.js';

const GROUP = 'snapshot.storage.k8s.io';
export const DRIVER = 'disk.csi.example';

export const definition = (
  kind: string,
  scope: 'Namespaced' | 'Cluster',
  status: boolean,
  group = GROUP,
  version = 'v1',
): KubeObject => {
  const plural = `${kind.toLowerCase()}${kind.endsWith('s') ? 'es' : 's'}`;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope,
      names: { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List` },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          ...(status && { subresources: { status: {} } }),
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  };
};

/** The kinds by which a cluster takes snapshots. */
export const SNAPSHOT_DEFINITIONS: readonly KubeObject[] = [
  definition('VolumeSnapshot', 'Namespaced', true),
  definition('VolumeSnapshotContent', 'Cluster', true),
  definition('VolumeSnapshotClass', 'Cluster', false),
];

export const snapshotClass = (name: string, more: object = {}, driver = DRIVER): KubeObject => ({
  apiVersion: `${GROUP}/v1`,
  kind: 'VolumeSnapshotClass',
  metadata: { name, ...more },
  driver,
  deletionPolicy: 'Delete',
});

/** A bound claim and its volume, one of the driver. */
export const csiDisk = (
  namespace: string,
  name: string,
  more: { readonly annotations?: Metadata['annotations']; readonly labels?: Metadata['labels'] } = {},
): readonly KubeObject[] => [
  {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `pv-${name}`, labels: { zone: 'a' } },
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
      persistentVolumeReclaimPolicy: 'Delete',
      claimRef: { kind: 'PersistentVolumeClaim', namespace, name },
      csi: { driver: DRIVER, volumeHandle: `disk-${name}` },
    },
    status: { phase: 'Bound' },
  },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      namespace,
      ...(more.annotations && { annotations: more.annotations }),
      ...(more.labels && { labels: more.labels }),
    },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      storageClassName: 'fast',
      volumeName: `pv-${name}`,
    },
    status: { phase: 'Bound' },
  },
];

/** How the driver treats the snapshot of one volume; `late` is ready only when the test says so, `held` is cut only then. Of one
 * that is `stranded` no volume is made. */
export type Conduct = 'ready' | 'late' | 'held' | 'stranded' | 'silent' | 'broken';

export interface CsiDriver {
  /** Physical snapshots there are, by handle, with the volume they are of. */
  readonly snapshots: ReadonlyMap<string, string>;
  /** Handles of groups by those of their snapshots. */
  readonly groups: ReadonlyMap<string, string>;
  /** Physical snapshots that were ever cut. */
  readonly cut: readonly string[];
  /** Resolves when so many snapshots are held. */
  readonly holds: (count: number) => Promise<void>;
  /** Cuts the snapshots that are held. */
  readonly release: () => Promise<void>;
  /** Makes the snapshots that are late ready, or broken for good. */
  readonly finish: (how?: 'ready' | 'broken') => Promise<void>;
}

const BOUND = [`snapshot.storage.kubernetes.io/volumesnapshotcontent-bound-protection`];
const PROTECTED = [`snapshot.storage.kubernetes.io/volumesnapshot-bound-protection`];

/**
 * Snapshot controller and CSI driver of the simulated cluster, driven by its watches like the real ones. It lives as long as the test,
 * whatever becomes of the server.
 */
export const startCsiDriver = async (
  cluster: MemoryCluster,
  conduct: (claim: string) => Conduct = () => 'ready',
): Promise<CsiDriver> => {
  const stopping = new AbortController();
  const { signal } = stopping;
  onTestFinished(() => stopping.abort());
  const { resources } = await cluster.discover(signal);
  const typeOf = (kind: string): ResourceType => {
    const found = resources.find((one) => groupResource(one) === kind);
    if (!found) throw new Error(`the cluster serves no ${kind}`);
    return found;
  };
  const [SNAPSHOTS, CONTENTS] = [
    typeOf(`volumesnapshots.${GROUP}`),
    typeOf(`volumesnapshotcontents.${GROUP}`),
  ];
  const [CLAIMS, VOLUMES] = [typeOf('persistentvolumeclaims'), typeOf('persistentvolumes')];
  const snapshots = new Map<string, string>();
  const groups = new Map<string, string>();
  const cut: string[] = [];

  const held: (() => Promise<void>)[] = [];
  const wanted: { count: number; give: () => void } = { count: Infinity, give: () => undefined };

  const get = async (type: ResourceType, ref: { name: string; namespace?: string }) => {
    const bytes = await cluster.get(type, ref, { signal });
    return bytes && (JSON.parse(bytes.toString('utf8')) as JsonObject);
  };
  const setStatus = async (type: ResourceType, object: JsonObject, status: object) => {
    const present = await get(type, refOf(object));
    if (!present) return;
    const merged = put(present, ['status'], { ...objectAt(present, 'status'), ...status });
    await cluster.replace(type, refOf(object), JSON.stringify(merged), { signal, subresource: 'status' });
  };
  const setFinalizers = (type: ResourceType, object: JsonObject, finalizers: readonly string[] | null) =>
    cluster.patch(type, refOf(object), 'merge', JSON.stringify({ metadata: { finalizers } }), { signal });
  const isEnding = (object: JsonObject) => at(object, 'metadata', 'deletionTimestamp') !== undefined;

  const listed = async (type: ResourceType): Promise<readonly JsonObject[]> => {
    const found: JsonObject[] = [];
    for await (const page of cluster.list(type, { signal }))
      for (const item of page.items) found.push(JSON.parse(item.toString('utf8')) as JsonObject);
    return found;
  };
  const GROUP_CONTENTS = resources.find(
    (one) => groupResource(one) === 'volumegroupsnapshotcontents.groupsnapshot.storage.k8s.io',
  );
  /** A snapshot controller that knows groups shows nothing of a snapshot whose group it does not find. */
  const mayShow = async (group: string | undefined): Promise<boolean> =>
    group === undefined ||
    !GROUP_CONTENTS ||
    (await listed(GROUP_CONTENTS)).some(
      (one) => textAt(one, 'status', 'volumeGroupSnapshotHandle') === group && !isEnding(one),
    );

  const show = async (content: JsonObject, handle: string, ready: boolean) => {
    const group = groups.get(handle);
    const ofGroup = group === undefined ? {} : { volumeGroupSnapshotHandle: group };
    const status = { snapshotHandle: handle, readyToUse: ready, restoreSize: 2 ** 31, ...ofGroup };
    await setStatus(CONTENTS, content, status);
    const ref = objectAt(content, 'spec', 'volumeSnapshotRef');
    const snapshot = await get(SNAPSHOTS, { name: textAt(ref, 'name'), namespace: textAt(ref, 'namespace') });
    if (snapshot && (await mayShow(group)))
      await setStatus(SNAPSHOTS, snapshot, {
        boundVolumeSnapshotContentName: nameOf(content),
        readyToUse: ready,
        restoreSize: '2Gi',
      });
  };

  const makeContent = async (snapshot: JsonObject, claim: string) => {
    const how = conduct(claim);
    if (how === 'silent') return;
    const name = `snapcontent-${textAt(snapshot, 'metadata', 'uid')}`;
    const { uid } = objectAt(snapshot, 'metadata');
    const content = {
      apiVersion: `${GROUP}/v1`,
      kind: 'VolumeSnapshotContent',
      metadata: { name, finalizers: BOUND },
      spec: {
        deletionPolicy: 'Delete',
        driver: DRIVER,
        source: { volumeHandle: `disk-${claim}` },
        volumeSnapshotClassName: textAt(snapshot, 'spec', 'volumeSnapshotClassName'),
        volumeSnapshotRef: { name: nameOf(snapshot), namespace: namespaceOf(snapshot), uid },
      },
    };
    if (!(await cluster.create(CONTENTS, undefined, JSON.stringify(content), { signal })).ok) return;
    if (how === 'broken') {
      const error = { message: 'quota exceeded' };
      await setStatus(CONTENTS, content, { readyToUse: false, error });
      await setStatus(SNAPSHOTS, snapshot, {
        boundVolumeSnapshotContentName: name,
        readyToUse: false,
        error,
      });
      return;
    }
    const cutNow = async () => {
      const handle = `snap-${cut.length + 1}`;
      cut.push(handle);
      snapshots.set(handle, `disk-${claim}`);
      await show(content, handle, how !== 'late');
    };
    if (how !== 'held') return cutNow();
    held.push(cutNow);
    if (held.length >= wanted.count) wanted.give();
  };

  const endSnapshot = async (snapshot: JsonObject) => {
    const name =
      textAt(snapshot, 'status', 'boundVolumeSnapshotContentName') ||
      `snapcontent-${textAt(snapshot, 'metadata', 'uid')}`;
    const content = await get(CONTENTS, { name });
    if (content && textAt(content, 'spec', 'deletionPolicy') === 'Delete') {
      // As the real sidecar: a snapshot of a group goes with the group alone.
      if (!groups.has(textAt(content, 'status', 'snapshotHandle')))
        snapshots.delete(textAt(content, 'status', 'snapshotHandle'));
      await cluster.delete(CONTENTS, { name }, { signal });
      await setFinalizers(CONTENTS, content, null);
    }
    await setFinalizers(SNAPSHOTS, snapshot, null);
  };

  const meetSnapshot = async (snapshot: JsonObject) => {
    if (isEnding(snapshot)) return endSnapshot(snapshot);
    if (textAt(snapshot, 'status', 'boundVolumeSnapshotContentName') !== '') {
      if (textAt(snapshot, 'spec', 'source', 'volumeSnapshotContentName') === '') return;
      for (const claim of await listed(CLAIMS))
        if (namespaceOf(claim) === namespaceOf(snapshot)) await meetClaim(claim);
      return;
    }
    const owners = listAt(snapshot, 'metadata', 'ownerReferences');
    if (owners.some((one) => textAt(one, 'kind') === 'VolumeGroupSnapshot')) return; // its group looks after it
    if (listAt(snapshot, 'metadata', 'finalizers').length === 0)
      await setFinalizers(SNAPSHOTS, snapshot, PROTECTED);
    const claim = textAt(snapshot, 'spec', 'source', 'persistentVolumeClaimName');
    if (claim !== '') return makeContent(snapshot, claim);
    const content = await get(CONTENTS, {
      name: textAt(snapshot, 'spec', 'source', 'volumeSnapshotContentName'),
    });
    const handle = textAt(content, 'status', 'snapshotHandle');
    if (content && handle !== '') await show(content, handle, true);
  };

  const meetContent = async (content: JsonObject) => {
    const given = textAt(content, 'spec', 'source', 'snapshotHandle');
    if (isEnding(content)) {
      const bound = textAt(content, 'spec', 'volumeSnapshotRef', 'uid') !== '';
      if (
        given !== '' &&
        !bound &&
        !groups.has(given) &&
        textAt(content, 'spec', 'deletionPolicy') === 'Delete'
      )
        snapshots.delete(given);
      await setFinalizers(CONTENTS, content, null);
      return;
    }
    if (given === '' || textAt(content, 'status', 'snapshotHandle') !== '') return;
    await setFinalizers(CONTENTS, content, BOUND);
    if (snapshots.has(given)) await show(content, given, true);
  };

  const follow = async (type: ResourceType, meet: (object: JsonObject) => Promise<unknown>) => {
    for await (const event of cluster.watch(type, { signal })) {
      const objects = event.type === 'SYNCED' ? event.items : event.type === 'DELETED' ? [] : [event.object];
      for (const bytes of objects) await meet(JSON.parse(bytes.toString('utf8')) as JsonObject);
    }
  };
  /** The provisioner: a claim with a snapshot as its source gets a volume of the driver. */
  const meetClaim = async (claim: JsonObject) => {
    if (textAt(claim, 'spec', 'dataSource', 'name') === '' || textAt(claim, 'spec', 'volumeName') !== '')
      return;
    if (conduct(nameOf(claim)) === 'stranded') return;
    const source = { name: textAt(claim, 'spec', 'dataSource', 'name'), namespace: namespaceOf(claim) };
    if (at(await get(SNAPSHOTS, source), 'status', 'readyToUse') !== true) return;
    const name = `pvc-${textAt(claim, 'metadata', 'uid')}`;
    const volume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name, labels: { made: 'anew' } },
      spec: {
        capacity: { storage: '2Gi' },
        accessModes: ['ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Delete',
        claimRef: { kind: 'PersistentVolumeClaim', namespace: namespaceOf(claim), name: nameOf(claim) },
        csi: { driver: DRIVER, volumeHandle: name },
      },
    };
    await cluster.create(VOLUMES, undefined, JSON.stringify(volume), { signal });
    const patch = JSON.stringify({ spec: { volumeName: name } });
    await cluster.patch(CLAIMS, refOf(claim), 'merge', patch, { signal });
    await setStatus(CLAIMS, claim, { phase: 'Bound' });
  };
  void follow(CLAIMS, meetClaim).catch(() => undefined);
  void follow(SNAPSHOTS, meetSnapshot).catch(() => undefined);
  void follow(CONTENTS, meetContent).catch(() => undefined);
  if (GROUP_CONTENTS)
    void follow(GROUP_CONTENTS, async () => {
      for (const content of await listed(CONTENTS)) {
        const given = textAt(content, 'spec', 'source', 'snapshotHandle');
        if (groups.has(given) && snapshots.has(given)) await show(content, given, true);
      }
    }).catch(() => undefined);
  startGroups({
    cluster,
    driver: DRIVER,
    resources,
    signal,
    conduct,
    follow,
    setStatus,
    snapshots,
    groups,
    cut,
  });
  return {
    snapshots,
    groups,
    cut,
    holds: (count) =>
      new Promise((resolve) => {
        Object.assign(wanted, { count, give: resolve });
        if (held.length >= count) resolve();
      }),
    release: async () => {
      for (const cutNow of held.splice(0)) await cutNow();
    },
    finish: async (how = 'ready') => {
      for await (const page of cluster.list(CONTENTS, { signal }))
        for (const item of page.items) {
          const content = JSON.parse(item.toString('utf8')) as JsonObject;
          if (at(content, 'status', 'readyToUse') !== false) continue;
          if (how === 'ready') await show(content, textAt(content, 'status', 'snapshotHandle'), true);
          else await setStatus(CONTENTS, content, { error: { message: 'the copy broke off' } });
        }
    },
  };
};
