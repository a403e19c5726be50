import { stringifyItem, parseItem } from '../../archive/json.js';
import type { OperationLog } from '../../archive/oplog.js';
import type { TarballWriter } from '../../archive/tarball-writer.js';
import { apiVersionOf, groupResource, type ResourceType } from '../../cluster/port.js';
import { decideItem, type ItemRules } from '../../domain/item-filter.js';
import { itemKey, nameOf, namespaceOf, type ItemRef } from '../../domain/item.js';
import { at, type JsonObject } from '../../domain/json.js';
import { isFault, messageOf } from '../../faults.js';
import type { BackupActions, RelatedItem } from './actions.js';

/** What has gone into the archive of one backup so far, and what has to follow. */
export interface Archived {
  /** `apps/v1/Deployment` → `ns/name`, as the resource list of the backup shows it. */
  readonly byKind: Map<string, string[]>;
  readonly groupResources: Set<string>;
  /** Where something was found, whether it was taken or not: their Namespace objects may follow. */
  readonly namespaces: Set<string>;
  /** Items named by an item that was archived; they come in although no list or selector found them. */
  readonly related: Map<string, RelatedItem>;
  /** All items handled, failed ones too. */
  items: number;
}

/** An object that belongs to the backup. */
export interface Candidate {
  readonly json: Buffer;
  /** Parsed for looking: numbers beyond 2^53 are not exact. */
  readonly object: JsonObject;
  readonly type: ResourceType;
}

export interface ItemArchiver {
  readonly archived: Archived;
  /** The object, unless a rule keeps it out or it was taken before. */
  consider(json: Buffer, type: ResourceType, mustInclude?: boolean): Candidate | undefined;
  /** Puts one object in. True if it counts as an item of the backup, which a failed one does. */
  archive(candidate: Candidate): Promise<boolean>;
  /** Counts it as handled and leaves it out: its hooks said no. */
  leaveOut(candidate: Candidate): void;
  /** `consider` and `archive` in one. */
  add(json: Buffer, type: ResourceType, mustInclude?: boolean): Promise<boolean>;
  has(ref: ItemRef, type: ResourceType): boolean;
}

const kindKey = (object: JsonObject): string =>
  `${String(at(object, 'apiVersion'))}/${String(at(object, 'kind'))}`;

const refKey = (ref: ItemRef): string => `${ref.groupResource}|${ref.namespace ?? ''}|${ref.name}`;

const count = (archived: Archived, { object, type }: Candidate): void => {
  const [namespace, name] = [namespaceOf(object), nameOf(object)];
  archived.items += 1;
  archived.groupResources.add(groupResource(type));
  const list = archived.byKind.get(kindKey(object));
  const entry = namespace === '' ? name : `${namespace}/${name}`;
  if (list) list.push(entry);
  else archived.byKind.set(kindKey(object), [entry]);
};

const emptyArchive = (): Archived => ({
  byKind: new Map(),
  groupResources: new Set(),
  namespaces: new Set(),
  related: new Map(),
  items: 0,
});

interface Archiving {
  readonly rules: ItemRules;
  readonly actions: BackupActions;
  readonly tar: TarballWriter;
  /** Done with an object that is about to be written; what it throws keeps the object out. */
  readonly before?: (candidate: Candidate) => Promise<void>;
  readonly log: OperationLog;
}

/** What to write of one object; `undefined` if an action took it out. What it names is remembered. */
const contentOf = async (
  actions: BackupActions,
  { related }: Archived,
  { json, object, type }: Candidate,
): Promise<Buffer | undefined> => {
  const acted = await actions.run(object, groupResource(type), () => parseItem(json).value as JsonObject);
  if (acted.skip) return undefined;
  for (const one of acted.related) {
    const key = refKey(one.ref);
    const mustInclude = one.mustInclude || related.get(key)?.mustInclude === true;
    related.set(key, { ref: one.ref, mustInclude });
  }
  return acted.object ? stringifyItem(acted.object) : json;
};

/** Faults about one item stay with the item; the loss of the API server, of the scratch folder, of the event store or a stop ends the run. */
export const endsRun = (error: unknown): boolean =>
  !isFault(error) ||
  error.code === 'LB_ABORTED' ||
  error.code === 'LB_SPOOL_FAILED' ||
  error.code === 'LB_EVENTSTORE_UNREACHABLE' ||
  error.code === 'LB_EVENTSTORE_DAMAGED' ||
  error.code === 'LB_CLUSTER_UNREACHABLE';

/**
 * Decides about objects and writes those that belong to the backup, as the bytes the API server sent. Only an object that
 * an action changes is written anew, through a parser that keeps every number.
 */
export const createItemArchiver = ({ rules, actions, tar, before, log }: Archiving): ItemArchiver => {
  const seen = new Set<string>();
  const archived = emptyArchive();

  const write = async (candidate: Candidate): Promise<boolean> => {
    const { object, type } = candidate;
    const json = await contentOf(actions, archived, candidate);
    if (!json) return false;
    await before?.(candidate);
    const namespace = namespaceOf(object);
    const version = String(at(object, 'apiVersion')).split('/').at(-1) ?? type.version;
    await tar.addItem({
      groupResource: groupResource(type),
      version,
      preferred: version === type.version,
      ...(namespace !== '' && { namespace }),
      name: nameOf(object),
      json,
    });
    return true;
  };

  const consider: ItemArchiver['consider'] = (json, type, mustInclude = false) => {
    const object = JSON.parse(json.toString('utf8')) as JsonObject;
    const namespace = namespaceOf(object);
    if (namespace !== '') archived.namespaces.add(namespace);
    if (!decideItem(object, groupResource(type), rules, mustInclude).take) return undefined;
    return seen.has(itemKey(object)) ? undefined : { json, object, type };
  };
  const archive: ItemArchiver['archive'] = async (candidate) => {
    const key = itemKey(candidate.object);
    if (seen.has(key)) return false;
    seen.add(key);
    try {
      if (!(await write(candidate))) return false;
    } catch (error) {
      if (endsRun(error)) throw error;
      const { object, type } = candidate;
      const item = { resource: groupResource(type), namespace: namespaceOf(object), name: nameOf(object) };
      log.error('Error backing up item', { ...item, error: messageOf(error) });
    }
    count(archived, candidate); // one that failed was handled as well (`pkg/backup/item_backupper.go`)
    return true;
  };
  return {
    archived,
    consider,
    archive,
    leaveOut: (candidate) => {
      seen.add(itemKey(candidate.object));
      count(archived, candidate);
    },
    add: async (json, type, mustInclude) => {
      const candidate = consider(json, type, mustInclude);
      return candidate !== undefined && archive(candidate);
    },
    has: (ref, type) => seen.has([apiVersionOf(type), type.kind, ref.namespace ?? '', ref.name].join('|')),
  };
};
