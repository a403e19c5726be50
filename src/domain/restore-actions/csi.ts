import { annotationsOf, itemRef, namespaceOf } from '../item.js';
import { objectAt, put, textAt, without, type JsonObject } from '../json.js';
import { mapNamespace } from '../restore-selection.js';
import {
  secretOf,
  SNAPSHOT_CLASSES,
  SNAPSHOT_CONTENTS,
  SNAPSHOT_GROUP,
  SNAPSHOT_NAME_KEY,
  VOLUME_SNAPSHOTS,
} from '../volumes/snapshot-objects.js';
import { claimToFill } from '../volumes/data-download.js';
import { DATA_UPLOADS, UPLOAD_NAME_ANNOTATION } from '../volumes/data-upload.js';
import {
  forKinds,
  type PureRestoreItemAction,
  type RestoreActionInput,
  type RestoreActionResult,
  type SnapshotLookUp,
} from './action.js';

const DELETION_POLICY = 'velero.io/csi-vsc-deletion-policy';

/** Without snapshots nothing can be looked up, and nothing has to be: an action that is run without its data keeps the name. */
const renamed = ({ snapshots }: RestoreActionInput, name: string): string => snapshots?.nameOf(name) ?? name;

/** A claim whose data lies in the bucket: it is to be filled from there, unless it comes back empty. */
const movedClaim = (
  { restore }: RestoreActionInput,
  free: JsonObject,
  move: NonNullable<SnapshotLookUp['move']>,
): RestoreActionResult => {
  if (restore.restorePVs === false) return { object: free };
  if ('problem' in move) return { error: move.problem };
  if ('nothing' in move) return { object: free };
  return { object: claimToFill(free, move.selector), handOver: move.data };
};

/** `pkg/restore/actions/csi/pvc_action.go`: a claim with a snapshot gets a volume made of it. */
export const csiClaimAction: PureRestoreItemAction = {
  name: 'velero.io/csi-pvc-restorer',
  appliesTo: forKinds('persistentvolumeclaims'),
  execute: (input) => {
    const { object, archived, restore, snapshots } = input;
    const annotations = annotationsOf(archived);
    const snapshot = annotations[SNAPSHOT_NAME_KEY] ?? '';
    if (snapshots?.claimExists === true) return {};
    const sources = ['volumeName', 'dataSource', 'dataSourceRef'];
    const free = put(object, ['spec'], without(objectAt(object, 'spec'), sources));
    if (snapshots?.move) return movedClaim(input, free, snapshots.move);
    // A claim may bear both names from a backup of long ago: then it is none of this action's, and keeps what the plan for volumes leaves it.
    const isStale = Object.hasOwn(annotations, UPLOAD_NAME_ANNOTATION) && snapshots?.snapshotted !== true;
    if (snapshot === '' || isStale) return {};
    if (restore.restorePVs === false) return { object: free };
    if (snapshots?.failed === true)
      return {
        error:
          'the backup holds no data of this claim, since its snapshot failed; with restorePVs: false it comes back empty',
      };
    const source = { apiGroup: SNAPSHOT_GROUP, kind: 'VolumeSnapshot', name: renamed(input, snapshot) };
    return {
      object: put(free, ['spec', 'dataSource'], source),
      additional: [itemRef(VOLUME_SNAPSHOTS, namespaceOf(archived), snapshot)],
    };
  },
};

/** `pkg/restore/actions/csi/volumesnapshot_action.go`: the VolumeSnapshot under a name of this restore, bound to a content of that name. */
export const csiSnapshotAction: PureRestoreItemAction = {
  name: 'velero.io/csi-volumesnapshot-restorer',
  appliesTo: forKinds(VOLUME_SNAPSHOTS),
  execute: (input) => {
    const { object, archived, restore } = input;
    if (restore.restorePVs === false) return { skip: true };
    const name = renamed(input, textAt(archived, 'metadata', 'name'));
    const content = textAt(archived, 'status', 'boundVolumeSnapshotContentName');
    const metadata: JsonObject = {
      ...objectAt(object, 'metadata'),
      name,
      annotations: { ...annotationsOf(object), [DELETION_POLICY]: 'Retain' },
    };
    return {
      object: { ...object, metadata, spec: { source: { volumeSnapshotContentName: name } } },
      ...(content !== '' && { additional: [itemRef(SNAPSHOT_CONTENTS, '', content)] }),
    };
  },
};

/** `pkg/restore/actions/csi/volumesnapshotcontent_action.go`: the physical snapshot by its handle, never to be deleted with this object. */
export const csiContentAction: PureRestoreItemAction = {
  name: 'velero.io/csi-volumesnapshotcontent-restorer',
  appliesTo: forKinds(SNAPSHOT_CONTENTS),
  execute: (input) => {
    const { object, archived, restore, snapshots } = input;
    if (restore.restorePVs === false) return { skip: true };
    const handle = textAt(archived, 'status', 'snapshotHandle');
    if (handle === '')
      return { error: 'its archived status has no snapshotHandle, so the snapshot cannot be found' };
    const ref = objectAt(archived, 'spec', 'volumeSnapshotRef');
    const name = renamed(input, textAt(ref, 'name'));
    const { volumeSnapshotClassName: _old, ...spec } = objectAt(object, 'spec');
    const className = snapshots?.className;
    return {
      object: {
        ...put(object, ['metadata', 'name'], name),
        spec: {
          ...spec,
          deletionPolicy: 'Retain',
          source: { snapshotHandle: handle },
          volumeSnapshotRef: {
            ...without(ref, ['uid', 'resourceVersion']),
            name,
            namespace: mapNamespace(restore.namespaceMapping, textAt(ref, 'namespace')),
          },
          ...(className !== undefined && { volumeSnapshotClassName: className }),
        },
      },
      additional: secretOf(archived, 'snapshot.storage.kubernetes.io/deletion-secret'),
    };
  },
};

/** `pkg/restore/actions/csi/volumesnapshotclass_action.go` */
export const csiClassAction: PureRestoreItemAction = {
  name: 'velero.io/csi-volumesnapshotclass-restorer',
  appliesTo: forKinds(SNAPSHOT_CLASSES),
  execute: ({ archived, restore }) =>
    restore.restorePVs === false
      ? { skip: true }
      : { additional: secretOf(archived, 'csi.storage.k8s.io/snapshotter-list-secret') },
};

/** `pkg/restore/actions/dataupload_retrieve_action.go`: it only tells where the data of its claim is, and is not made again. */
export const dataUploadAction: PureRestoreItemAction = {
  name: 'velero.io/dataupload',
  appliesTo: forKinds(DATA_UPLOADS),
  execute: () => ({ skip: true }),
};
