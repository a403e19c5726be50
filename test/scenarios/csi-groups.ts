import type { MemoryCluster } from '../../src/cluster/memory.js';
import { groupResource, type ResourceType } from '../../src/cluster/port.js';
import { labelsOf, nameOf, namespaceOf, refOf } from '../../src/domain/item.js';
import { at, listAt, objectAt, textAt, type JsonObject } from '../../src/domain/json.js';
import type { KubeObject } from '../builders.js';
import { definition, type Conduct } from './csi-driver.js';

const GROUP = 'groupsnapshot.storage.k8s.io';
const VERSION = 'v1beta2';
const FINALIZER = 'groupsnapshot.storage.kubernetes.io/volumegroupsnapshotcontent-bound-protection';

/** The kinds by which a cluster takes snapshots of groups. */
export const groupDefinitions = (): readonly KubeObject[] => [
  definition('VolumeGroupSnapshot', 'Namespaced', true, GROUP, VERSION),
  definition('VolumeGroupSnapshotContent', 'Cluster', true, GROUP, VERSION),
  definition('VolumeGroupSnapshotClass', 'Cluster', false, GROUP, VERSION),
];

export const groupClass = (name: string, driver: string, labelled = true): KubeObject => ({
  apiVersion: `${GROUP}/${VERSION}`,
  kind: 'VolumeGroupSnapshotClass',
  metadata: { name, ...(labelled && { labels: { 'velero.io/csi-volumegroupsnapshot-class': 'true' } }) },
  driver,
  deletionPolicy: 'Delete',
});

interface GroupWorld {
  readonly cluster: MemoryCluster;
  readonly driver: string;
  readonly resources: readonly ResourceType[];
  readonly signal: AbortSignal;
  readonly conduct: (claim: string) => Conduct;
  readonly follow: (type: ResourceType, meet: (object: JsonObject) => Promise<unknown>) => Promise<void>;
  readonly setStatus: (type: ResourceType, object: JsonObject, status: object) => Promise<void>;
  readonly snapshots: Map<string, string>;
  readonly groups: Map<string, string>;
  readonly cut: string[];
}

/** The part of snapshot controller and driver that is about groups, as the real ones were seen to behave; nothing where there are none. */
export const startGroups = (world: GroupWorld): void => {
  const { cluster, driver, resources, signal, conduct, follow, setStatus, snapshots, groups, cut } = world;
  const typeOf = (kind: string) => resources.find((one) => groupResource(one) === kind);
  const [GROUPS, CONTENTS] = [
    typeOf(`volumegroupsnapshots.${GROUP}`),
    typeOf(`volumegroupsnapshotcontents.${GROUP}`),
  ];
  const [SNAPSHOTS, SINGLE] = [
    typeOf('volumesnapshots.snapshot.storage.k8s.io'),
    typeOf('volumesnapshotcontents.snapshot.storage.k8s.io'),
  ];
  const CLAIMS = typeOf('persistentvolumeclaims');
  if (!GROUPS || !CONTENTS || !SNAPSHOTS || !SINGLE || !CLAIMS) return;
  const isEnding = (object: JsonObject) => at(object, 'metadata', 'deletionTimestamp') !== undefined;
  const create = (type: ResourceType, namespace: string | undefined, object: object) =>
    cluster.create(type, namespace, JSON.stringify(object), { signal });
  const listed = async (type: ResourceType, namespace?: string) => {
    const found: JsonObject[] = [];
    for await (const page of cluster.list(type, { ...(namespace !== undefined && { namespace }), signal }))
      for (const item of page.items) found.push(JSON.parse(item.toString('utf8')) as JsonObject);
    return found;
  };
  const get = async (type: ResourceType, name: string) => {
    const bytes = await cluster.get(type, { name }, { signal });
    return bytes && (JSON.parse(bytes.toString('utf8')) as JsonObject);
  };
  const letGo = (type: ResourceType, object: JsonObject) =>
    cluster.patch(type, refOf(object), 'merge', JSON.stringify({ metadata: { finalizers: null } }), {
      signal,
    });
  const forget = (group: string) => {
    for (const [handle, of] of groups) if (of === group) snapshots.delete(handle);
  };

  const makeMember = async (group: JsonObject, handle: string, claim: string) => {
    const [namespace, uid] = [namespaceOf(group), textAt(group, 'metadata', 'uid')];
    const [name, content] = [`snapshot-${uid}-${claim}`, `snapcontent-${uid}-${claim}`];
    const snapshot = `snap-${cut.length + 1}`;
    cut.push(snapshot);
    snapshots.set(snapshot, `disk-${claim}`);
    groups.set(snapshot, handle);
    const owner = {
      apiVersion: `${GROUP}/${VERSION}`,
      kind: 'VolumeGroupSnapshot',
      name: nameOf(group),
      uid,
    };
    const finalizers = ['snapshot.storage.kubernetes.io/volumesnapshot-in-group-protection'];
    await create(SINGLE, undefined, {
      apiVersion: 'snapshot.storage.k8s.io/v1',
      kind: 'VolumeSnapshotContent',
      metadata: {
        name: content,
        finalizers: ['snapshot.storage.kubernetes.io/volumesnapshotcontent-bound-protection'],
      },
      spec: {
        deletionPolicy: 'Delete',
        driver,
        source: { volumeHandle: `disk-${claim}` },
        volumeSnapshotRef: { name, namespace },
      },
    });
    const single = await get(SINGLE, content);
    const status = {
      snapshotHandle: snapshot,
      readyToUse: true,
      restoreSize: 2 ** 31,
      volumeGroupSnapshotHandle: handle,
    };
    if (single) await setStatus(SINGLE, single, status);
    const member = {
      apiVersion: 'snapshot.storage.k8s.io/v1',
      kind: 'VolumeSnapshot',
      metadata: { name, namespace, finalizers, ownerReferences: [owner] },
      spec: { source: { persistentVolumeClaimName: claim } },
    };
    await create(SNAPSHOTS, namespace, member);
    await setStatus(SNAPSHOTS, member, {
      boundVolumeSnapshotContentName: content,
      volumeGroupSnapshotName: nameOf(group),
      readyToUse: true,
    });
  };

  const cutGroup = async (group: JsonObject) => {
    const selected = Object.entries(objectAt(group, 'spec', 'source', 'selector', 'matchLabels'));
    const claims = (await listed(CLAIMS, namespaceOf(group))).filter((claim) =>
      selected.every(([key, value]) => labelsOf(claim)[key] === value),
    );
    const ways = claims.map((claim) => conduct(nameOf(claim)));
    if (ways.includes('silent')) return;
    if (ways.includes('broken')) {
      await setStatus(GROUPS, group, { readyToUse: false, error: { message: 'quota exceeded' } });
      return;
    }
    const handle = `group-${cut.length + 1}`;
    const name = `groupsnapcontent-${textAt(group, 'metadata', 'uid')}`;
    const made = await create(CONTENTS, undefined, {
      apiVersion: `${GROUP}/${VERSION}`,
      kind: 'VolumeGroupSnapshotContent',
      metadata: { name, finalizers: [FINALIZER] },
      spec: { deletionPolicy: 'Delete', driver, source: { volumeHandles: [] } },
    });
    if (!made.ok) return;
    for (const claim of claims) await makeMember(group, handle, nameOf(claim));
    const content = await get(CONTENTS, name);
    if (content) await setStatus(CONTENTS, content, { volumeGroupSnapshotHandle: handle, readyToUse: true });
    await setStatus(GROUPS, group, { boundVolumeGroupSnapshotContentName: name, readyToUse: true });
  };

  const endGroup = async (group: JsonObject) => {
    const name = textAt(group, 'status', 'boundVolumeGroupSnapshotContentName');
    const content = name === '' ? undefined : await get(CONTENTS, name);
    for (const snapshot of await listed(SNAPSHOTS, namespaceOf(group))) {
      if (
        !listAt(snapshot, 'metadata', 'ownerReferences').some(
          (owner) => textAt(owner, 'name') === nameOf(group),
        )
      )
        continue;
      const bound = await get(SINGLE, textAt(snapshot, 'status', 'boundVolumeSnapshotContentName'));
      await cluster.delete(SNAPSHOTS, refOf(snapshot), { signal });
      await letGo(SNAPSHOTS, snapshot);
      if (!bound) continue;
      await cluster.delete(SINGLE, refOf(bound), { signal });
      await letGo(SINGLE, bound);
    }
    if (content && textAt(content, 'spec', 'deletionPolicy') === 'Delete') {
      forget(textAt(content, 'status', 'volumeGroupSnapshotHandle'));
      await cluster.delete(CONTENTS, refOf(content), { signal });
      await letGo(CONTENTS, content);
    }
    await letGo(GROUPS, group);
  };

  void follow(GROUPS, async (group) => {
    if (isEnding(group)) return endGroup(group);
    if (at(group, 'status', 'readyToUse') !== undefined) return;
    if (listAt(group, 'metadata', 'finalizers').length > 0) return;
    const patch = JSON.stringify({
      metadata: { finalizers: ['groupsnapshot.storage.kubernetes.io/volumegroupsnapshot-bound-protection'] },
    });
    await cluster.patch(GROUPS, refOf(group), 'merge', patch, { signal });
    return cutGroup(group);
  }).catch(() => undefined);
  void follow(CONTENTS, async (content) => {
    const given = textAt(content, 'spec', 'source', 'groupSnapshotHandles', 'volumeGroupSnapshotHandle');
    if (isEnding(content)) {
      if (given !== '' && textAt(content, 'spec', 'deletionPolicy') === 'Delete') forget(given);
      await letGo(CONTENTS, content);
    } else if (given !== '' && at(content, 'status', 'readyToUse') === undefined)
      await setStatus(CONTENTS, content, { volumeGroupSnapshotHandle: given, readyToUse: true });
  }).catch(() => undefined);
};
