import { problem, type Problem } from './problem.js';
import type { BackupSpec } from './velero.gen.js';

/** The VolumeSnapshotLocations of the server's namespace, and the server's default for a provider with several. */
export interface SnapshotLocations {
  readonly existing: readonly { readonly name: string; readonly provider: string }[];
  /** By provider: the name given with `--default-volume-snapshot-locations`. */
  readonly defaults: Readonly<Record<string, string>>;
}

const FIELD = ['spec', 'volumeSnapshotLocations'];

interface Choice {
  readonly names: readonly string[];
  readonly problems: readonly Problem[];
}

const chooseFor = (provider: string, { existing, defaults }: SnapshotLocations): Choice => {
  const ours = existing.filter((location) => location.provider === provider).map(({ name }) => name);
  if (ours.length === 1) return { names: ours, problems: [] };
  const name = Object.hasOwn(defaults, provider) ? defaults[provider] : undefined;
  if (name !== undefined && ours.includes(name)) return { names: [name], problems: [] };
  const text =
    name === undefined
      ? `provider "${provider}" has several locations (${ours.join(', ')}) and no default; name one of them`
      : `the default location "${name}" of provider "${provider}" does not exist; name one of ${ours.join(', ')}`;
  return { names: [], problems: [problem(FIELD, text)] };
};

const namedProblems = (named: readonly string[], { existing }: SnapshotLocations): readonly Problem[] => {
  const takenBy = new Map<string, string>();
  return [...new Set(named)].flatMap((name) => {
    const location = existing.find((candidate) => candidate.name === name);
    if (!location) {
      return [
        problem(
          FIELD,
          `the volume snapshot location "${name}" does not exist; create it, or leave it out`,
          'NOT_FOUND',
        ),
      ];
    }
    const other = takenBy.get(location.provider);
    if (other === undefined) {
      takenBy.set(location.provider, name);
      return [];
    }
    return [
      problem(
        FIELD,
        `"${other}" and "${name}" are both of provider "${location.provider}"; keep one of them`,
      ),
    ];
  });
};

/**
 * One location for each provider: the one named, its only one, or the server's default
 * (`validateAndGetSnapshotLocations` in `pkg/controller/backup_controller.go`). `names` are what
 * spec.volumeSnapshotLocations becomes, worth nothing while there are problems. Checked even if the backup takes no
 * snapshots, as Velero does.
 */
export const resolveSnapshotLocations = (
  spec: Pick<BackupSpec, 'volumeSnapshotLocations'>,
  locations: SnapshotLocations,
): Choice => {
  const named = [...new Set(spec.volumeSnapshotLocations ?? [])];
  const wrong = namedProblems(named, locations);
  if (wrong.length > 0) return { names: named, problems: wrong };
  const covered = locations.existing
    .filter(({ name }) => named.includes(name))
    .map(({ provider }) => provider);
  const providers = [...new Set(locations.existing.map(({ provider }) => provider))].sort();
  const choices = providers
    .filter((provider) => !covered.includes(provider))
    .map((p) => chooseFor(p, locations));
  return {
    names: [...named, ...choices.flatMap(({ names }) => names)],
    problems: choices.flatMap(({ problems }) => problems),
  };
};
