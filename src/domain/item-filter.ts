import { labelsOf, namespaceOf } from './item.js';
import { at, type JsonObject } from './json.js';
import { isExcludedByLabel, type NamespaceSelection } from './namespace-filter.js';
import type { ResourceSelection } from './resource-filter.js';

/** Why an object stays out of a backup. */
export type SkipReason = 'EXCLUDE_LABEL' | 'NAMESPACE' | 'KIND' | 'TERMINATING';

export type ItemDecision = { readonly take: true } | { readonly take: false; readonly because: SkipReason };

const TAKE: ItemDecision = { take: true };
const skip = (because: SkipReason): ItemDecision => ({ take: false, because });

export interface ItemRules {
  readonly resources: Pick<ResourceSelection, 'lists' | 'allowsAdditional'>;
  readonly namespaces: Pick<NamespaceSelection, 'includes'>;
}

/**
 * Whether one object is archived (`pkg/backup/item_backupper.go`). `mustInclude` is for what an action insists on, and
 * for the second look when a backup is finalized: it passes every filter but is still refused while terminating.
 * Label selectors do not count here, since additional items come in without matching them; nor does a second
 * sight of the same object, which the caller knows by `itemKey`.
 */
export const decideItem = (
  object: JsonObject,
  groupResource: string,
  rules: ItemRules,
  mustInclude = false,
): ItemDecision => {
  if (!mustInclude) {
    const namespace = namespaceOf(object);
    if (isExcludedByLabel(labelsOf(object))) return skip('EXCLUDE_LABEL');
    if (namespace !== '') {
      if (!rules.namespaces.includes(namespace)) return skip('NAMESPACE');
      if (!rules.resources.lists(groupResource)) return skip('KIND');
    } else if (groupResource !== 'namespaces' && !rules.resources.allowsAdditional(groupResource)) {
      return skip('KIND');
    }
  }
  const deletion = at(object, 'metadata', 'deletionTimestamp');
  return deletion === undefined || deletion === null ? TAKE : skip('TERMINATING');
};
