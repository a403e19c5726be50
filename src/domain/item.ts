import { objectAt, textAt, type JsonObject } from './json.js';

/** One object by kind and name. `groupResource` is `pods` or `deployments.apps`; cluster-scoped ones have no namespace. */
export interface ItemRef {
  readonly groupResource: string;
  readonly namespace?: string;
  readonly name: string;
}

export type Labels = Readonly<Record<string, string>>;

/** A reference whose namespace may be empty, which means cluster-scoped. */
export const itemRef = (groupResource: string, namespace: string, name: string): ItemRef =>
  namespace === '' ? { groupResource, name } : { groupResource, namespace, name };

export const nameOf = (object: JsonObject): string => textAt(object, 'metadata', 'name');
/** Empty for a cluster-scoped object. */
export const namespaceOf = (object: JsonObject): string => textAt(object, 'metadata', 'namespace');

/** Under which name the API server has the object. */
export const refOf = (object: JsonObject): { readonly name: string; readonly namespace?: string } => {
  const namespace = namespaceOf(object);
  return { name: nameOf(object), ...(namespace !== '' && { namespace }) };
};

/** `pods/shop/db`, as people read it. */
export const printItem = (groupResource: string, object: JsonObject): string =>
  [groupResource, namespaceOf(object), nameOf(object)].filter((part) => part !== '').join('/');

const texts = (map: JsonObject): Labels =>
  Object.fromEntries(
    Object.entries(map).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );

export const labelsOf = (object: JsonObject): Labels => texts(objectAt(object, 'metadata', 'labels'));
export const annotationsOf = (object: JsonObject): Labels =>
  texts(objectAt(object, 'metadata', 'annotations'));

/**
 * The identity under which a run takes an object once only. API version and kind take part, so the same object
 * served in two groups is two (`pkg/backup/backed_up_items_map.go`).
 */
export const itemKey = (object: JsonObject): string =>
  [textAt(object, 'apiVersion'), textAt(object, 'kind'), namespaceOf(object), nameOf(object)].join('|');
