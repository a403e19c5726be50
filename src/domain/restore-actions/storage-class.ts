import { listAt, mapList, put, textAt, type JsonObject } from '../json.js';
import { forKinds, isRefusedLookUp, type PureRestoreItemAction, type StorageClassChanges } from './action.js';

const isStatefulSet = (object: JsonObject): boolean => textAt(object, 'kind') === 'StatefulSet';

const CLASS = ['spec', 'storageClassName'];
const TEMPLATES = ['spec', 'volumeClaimTemplates'];

const replacement = (map: StorageClassChanges['map'], name: string): string | undefined =>
  name !== '' && Object.hasOwn(map, name) ? map[name] : undefined;

/** The new classes that an object would get; those have to exist. */
export const newStorageClasses = (object: JsonObject, map: StorageClassChanges['map']): readonly string[] => {
  const holders = isStatefulSet(object) ? listAt(object, ...TEMPLATES) : [object];
  const names = holders.map((holder) => replacement(map, textAt(holder, ...CLASS)));
  return [...new Set(names)].filter((name) => name !== undefined);
};

/**
 * `pkg/restore/actions/change_storageclass_action.go`: volumes, claims and the claim templates of stateful sets get the class
 * their old one is mapped to; one that does not exist is an error of the item, since its volume would never come.
 */
export const changeStorageClass: PureRestoreItemAction = {
  name: 'velero.io/change-storage-class',
  appliesTo: forKinds('persistentvolumeclaims', 'persistentvolumes', 'statefulsets.apps'),
  execute: ({ object, storageClasses }) => {
    if (!storageClasses) return {};
    if (isRefusedLookUp(storageClasses)) return { error: storageClasses.problem };
    const { map, existing } = storageClasses;
    const missing = newStorageClasses(object, map).find((name) => !existing.has(name));
    if (missing !== undefined) {
      return {
        error: `the storage class "${missing}" does not exist; create it, or correct the ConfigMap that names it`,
      };
    }
    const changed = (holder: JsonObject): JsonObject => {
      const name = replacement(map, textAt(holder, ...CLASS));
      return name === undefined ? holder : put(holder, CLASS, name);
    };
    return { object: isStatefulSet(object) ? mapList(object, TEMPLATES, changed) : changed(object) };
  },
};
