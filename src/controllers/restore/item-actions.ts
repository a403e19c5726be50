import { setTimeout as delay } from 'node:timers/promises';
import type { IndexedItem } from '../../archive/scanned-archive.js';
import { labelsOf, type ItemRef } from '../../domain/item.js';
import { textAt, type JsonObject } from '../../domain/json.js';
import type {
  RestoreActionInput,
  RestoreActionResult,
  RestoreItemAction,
} from '../../domain/restore-actions/action.js';
import { resetObject } from '../../domain/restore-item.js';
import { isFault, messageOf } from '../../faults.js';
import type { RestoreContext } from './context.js';
import { isFatal, type ItemOutcome } from './outcomes.js';

/** One item and where it goes. */
export interface Place {
  readonly kind: string;
  readonly original: string;
  readonly target: string;
  readonly name: string;
}

export const printPlace = ({ kind, target, name }: Place): string =>
  [kind, target, name].filter((part) => part !== '').join('/');

/** The object to go on with, or what became of an item that is not to be created. */
export type Prepared = { readonly object: JsonObject } | { readonly outcome: ItemOutcome };

/** What every step of an item needs: the restore it belongs to, the archive's other items by name, and the way to restore those. */
export interface Restoring {
  readonly context: RestoreContext;
  readonly find: (ref: ItemRef) => IndexedItem | undefined;
  readonly restore: (item: IndexedItem) => Promise<void>;
}

/** Items an action named come first. They need not match the label selector, but must be in the archive. */
const restoreAdditional = async (restoring: Restoring, ref: ItemRef, from: Place): Promise<boolean> => {
  const { selection, outcomes } = restoring.context;
  if (!selection.allowsAdditional(ref)) return false;
  const item = restoring.find(ref);
  if (item) await restoring.restore(item);
  // In the bucket of where it would have been, in the names of the backup (`pkg/restore/restore.go`).
  else
    outcomes.warn(
      ref.namespace ?? '',
      `additional item ${ref.groupResource} ${ref.name} of ${from.kind} ${from.name} is not in the backup`,
    );
  return item !== undefined;
};

const POLL_MS = 1_000;

/** Items that do not get ready in time are an error, and the one that waits for them is restored all the same (`pkg/restore/restore.go`). */
const awaitReady = async (
  { context }: Restoring,
  action: RestoreItemAction,
  items: readonly ItemRef[],
  { place, timeoutMs }: { readonly place: Place; readonly timeoutMs: number },
): Promise<void> => {
  const { spec, outcomes, signal } = context;
  if (items.length === 0 || !action.areReady) return;
  for (const deadline = Date.now() + timeoutMs; ;) {
    if (await action.areReady(items, spec)) return;
    if (Date.now() + POLL_MS > deadline) break;
    await delay(POLL_MS, undefined, { signal });
  }
  outcomes.error(
    place.target,
    `${action.name}: the additional items of ${printPlace(place)} were not ready within ${timeoutMs / 1_000} s; it is restored without them`,
  );
};

/** What an action throws about this one item is its answer as well. */
const execute = async (
  action: RestoreItemAction,
  input: RestoreActionInput,
  signal: AbortSignal,
): Promise<RestoreActionResult> => {
  try {
    return await action.execute(input);
  } catch (error) {
    if (signal.aborted || (isFault(error) && isFatal(error))) throw error;
    return { error: messageOf(error) };
  }
};

const inputOf = async (
  { spec, serviceAccountsOf, actionData }: RestoreContext,
  action: RestoreItemAction,
  { object, archived, place }: { object: JsonObject; archived: JsonObject; place: Place },
): Promise<RestoreActionInput> => {
  const looksUp =
    place.kind === 'secrets' && textAt(archived, 'type') === 'kubernetes.io/service-account-token';
  return {
    object,
    archived,
    restore: spec,
    ...(await actionData(action.name, object)),
    ...(looksUp && { serviceAccountNames: await serviceAccountsOf(place.original) }),
  };
};

/** Runs every action that applies, each on what the one before it made, and restores what they ask for first. */
export const runActions = async (
  restoring: Restoring,
  archived: JsonObject,
  place: Place,
): Promise<Prepared> => {
  const { context } = restoring;
  const { outcomes, actions, resourceTimeout, signal } = context;
  let object = resetObject(archived);
  for (const action of actions) {
    if (!action.appliesTo(place.kind, labelsOf(object))) continue;
    const result = await execute(action, await inputOf(context, action, { object, archived, place }), signal);
    if (result.error !== undefined) {
      outcomes.error(place.target, `error preparing ${printPlace(place)}: ${action.name}: ${result.error}`);
      return { outcome: 'failed' };
    }
    if (result.handOver) {
      const problem = await context.handOver(result.handOver, {
        archived,
        namespace: place.target,
        name: place.name,
      });
      if (problem !== undefined) {
        outcomes.error(place.target, `error preparing ${printPlace(place)}: ${problem}`);
        return { outcome: 'failed' };
      }
    }
    for (const warning of result.warnings ?? []) outcomes.warn(place.target, warning);
    if (result.skip) return { outcome: 'skipped' };
    const brought: ItemRef[] = [];
    for (const ref of result.additional ?? [])
      if (await restoreAdditional(restoring, ref, place)) brought.push(ref);
    const { waitForAdditional } = result;
    if (waitForAdditional) {
      const timeoutMs = waitForAdditional.timeoutMs ?? resourceTimeout;
      await awaitReady(restoring, action, brought, { place, timeoutMs });
    }
    object = result.object ?? object;
  }
  return { object };
};
