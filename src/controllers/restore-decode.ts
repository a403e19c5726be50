import { parseItem } from '../archive/json.js';
import type { IndexedItem } from '../archive/scanned-archive.js';
import { isObject, textAt, type JsonObject } from '../domain/json.js';
import { mapNamespace } from '../domain/restore-selection.js';
import type { RestoreSpec } from '../domain/velero.gen.js';
import { isFault } from '../faults.js';
import type { Outcomes } from './restore-outcomes.js';

/** The archived object; undefined if nobody can tell what it was. */
export const decodeItem = (json: Buffer): JsonObject | undefined => {
  try {
    const { value } = parseItem(json);
    return isObject(value) && textAt(value, 'kind') !== '' ? value : undefined;
  } catch (error) {
    if (!isFault(error, 'LB_ARCHIVE_DAMAGED')) throw error;
    return undefined;
  }
};

/** The same; one that cannot be read is an error of the restore and counts as not handled (`pkg/restore/restore.go`). */
export const decodeOrReport = (
  { outcomes, spec }: { readonly outcomes: Outcomes; readonly spec: RestoreSpec },
  { groupResource, namespace = '', name }: IndexedItem,
  json: Buffer,
): JsonObject | undefined => {
  const object = decodeItem(json);
  const place = [groupResource, namespace, name].filter((part) => part !== '').join('/');
  if (!object)
    outcomes.error(
      mapNamespace(spec.namespaceMapping, namespace),
      `error decoding ${place} of the backup: it is no JSON object with a kind`,
    );
  return object;
};
