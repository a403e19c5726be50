import { type ObjectRef, type ResourceType } from './port.js';

/** What of a type a path tells. */
type Kind = Pick<ResourceType, 'group' | 'version' | 'resource'>;

/** `/api/v1/namespaces/shop/pods`: where objects of a type are listed and created. */
export const collectionPath = (type: Kind, namespace: string | undefined): string => {
  const root =
    type.group === ''
      ? `/api/${encodeURIComponent(type.version)}`
      : `/apis/${encodeURIComponent(type.group)}/${encodeURIComponent(type.version)}`;
  const inside = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}${inside}/${encodeURIComponent(type.resource)}`;
};

/**
 * Path of one object; `undefined` for a name no object can have (Kubernetes' `ValidatePathSegmentName`). It must never be sent:
 * an empty name makes a DELETE of one object a DELETE of all of them, and dots lead elsewhere.
 */
export const objectPath = (type: Kind, ref: ObjectRef): string | undefined => {
  const names = ref.namespace === undefined ? [ref.name] : [ref.namespace, ref.name];
  if (names.some((name) => name === '' || name === '.' || name === '..' || /[/%]/.test(name)))
    return undefined;
  return `${collectionPath(type, ref.namespace)}/${encodeURIComponent(ref.name)}`;
};
