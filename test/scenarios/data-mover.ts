import { onTestFinished } from 'vitest';
import type { MemoryCluster } from '../../src/cluster/memory.js';
import { groupResource, type ResourceType } from '../../src/cluster/port.js';
import { refOf } from '../../src/domain/item.js';
import { VELERO_TYPES, type DataDownload, type DataUpload } from '../../src/domain/velero.gen.js';
import { NAMESPACE } from './life.js';

/** What the mover does with a request: at once, when told, not at all, or badly. It heeds a cancel unless it is absent. */
export type MoverConduct = 'done' | 'held' | 'failing' | 'absent';

export interface DataMover {
  /** Names of the requests it has seen, in their order. */
  readonly asked: readonly string[];
  /** Resolves when so many requests are held. */
  readonly holds: (count: number) => Promise<void>;
  /** Does what is held. */
  readonly release: () => Promise<void>;
}

type Request = DataUpload | DataDownload;
type Kind = 'DataUpload' | 'DataDownload';

const ENDED = ['Completed', 'Failed', 'Canceled'];
const SNAPSHOTS = 'snapshot.storage.k8s.io';

/**
 * Plays a data mover on the simulated cluster: it lives as long as the test, whatever becomes of the server. It moves no byte, unless
 * `copy` does, which answers the id of a copy.
 */
export const startDataMover = async (
  cluster: MemoryCluster,
  conduct: (claim: string) => MoverConduct = () => 'done',
  copy: (claim: string) => Promise<string> = (claim) => Promise.resolve(`copy-of-${claim}`),
): Promise<DataMover> => {
  const stopping = new AbortController();
  const { signal } = stopping;
  onTestFinished(() => stopping.abort());
  const { resources } = await cluster.discover(signal);
  const typeOf = (kind: string): ResourceType => {
    const found = resources.find((one) => groupResource(one) === kind);
    if (!found) throw new Error(`the cluster serves no ${kind}`);
    return found;
  };
  const asked: string[] = [];
  const held = new Map<string, () => Promise<void>>();
  const wanted: { count: number; give: () => void } = { count: Infinity, give: () => undefined };

  const patch = (type: ResourceType, ref: { name: string; namespace?: string }, body: object) =>
    cluster.patch(type, ref, 'merge', JSON.stringify(body), { signal });
  const show = (kind: Kind, name: string, status: object) =>
    patch(VELERO_TYPES[kind], { namespace: NAMESPACE, name }, { status });

  /** The mover takes the snapshot away once it has the data, with the physical one. */
  const takeAway = async ({ spec }: DataUpload) => {
    const type = typeOf(`volumesnapshots.${SNAPSHOTS}`);
    const ref = { namespace: spec?.sourceNamespace ?? '', name: spec?.csiSnapshot?.volumeSnapshot ?? '' };
    const bytes = await cluster.get(type, ref, { signal });
    if (!bytes) return;
    const { status } = JSON.parse(bytes.toString('utf8')) as {
      status?: { boundVolumeSnapshotContentName?: string };
    };
    const content = { name: status?.boundVolumeSnapshotContentName ?? '' };
    await patch(typeOf(`volumesnapshotcontents.${SNAPSHOTS}`), content, {
      spec: { deletionPolicy: 'Delete' },
    });
    await cluster.delete(type, ref, { signal });
  };
  /** A download is asked for before its claim is made. */
  const claimMade = async (namespace: string, name: string) => {
    const options = { namespace, fieldSelector: `metadata.name=${name}`, signal };
    for await (const event of cluster.watch(typeOf('persistentvolumeclaims'), options))
      if (event.type === 'SYNCED' ? event.items.length > 0 : event.type !== 'DELETED') return;
  };
  /** The claim is bound to a volume that holds the data. */
  const fill = async ({ spec }: DataDownload) => {
    const { namespace = '', pvc: name = '' } = spec?.targetVolume ?? {};
    await claimMade(namespace, name);
    const volume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `filled-${name}`, labels: { made: 'anew' } },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Delete',
        claimRef: { kind: 'PersistentVolumeClaim', namespace, name },
        csi: { driver: 'disk.csi.example', volumeHandle: spec?.snapshotID ?? '' },
      },
    };
    await cluster.create(typeOf('persistentvolumes'), undefined, JSON.stringify(volume), { signal });
    const claims = typeOf('persistentvolumeclaims');
    await patch(claims, { namespace, name }, { spec: { volumeName: `filled-${name}`, selector: null } });
    const bytes = await cluster.get(claims, { namespace, name }, { signal });
    const claim = JSON.parse(bytes?.toString('utf8') ?? '{}') as { metadata: { name: string } };
    const bound = JSON.stringify({ ...claim, status: { phase: 'Bound' } });
    await cluster.replace(claims, refOf(claim), bound, { signal, subresource: 'status' });
  };

  const carryOut = async (kind: Kind, request: Request) => {
    const { name } = request.metadata;
    const at = '2026-02-03T04:05:06Z';
    const progress = { totalBytes: 100, bytesDone: 100 };
    const done = { phase: 'Completed', startTimestamp: at, completionTimestamp: at, progress };
    if (request.kind === 'DataUpload') {
      await takeAway(request);
      const snapshotID = await copy(request.spec?.sourcePVC ?? '');
      await show(kind, name, { ...done, snapshotID, incrementalBytes: 60 });
    } else {
      await fill(request);
      await show(kind, name, done);
    }
  };

  const meet = async (kind: Kind, request: Request) => {
    const { metadata, spec, status } = request;
    const { name } = metadata;
    const claim = request.kind === 'DataUpload' ? request.spec?.sourcePVC : request.spec?.targetVolume.pvc;
    const how = conduct(claim ?? '');
    if (how === 'absent' || ENDED.includes(status?.phase ?? '')) return;
    if (spec?.cancel === true) {
      held.delete(name);
      await show(kind, name, { phase: 'Canceled' });
      return;
    }
    if (asked.includes(name)) return;
    asked.push(name);
    if (how === 'failing') {
      await show(kind, name, { phase: 'Failed', message: 'the disk is on fire' });
    } else if (how === 'held') {
      held.set(name, () => carryOut(kind, request));
      await show(kind, name, { phase: 'InProgress', progress: { totalBytes: 100, bytesDone: 40 } });
      if (held.size >= wanted.count) wanted.give();
    } else await carryOut(kind, request);
  };
  const follow = async (kind: Kind) => {
    const watching = { namespace: NAMESPACE, signal };
    for await (const event of cluster.watch(VELERO_TYPES[kind], watching)) {
      const objects = event.type === 'SYNCED' ? event.items : event.type === 'DELETED' ? [] : [event.object];
      for (const bytes of objects) await meet(kind, JSON.parse(bytes.toString('utf8')) as Request);
    }
  };
  void follow('DataUpload').catch(() => undefined);
  void follow('DataDownload').catch(() => undefined);
  return {
    asked,
    holds: (count) =>
      new Promise((resolve) => {
        Object.assign(wanted, { count, give: resolve });
        if (held.size >= count) resolve();
      }),
    release: async () => {
      const all = [...held.values()];
      held.clear();
      for (const carry of all) await carry();
    },
  };
};
