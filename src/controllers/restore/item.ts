import type { IndexedItem } from '../../archive/scanned-archive.js';
import { groupResource, type ResourceType } from '../../cluster/port.js';
import { labelsOf, nameOf } from '../../domain/item.js';
import { textAt, type JsonObject } from '../../domain/json.js';
import { applyModifiers } from '../../domain/resource-modifiers/apply.js';
import { addRestoreLabels, inNamespace, isCompleted, isMirrorPod } from '../../domain/restore-item.js';
import { mapNamespace } from '../../domain/restore-selection.js';
import { DATA_UPLOADS } from '../../domain/volumes/data-upload.js';
import { messageOf } from '../../faults.js';
import { decodeOrReport } from './decode.js';
import type { RestoreContext } from './context.js';
import { printPlace, runActions } from './item-actions.js';
import type { Place, Prepared, Restoring } from './item-actions.js';
import { ensureNamespace } from './namespaces.js';
import { applyObject } from './object.js';
import { isFatal, type ItemOutcome } from './outcomes.js';

/** Handles one archived item. */
export type ItemRestorer = (item: IndexedItem, json: Buffer) => Promise<void>;

/** A modifier that fails leaves the object as it is and is an error; the object is restored all the same. */
const modify = ({ modifiers, outcomes }: RestoreContext, object: JsonObject, place: Place): JsonObject => {
  if (modifiers.length === 0) return object;
  const where = { groupResource: place.kind, originalNamespace: place.original };
  const modified = applyModifiers(modifiers, object, where);
  for (const error of modified.errors) outcomes.error(place.target, error);
  return modified.object;
};

/** The object as it is to be created; or what became of an item that is not. */
const prepare = async (restoring: Restoring, archived: JsonObject, place: Place): Promise<Prepared> => {
  const { volumes, outcomes, labels } = restoring.context;
  if (isMirrorPod(place.kind, archived)) return { outcome: 'skipped' };
  let source = archived;
  if (place.kind === 'persistentvolumes') {
    const plan = await volumes.planVolume(archived);
    if ('reprovision' in plan) {
      if (plan.warning !== undefined) outcomes.warn('', plan.warning);
      return { outcome: 'skipped' };
    }
    source = plan.object;
  }
  const acted = await runActions(restoring, source, place);
  if ('outcome' in acted) return acted;
  const bound = place.kind === 'persistentvolumeclaims' ? volumes.planClaim(acted.object) : acted.object;
  const modified = modify(restoring.context, bound, place);
  return { object: addRestoreLabels(inNamespace(modified, place.target), labels) };
};

const groupOf = (object: JsonObject): string => {
  const [group = '', version] = textAt(object, 'apiVersion').split('/');
  return version === undefined ? '' : group;
};

/** Actions and modifiers may make another kind of an object: where it goes is told by what it is by now. */
const typeAfter = (
  { types }: RestoreContext,
  archived: JsonObject,
  object: JsonObject,
  place: Place,
): ResourceType | undefined => {
  const [kind, group] = [textAt(object, 'kind'), groupOf(object)];
  if (kind === textAt(archived, 'kind') && group === groupOf(archived))
    return types.typeOf(place.kind, textAt(object, 'apiVersion'));
  const other = types.kinds.find((type) => type.kind === kind && type.group === group);
  return other && types.typeOf(groupResource(other), textAt(object, 'apiVersion'));
};

const put = async (restoring: Restoring, archived: JsonObject, place: Place): Promise<ItemOutcome> => {
  const { context } = restoring;
  const prepared = await prepare(restoring, archived, place);
  if ('outcome' in prepared) return prepared.outcome;
  const type = typeAfter(context, archived, prepared.object, place);
  if (type) return applyObject(context, { kind: place.kind, type, prepared: prepared.object, archived });
  context.outcomes.error(
    place.target,
    `error restoring ${printPlace(place)}: the cluster does not serve this kind`,
  );
  return 'failed';
};

/** `undefined` when it failed with a fault about this item alone, which is then told. */
const guarded = async <T>(
  { outcomes, signal }: RestoreContext,
  place: Place,
  work: () => Promise<T>,
): Promise<T | undefined> => {
  try {
    return await work();
  } catch (error) {
    if (isFatal(error) || signal.aborted) throw error;
    outcomes.error(place.target, `error restoring ${printPlace(place)}: ${messageOf(error)}`);
    return undefined;
  }
};

const restoreItem = async (
  restoring: Restoring,
  item: IndexedItem,
  json: Buffer,
  additional: boolean,
): Promise<void> => {
  const { context } = restoring;
  const { outcomes } = context;
  const archived = decodeOrReport(context, item, json);
  if (!archived) return;
  const original = item.namespace ?? '';
  const target = mapNamespace(context.spec.namespaceMapping, original);
  const place: Place = { kind: item.groupResource, original, target, name: nameOf(archived) || item.name };
  const chosen = { groupResource: place.kind, namespace: original, labels: labelsOf(archived) };
  if (!additional && !context.selection.selects(chosen)) return;
  // An upload only tells where data is: the namespace of the server that made it need not be here.
  const needsNamespace = target !== '' && place.kind !== DATA_UPLOADS;
  if (needsNamespace && !(await ensureNamespace(context, target, original))) return;
  if (isCompleted(place.kind, archived)) return;
  const key = `${place.kind}|${target}|${place.name}`;
  if (context.handled.has(key)) return;
  context.handled.add(key);
  const outcome = (await guarded(context, place, () => put(restoring, archived, place))) ?? 'failed';
  if (place.kind === 'persistentvolumes' && outcome !== 'created') {
    const left = await context.volumes.giveUp(place.name);
    if (left !== undefined) outcomes.error('', left);
  }
  outcomes.record(
    `${textAt(archived, 'apiVersion')}/${textAt(archived, 'kind')}`,
    target,
    place.kind === 'persistentvolumes' ? context.volumes.nameNow(place.name) : place.name,
    outcome,
  );
  context.log.info('Restored item', {
    groupResource: place.kind,
    namespace: target,
    'original name': place.name,
    outcome,
  });
  await context.log.room();
  context.onProgress();
};

/** `find` looks up the items that actions ask for. */
export const createItemRestorer = (context: RestoreContext, find: Restoring['find']): ItemRestorer => {
  const restoring: Restoring = {
    context,
    find,
    restore: async (item) => restoreItem(restoring, item, await context.archive.read(item), true),
  };
  return (item, json) => restoreItem(restoring, item, json, false);
};
