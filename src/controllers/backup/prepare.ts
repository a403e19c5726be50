import type { PreparedBackup } from '../../domain/backup-facts.js';
import { namespacesExcludedByLabel, type ExistingNamespace } from '../../domain/namespace-filter.js';
import { chooseStorageLocation, prepareBackup, type BackupDefaults } from '../../domain/prepare-backup.js';
import { printProblems } from '../../domain/problem.js';
import { validateBackup, type PolicyFacts } from '../../domain/validate-backup.js';
import type { BackupSpec, BackupStorageLocation, VolumeSnapshotLocation } from '../../domain/velero.gen.js';
import type { BackupSession } from './session.js';
import { labelValue } from '../label-value.js';
import { listNamespaces } from '../namespaces.js';
import type { ControllerConfig, ControllerPorts } from '../ports.js';
import { loadResourcePolicy } from '../resource-policy.js';
import { timestamp } from '../../domain/timestamp.js';

/** Velero has no flag for it (`pkg/cmd/server/config/config.go`). */
export const CSI_SNAPSHOT_TIMEOUT_MS = 600_000;

const defaultsOf = (config: ControllerConfig): BackupDefaults => ({
  ttlMs: config.backupTtl,
  csiSnapshotTimeoutMs: CSI_SNAPSHOT_TIMEOUT_MS,
  itemOperationTimeoutMs: config.itemOperationTimeout,
  resourceTimeoutMs: config.resourceTimeout,
  volumeGroupSnapshotLabelKey: config.volumeGroupSnapshotLabelKey,
  defaultVolumesToFsBackup: config.defaultVolumesToFsBackup,
  snapshotMoveData: config.defaultSnapshotMoveData,
});

interface Surroundings {
  readonly locations: readonly BackupStorageLocation[];
  readonly snapshotLocations: readonly VolumeSnapshotLocation[];
  readonly namespaces: readonly ExistingNamespace[];
  readonly version: { readonly gitVersion: string; readonly major: string; readonly minor: string };
}

const lookAround = async (ports: ControllerPorts, signal: AbortSignal): Promise<Surroundings> => {
  const [locations, snapshotLocations, namespaces, version] = await Promise.all([
    ports.resources.list('BackupStorageLocation', signal),
    ports.resources.list('VolumeSnapshotLocation', signal),
    listNamespaces(ports.cluster, signal),
    ports.cluster.version(signal),
  ]);
  return { locations, snapshotLocations, namespaces, version };
};

const policyFacts = async (
  ports: ControllerPorts,
  ref: BackupSpec['resourcePolicy'],
  signal: AbortSignal,
): Promise<PolicyFacts | undefined> => {
  const home = { cluster: ports.cluster, namespace: ports.resources.namespace };
  const loaded = await loadResourcePolicy(home, ref, signal);
  if (!loaded) return undefined;
  return {
    found: loaded.found,
    ...('problems' in loaded && { problems: loaded.problems }),
    hasIncludeExclude: 'policies' in loaded && loaded.policies.includeExclude !== undefined,
  };
};

/**
 * What the server makes of a request at the moment it starts: the spec with its defaults, and every problem that keeps it
 * from starting. Done at the start and not at intake, so that a backup that waited is judged by the cluster it will see.
 */
export const prepareBackupStart = async (
  ports: ControllerPorts,
  session: BackupSession,
  signal: AbortSignal,
): Promise<{ readonly prepared: PreparedBackup; readonly problems: readonly string[] }> => {
  const { config } = ports;
  const spec = session.row?.spec ?? {};
  const around = await lookAround(ports, signal);
  const policy = await policyFacts(ports, spec.resourcePolicy, signal);
  const chosen = chooseStorageLocation(
    spec,
    around.locations.map(({ metadata, spec: location }) => ({
      name: metadata.name,
      isDefault: location?.default === true,
    })),
    config.defaultBackupStorageLocation,
  );
  const location = around.locations.find(({ metadata }) => metadata.name === chosen.name);
  const labelled = namespacesExcludedByLabel(around.namespaces);
  const snapshotLocations = {
    existing: around.snapshotLocations.map((one) => ({
      name: one.metadata.name,
      provider: one.spec?.provider ?? '',
    })),
    defaults: config.defaultVolumeSnapshotLocations,
  };
  const problems = validateBackup({
    spec,
    location: {
      found: location !== undefined,
      ...chosen,
      ...(location?.status?.phase !== undefined && { phase: location.status.phase }),
      ...(location?.spec?.accessMode !== undefined && { accessMode: location.spec.accessMode }),
    },
    namespacesExcludedByLabel: labelled,
    snapshotLocations,
    ...(policy && { policy }),
  });
  const prepared = prepareBackup(spec, {
    defaults: defaultsOf(config),
    storageLocation: chosen.name,
    storageLocationLabel: labelValue(chosen.name),
    version: around.version,
    namespacesExcludedByLabel: labelled,
    snapshotLocations,
  });
  const expiresAt = timestamp(new Date(ports.clock().getTime() + prepared.ttlMs));
  return {
    prepared: { spec: prepared.spec, labels: prepared.labels, annotations: prepared.annotations, expiresAt },
    problems: printProblems(problems),
  };
};
