import { createHash } from 'node:crypto';
import type { BackupVolumeInfo } from '../../archive/sidecar-types.js';
import { groupResource, type Cluster, type ResourceType } from '../../cluster/port.js';
import { annotationsOf, nameOf, namespaceOf, type ItemRef } from '../../domain/item.js';
import { textAt, type JsonObject } from '../../domain/json.js';
import type { SnapshotLookUp } from '../../domain/restore-actions/action.js';
import { csiClaimAction, csiContentAction, csiSnapshotAction } from '../../domain/restore-actions/csi.js';
import { mapNamespace } from '../../domain/restore-selection.js';
import type { DataUpload, RestoreSpec } from '../../domain/velero.gen.js';
import { movedDataOf } from '../../domain/volumes/data-download.js';
import { DATA_UPLOADS, UPLOAD_NAME_ANNOTATION } from '../../domain/volumes/data-upload.js';
import { movedClaims, type MovedClaims } from '../../domain/volumes/moved-claims.js';
import { SNAPSHOT_CLASSES } from '../../domain/volumes/snapshot-objects.js';
import { listObjects } from '../volumes/listed-objects.js';
import { fillSelectorOf } from './hand-over.js';

export interface SnapshotsOfRestore {
  readonly cluster: Cluster;
  readonly spec: RestoreSpec;
  readonly restoreUid: string;
  readonly volumeInfo: readonly BackupVolumeInfo[];
  /** Whether the backup was asked to move the data of snapshots. */
  readonly movesData: boolean;
  readonly typeOf: (kind: string) => ResourceType | undefined;
  /** An object of the archive; `undefined` if it is not there. */
  readonly readArchived: (ref: ItemRef) => Promise<JsonObject | undefined>;
  readonly signal: AbortSignal;
}

/** The same name in every attempt of one restore, and another in every other restore (`GenerateSha256FromRestoreUIDAndVsName` in `pkg/util/csi`). */
export const restoredSnapshotName = (restoreUid: string, snapshot: string): string =>
  createHash('sha256').update(`${restoreUid}/${snapshot}`).digest('hex');

const claimKey = (namespace = '', name = ''): string => `${namespace}/${name}`;

/** Where the moved data of a claim is. Velero finds the upload by a ConfigMap that it makes of the archived one; here the archive is asked. */
const moveOf = async (
  { spec, restoreUid, readArchived }: SnapshotsOfRestore,
  claim: JsonObject,
  wasMoved: MovedClaims,
): Promise<SnapshotLookUp['move']> => {
  const named = annotationsOf(claim)[UPLOAD_NAME_ANNOTATION];
  const place = { namespace: namespaceOf(claim), name: nameOf(claim) };
  if (!wasMoved(place, named !== undefined)) return undefined;
  if (named === undefined)
    return {
      problem:
        'the backup says that its data was moved into object storage, but not by which DataUpload, so its data cannot be found; with restorePVs: false it comes back empty',
    };
  const [uploadNamespace = '', name = ''] = named.split('/');
  const upload = await readArchived({ groupResource: DATA_UPLOADS, namespace: uploadNamespace, name });
  if (!upload)
    return {
      problem: `the backup does not hold its DataUpload ${named}, so its data cannot be found; with restorePVs: false it comes back empty`,
    };
  const found = movedDataOf(upload as unknown as DataUpload);
  if (!('data' in found)) return found;
  const namespace = mapNamespace(spec.namespaceMapping, namespaceOf(claim));
  return { data: found.data, selector: fillSelectorOf(restoreUid, namespace, nameOf(claim)) };
};

/** Looks up what the actions for CSI snapshots need for one object; `undefined` for other actions. Faults are those of `Cluster`. */
export const createSnapshotData = (of: SnapshotsOfRestore) => {
  const { cluster, spec, restoreUid, volumeInfo, movesData, typeOf, signal } = of;
  const nameIn = (snapshot: string) => restoredSnapshotName(restoreUid, snapshot);
  const ofCsi = volumeInfo.filter(({ backupMethod }) => backupMethod === 'CSISnapshot');
  const claimsOf = (infos: readonly BackupVolumeInfo[]): ReadonlySet<string> =>
    new Set(infos.map(({ pvcNamespace, pvcName }) => claimKey(pvcNamespace, pvcName)));
  const failed = claimsOf(ofCsi.filter(({ result }) => result === 'failed'));
  const snapshotted = claimsOf(ofCsi.filter(({ snapshotDataMoved }) => !snapshotDataMoved));
  const wasMoved = movedClaims({ entries: volumeInfo, movesData });
  const claimExists = async (claim: JsonObject): Promise<boolean> => {
    const type = typeOf('persistentvolumeclaims');
    const namespace = mapNamespace(spec.namespaceMapping, namespaceOf(claim));
    return (
      type !== undefined &&
      (await cluster.get(type, { namespace, name: nameOf(claim) }, { signal })) !== undefined
    );
  };
  /** Read anew for each content: the restore itself may have made one. */
  const classOf = async (driver: string): Promise<string | undefined> => {
    const type = typeOf(SNAPSHOT_CLASSES);
    if (!type || groupResource(type) !== SNAPSHOT_CLASSES) return undefined;
    const classes = await listObjects({ cluster, signal }, type);
    const names = classes.filter((one) => textAt(one, 'driver') === driver).map(nameOf);
    return names.sort()[0];
  };
  return async (action: string, object: JsonObject): Promise<SnapshotLookUp | undefined> => {
    switch (action) {
      case csiClaimAction.name: {
        const key = claimKey(namespaceOf(object), nameOf(object));
        const move = await moveOf(of, object, wasMoved);
        return {
          nameOf: nameIn,
          claimExists: await claimExists(object),
          snapshotted: snapshotted.has(key),
          failed: failed.has(key),
          ...(move && { move }),
        };
      }
      case csiSnapshotAction.name:
        return { nameOf: nameIn };
      case csiContentAction.name: {
        const className = await classOf(textAt(object, 'spec', 'driver'));
        return { nameOf: nameIn, ...(className !== undefined && { className }) };
      }
      default:
        return undefined;
    }
  };
};
