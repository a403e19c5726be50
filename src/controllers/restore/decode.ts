import { parseItem } from '../../archive/json.js';
import type { IndexedItem } from '../../archive/scanned-archive.js';
import { isDeeperThan, isObject, textAt, type JsonObject } from '../../domain/json.js';
import { mapNamespace } from '../../domain/restore-selection.js';
import type { RestoreSpec } from '../../domain/velero.gen.js';
import { isFault } from '../../faults.js';
import type { Outcomes } from './outcomes.js';

/** No object of Kubernetes comes near it; what is far deeper could not be written again. */
const MOST_LEVELS = 1_000;

/** Every level takes two characters at least, so that small objects need no look. */
const isTooDeep = (json: Buffer, value: unknown): boolean =>
  json.length > 2 * MOST_LEVELS && isDeeperThan(MOST_LEVELS, value);

/** The archived object; undefined if nobody can tell what it was, or it nests without measure. */
export const decodeItem = (json: Buffer): JsonObject | undefined => {
  try {
    const { value } = parseItem(json);
    if (!isObject(value) || textAt(value, 'kind') === '' || isTooDeep(json, value)) return undefined;
    return value;
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
      `error decoding ${place} of the backup: it is no JSON object with a kind, or it nests more than ${MOST_LEVELS} levels deep`,
    );
  return object;
};
