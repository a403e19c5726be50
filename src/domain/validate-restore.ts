import { restoreHookProblems } from './hooks/hook-problems.js';
import {
  durationProblems,
  labelSelectorProblems,
  listProblems,
  locationProblems,
  problem,
  type LocationFacts,
  type Problem,
} from './problem.js';
import { shown } from './shown.js';
import type { RestoreSpec } from './velero.gen.js';

/** Kinds no restore may create, in the order in which Velero appends them (`pkg/controller/restore_controller.go`). */
export const NON_RESTORABLE = [
  'nodes',
  'events',
  'events.events.k8s.io',
  'backups.velero.io',
  'restores.velero.io',
  'resticrepositories.velero.io',
  'csinodes.storage.k8s.io',
  'volumeattachments.storage.k8s.io',
  'backuprepositories.velero.io',
] as const;

/** What became of the ConfigMap that spec.resourceModifier names; `problem` tells why it cannot be used. */
export interface ModifierFacts {
  readonly found: boolean;
  readonly problem?: string;
}

export interface RestoreFacts {
  /** As the user wrote it, before `prepareRestore`. */
  readonly spec: RestoreSpec;
  /** The backup to restore, named or picked from the schedule. Absent if there is none to look for. */
  readonly backup?: { readonly found: boolean; readonly name: string; readonly phase?: string };
  /** The location of that backup; absent while the backup is not found. */
  readonly location?: LocationFacts;
  /** If the spec names a schedule: how many backups it made and whether one of them is Completed. */
  readonly schedule?: { readonly backups: number; readonly hasCompleted: boolean };
  /** The ConfigMap named by spec.resourceModifier; absent if none is named. */
  readonly modifier?: ModifierFacts;
  /** Whether the server has the right to create objects; absent if nobody asked. */
  readonly mayRestore?: boolean;
}

const rightProblems = ({ mayRestore }: RestoreFacts): readonly Problem[] => {
  const text =
    'this server has no right to create objects, so it cannot restore; install it with --rbac full, or give its ServiceAccount the rights';
  return mayRestore === false ? [problem(['spec'], text)] : [];
};

const kindProblems = (spec: RestoreSpec): readonly Problem[] => [
  ...(spec.includedResources ?? [])
    .filter((name) => NON_RESTORABLE.some((kind) => kind === name))
    .map((name) => problem(['spec', 'includedResources'], `"${name}" cannot be restored; remove it`)),
  ...listProblems(spec, 'includedResources', 'excludedResources'),
];

const policyProblems = ({ existingResourcePolicy }: RestoreSpec): readonly Problem[] =>
  ['', 'none', 'update'].includes(existingResourcePolicy ?? '')
    ? []
    : [
        problem(
          ['spec', 'existingResourcePolicy'],
          `"${shown(existingResourcePolicy ?? '')}" is unknown; write none or update`,
        ),
      ];

/** Problems of the spec alone. */
export const restoreSpecProblems = (spec: RestoreSpec): readonly Problem[] => [
  ...kindProblems(spec),
  ...listProblems(spec, 'includedNamespaces', 'excludedNamespaces'),
  ...labelSelectorProblems(spec),
  ...durationProblems(spec, ['itemOperationTimeout']),
];

/** Velero 1.18 tries to restore whatever is there; what a run left behind unfinished is no backup. */
const phaseProblems = ({
  name,
  phase,
}: {
  readonly name: string;
  readonly phase?: string;
}): readonly Problem[] => {
  if (phase === undefined || phase === 'Completed' || phase === 'PartiallyFailed') return [];
  const text = `the backup "${shown(name)}" is ${phase === '' ? 'New' : phase}; restore one that is Completed or PartiallyFailed`;
  return [problem(['spec', 'backupName'], text)];
};

const sourceProblems = ({ spec, backup, location, schedule }: RestoreFacts): readonly Problem[] => {
  if (spec.scheduleName && !spec.backupName && !schedule?.hasCompleted) {
    const text =
      (schedule?.backups ?? 0) === 0
        ? `schedule "${shown(spec.scheduleName)}" has made no backups; name a backup instead`
        : `schedule "${shown(spec.scheduleName)}" has no Completed backup; name the backup you want instead`;
    return [problem(['spec', 'scheduleName'], text, 'NOT_FOUND')];
  }
  if (!backup?.found) {
    const name = shown(backup?.name ?? spec.backupName ?? '');
    return [
      problem(
        ['spec', 'backupName'],
        `the backup "${name}" does not exist; see which ones do, and name one`,
        'NOT_FOUND',
      ),
    ];
  }
  return [...phaseProblems(backup), ...(location ? locationProblems(location, 'read') : [])];
};

const modifierProblems = ({ spec, modifier }: RestoreFacts): readonly Problem[] => {
  const ref = spec.resourceModifier;
  // Another kind is passed over, as Velero does (`pkg/controller/restore_controller.go`).
  if (ref?.kind.toLowerCase() !== 'configmap') return [];
  const field = ['spec', 'resourceModifier'];
  if (!modifier?.found) {
    return [
      problem(
        field,
        `there is no ConfigMap "${shown(ref.name)}" in the namespace of the restore; create it`,
        'NOT_FOUND',
      ),
    ];
  }
  return modifier.problem === undefined
    ? []
    : [problem(field, `ConfigMap "${shown(ref.name)}": ${modifier.problem}`)];
};

/**
 * Everything that keeps a restore from being started; empty if it may start (`validateAndComplete` in
 * `pkg/controller/restore_controller.go`). Without exactly one source, and without a usable one, the later checks
 * mean nothing and are left out. Unlike in Velero 1.18 the backup must have ended; a partly failed one will do.
 */
export const validateRestore = (facts: RestoreFacts): readonly Problem[] => {
  const { spec } = facts;
  const first = [...rightProblems(facts), ...restoreSpecProblems(spec)];
  if (Boolean(spec.backupName) === Boolean(spec.scheduleName)) {
    const text = 'name either a backup or a schedule, and not both';
    return [...first, problem(['spec', 'backupName'], text)];
  }
  const second = [...first, ...restoreHookProblems(spec), ...policyProblems(spec)];
  const source = sourceProblems(facts);
  return source.length > 0 ? [...second, ...source] : [...second, ...modifierProblems(facts)];
};
