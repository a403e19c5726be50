import { BACKUP_NAME_LABEL } from '../domain/labels.js';
import { getObject } from '../cluster/get-object.js';
import { annotationsOf, nameOf } from '../domain/item.js';
import { at, numberOf, objectAt, textAt, type JsonObject } from '../domain/json.js';
import { CLAIMS } from '../domain/known-kinds.js';
import type { DataUpload } from '../domain/velero.gen.js';
import { printBytes, SNAPSHOT_GROUP } from '../domain/volumes/snapshot-objects.js';
import { countSetting } from './direction.js';
import { createOnce, hostVolume, ownedBy, removeHosted, removeOnce } from './hosting-pod.js';
import type { Exposure, Movement, Moving } from './movement.js';
import type { AgentPorts } from './ports.js';
import { repositoryPlace } from './repository.js';
import { letGo, snapshotTypesOf, type SnapshotTypes } from './snapshot.js';

/** On our content: the name of the one that it was made after. */
const TAKEN_FROM_ANNOTATION = 'lifeboat.io/taken-from';

const originalOf = ({ spec }: DataUpload) => ({
  namespace: spec?.sourceNamespace ?? '',
  name: spec?.csiSnapshot?.volumeSnapshot ?? '',
});

/** The same physical snapshot once more, in the server's namespace: it goes with these two when they are deleted. */
const takeOver = async (
  ports: AgentPorts,
  kinds: SnapshotTypes,
  upload: DataUpload,
  content: JsonObject,
  signal: AbortSignal,
): Promise<void> => {
  const { namespace } = ports.resources;
  const { name } = upload.metadata;
  const snapshotClass = textAt(content, 'spec', 'volumeSnapshotClassName');
  const className = snapshotClass === '' ? {} : { volumeSnapshotClassName: snapshotClass };
  const apiVersion = `${SNAPSHOT_GROUP}/v1`;
  await createOnce(
    ports,
    kinds.contents,
    undefined,
    {
      apiVersion,
      kind: 'VolumeSnapshotContent',
      metadata: { name, annotations: { [TAKEN_FROM_ANNOTATION]: nameOf(content) } },
      spec: {
        deletionPolicy: 'Delete',
        driver: textAt(content, 'spec', 'driver'),
        source: { snapshotHandle: textAt(content, 'status', 'snapshotHandle') },
        volumeSnapshotRef: { apiVersion, kind: 'VolumeSnapshot', namespace, name },
        ...className,
      },
    },
    signal,
  );
  const source = { volumeSnapshotContentName: name };
  const snapshot = { apiVersion, kind: 'VolumeSnapshot', spec: { source, ...className } };
  const metadata = { name, namespace, ...ownedBy(upload) };
  await createOnce(ports, kinds.snapshots, namespace, { ...snapshot, metadata }, signal);
};

/** What an agent left that died while it took the snapshot over: the content of a snapshot that is gone already. */
const clearOriginal = async (
  ports: AgentPorts,
  kinds: SnapshotTypes,
  upload: DataUpload,
  signal: AbortSignal,
): Promise<Exposure | undefined> => {
  const ref = originalOf(upload);
  const { name: ours } = upload.metadata;
  const taken = { namespace: ports.resources.namespace, name: ours };
  if (!(await getObject(ports.cluster, kinds.snapshots, taken, { signal })))
    return { problem: `the snapshot ${ref.namespace}/${ref.name} is gone` };
  const content = await getObject(ports.cluster, kinds.contents, { name: ours }, { signal });
  const name = content === undefined ? '' : (annotationsOf(content)[TAKEN_FROM_ANNOTATION] ?? '');
  if (name === '') return undefined;
  const object = await getObject(ports.cluster, kinds.contents, { name }, { signal });
  const of = objectAt(object, 'spec', 'volumeSnapshotRef');
  const isItsContent = textAt(of, 'namespace') === ref.namespace && textAt(of, 'name') === ref.name;
  if (object && isItsContent) await letGo(ports, kinds, { ref, content: { name, object } }, signal);
  return undefined;
};

/**
 * Takes the snapshot over from the namespace of the claim. The new objects come first, so that a crash between leaves the physical
 * snapshot to somebody (Velero deletes the old ones first: `pkg/exposer/csi_snapshot.go`).
 */
const moveSnapshot = async (
  ports: AgentPorts,
  kinds: SnapshotTypes,
  upload: DataUpload,
  signal: AbortSignal,
): Promise<Exposure | undefined> => {
  const original = originalOf(upload);
  const snapshot = await getObject(ports.cluster, kinds.snapshots, original, { signal });
  if (!snapshot) return clearOriginal(ports, kinds, upload, signal);
  if (at(snapshot, 'status', 'readyToUse') !== true)
    return { waitsFor: `the snapshot ${original.namespace}/${original.name} to be ready` };
  const name = textAt(snapshot, 'status', 'boundVolumeSnapshotContentName');
  const content = await getObject(ports.cluster, kinds.contents, { name }, { signal });
  // It goes as soon as it is let go of; the snapshot, only when its controller has seen that.
  if (!content) return clearOriginal(ports, kinds, upload, signal);
  await takeOver(ports, kinds, upload, content, signal);
  await letGo(ports, kinds, { ref: original, content: { name, object: content } }, signal);
  return undefined;
};

/** A claim whose volume is made of the snapshot. */
const makeClaim = async (
  ports: AgentPorts,
  kinds: SnapshotTypes,
  upload: DataUpload,
  signal: AbortSignal,
): Promise<Exposure | undefined> => {
  const { namespace } = ports.resources;
  const { name } = upload.metadata;
  const { sourceNamespace = '', sourcePVC = '', csiSnapshot } = upload.spec ?? {};
  const source = await getObject(
    ports.cluster,
    CLAIMS,
    { namespace: sourceNamespace, name: sourcePVC },
    { signal },
  );
  if (textAt(source, 'spec', 'volumeMode') === 'Block')
    return { problem: `the claim ${sourcePVC} is a block device; only file systems are moved` };
  const content = await getObject(ports.cluster, kinds.contents, { name }, { signal });
  const bytes = numberOf(at(content, 'status', 'restoreSize'));
  const storage =
    bytes !== undefined && bytes > 0
      ? printBytes(bytes)
      : textAt(source, 'spec', 'resources', 'requests', 'storage');
  if (storage === '') return { waitsFor: 'the size of the snapshot' };
  const spec = {
    accessModes: ['ReadWriteOnce'],
    storageClassName: csiSnapshot?.storageClass ?? '',
    resources: { requests: { storage } },
    dataSource: { apiGroup: SNAPSHOT_GROUP, kind: 'VolumeSnapshot', name },
  };
  const metadata = { name, namespace, ...ownedBy(upload) };
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec };
  await createOnce(ports, CLAIMS, namespace, claim, signal);
  return undefined;
};

/** Bears the uid of the request; a name can come again. */
const REQUEST_TAG = 'data-upload-uid';

const asUpload = (moving: Moving): DataUpload => moving as DataUpload;

/** Copies a CSI snapshot into the repository of its claim's namespace (`pkg/controller/data_upload_controller.go`). */
export const dataUpload: Movement = {
  kind: 'DataUpload',
  acceptable: () => Promise.resolve(true),
  expose: async (ports, moving, signal) => {
    const kinds = await snapshotTypesOf(ports, signal);
    const upload = asUpload(moving);
    return (
      (await moveSnapshot(ports, kinds, upload, signal)) ??
      (await makeClaim(ports, kinds, upload, signal)) ??
      (await hostVolume(ports, upload, undefined, signal))
    );
  },
  run: async (ports, moving, { folder, onProgress, signal }) => {
    const { spec, metadata, status } = asUpload(moving);
    const { sourceNamespace = '', sourcePVC = '', backupStorageLocation = '' } = spec ?? {};
    const place = await repositoryPlace(ports, sourceNamespace, backupStorageLocation, signal);
    const request = { [REQUEST_TAG]: metadata.uid ?? '' };
    // An agent that died may have copied, and not have lived to write down the id; its node may have been another one.
    const begun = status?.phase === 'InProgress' || status?.startTimestamp !== undefined;
    const found = begun ? await ports.repositories.find(place, request, signal) : undefined;
    if (found)
      return {
        path: folder,
        snapshotID: found.snapshotId,
        progress: { totalBytes: found.totalBytes, bytesDone: found.totalBytes },
      };
    const parallelFiles = countSetting(spec?.dataMoverConfig, 'ParallelFilesUpload');
    const copied = await ports.repositories.copy(
      place,
      {
        folder,
        requester: 'snapshot-data-upload-download',
        source: `${sourceNamespace}/${sourcePVC}`,
        tags: {
          backup: metadata.labels?.[BACKUP_NAME_LABEL] ?? '',
          'data-upload': metadata.name,
          ...request,
        },
        onProgress,
        ...(parallelFiles !== undefined && { parallelFiles }),
      },
      signal,
    );
    return {
      path: folder,
      snapshotID: copied.snapshotId,
      incrementalBytes: copied.incrementalBytes,
      progress: { totalBytes: copied.totalBytes, bytesDone: copied.totalBytes },
      ...(copied.snapshotId === '' && { message: 'the volume is empty; there is nothing to copy' }),
    };
  },
  cleanUp: async (ports, moving, signal) => {
    const kinds = await snapshotTypesOf(ports, signal);
    const { name } = moving.metadata;
    await removeHosted(ports, moving, signal);
    await removeOnce(ports, kinds.snapshots, { namespace: ports.resources.namespace, name }, signal);
    await removeOnce(ports, kinds.contents, { name }, signal);
  },
};
