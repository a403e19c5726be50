import { compileAny, type Matcher } from './wildcard.js';

/** A filter made of two lists of names and globs (`pkg/util/collections/includes_excludes.go`). */
export interface IncludesExcludes {
  readonly includes: readonly string[];
  readonly excludes: readonly string[];
  /** Nothing is left out: no excludes, and the includes are empty or just `*`. */
  readonly everything: boolean;
  /** Not excluded, and included: an empty include list includes all. */
  readonly shouldInclude: Matcher;
  /** Some entry of the include list matches; an empty list matches nothing. */
  readonly namedByIncludes: Matcher;
  readonly excluded: Matcher;
}

/** Lists as they stand in a spec: absent and `null` mean empty. */
export type NameList = readonly string[] | null | undefined;

/** Compiles the two lists once. An exclude always wins over an include. */
export const includesExcludes = (included: NameList, excludedNames: NameList): IncludesExcludes => {
  const includes = [...new Set(included ?? [])];
  const excludes = [...new Set(excludedNames ?? [])];
  const namedByIncludes = compileAny(includes);
  const excluded = compileAny(excludes);
  const all = includes.length === 0;
  return {
    includes,
    excludes,
    everything: excludes.length === 0 && (all || (includes.length === 1 && includes[0] === '*')),
    shouldInclude: (name) => !excluded(name) && (all || namedByIncludes(name)),
    namedByIncludes,
    excluded,
  };
};
