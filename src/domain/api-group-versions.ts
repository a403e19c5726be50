import { shown } from './shown.js';

/** The versions of one resource: those in an archive and those of the cluster it is restored to. Plain names (`v1`), in any order. */
export interface ResourceVersions {
  readonly archived: readonly string[];
  /** The one the cluster of the backup preferred; absent if the archive has no copy under it. */
  readonly archivedPreferred: string | undefined;
  /** Empty if the cluster does not serve the resource (yet). */
  readonly served: readonly string[];
  readonly servedPreferred: string | undefined;
  /** The operator's, the most wanted first. */
  readonly wanted: readonly string[];
}

export interface ChosenVersion {
  /** Absent if there is no reason to leave the copy that has no version in its path. */
  readonly version: string | undefined;
  readonly because:
    'wanted' | 'preferred here' | 'preferred at the backup' | 'in common' | 'nothing in common';
}

const rank = (version: string): readonly [stage: number, major: number, minor: number] => {
  const [, major, stage, minor] = /^v([0-9]+)(?:(alpha|beta)([0-9]+))?$/.exec(version) ?? [];
  if (major === undefined) return [0, 0, 0];
  return [stage === undefined ? 3 : stage === 'beta' ? 2 : 1, Number(major), Number(minor ?? 0)];
};

/**
 * Order of versions in Kubernetes, for `sort`: GA before beta before alpha, higher numbers first; names that are no versions
 * last, by letter.
 */
export const byVersionPriority = (a: string, b: string): number => {
  const [left, right] = [rank(a), rank(b)];
  const first = left.findIndex((part, i) => part !== right[i]);
  if (first !== -1) return (right[first] ?? 0) - (left[first] ?? 0);
  if (a === b) return 0;
  return a < b ? -1 : 1;
};

/**
 * Which of the archived versions of a resource is restored (`pkg/restore/prioritize_group_version.go`): one the operator
 * wants, the one this cluster prefers, the one that was preferred at the backup, the highest that both know; at last the
 * preferred one of the backup, whatever this cluster says to it. Velero looks at the versions of the whole group, and passes
 * over the highest of both when it looks for one in common; here only what is served of the resource itself counts.
 */
export const chooseVersion = (versions: ResourceVersions): ChosenVersion => {
  const { archived, archivedPreferred, served, servedPreferred, wanted } = versions;
  const common = archived.filter((version) => served.includes(version)).sort(byVersionPriority);
  const known = (version: string | undefined): version is string =>
    version !== undefined && common.includes(version);
  const first = wanted.find(known);
  if (first !== undefined) return { version: first, because: 'wanted' };
  if (known(servedPreferred)) return { version: servedPreferred, because: 'preferred here' };
  if (known(archivedPreferred)) return { version: archivedPreferred, because: 'preferred at the backup' };
  const [highest] = common;
  if (highest !== undefined) return { version: highest, because: 'in common' };
  return { version: archivedPreferred, because: 'nothing in common' };
};

export interface VersionPriorities {
  /** By group resource (`yachts.lab.example`), the most wanted version first. */
  readonly wanted: ReadonlyMap<string, readonly string[]>;
  /** One for each line that was passed over: which, what is wrong, how to write it. Of many the last one says how many more. */
  readonly problems: readonly string[];
}

/** So much of a line that cannot be read is shown. */
const SHOWN = 80;
/** Each is a line in the log of every restore. */
const MOST_PROBLEMS = 20;

/**
 * Reads the operator's priorities (`restoreResourcesVersionPriority` in the ConfigMap `enableapigroupversions`), a resource a
 * line: `yachts.lab.example=v2,v1`. White space means nothing, of two lines about one resource the later counts, and a line
 * that cannot be read is passed over.
 */
export const readVersionPriorities = (text: string): VersionPriorities => {
  const wanted = new Map<string, readonly string[]>();
  const problems: string[] = [];
  let untold = 0;
  for (const [index, line] of text.split('\n').entries()) {
    const bare = line.replace(/\s/g, '');
    if (bare === '') continue;
    const [resource = '', versions = '', ...more] = bare.split('=');
    if (resource !== '' && versions !== '' && more.length === 0) wanted.set(resource, versions.split(','));
    else if (problems.length === MOST_PROBLEMS) untold += 1;
    else
      problems.push(
        `line ${index + 1} ("${shown(bare, SHOWN)}") does not name one resource and its versions; write resource.group=v2,v1`,
      );
  }
  if (untold > 0) problems.push(`${untold} more lines do not, either`);
  return { wanted, problems };
};
