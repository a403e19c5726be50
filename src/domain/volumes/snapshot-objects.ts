import { BACKUP_NAME_LABEL } from '../labels.js';
import { annotationsOf, itemRef, labelsOf, nameOf, namespaceOf, type ItemRef } from '../item.js';
import { numberOf, at, put, textAt, type JsonObject } from '../json.js';
import { parseQuantity } from '../quantity.js';
import { timestamp } from '../timestamp.js';

export const SNAPSHOT_GROUP = 'snapshot.storage.k8s.io';
export const VOLUME_SNAPSHOTS = `volumesnapshots.${SNAPSHOT_GROUP}`;
export const SNAPSHOT_CONTENTS = `volumesnapshotcontents.${SNAPSHOT_GROUP}`;
export const SNAPSHOT_CLASSES = `volumesnapshotclasses.${SNAPSHOT_GROUP}`;

export const SNAPSHOT_NAME_KEY = 'velero.io/volume-snapshot-name';

/** A snapshot as its VolumeSnapshot and VolumeSnapshotContent tell of it. */
export interface CutSnapshot {
  /** Of the VolumeSnapshot; its namespace is that of the claim. */
  readonly name: string;
  /** Name of the VolumeSnapshotContent. */
  readonly content: string;
  readonly driver: string;
  readonly handle: string;
  readonly className: string;
  /** Bytes; absent where the driver does not say. */
  readonly restoreSize?: number;
  /** What becomes of the physical snapshot with its VolumeSnapshot, as the class says. */
  readonly deletionPolicy: string;
  readonly ready: boolean;
  /** RFC 3339, by the driver. */
  readonly cutAt?: string;
  /** By which the driver knows the group that it was cut with. */
  readonly group?: string;
}

/** The physical snapshot behind a VolumeSnapshotContent; `undefined` while the driver has not cut it. */
export const cutOf = (snapshot: JsonObject, content: JsonObject): CutSnapshot | undefined => {
  const handle = textAt(content, 'status', 'snapshotHandle');
  if (handle === '') return undefined;
  const restoreSize = numberOf(at(content, 'status', 'restoreSize'));
  const nanoseconds = numberOf(at(content, 'status', 'creationTime'));
  const group = textAt(content, 'status', 'volumeGroupSnapshotHandle');
  const classOf = (object: JsonObject) => textAt(object, 'spec', 'volumeSnapshotClassName');
  return {
    name: nameOf(snapshot),
    content: nameOf(content),
    driver: textAt(content, 'spec', 'driver'),
    handle,
    className: classOf(content) || classOf(snapshot),
    deletionPolicy: textAt(content, 'spec', 'deletionPolicy'),
    ready: at(content, 'status', 'readyToUse') === true,
    ...(restoreSize !== undefined && { restoreSize }),
    ...(nanoseconds !== undefined && {
      cutAt: timestamp(new Date(Math.floor(nanoseconds / 1e6))),
    }),
    ...(group !== '' && { group }),
  };
};

const UNITS = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/** `10485760` → `10Mi`: whole, with the largest binary unit that leaves it so, as Kubernetes prints it. */
export const printBytes = (bytes: number): string => {
  let [amount, unit] = [bytes, 0];
  while (amount !== 0 && amount % 1024 === 0 && unit < UNITS.length - 1)
    [amount, unit] = [amount / 1024, unit + 1];
  return `${amount}${UNITS[unit] ?? ''}`;
};

const withMetadata = (
  object: JsonObject,
  field: 'labels' | 'annotations',
  more: Readonly<Record<string, string>>,
): JsonObject => {
  const present = field === 'labels' ? labelsOf(object) : annotationsOf(object);
  return put(object, ['metadata', field], { ...present, ...more });
};

/** A volume made from a snapshot must not be smaller than it. */
const roomFor = (claim: JsonObject, restoreSize: number | undefined): JsonObject => {
  const path = ['spec', 'resources', 'requests', 'storage'] as const;
  const asked = parseQuantity(textAt(claim, ...path)) ?? 0n;
  const needed = restoreSize === undefined ? 0n : (parseQuantity(printBytes(restoreSize)) ?? 0n);
  return restoreSize !== undefined && needed > asked ? put(claim, path, printBytes(restoreSize)) : claim;
};

/** The claim as it is archived: it names its snapshot (`pkg/backup/actions/csi/pvc_action.go`). Label values come shortened. */
export const claimWithSnapshot = (
  claim: JsonObject,
  cut: CutSnapshot,
  labels: { readonly snapshot: string; readonly backup: string },
): JsonObject =>
  withMetadata(
    withMetadata(roomFor(claim, cut.restoreSize), 'labels', {
      [SNAPSHOT_NAME_KEY]: labels.snapshot,
      [BACKUP_NAME_LABEL]: labels.backup,
    }),
    'annotations',
    { [SNAPSHOT_NAME_KEY]: cut.name },
  );

/** The VolumeSnapshot as it is archived: with what makes it anew elsewhere (`pkg/backup/actions/csi/volumesnapshot_action.go`). */
export const annotatedSnapshot = (snapshot: JsonObject, cut: CutSnapshot): JsonObject =>
  withMetadata(snapshot, 'annotations', {
    'velero.io/csi-vsc-deletion-policy': cut.deletionPolicy,
    'velero.io/csi-volumesnapshot-handle': cut.handle,
    'velero.io/csi-driver-name': cut.driver,
    ...(cut.restoreSize !== undefined && {
      'velero.io/csi-volumesnapshot-restore-size': printBytes(cut.restoreSize),
    }),
    ...(cut.group !== undefined && { 'velero.io/csi-volumegroupsnapshot-handle': cut.group }),
  });

/** What belongs to a VolumeSnapshot in an archive. */
export const itemsOfSnapshot = ({ content, className }: CutSnapshot): readonly ItemRef[] => [
  itemRef(SNAPSHOT_CONTENTS, '', content),
  ...(className === '' ? [] : [itemRef(SNAPSHOT_CLASSES, '', className)]),
];

/** The Secret that two annotations of a class or content name together. */
export const secretOf = (object: JsonObject, prefix: string): readonly ItemRef[] => {
  const annotations = annotationsOf(object);
  const [name, namespace] = [annotations[`${prefix}-name`] ?? '', annotations[`${prefix}-namespace`] ?? ''];
  return name === '' || namespace === '' ? [] : [itemRef('secrets', namespace, name)];
};

/** The VolumeSnapshot to create for a claim. */
export const snapshotToCreate = (
  claim: JsonObject,
  name: string,
  className: string,
  labels: Readonly<Record<string, string>>,
): JsonObject => ({
  apiVersion: `${SNAPSHOT_GROUP}/v1`,
  kind: 'VolumeSnapshot',
  metadata: { name, namespace: namespaceOf(claim), labels: { ...labelsOf(claim), ...labels } },
  spec: { source: { persistentVolumeClaimName: nameOf(claim) }, volumeSnapshotClassName: className },
});
