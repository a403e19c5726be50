import { labelsOf } from '../domain/item.js';
import { at, isObject, put, textAt, type JsonObject } from '../domain/json.js';

const DRIVER = 'ebs.csi.aws.com';
const VOLUME_ID = /vol-[^/]+$/;
/** Of the in-tree driver; where a volume bears it, its id is written with the zone in front (`velero-plugin-for-aws/volume_snapshotter.go`). */
const FORMER_ZONE = 'failure-domain.beta.kubernetes.io/zone';

/** `vol-1` of `aws://eu-west-1a/vol-1`, `vol-1`, or the handle of the driver of EBS; undefined for a volume of another kind. */
export const ebsVolumeIdOf = (volume: JsonObject): string | undefined => {
  const ofCsi = textAt(volume, 'spec', 'csi', 'driver') === DRIVER;
  const id = ofCsi
    ? textAt(volume, 'spec', 'csi', 'volumeHandle')
    : textAt(volume, 'spec', 'awsElasticBlockStore', 'volumeID');
  return VOLUME_ID.exec(id)?.[0];
};

/** A volume that is none of EBS stays as it is. */
export const withEbsVolumeId = (volume: JsonObject, volumeId: string): JsonObject => {
  if (textAt(volume, 'spec', 'csi', 'driver') === DRIVER)
    return put(volume, ['spec', 'csi', 'volumeHandle'], volumeId);
  if (!isObject(at(volume, 'spec', 'awsElasticBlockStore'))) return volume;
  const zone = labelsOf(volume)[FORMER_ZONE];
  const id = zone === undefined || zone === '' ? volumeId : `aws://${zone}/${volumeId}`;
  return put(volume, ['spec', 'awsElasticBlockStore', 'volumeID'], id);
};
