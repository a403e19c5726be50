import type { BackupVolumeInfo, RestoreVolumeInfo } from '../../archive/sidecar-types.js';
import { decodeRestoreVolumeInfo, encodeVolumeInfo } from '../../archive/sidecars.js';
import { getObject } from '../../cluster/get-object.js';
import type { Cluster } from '../../cluster/port.js';
import { textAt } from '../../domain/json.js';
import { CLAIMS } from '../../domain/known-kinds.js';
import { mapNamespace } from '../../domain/restore-selection.js';
import type { RestoreSpec } from '../../domain/velero.gen.js';
import { downloadEntry } from '../../domain/volumes/download-info.js';
import type { VolumeDownload } from '../../domain/volumes/restore-moves.js';
import type { OpenedLocation } from '../ports.js';
import { sideBySide, takingFrom } from '../side-by-side.js';
import { readObject } from '../stored-object.js';
import type { AskedFill } from './pod-filling.js';
import { restoredSnapshotName } from './snapshot-data.js';

const AT_ONCE = 16;

const without = ({ pvcName: _name, pvcNamespace: _namespace, pvName: _volume, ...rest }: RestoreVolumeInfo) =>
  rest;

/**
 * Writes into `<restore>-volumeinfo.json.gz` which volumes the claims have got by now; a claim that waits for a pod has none. Safe to
 * repeat. Faults are those of the cluster and the store.
 */
export const nameNewVolumes = async (
  cluster: Cluster,
  { store, layout }: OpenedLocation,
  restore: string,
  signal: AbortSignal,
): Promise<void> => {
  const key = layout.restoreVolumeInfo(restore);
  const bytes = await readObject(store, key, signal);
  if (!bytes) return;
  const infos = [...(await decodeRestoreVolumeInfo(bytes, key))];
  let named = 0;
  await sideBySide(takingFrom(infos.entries()), AT_ONCE, async ([index, info]) => {
    const { pvcNamespace: namespace = '', pvcName: name = '', pvName = '' } = info;
    if (pvName !== '') return;
    const volume = textAt(
      await getObject(cluster, CLAIMS, { namespace, name }, { signal }),
      'spec',
      'volumeName',
    );
    if (volume === '') return;
    infos[index] = { pvcName: name, pvcNamespace: namespace, pvName: volume, ...without(info) };
    named += 1;
  });
  if (named > 0) await store.put(key, await encodeVolumeInfo(infos), { signal });
};

interface Restored {
  readonly spec: RestoreSpec;
  readonly restoreUid: string;
  readonly volumeInfo: readonly BackupVolumeInfo[];
  readonly fills: readonly AskedFill[];
  /** Entries of the restore's resource list for claims: `namespace/name(created)`. */
  readonly claims: readonly string[];
  /** Volumes that are filled from the bucket. */
  readonly downloads: readonly VolumeDownload[];
}

/** The VolumeSnapshot by the id of its operation, `namespace/name/time`; the file names it nowhere else. */
const snapshotIn = (operationId = ''): string => operationId.split('/')[1] ?? '';

/**
 * Entries of `<restore>-volumeinfo.json.gz` (`internal/volume/volumes_information.go`): the claims that this restore made from a
 * snapshot of CSI, as they are called in the cluster now, and the volumes of pods that had their data asked for.
 */
export const restoredVolumeInfo = (restored: Restored): readonly RestoreVolumeInfo[] => [
  ...fromSnapshots(restored),
  ...(restored.spec.restorePVs === false ? [] : restored.downloads.map(downloadEntry)),
  ...restored.fills.map(filledInfo),
];

const filledInfo = ({ fill, copy, claim, node }: AskedFill): RestoreVolumeInfo => ({
  ...(claim !== '' && { pvcName: claim, pvcNamespace: fill.namespace }),
  restoreMethod: 'PodVolumeRestore',
  snapshotDataMoved: false,
  pvrInfo: {
    snapshotHandle: copy.snapshot,
    size: copy.bytes,
    uploaderType: copy.uploader,
    volumeName: fill.volume,
    podName: fill.pod,
    podNamespace: fill.namespace,
    ...(node !== '' && { nodeName: node }),
    Phase: '',
  },
});

const fromSnapshots = (restored: Restored): readonly RestoreVolumeInfo[] => {
  const { spec, restoreUid, volumeInfo, claims } = restored;
  const made = new Set(claims);
  if (spec.restorePVs === false) return [];
  return volumeInfo.flatMap((info): readonly RestoreVolumeInfo[] => {
    const { backupMethod, snapshotDataMoved, csiSnapshotInfo, pvcName = '', pvcNamespace = '' } = info;
    const namespace = mapNamespace(spec.namespaceMapping, pvcNamespace);
    const ofCsi = backupMethod === 'CSISnapshot' && !snapshotDataMoved;
    if (!ofCsi || !csiSnapshotInfo || !made.has(`${namespace}/${pvcName}(created)`)) return [];
    const { snapshotHandle, size, driver, operationID } = csiSnapshotInfo;
    const vscName = restoredSnapshotName(restoreUid, snapshotIn(operationID));
    return [
      {
        pvcName,
        pvcNamespace: namespace,
        restoreMethod: 'CSISnapshot',
        snapshotDataMoved: false,
        csiSnapshotInfo: { snapshotHandle, size, driver, vscName, ReadyToUse: null },
      },
    ];
  });
};
