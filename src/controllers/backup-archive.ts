import { stringifyItem, parseItem } from '../archive/json.js';
import type { OperationLog } from '../archive/oplog.js';
import type { TarballWriter } from '../archive/tarball-writer.js';
import { apiVersionOf, groupResource, type ResourceType } from '../cluster/port.js';
import { decideItem, type ItemRules } from '../domain/item-filter.js';
import { itemKey, nameOf, namespaceOf, type ItemRef } from '../domain/item.js';
import { at, type JsonObject } from '../domain/json.js';
import { asksForHooks } from '../domain/omissions.js';
import { messageOf } from '../faults.js';
import type { BackupActions } from './backup-actions.js';

/** What has gone into the archive of one backup so far, and what has to follow. */
export interface Archived {
  /** `apps/v1/Deployment` → `ns/name`, as the resource list of the backup shows it. */
  readonly byKind: Map<string, string[]>;
  readonly groupResources: Set<string>;
  /** Where something was found, whether it was taken or not: their Namespace objects may follow. */
  readonly namespaces: Set<string>;
  /** Items named by an item that was archived; they come in although no list or selector found them. */
  readonly related: Map<string, ItemRef>;
  /** All items handled, failed ones too. */
  items: number;
  /** Pods whose annotations ask for hooks. */
  podsWithHooks: number;
}

export interface ItemArchiver {
  readonly archived: Archived;
  /** Puts one object in, unless a rule keeps it out or it is in already. True if it counts as an item of the backup. */
  add(json: Buffer, type: ResourceType, mustInclude?: boolean): Promise<boolean>;
  has(ref: ItemRef, type: ResourceType): boolean;
}

const kindKey = (object: JsonObject): string =>
  `${String(at(object, 'apiVersion'))}/${String(at(object, 'kind'))}`;

const refKey = (ref: ItemRef): string => `${ref.groupResource}|${ref.namespace ?? ''}|${ref.name}`;

/** Before anything can fail: an item that fails is still one that was handled (`pkg/backup/item_backupper.go`). */
const count = (archived: Archived, object: JsonObject, kind: string): void => {
  const [namespace, name] = [namespaceOf(object), nameOf(object)];
  archived.items += 1;
  archived.groupResources.add(kind);
  if (kind === 'pods' && asksForHooks(object)) archived.podsWithHooks += 1;
  const list = archived.byKind.get(kindKey(object));
  const entry = namespace === '' ? name : `${namespace}/${name}`;
  if (list) list.push(entry);
  else archived.byKind.set(kindKey(object), [entry]);
};

/**
 * Decides about objects and writes those that belong to the backup, as the bytes the API server sent. Only an object that
 * an action changes is written anew, through a parser that keeps every number.
 */
export const createItemArchiver = (options: {
  readonly rules: ItemRules;
  readonly actions: BackupActions;
  readonly tar: TarballWriter;
  readonly log: OperationLog;
}): ItemArchiver => {
  const { rules, actions, tar, log } = options;
  const seen = new Set<string>();
  const archived: Archived = {
    byKind: new Map(),
    groupResources: new Set(),
    namespaces: new Set(),
    related: new Map(),
    items: 0,
    podsWithHooks: 0,
  };

  const withActions = (json: Buffer, object: JsonObject, kind: string): Buffer => {
    const changed = actions.run(object, kind, () => parseItem(json).value as JsonObject);
    for (const ref of changed.related) archived.related.set(refKey(ref), ref);
    return changed.object ? stringifyItem(changed.object) : json;
  };

  return {
    archived,
    has: (ref, type) => seen.has([apiVersionOf(type), type.kind, ref.namespace ?? '', ref.name].join('|')),
    add: async (json, type, mustInclude = false) => {
      const object = JSON.parse(json.toString('utf8')) as JsonObject;
      const kind = groupResource(type);
      const namespace = namespaceOf(object);
      if (namespace !== '') archived.namespaces.add(namespace);
      if (!decideItem(object, kind, rules, mustInclude).take) return false;
      const key = itemKey(object);
      if (seen.has(key)) return false;
      seen.add(key);
      const name = nameOf(object);
      count(archived, object, kind);
      try {
        const version = String(at(object, 'apiVersion')).split('/').at(-1) ?? type.version;
        await tar.addItem({
          groupResource: kind,
          version,
          preferred: version === type.version,
          ...(namespace !== '' && { namespace }),
          name,
          json: withActions(json, object, kind),
        });
      } catch (error) {
        log.error('Error backing up item', { resource: kind, namespace, name, error: messageOf(error) });
      }
      return true;
    },
  };
};
