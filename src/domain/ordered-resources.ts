import type { BackupSpec } from './velero.gen.js';

/** Name of one object; no namespace means cluster-scoped. */
interface OrderedName {
  readonly namespace?: string;
  readonly name: string;
}

const parseName = (text: string): OrderedName => {
  const slash = text.indexOf('/');
  return slash < 0 ? { name: text } : { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
};

/**
 * The objects of one kind that a backup takes first, in this order: `ns/b,ns/a` or, without namespace, `b,a`
 * (`getOrderedResourcesForType` in `pkg/backup/item_collector.go`). `plural` is the resource without its group, as the keys of
 * the map are. Blanks around a name are no part of it; Velero took them for one, and found nothing. Doubles count once.
 */
export const namesInOrder = (
  orderedResources: BackupSpec['orderedResources'],
  plural: string,
): readonly OrderedName[] => {
  const text = orderedResources && Object.hasOwn(orderedResources, plural) ? orderedResources[plural] : '';
  const names = (text ?? '').split(',').map((name) => name.trim());
  return [...new Set(names)].filter((name) => name !== '').map(parseName);
};
