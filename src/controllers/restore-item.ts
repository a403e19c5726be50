import { parseItem } from '../archive/json.js';
import type { IndexedItem } from '../archive/scanned-archive.js';
import type { ResourceType } from '../cluster/port.js';
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
import { isFault, messageOf } from '../faults.js';
import { applyObject } from './restore-object.js';
import type { RestoreContext } from './restore-context.js';
import type { ItemOutcome } from './restore-outcomes.js';

/** Handles one archived item; `find` looks up the items that actions ask for. */
export type ItemRestorer = (item: IndexedItem, json: Buffer) => Promise<void>;

interface Place {
  readonly kind: string;
  readonly original: string;
  readonly target: string;
  readonly name: string;
}

type Prepared = { readonly object: JsonObject } | { readonly outcome: ItemOutcome };

/** Faults about one item stay with the item; the loss of the API server or a stop ends the attempt. */
const isFatal = (error: unknown): boolean =>
  !isFault(error) ||
  error.code === 'LB_ABORTED' ||
  error.code === 'LB_CLUSTER_UNREACHABLE' ||
  error.code === 'LB_SPOOL_FAILED';

export const createItemRestorer = (
  context: RestoreContext,
  find: (ref: ItemRef) => IndexedItem | undefined,
): ItemRestorer => {
  const { spec, outcomes, selection, types, volumes, handled, log, archive } = context;
  const mapped = (namespace: string) => mapNamespace(spec.namespaceMapping, namespace);

  /** Items an action named come first. They need not match the label selector, but must be in the archive. */
  const restoreAdditional = async (ref: ItemRef, from: Place): Promise<void> => {
    if (!selection.allowsAdditional(ref)) return;
    const item = find(ref);
    if (item) await restore(item, await archive.read(item), true);
    else
      outcomes.warn(
        from.target,
        `additional item ${ref.groupResource} ${ref.name} of ${from.kind} ${from.name} is not in the backup`,
      );
  };

  const runActions = async (archived: JsonObject, place: Place): Promise<Prepared> => {
    let object = resetObject(archived);
    for (const action of RESTORE_ITEM_ACTIONS) {
      if (!action.appliesTo(place.kind, labelsOf(object))) continue;
      const accounts =
        place.kind === 'secrets' && textAt(archived, 'type') === 'kubernetes.io/service-account-token';
      const result = action.execute({
        object,
        archived,
        restore: spec,
        ...(accounts && { serviceAccountNames: await context.serviceAccountsOf(place.original) }),
      });
      if (result.error !== undefined) {
        outcomes.error(
          place.target,
          `error preparing ${place.kind}/${place.target}/${place.name}: ${action.name}: ${result.error}`,
        );
        return { outcome: 'failed' };
      }
      if (result.skip) return { outcome: 'skipped' };
      for (const ref of result.additional ?? []) await restoreAdditional(ref, place);
      object = result.object ?? object;
    }
    return { object };
  };

  const prepare = async (archived: JsonObject, place: Place): Promise<Prepared> => {
    if (isMirrorPod(place.kind, archived)) return { outcome: 'skipped' };
    let source = archived;
    if (place.kind === 'persistentvolumes') {
      const plan = volumes.planVolume(archived);
      if ('reprovision' in plan) {
        if (plan.warning !== undefined) outcomes.warn('', plan.warning);
        return { outcome: 'skipped' };
      }
      source = plan.object;
    }
    const acted = await runActions(source, place);
    if ('outcome' in acted) return acted;
    const bound = place.kind === 'persistentvolumeclaims' ? volumes.planClaim(acted.object) : acted.object;
    return { object: addRestoreLabels(inNamespace(bound, place.target), context.labels) };
  };

  const put = async (archived: JsonObject, place: Place): Promise<ItemOutcome> => {
    if (place.target !== '') {
      const problem = await context.namespaces.ensure(place.target, place.original);
      if (problem !== undefined) {
        outcomes.error(undefined, `error creating or using namespace ${place.target}: ${problem}`);
        return 'failed';
      }
    }
    const prepared = await prepare(archived, place);
    if ('outcome' in prepared) return prepared.outcome;
    const type: ResourceType | undefined = types.typeOf(place.kind, textAt(prepared.object, 'apiVersion'));
    if (type) return applyObject(context, place.kind, type, prepared.object);
    outcomes.error(
      place.target,
      `error restoring ${place.kind}/${place.target}/${place.name}: the cluster does not serve this kind`,
    );
    return 'failed';
  };

  const restore = async (item: IndexedItem, json: Buffer, additional: boolean): Promise<void> => {
    const archived = parseItem(json).value as JsonObject;
    const original = item.namespace ?? '';
    const place: Place = {
      kind: item.groupResource,
      original,
      target: mapped(original),
      name: nameOf(archived) || item.name,
    };
    const chosen = { groupResource: place.kind, namespace: original, labels: labelsOf(archived) };
    if (!additional && !selection.selects(chosen)) return;
    if (isCompleted(place.kind, archived)) return;
    const key = `${place.kind}|${place.target}|${place.name}`;
    if (handled.has(key)) return;
    handled.add(key);
    let outcome: ItemOutcome = 'failed';
    try {
      outcome = await put(archived, place);
    } catch (error) {
      if (isFatal(error) || context.signal.aborted) throw error;
      outcomes.error(
        place.target,
        `error restoring ${place.kind}/${place.target}/${place.name}: ${messageOf(error)}`,
      );
    }
    const gvk = `${textAt(archived, 'apiVersion')}/${textAt(archived, 'kind')}`;
    outcomes.record(gvk, place.target, place.name, outcome);
    log.info('Restored item', {
      groupResource: place.kind,
      namespace: place.target,
      'original name': place.name,
      outcome,
    });
    context.onProgress();
  };

  return (item, json) => restore(item, json, false);
};
