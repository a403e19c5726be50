import { includesExcludes, type IncludesExcludes, type NameList } from './includes-excludes.js';
import type { KindResolver } from './resource-kinds.js';

/**
 * The two lists of kinds of a restore, of its hooks or of its status. Names become group resources where the cluster knows them,
 * others stay and may act as globs; a star among the excludes is passed over (`getResourceIncludesExcludes` in `pkg/util/collections/includes_excludes.go`).
 */
export const kindFilter = (
  lists: { readonly includedResources?: NameList; readonly excludedResources?: NameList },
  resolve: KindResolver,
): IncludesExcludes => {
  const names = (list: NameList): readonly string[] => (list ?? []).map((name) => resolve(name) ?? name);
  const excludes = names(lists.excludedResources).filter((name) => name !== '*');
  return includesExcludes(names(lists.includedResources), excludes);
};
