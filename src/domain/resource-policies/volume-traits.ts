import { labelsOf, type Labels } from '../item.js';
import { at, isObject, numberOf, objectAt, textAt, type JsonObject } from '../json.js';
import { NO_QUANTITY, parseQuantity, type Quantity } from '../quantity.js';

/** A volume as it can be met, by the objects that are known of it, each as the API server has it. */
export interface VolumeInput {
  /** PersistentVolume. */
  readonly persistentVolume?: JsonObject;
  /** An entry of a pod's `spec.volumes`; it counts only where there is no PersistentVolume. */
  readonly podVolume?: JsonObject;
  /** PersistentVolumeClaim; alone where it is not bound. */
  readonly claim?: JsonObject;
}

/** What conditions look at. Empty texts are traits that the volume does not have. */
export interface VolumeTraits {
  readonly capacity: Quantity;
  readonly storageClass: string;
  readonly nfs?: { readonly server: string; readonly path: string };
  readonly csi?: {
    readonly driver: string;
    readonly volumeAttributes: JsonObject;
  };
  readonly volumeType: string;
  readonly pvcLabels: Labels;
  readonly pvcPhase: string;
}

const IN_BOTH = [
  'awsElasticBlockStore',
  'azureDisk',
  'azureFile',
  'cephfs',
  'cinder',
  'csi',
  'fc',
  'flocker',
  'flexVolume',
  'gcePersistentDisk',
  'glusterfs',
  'iscsi',
  'nfs',
  'photonPersistentDisk',
  'portworxVolume',
  'quobyte',
  'rbd',
  'scaleIO',
  'storageos',
  'vsphereVolume',
  'hostPath',
];
const OF_VOLUMES = [...IN_BOTH, 'local'];
const OF_PODS = [
  ...IN_BOTH,
  'configMap',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'gitRepo',
  'projected',
  'secret',
];

/** The name a policy uses is that of the field, but for one. */
const typeOf = (source: JsonObject, fields: readonly string[]): string => {
  const field = fields.find((name) => isObject(at(source, name))) ?? '';
  return field === 'storageos' ? 'storageOS' : field;
};

const sourceTraits = (
  source: JsonObject,
  fields: readonly string[],
): Pick<VolumeTraits, 'nfs' | 'csi' | 'volumeType'> => ({
  volumeType: typeOf(source, fields),
  ...(isObject(at(source, 'nfs')) && {
    nfs: { server: textAt(source, 'nfs', 'server'), path: textAt(source, 'nfs', 'path') },
  }),
  ...(isObject(at(source, 'csi')) && {
    csi: {
      driver: textAt(source, 'csi', 'driver'),
      volumeAttributes: objectAt(source, 'csi', 'volumeAttributes'),
    },
  }),
});

/** The API server writes amounts as texts, but takes numbers too. */
const capacityOf = (volume: JsonObject): Quantity => {
  const storage = at(volume, 'spec', 'capacity', 'storage');
  const text = typeof storage === 'string' ? storage : String(numberOf(storage) ?? '');
  return parseQuantity(text) ?? NO_QUANTITY;
};

/**
 * The traits of a volume (`GetMatchAction` in `internal/resourcepolicies/resource_policies.go`). Only a PersistentVolume has
 * a capacity and a class: those that a claim wishes for, or a pod's own volume has, do not count. `undefined` if nothing is
 * known of the volume at all.
 */
export const volumeTraits = ({
  persistentVolume,
  podVolume,
  claim,
}: VolumeInput): VolumeTraits | undefined => {
  if (!persistentVolume && !podVolume && !claim) return undefined;
  const source = persistentVolume ? objectAt(persistentVolume, 'spec') : (podVolume ?? {});
  return {
    capacity: persistentVolume ? capacityOf(persistentVolume) : NO_QUANTITY,
    storageClass: persistentVolume ? textAt(source, 'storageClassName') : '',
    ...sourceTraits(source, persistentVolume ? OF_VOLUMES : OF_PODS),
    pvcLabels: claim ? labelsOf(claim) : {},
    pvcPhase: claim ? textAt(claim, 'status', 'phase') : '',
  };
};
