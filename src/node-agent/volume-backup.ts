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
  ownership: (copying, _pod, { config }) => (specOf(copying).node === config.nodeName ? 'ours' : 'not ours'),
  accepted: () => ({}),
  run: async (ports, copying, { folder, onProgress, signal }) => {
    const { pod, location, tags, settings } = specOf(copying);
    const place = await repositoryPlace(ports, pod.namespace ?? '', location, signal);
    const parallelFiles = countSetting(settings, 'ParallelFilesUpload');
    const copied = await ports.repositories.copy(
      place,
      {
        folder,
        requester: 'snapshot-pod-volume',
        source: sourceOf(copying),
        tags,
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
};
