import { backupHookProblems } from './hooks/hook-problems.js';
import type { NameList } from './includes-excludes.js';
import { EXCLUDE_LABEL } from './namespace-filter.js';
import {
  durationProblems,
  labelSelectorProblems,
  listProblems,
  locationProblems,
  problem,
  scopedListProblems,
  type LocationFacts,
  type Problem,
} from './problem.js';
import { filterFamily } from './resource-filter.js';
import { shown } from './shown.js';
import { resolveSnapshotLocations, type SnapshotLocations } from './snapshot-locations.js';
import type { BackupSpec } from './velero.gen.js';
import { namespacePatternProblem } from './wildcard.js';

/** The ConfigMap named by spec.resourcePolicy, read by the caller. */
export interface PolicyFacts {
  readonly found: boolean;
  /** What is wrong with its content; absent means nothing. */
  readonly problems?: readonly string[];
  readonly hasIncludeExclude: boolean;
}

export interface BackupFacts {
  /** As the user wrote it, before any default. */
  readonly spec: BackupSpec;
  readonly location: LocationFacts;
  /** `namespacesExcludedByLabel` of the cluster. */
  readonly namespacesExcludedByLabel?: readonly string[];
  /** Absent where provider snapshots are not in use at all: then nothing is checked about them. */
  readonly snapshotLocations?: SnapshotLocations;
  /** Absent if the spec names no policy, or one in something else than a ConfigMap. */
  readonly policy?: PolicyFacts;
}

const SCOPED_FIELDS = [
  'includedClusterScopedResources',
  'excludedClusterScopedResources',
  'includedNamespaceScopedResources',
  'excludedNamespaceScopedResources',
] as const;

const filled = (list: NameList): boolean => (list?.length ?? 0) > 0;

const familyProblems = (spec: BackupSpec): readonly Problem[] => {
  const scoped = SCOPED_FIELDS.find((field) => filled(spec[field]));
  if (filterFamily(spec) !== 'old' || scoped === undefined) return [];
  const text =
    'cannot be used together with includedResources, excludedResources or includeClusterResources; keep one of the two sets';
  return [problem(['spec', scoped], text)];
};

/** Problems of the resource lists; while there are any, preparation leaves these lists as they are. */
export const resourceListProblems = (spec: BackupSpec): readonly Problem[] =>
  filterFamily(spec) === 'old'
    ? listProblems(spec, 'includedResources', 'excludedResources')
    : [
        ...scopedListProblems(spec, 'includedClusterScopedResources', 'excludedClusterScopedResources'),
        ...scopedListProblems(spec, 'includedNamespaceScopedResources', 'excludedNamespaceScopedResources'),
      ];

const patternProblems = (
  spec: BackupSpec,
  field: 'includedNamespaces' | 'excludedNamespaces',
): readonly Problem[] =>
  (spec[field] ?? []).flatMap((entry) => {
    const wrong = entry === '*' ? undefined : namespacePatternProblem(entry);
    return wrong === undefined ? [] : [problem(['spec', field], `"${shown(entry)}": ${wrong}`)];
  });

/** A namespace named on purpose while its label keeps it out: refused rather than silently left out. */
const labelledProblems = (spec: BackupSpec, labelled: readonly string[]): readonly Problem[] => {
  const [keptOut, excluded] = [new Set(labelled), new Set(spec.excludedNamespaces ?? [])];
  return (spec.includedNamespaces ?? [])
    .filter((name) => keptOut.has(name) && !excluded.has(name))
    .map((name) =>
      problem(
        ['spec', 'includedNamespaces'],
        `namespace "${name}" has the label ${EXCLUDE_LABEL}=true; remove the label, or do not include the namespace`,
      ),
    );
};

const namespaceProblems = (spec: BackupSpec, labelled: readonly string[]): readonly Problem[] => [
  ...listProblems(spec, 'includedNamespaces', 'excludedNamespaces'),
  ...patternProblems(spec, 'includedNamespaces'),
  ...patternProblems(spec, 'excludedNamespaces'),
  ...labelledProblems(spec, labelled),
];

const policyProblems = (spec: BackupSpec, policy: PolicyFacts | undefined): readonly Problem[] => {
  const field = ['spec', 'resourcePolicy'];
  if (!spec.resourcePolicy || !policy) return [];
  const name = shown(spec.resourcePolicy.name);
  if (!policy.found) {
    return [
      problem(
        field,
        `there is no ConfigMap "${name}" in the namespace of the backup; create it`,
        'NOT_FOUND',
      ),
    ];
  }
  const content = (policy.problems ?? []).map((text) => problem(field, `ConfigMap "${name}": ${text}`));
  const mixed =
    policy.hasIncludeExclude && filterFamily(spec) === 'old'
      ? [
          problem(
            field,
            `ConfigMap "${name}" has an includeExcludePolicy, which works with the scoped resource filters only; do not set includedResources, excludedResources or includeClusterResources`,
          ),
        ]
      : [];
  return [...content, ...mixed];
};

/**
 * Everything that keeps a backup from being started, in Velero's order; empty if it may start
 * (`prepareBackupRequest` in `pkg/controller/backup_controller.go`). Nothing stops early: all problems come at once.
 */
export const validateBackup = (facts: BackupFacts): readonly Problem[] => {
  const { spec } = facts;
  return [
    ...durationProblems(spec, ['ttl', 'csiSnapshotTimeout', 'itemOperationTimeout']),
    ...locationProblems(facts.location, 'write'),
    ...(facts.snapshotLocations ? resolveSnapshotLocations(spec, facts.snapshotLocations).problems : []),
    ...familyProblems(spec),
    ...resourceListProblems(spec),
    ...namespaceProblems(spec, facts.namespacesExcludedByLabel ?? []),
    ...labelSelectorProblems(spec),
    ...backupHookProblems(spec),
    ...policyProblems(spec, facts.policy),
  ];
};
