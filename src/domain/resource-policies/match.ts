import { at } from '../json.js';
import { isInRange } from './capacity.js';
import type { ResourcePolicies, VolumeAction } from './policies.js';
import type { VolumeConditions } from './volume-conditions.js';
import { volumeTraits, type VolumeInput, type VolumeTraits } from './volume-traits.js';

const among = (wanted: readonly string[], text: string): boolean =>
  wanted.length === 0 || (text !== '' && wanted.includes(text));

const fitsNfs = ({ nfs }: VolumeConditions, volume: VolumeTraits): boolean => {
  if (!nfs) return true;
  if (!volume.nfs) return false;
  const { server, path } = volume.nfs;
  return (nfs.server === '' || nfs.server === server) && (nfs.path === '' || nfs.path === path);
};

const fitsCsi = ({ csi }: VolumeConditions, volume: VolumeTraits): boolean => {
  if (!csi) return true;
  if (!volume.csi) return false;
  if (csi.driver === '') return true;
  const attributes = volume.csi.volumeAttributes;
  const wanted = Object.entries(csi.volumeAttributes);
  if (csi.driver !== volume.csi.driver) return false;
  if (wanted.length > 0 && Object.keys(attributes).length === 0) return false;
  // An attribute the volume does not have counts as an empty one, as in a Go map.
  return wanted.every(([key, value]) => (at(attributes, key) ?? '') === value);
};

const fitsLabels = ({ pvcLabels }: VolumeConditions, volume: VolumeTraits): boolean =>
  Object.entries(pvcLabels).every(([key, value]) => at(volume.pvcLabels, key) === value);

const fits = (conditions: VolumeConditions, volume: VolumeTraits): boolean =>
  (!conditions.capacity || isInRange(conditions.capacity, volume.capacity)) &&
  among(conditions.storageClass, volume.storageClass) &&
  fitsNfs(conditions, volume) &&
  fitsCsi(conditions, volume) &&
  among(conditions.volumeTypes, volume.volumeType) &&
  fitsLabels(conditions, volume) &&
  among(conditions.pvcPhase, volume.pvcPhase);

/**
 * What the policies say about a volume: the action of the first one whose conditions all hold, `undefined` if there is none,
 * and the volume is treated as without policies.
 */
export const matchVolumePolicy = (
  { volumePolicies }: Pick<ResourcePolicies, 'volumePolicies'>,
  input: VolumeInput,
): VolumeAction | undefined => {
  const traits = volumeTraits(input);
  return traits && volumePolicies.find(({ conditions }) => fits(conditions, traits))?.action;
};
