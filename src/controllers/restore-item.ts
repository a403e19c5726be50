import type { IndexedItem } from '../archive/scanned-archive.js';
import { labelsOf, nameOf, type ItemRef } from '../domain/item.js';
import { textAt, type JsonObject } from '../domain/json.js';
import { RESTORE_ITEM_ACTIONS } from '../domain/restore-actions/index.js';
import {
  addRestoreLabels,
  inNamespace,
  isCompleted,
  isMirrorPod,
  resetObject,
} from '../domain/restore-item.js';
import { mapNamespace } from '../domain/restore-selection.js';
import { messageOf } from '../faults.js';
import { decodeOrReport } from './restore-decode.js';
import { ensureNamespace } from './restore-namespaces.js';
import { applyObject } from './restore-object.js';
import type { RestoreContext } from './restore-context.js';
import { isFatal, type ItemOutcome } from './restore-outcomes.js';

/** Handles one archived item. */
export type ItemRestorer = (item: IndexedItem, json: Buffer) => Promise<void>;

interface Place {
  readonly kind: string;
  readonly original: string;
  readonly target: string;
  readonly name: string;
}

const printPlace = ({ kind, target, name }: Place): string =>
  [kind, target, name].filter((part) => part !== '').join('/');

type Prepared = { readonly object: JsonObject } | { readonly outcome: ItemOutcome };

/** What every step of an item needs: the restore it belongs to, and the archive's other items by name. */
interface Restoring {
  readonly context: RestoreContext;
  readonly find: (ref: ItemRef) => IndexedItem | undefined;
}

/** Items an action named come first. They need not match the label selector, but must be in the archive. */
const restoreAdditional = async (restoring: Restoring, ref: ItemRef, from: Place): Promise<void> => {
  const { selection, outcomes, archive } = restoring.context;
  if (!selection.allowsAdditional(ref)) return;
  const item = restoring.find(ref);
  if (item) await restoreItem(restoring, item, await archive.read(item), true);
  // In the bucket of where it would have been, in the names of the backup (`pkg/restore/restore.go`).
  else
    outcomes.warn(
      ref.namespace ?? '',
      `additional item ${ref.groupResource} ${ref.name} of ${from.kind} ${from.name} is not in the backup`,
    );
};

const runActions = async (restoring: Restoring, archived: JsonObject, place: Place): Promise<Prepared> => {
  const { spec, outcomes, serviceAccountsOf } = restoring.context;
  let object = resetObject(archived);
  for (const action of RESTORE_ITEM_ACTIONS) {
    if (!action.appliesTo(place.kind, labelsOf(object))) continue;
    const looksUp =
      place.kind === 'secrets' && textAt(archived, 'type') === 'kubernetes.io/service-account-token';
    const result = action.execute({
      object,
      archived,
      restore: spec,
      ...(looksUp && { serviceAccountNames: await serviceAccountsOf(place.original) }),
    });
    if (result.error !== undefined) {
      outcomes.error(place.target, `error preparing ${printPlace(place)}: ${action.name}: ${result.error}`);
      return { outcome: 'failed' };
    }
    if (result.skip) return { outcome: 'skipped' };
    for (const ref of result.additional ?? []) await restoreAdditional(restoring, ref, place);
    object = result.object ?? object;
  }
  return { object };
};

/** The object as it is to be created; or what became of an item that is not. */
const prepare = async (restoring: Restoring, archived: JsonObject, place: Place): Promise<Prepared> => {
  const { volumes, outcomes, labels } = restoring.context;
  if (isMirrorPod(place.kind, archived)) return { outcome: 'skipped' };
  let source = archived;
  if (place.kind === 'persistentvolumes') {
    const plan = volumes.planVolume(archived);
    if ('reprovision' in plan) {
      outcomes.warn('', plan.warning);
      return { outcome: 'skipped' };
    }
    source = plan.object;
  }
  const acted = await runActions(restoring, source, place);
  if ('outcome' in acted) return acted;
  const bound = place.kind === 'persistentvolumeclaims' ? volumes.planClaim(acted.object) : acted.object;
  return { object: addRestoreLabels(inNamespace(bound, place.target), labels) };
};

const put = async (restoring: Restoring, archived: JsonObject, place: Place): Promise<ItemOutcome> => {
  const { context } = restoring;
  const prepared = await prepare(restoring, archived, place);
  if ('outcome' in prepared) return prepared.outcome;
  const type = context.types.typeOf(place.kind, textAt(prepared.object, 'apiVersion'));
  if (type) return applyObject(context, place.kind, type, prepared.object);
  context.outcomes.error(
    place.target,
    `error restoring ${printPlace(place)}: the cluster does not serve this kind`,
  );
  return 'failed';
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
  if (target !== '' && !(await ensureNamespace(context, target, original))) return;
  if (isCompleted(place.kind, archived)) return;
  const key = `${place.kind}|${target}|${place.name}`;
  if (context.handled.has(key)) return;
  context.handled.add(key);
  let outcome: ItemOutcome = 'failed';
  try {
    outcome = await put(restoring, archived, place);
  } catch (error) {
    if (isFatal(error) || context.signal.aborted) throw error;
    outcomes.error(target, `error restoring ${printPlace(place)}: ${messageOf(error)}`);
  }
  outcomes.record(
    `${textAt(archived, 'apiVersion')}/${textAt(archived, 'kind')}`,
    target,
    place.name,
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
  const restoring: Restoring = { context, find };
  return (item, json) => restoreItem(restoring, item, json, false);
};
