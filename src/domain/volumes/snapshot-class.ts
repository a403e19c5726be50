import { annotationsOf, labelsOf, nameOf, type Labels } from '../item.js';
import { textAt, type JsonObject } from '../json.js';

/** On a claim or, followed by `_` and the driver in lower case, on a Backup: which class to take. On a class as a label: take this one. */
export const SNAPSHOT_CLASS_KEY = 'velero.io/csi-volumesnapshot-class';
const IS_DEFAULT = 'snapshot.storage.kubernetes.io/is-default-class';

export interface ClassQuestion {
  readonly driver: string;
  readonly claimAnnotations: Labels;
  readonly backupAnnotations: Labels;
  /** All VolumeSnapshotClasses of the cluster. */
  readonly classes: readonly JsonObject[];
}

export type ClassChoice = { readonly className: string } | { readonly problem: string };

const annotation = (annotations: Labels, key: string): string =>
  (Object.hasOwn(annotations, key) ? annotations[key] : undefined)?.toLowerCase() ?? '';

/**
 * The VolumeSnapshotClass for a volume of one driver (`GetVolumeSnapshotClass` in `pkg/util/csi/volume_snapshot.go`): the one the claim
 * names, the one the backup names for the driver, one with the label, the default, the only one. A name that fits no class of the
 * driver gives way to the next rule. Where several fit, the first by name, so that every attempt takes the same.
 */
export const chooseSnapshotClass = (question: ClassQuestion): ClassChoice => {
  const { driver, claimAnnotations, backupAnnotations } = question;
  const ofDriver = question.classes
    .filter((one) => textAt(one, 'driver') === driver)
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const [only, ...others] = ofDriver;
  if (!only) return { problem: `there is no VolumeSnapshotClass for the driver ${driver}; create one` };
  const named = [
    annotation(claimAnnotations, SNAPSHOT_CLASS_KEY),
    annotation(backupAnnotations, `${SNAPSHOT_CLASS_KEY}_${driver.toLowerCase()}`),
  ].filter((name) => name !== '');
  const chosen =
    named.flatMap((name) => ofDriver.filter((one) => nameOf(one).toLowerCase() === name))[0] ??
    ofDriver.find((one) => Object.hasOwn(labelsOf(one), SNAPSHOT_CLASS_KEY)) ??
    ofDriver.find((one) => Object.hasOwn(annotationsOf(one), IS_DEFAULT)) ??
    (others.length === 0 ? only : undefined);
  if (chosen) return { className: nameOf(chosen) };
  const names = ofDriver.slice(0, 5).map(nameOf).join(', ');
  return {
    problem: `the driver ${driver} has several VolumeSnapshotClasses (${names}); put the label ${SNAPSHOT_CLASS_KEY} on the one to take`,
  };
};
