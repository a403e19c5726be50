import { annotationsOf, namespaceOf, type Labels } from '../item.js';
import { textAt, type JsonObject } from '../json.js';
import { groupHandleOf } from './snapshot-group.js';

const HANDLE_KEY = 'velero.io/csi-volumesnapshot-handle';
const DRIVER_KEY = 'velero.io/csi-driver-name';
export const GROUP_HANDLE_KEY = 'velero.io/csi-volumegroupsnapshot-handle';

/** A snapshot that was cut with a group. */
export interface GroupedSnapshot {
  readonly driver: string;
  readonly handle: string;
  readonly group: string;
  /** Of the VolumeSnapshot, in the backup. */
  readonly namespace: string;
}

/**
 * As an archived VolumeSnapshot tells of it by its annotations, or an archived VolumeSnapshotContent by its status; `undefined` for one of no
 * group, or that does not say where its snapshot is.
 */
export const groupedSnapshotOf = (archived: JsonObject): GroupedSnapshot | undefined => {
  const annotations = annotationsOf(archived);
  const own = (key: string) => (Object.hasOwn(annotations, key) ? (annotations[key] ?? '') : '');
  const found =
    textAt(archived, 'kind') === 'VolumeSnapshotContent'
      ? {
          driver: textAt(archived, 'spec', 'driver'),
          handle: textAt(archived, 'status', 'snapshotHandle'),
          group: groupHandleOf(archived),
          namespace: textAt(archived, 'spec', 'volumeSnapshotRef', 'namespace'),
        }
      : {
          driver: own(DRIVER_KEY),
          handle: own(HANDLE_KEY),
          group: own(GROUP_HANDLE_KEY),
          namespace: namespaceOf(archived),
        };
  return Object.values(found).includes('') ? undefined : found;
};

/**
 * A VolumeGroupSnapshotContent that stands for a group as long as its snapshots are brought back (`pkg/restore/actions/csi/volumesnapshot_action.go`):
 * a snapshot controller that knows groups lets no VolumeSnapshot of one get ready without it. `handles` are those of all snapshots of
 * the group that are known, since they cannot be changed later. It names a VolumeGroupSnapshot that never is, and keeps the physical snapshots.
 */
export const groupStub = (
  type: { readonly apiVersion: string },
  { driver, group }: Pick<GroupedSnapshot, 'driver' | 'group'>,
  stub: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Labels;
    readonly handles: readonly string[];
  },
): JsonObject => ({
  apiVersion: type.apiVersion,
  kind: 'VolumeGroupSnapshotContent',
  metadata: { name: stub.name, labels: { ...stub.labels } },
  spec: {
    deletionPolicy: 'Retain',
    driver,
    source: {
      groupSnapshotHandles: { volumeGroupSnapshotHandle: group, volumeSnapshotHandles: [...stub.handles] },
    },
    volumeGroupSnapshotRef: {
      apiVersion: type.apiVersion,
      kind: 'VolumeGroupSnapshot',
      name: stub.name,
      namespace: stub.namespace,
    },
  },
});
