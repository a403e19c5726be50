import type { PodVolumeBackup } from '../domain/velero.gen.js';
import { countSetting, type Direction } from './direction.js';
import type { Copying } from './next-step.js';
import { repositoryPlace } from './repository.js';

/** Set by whoever creates the resource, for volumes of claims (`pkg/podvolume/backupper.go`). */
const CLAIM_ANNOTATION = 'velero.io/pvc-name';

const specOf = (copying: Copying) => {
  const { spec } = copying as PodVolumeBackup;
  return {
    pod: spec?.pod ?? {},
    volume: spec?.volume ?? '',
    node: spec?.node,
    location: spec?.backupStorageLocation ?? '',
    tags: spec?.tags ?? {},
    settings: spec?.uploaderSettings,
  };
};

/** Bears the uid of the request. With it an agent finds the copy of one that died before it could write down its id. */
const REQUEST_TAG = 'pvb-uid';

const requestTag = ({ metadata }: Copying) => ({ [REQUEST_TAG]: metadata.uid ?? '' });

/** As Velero names it, so that copies of either build on those of the other (`pkg/podvolume`). */
const sourceOf = (copying: Copying): string => {
  const { pod, volume } = specOf(copying);
  const claim = copying.metadata.annotations?.[CLAIM_ANNOTATION];
  return `${pod.namespace ?? ''}/${pod.name ?? ''}/${claim || volume}`;
};

/** Copies the volume of a pod into the repository of its namespace. */
export const volumeBackup: Direction = {
  kind: 'PodVolumeBackup',
  target: specOf,
  holder: (copying) => specOf(copying).node ?? '',
  ownership: (copying, _pod, { config }) => (specOf(copying).node === config.nodeName ? 'ours' : 'not ours'),
  accepted: () => ({}),
  run: async (ports, copying, { folder, onProgress, signal }) => {
    const { pod, location, tags, settings } = specOf(copying);
    const place = await repositoryPlace(ports, pod.namespace ?? '', location, signal);
    const found =
      copying.status?.phase === 'InProgress'
        ? await ports.repositories.find(place, requestTag(copying), signal)
        : undefined;
    if (found)
      return {
        path: folder,
        snapshotID: found.snapshotId,
        progress: { totalBytes: found.totalBytes, bytesDone: found.totalBytes },
      };
    const parallelFiles = countSetting(settings, 'ParallelFilesUpload');
    const copied = await ports.repositories.copy(
      place,
      {
        folder,
        requester: 'snapshot-pod-volume',
        source: sourceOf(copying),
        tags: { ...tags, ...requestTag(copying) },
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
  abandon: async (ports, copying, signal) => {
    const { pod, location } = specOf(copying);
    const place = await repositoryPlace(ports, pod.namespace ?? '', location, signal);
    const found = await ports.repositories.find(place, requestTag(copying), signal);
    if (found) await ports.repositories.forget(place, [found.snapshotId], signal);
  },
};
