import { parseGoDuration, printGoDuration } from './go-duration.js';
import type { NameList } from './includes-excludes.js';
import type { Labels } from './item.js';
import { filterFamily } from './resource-filter.js';
import { resolveSnapshotLocations, type SnapshotLocations } from './snapshot-locations.js';
import { resourceListProblems } from './validate-backup.js';
import type { BackupSpec } from './velero.gen.js';

/** What the server fills in where a spec is silent; durations in milliseconds. */
export interface BackupDefaults {
  readonly ttlMs: number;
  readonly csiSnapshotTimeoutMs: number;
  readonly itemOperationTimeoutMs: number;
  readonly resourceTimeoutMs: number;
  readonly volumeGroupSnapshotLabelKey: string;
  readonly defaultVolumesToFsBackup: boolean;
  readonly snapshotMoveData: boolean;
}

export interface BackupEnvironment {
  readonly defaults: BackupDefaults;
  /** The answer of `chooseStorageLocation`. */
  readonly storageLocation: string;
  /** That name as a label value: itself up to 63 characters, else shortened with a hash. */
  readonly storageLocationLabel: string;
  readonly version: { readonly gitVersion: string; readonly major: string; readonly minor: string };
  /** `namespacesExcludedByLabel` of the cluster. */
  readonly namespacesExcludedByLabel: readonly string[];
  /** Absent where provider snapshots are not in use: the list in the spec then stays. */
  readonly snapshotLocations?: SnapshotLocations;
}

/** The completed request; its labels and annotations are merged over those of the custom resource. */
export interface BackupPreparation {
  readonly spec: BackupSpec;
  readonly labels: Labels;
  readonly annotations: Labels;
  /** How long after now the backup expires, in milliseconds. */
  readonly ttlMs: number;
}

/**
 * The location of a backup: the one it names, else the first one marked as default, else the server's
 * (`pkg/controller/backup_controller.go`).
 */
export const chooseStorageLocation = (
  spec: Pick<BackupSpec, 'storageLocation'>,
  locations: readonly { readonly name: string; readonly isDefault: boolean }[],
  serverDefault: string,
): { readonly name: string; readonly chosenByServer: boolean } =>
  spec.storageLocation
    ? { name: spec.storageLocation, chosenByServer: false }
    : { name: locations.find(({ isDefault }) => isDefault)?.name ?? serverDefault, chosenByServer: true };

/** A duration of a spec in milliseconds; absent, unreadable and zero ask for the default. */
const durationOr = (text: string | undefined, otherwise: number): number =>
  (text && parseGoDuration(text)) || otherwise;

/** Keeps the user's spelling of a duration; the default is printed as Go prints it. */
const spelled = (text: string | undefined, otherwise: number): string =>
  text && durationOr(text, 0) !== 0 ? text : printGoDuration(otherwise);

const SNAPSHOTS = 'volumesnapshots.snapshot.storage.k8s.io';
const SNAPSHOT_CONTENTS = 'volumesnapshotcontents.snapshot.storage.k8s.io';

const appended = (list: NameList, names: readonly string[]): readonly string[] => [
  ...new Set([...(list ?? []), ...names]),
];

/** A list that is `*` already excludes them; an entry beside the star would be a mistake the next time it is read. */
const excluding = (list: NameList, names: readonly string[]): readonly string[] =>
  list?.includes('*') ? list : appended(list, names);

const dropped = (list: NameList, names: readonly string[]): readonly string[] =>
  (list ?? []).filter((name) => !names.includes(name));

/** An include list without some names; a list that was not there stays away, so that specs do not grow empty lists. */
const including = (
  spec: BackupSpec,
  field: 'includedResources' | 'includedNamespaceScopedResources' | 'includedClusterScopedResources',
  names: readonly string[],
): Partial<BackupSpec> => {
  const list = spec[field];
  return list?.some((name) => names.includes(name)) ? { [field]: dropped(list, names) } : {};
};

/**
 * CSI snapshots and their contents never come in by listing: the ones this backup makes are added by the actions, and
 * others would be restored as dangling references.
 */
const withoutSnapshotKinds = (spec: BackupSpec): Partial<BackupSpec> => {
  if (resourceListProblems(spec).length > 0) return {};
  if (filterFamily(spec) === 'old') {
    const names = [SNAPSHOTS, SNAPSHOT_CONTENTS];
    return {
      ...including(spec, 'includedResources', names),
      excludedResources: excluding(spec.excludedResources, names),
    };
  }
  return {
    ...including(spec, 'includedNamespaceScopedResources', [SNAPSHOTS]),
    ...including(spec, 'includedClusterScopedResources', [SNAPSHOT_CONTENTS]),
    excludedNamespaceScopedResources: excluding(spec.excludedNamespaceScopedResources, [SNAPSHOTS]),
    excludedClusterScopedResources: excluding(spec.excludedClusterScopedResources, [SNAPSHOT_CONTENTS]),
  };
};

const withSnapshotLocations = (
  spec: BackupSpec,
  locations: SnapshotLocations | undefined,
): Partial<BackupSpec> => {
  if (!locations) return {};
  const { names, problems } = resolveSnapshotLocations(spec, locations);
  return problems.length > 0 || (names.length === 0 && !spec.volumeSnapshotLocations)
    ? {}
    : { volumeSnapshotLocations: names };
};

const withNamespaces = (spec: BackupSpec, labelled: readonly string[]): Partial<BackupSpec> => ({
  includedNamespaces: spec.includedNamespaces?.length ? spec.includedNamespaces : ['*'],
  ...(labelled.length > 0 ? { excludedNamespaces: appended(spec.excludedNamespaces, labelled) } : {}),
});

/**
 * Velero's defaulting of a backup (`prepareBackupRequest` in `pkg/controller/backup_controller.go`), to be written back
 * to the custom resource whether or not validation finds problems. Preparing a prepared spec changes nothing.
 */
export const prepareBackup = (spec: BackupSpec, env: BackupEnvironment): BackupPreparation => {
  const { defaults, version } = env;
  const fsBackup = spec.defaultVolumesToRestic === true ? true : spec.defaultVolumesToFsBackup;
  return {
    spec: {
      ...spec,
      ttl: spelled(spec.ttl, defaults.ttlMs),
      csiSnapshotTimeout: spelled(spec.csiSnapshotTimeout, defaults.csiSnapshotTimeoutMs),
      itemOperationTimeout: spelled(spec.itemOperationTimeout, defaults.itemOperationTimeoutMs),
      volumeGroupSnapshotLabelKey: spec.volumeGroupSnapshotLabelKey || defaults.volumeGroupSnapshotLabelKey,
      defaultVolumesToFsBackup: fsBackup ?? defaults.defaultVolumesToFsBackup,
      snapshotMoveData: spec.snapshotMoveData ?? defaults.snapshotMoveData,
      storageLocation: env.storageLocation,
      ...withSnapshotLocations(spec, env.snapshotLocations),
      ...withNamespaces(spec, env.namespacesExcludedByLabel),
      ...withoutSnapshotKinds(spec),
    },
    labels: { 'velero.io/storage-location': env.storageLocationLabel },
    annotations: {
      'velero.io/source-cluster-k8s-gitversion': version.gitVersion,
      'velero.io/source-cluster-k8s-major-version': version.major,
      'velero.io/source-cluster-k8s-minor-version': version.minor,
      'velero.io/resource-timeout': printGoDuration(defaults.resourceTimeoutMs),
    },
    ttlMs: durationOr(spec.ttl, defaults.ttlMs),
  };
};
