import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Backup } from '../domain/velero.gen.js';
import { Fault, messageOf } from '../faults.js';
import { MAX_FILE_BYTES } from './bounded.js';
import { goJson, parseItem, type Json } from './json.js';
import type {
  BackupItemOperation,
  BackupVolumeInfo,
  CsiSnapshotContent,
  NativeSnapshot,
  PodVolumeBackupObject,
  ResourceList,
  RestoreItemOperation,
  RestoreOutcome,
  RestoreVolumeInfo,
  Results,
  ResultScopes,
} from './sidecar-types.js';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

const damaged = (name: string, detail: string): Fault =>
  // Never with the parser's own message: it quotes the text of the file.
  new Fault('LB_BACKUP_FILE_DAMAGED', `${name}: ${detail}`);

const parseJson = (bytes: Buffer, name: string): Json => {
  try {
    return parseItem(bytes).value;
  } catch {
    throw damaged(name, 'it is not JSON');
  }
};

/** zlib's own limit, so that a small file cannot fill the memory. */
const unzip = async (bytes: Uint8Array, name: string): Promise<Buffer> => {
  try {
    return await decompress(bytes, { maxOutputLength: MAX_FILE_BYTES, chunkSize: 1 << 18 });
  } catch (error) {
    throw damaged(name, messageOf(error));
  }
};

const readJson = async (bytes: Uint8Array, name: string): Promise<Json> =>
  parseJson(await unzip(bytes, name), name);

type JsonObject = Readonly<Record<string, Json>>;

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const gzJson = (value: unknown, order: 'sorted' | 'given' = 'given'): Promise<Buffer> =>
  compress(`${goJson(value, { order })}\n`);

/*
 * All of the decoders take the bytes as they lie in the bucket and the name of the file for messages. A file that cannot be
 * unzipped, unpacks to more than 256 MiB or is not what it should be is `LB_BACKUP_FILE_DAMAGED`. A file that is not there is the
 * caller's matter: old backups lack some.
 */

/** A list of objects; `null` is an empty one. Fields nobody knows are kept as they are. */
const readList = async (bytes: Uint8Array, name: string): Promise<readonly JsonObject[]> => {
  const value = await readJson(bytes, name);
  if (value === null) return [];
  if (!Array.isArray(value)) throw damaged(name, 'it is not a list');
  const items = value as readonly Json[];
  if (!items.every(isObject)) throw damaged(name, 'an element is not an object');
  return items;
};

/** A list whose elements have objects at these keys; what is deeper is taken on trust, as Go's decoder does with missing fields. */
const readTyped = async <T>(
  bytes: Uint8Array,
  name: string,
  objects: readonly string[],
): Promise<readonly T[]> => {
  const items = await readList(bytes, name);
  for (const item of items) {
    const missing = objects.find((key) => !isObject(item[key]));
    if (missing !== undefined) throw damaged(name, `an element has no ${missing}`);
  }
  return items as unknown as readonly T[];
};

/** velero-backup.json: not compressed, two spaces a level, no line feed at the end (`pkg/util/encode/encode.go`). */
export const encodeBackupMetadata = (backup: Backup): Buffer =>
  Buffer.from(
    goJson(backup, {
      indent: true,
      order: 'given',
      first: ['kind', 'apiVersion', 'metadata', 'spec', 'status'],
    }),
  );

/** Anything but a `velero.io/v1` Backup with a name is `LB_BACKUP_FILE_DAMAGED`, as for all files here. */
export const decodeBackupMetadata = (bytes: Uint8Array, name: string): Backup => {
  const value = parseJson(Buffer.from(bytes), name);
  if (!isObject(value) || value.kind !== 'Backup' || value.apiVersion !== 'velero.io/v1') {
    throw damaged(name, 'it is not a velero.io/v1 Backup');
  }
  if (!isObject(value.metadata) || typeof value.metadata.name !== 'string' || value.metadata.name === '') {
    throw damaged(name, 'the Backup has no name');
  }
  return value as unknown as Backup;
};

const texts = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? (value as readonly Json[]).filter((text) => typeof text === 'string') : [];

const sortedMap = <V>(map: Readonly<Record<string, V>>): Readonly<Record<string, V>> =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));

/** The three scopes in the order of Velero's type; an empty one is left out. */
const scopes = ({ velero, cluster, namespaces }: ResultScopes): ResultScopes => {
  const named = Object.entries(namespaces ?? {}).filter(([, list]) => list.length > 0);
  return {
    ...(velero && velero.length > 0 ? { velero } : {}),
    ...(cluster && cluster.length > 0 ? { cluster } : {}),
    ...(named.length > 0 ? { namespaces: sortedMap(Object.fromEntries(named)) } : {}),
  };
};

const readScopes = (value: Json | undefined): ResultScopes => {
  if (!isObject(value)) return {};
  const namespaces = isObject(value.namespaces) ? value.namespaces : {};
  return scopes({
    velero: texts(value.velero),
    cluster: texts(value.cluster),
    namespaces: Object.fromEntries(Object.entries(namespaces).map(([name, list]) => [name, texts(list)])),
  });
};

export const encodeResults = ({ errors, warnings }: Results): Promise<Buffer> =>
  gzJson({ errors: scopes(errors), warnings: scopes(warnings) });

export const decodeResults = async (bytes: Uint8Array, name: string): Promise<Results> => {
  const value = await readJson(bytes, name);
  if (value !== null && !isObject(value)) throw damaged(name, 'it is not an object');
  return { errors: readScopes(value?.errors), warnings: readScopes(value?.warnings) };
};

/** An entry of a resource list: `shop/web`, `shop` for what is cluster-scoped, with `(created)` behind it in a restore's list. */
export const resourceListEntry = (
  item: { readonly namespace?: string; readonly name: string },
  outcome?: RestoreOutcome,
): string => {
  const name =
    item.namespace === undefined || item.namespace === '' ? item.name : `${item.namespace}/${item.name}`;
  return outcome === undefined ? name : `${name}(${outcome})`;
};

/** Takes an entry apart; the outcome is absent in a backup's list. */
export const parseResourceListEntry = (
  entry: string,
): { readonly namespace?: string; readonly name: string; readonly outcome?: RestoreOutcome } => {
  const [, full = entry, outcome] = /^(.*)\((created|updated|failed|skipped)\)$/s.exec(entry) ?? [];
  const slash = full.indexOf('/');
  return {
    ...(slash < 0 ? {} : { namespace: full.slice(0, slash) }),
    name: full.slice(slash + 1),
    ...(outcome === undefined ? {} : { outcome: outcome as RestoreOutcome }),
  };
};

/** Keys and entries are sorted here (`pkg/backup/backed_up_items_map.go`, `pkg/restore/request.go`). */
export const encodeResourceList = (
  list: ResourceList | ReadonlyMap<string, readonly string[]>,
): Promise<Buffer> => {
  const kinds =
    list instanceof Map
      ? [...(list as ReadonlyMap<string, readonly string[]>)]
      : Object.entries(list as ResourceList);
  return gzJson(Object.fromEntries(kinds.map(([kind, entries]) => [kind, [...entries].sort()])), 'sorted');
};

export const decodeResourceList = async (bytes: Uint8Array, name: string): Promise<ResourceList> => {
  const value = await readJson(bytes, name);
  if (value === null) return {};
  if (!isObject(value)) throw damaged(name, 'it is not an object');
  return Object.fromEntries(Object.entries(value).map(([kind, entries]) => [kind, texts(entries)]));
};

/** Velero writes these two lists as `null` when they are empty, the ones below as `[]`. */
const nullIfEmpty = <T>(list: readonly T[]): readonly T[] | null => (list.length === 0 ? null : list);

export const encodePodVolumeBackups = (list: readonly PodVolumeBackupObject[]): Promise<Buffer> =>
  gzJson(nullIfEmpty(list));
export const decodePodVolumeBackups = (
  bytes: Uint8Array,
  name: string,
): Promise<readonly PodVolumeBackupObject[]> => readTyped(bytes, name, ['metadata']);

/** The file that Velero before 1.15 wrote: VolumeSnapshotContents as objects. */
export const decodeCsiSnapshotContents = (
  bytes: Uint8Array,
  name: string,
): Promise<readonly CsiSnapshotContent[]> => readTyped(bytes, name, ['metadata']);

export const encodeVolumeSnapshots = (list: readonly NativeSnapshot[]): Promise<Buffer> =>
  gzJson(nullIfEmpty(list));
export const decodeVolumeSnapshots = (bytes: Uint8Array, name: string): Promise<readonly NativeSnapshot[]> =>
  readTyped(bytes, name, ['spec', 'status']);

export const encodeItemOperations = (
  list: readonly BackupItemOperation[] | readonly RestoreItemOperation[],
): Promise<Buffer> => gzJson(list);
export const decodeBackupItemOperations = (
  bytes: Uint8Array,
  name: string,
): Promise<readonly BackupItemOperation[]> => readTyped(bytes, name, ['spec', 'status']);
export const decodeRestoreItemOperations = (
  bytes: Uint8Array,
  name: string,
): Promise<readonly RestoreItemOperation[]> => readTyped(bytes, name, ['spec', 'status']);

export const encodeVolumeInfo = (
  list: readonly BackupVolumeInfo[] | readonly RestoreVolumeInfo[],
): Promise<Buffer> => gzJson(list);
export const decodeBackupVolumeInfo = (
  bytes: Uint8Array,
  name: string,
): Promise<readonly BackupVolumeInfo[]> => readTyped(bytes, name, []);
export const decodeRestoreVolumeInfo = (
  bytes: Uint8Array,
  name: string,
): Promise<readonly RestoreVolumeInfo[]> => readTyped(bytes, name, []);
