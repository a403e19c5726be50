import { at, type JsonObject } from '../json.js';
import { parseCapacity, type CapacityRange } from './capacity.js';
import { readFields, readText, readTextMap, readTexts, under, type Tell } from './document.js';

/** Every condition has to hold; one that is absent always does, and so does an empty list or map. */
export interface VolumeConditions {
  readonly capacity?: CapacityRange;
  readonly storageClass: readonly string[];
  /** Any NFS volume; with a text only one of that server or path. */
  readonly nfs?: { readonly server: string; readonly path: string };
  /** Any CSI volume; with a driver only one of that driver, which has all the attributes. */
  readonly csi?: {
    readonly driver: string;
    readonly volumeAttributes: Readonly<Record<string, string>>;
  };
  /** Names of volume sources as in `volumeTypeOf`; other names fit no volume. */
  readonly volumeTypes: readonly string[];
  readonly pvcLabels: Readonly<Record<string, string>>;
  readonly pvcPhase: readonly string[];
}

const FIELDS = ['capacity', 'storageClass', 'nfs', 'csi', 'volumeTypes', 'pvcLabels', 'pvcPhase'];

/** An empty map is a condition, null is none: so does Velero's reader. */
const isGiven = (holder: JsonObject, key: string): boolean => (at(holder, key) ?? undefined) !== undefined;

const readCapacity = (
  conditions: JsonObject,
  path: string,
  tell: Tell,
): Pick<VolumeConditions, 'capacity'> => {
  const range = parseCapacity(readText(conditions, 'capacity', path, tell));
  if (typeof range !== 'string') return { capacity: range };
  tell(under(path, 'capacity'), range);
  return {};
};

const readNfs = (conditions: JsonObject, path: string, tell: Tell): Pick<VolumeConditions, 'nfs'> => {
  if (!isGiven(conditions, 'nfs')) return {};
  const here = under(path, 'nfs');
  const nfs = readFields(at(conditions, 'nfs'), here, ['server', 'path'], tell);
  return { nfs: { server: readText(nfs, 'server', here, tell), path: readText(nfs, 'path', here, tell) } };
};

const readCsi = (conditions: JsonObject, path: string, tell: Tell): Pick<VolumeConditions, 'csi'> => {
  if (!isGiven(conditions, 'csi')) return {};
  const here = under(path, 'csi');
  const csi = readFields(at(conditions, 'csi'), here, ['driver', 'volumeAttributes'], tell);
  const driver = readText(csi, 'driver', here, tell);
  const filters = isGiven(csi, 'volumeAttributes');
  if (filters && driver === '')
    tell(here, 'has volumeAttributes without a driver; name the driver they belong to');
  return {
    csi: { driver, volumeAttributes: filters ? readTextMap(csi, 'volumeAttributes', here, tell) : {} },
  };
};

/** Reads the conditions of one volume policy (`internal/resourcepolicies/volume_resources.go`). */
export const readConditions = (value: unknown, path: string, tell: Tell): VolumeConditions => {
  const conditions = readFields(value, path, FIELDS, tell);
  return {
    ...readCapacity(conditions, path, tell),
    ...readNfs(conditions, path, tell),
    ...readCsi(conditions, path, tell),
    storageClass: readTexts(conditions, 'storageClass', path, tell),
    volumeTypes: readTexts(conditions, 'volumeTypes', path, tell),
    pvcLabels: readTextMap(conditions, 'pvcLabels', path, tell),
    pvcPhase: readTexts(conditions, 'pvcPhase', path, tell),
  };
};
