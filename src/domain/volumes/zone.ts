import { labelsOf } from '../item.js';
import { at, listAt, textAt, type JsonObject } from '../json.js';

const STABLE = 'topology.kubernetes.io/zone';
const FORMER = 'failure-domain.beta.kubernetes.io/zone';
const GKE = 'topology.gke.io/zone';
/** Where drivers say it that put no label on the volume, the first that is there (`pkg/backup/item_backupper.go`). */
const AFFINITY_KEYS = [
  'topology.ebs.csi.aws.com/zone',
  'topology.disk.csi.azure.com/zone',
  GKE,
  'topology.manila.csi.openstack.org/zone',
  'topology.cinder.csi.openstack.org/zone',
  STABLE,
  FORMER,
];

const zonesOf = (volume: JsonObject, key: string): readonly string[] =>
  listAt(volume, 'spec', 'nodeAffinity', 'required', 'nodeSelectorTerms').flatMap((term) =>
    listAt(term, 'matchExpressions').flatMap((expression) => {
      const fits = textAt(expression, 'key') === key && textAt(expression, 'operator') === 'In';
      const value = fits ? at(expression, 'values') : undefined;
      const [first] = Array.isArray(value) ? (value as readonly unknown[]) : [];
      return typeof first === 'string' ? [first] : [];
    }),
  );

/** The availability zone of a PersistentVolume (`zoneFromPVNodeAffinity`); empty where it does not say. */
export const zoneOf = (volume: JsonObject): string => {
  const labels = labelsOf(volume);
  const labelled = labels[STABLE] || labels[FORMER];
  if (labelled) return labelled;
  for (const key of AFFINITY_KEYS) {
    const zones = zonesOf(volume, key);
    // A regional disk of Google is in two zones, each a term of its own.
    if (zones.length > 0) return key === GKE ? zones.join('__') : (zones[0] ?? '');
  }
  return '';
};
