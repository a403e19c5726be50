import type { Cluster } from '../../cluster/port.js';
import { listObjects } from '../../controllers/volumes/listed-objects.js';
import { snapshotKindsOf } from '../../controllers/volumes/snapshot-kinds.js';
import { textAt } from '../../domain/json.js';
import { VOLUMES } from '../../domain/known-kinds.js';
import type { VolumeSnapshotLocation } from '../../domain/velero.gen.js';
import { chooseSnapshotClass } from '../../domain/volumes/snapshot-class.js';
import type { SnapshotterOpener } from '../../locations.js';
import { fail, ok, warn, type Finding } from './finding.js';

/** Whether snapshots can be taken through a location, as far as its settings and Secret say. Nothing is sent to the provider. */
export const checkSnapshotLocation = async (
  { spec }: VolumeSnapshotLocation,
  openSnapshotter: SnapshotterOpener,
): Promise<Finding> => {
  if (!spec) return fail('spec is empty', 'name a provider and the region of the volumes');
  await openSnapshotter(spec);
  const { provider, config } = spec;
  return ok(`provider ${provider}, region ${config?.['region'] ?? ''}`);
};

const WAYS_OUT = 'or have volumes of this driver copied by the file system (--default-volumes-to-fs-backup)';

/** The drivers that have volumes in the cluster. */
const driversInUse = async (cluster: Cluster, signal: AbortSignal): Promise<readonly string[]> => {
  const drivers = new Set<string>();
  for await (const page of cluster.list(VOLUMES, { signal }))
    for (const item of page.items) {
      const driver = textAt(JSON.parse(item.toString('utf8')), 'spec', 'csi', 'driver');
      if (driver !== '') drivers.add(driver);
    }
  return [...drivers].sort();
};

/** Which VolumeSnapshotClass a backup takes for each CSI driver that has volumes, where neither claim nor backup names one. */
export const checkSnapshotClasses = async (cluster: Cluster, signal: AbortSignal): Promise<Finding> => {
  const drivers = await driversInUse(cluster, signal);
  if (drivers.length === 0) return ok('no volume of a CSI driver is there');
  const kinds = snapshotKindsOf((await cluster.discover(signal)).resources);
  if (!kinds)
    return warn(
      `the cluster takes no snapshots, and has volumes of ${drivers.join(', ')}: their data is in no backup`,
      `install the snapshot controller with its definitions, ${WAYS_OUT}`,
    );
  const classes = await listObjects({ cluster, signal }, kinds.classes);
  const choices = drivers.map((driver) => ({
    driver,
    ...chooseSnapshotClass({ driver, classes, claimAnnotations: {}, backupAnnotations: {} }),
  }));
  const problems = choices.flatMap((choice) => ('problem' in choice ? [choice.problem] : []));
  if (problems.length > 0) return warn(problems.join('; '), `see to the classes, ${WAYS_OUT}`);
  return ok(
    choices
      .map((choice) => `${choice.driver} by ${'className' in choice ? choice.className : ''}`)
      .join(', '),
  );
};
