import { RESTORE_NAME_LABEL } from '../../domain/labels.js';
import { parseItem, stringifyItem } from '../../archive/json.js';
import type { Refused, ResourceType } from '../../cluster/port.js';
import { decideExisting } from '../../domain/existing-object.js';
import { labelsOf, nameOf, namespaceOf, printItem, refOf } from '../../domain/item.js';
import { listAt, textAt, type JsonObject } from '../../domain/json.js';
import { createObject } from './create.js';
import type { RestoreContext } from './context.js';
import type { ItemOutcome } from './outcomes.js';
import { restoreStatus } from './status.js';

const wantsManagedFields = (context: RestoreContext, object: JsonObject): boolean => {
  if (context.managedFields === 'never') return false;
  const fields = listAt(object, 'metadata', 'managedFields');
  if (context.managedFields === 'always') return fields.length > 0;
  return fields.some((entry) => textAt(entry, 'operation') === 'Apply');
};

/** Ownership of fields decides what a later server-side apply may change; it needs a second write. */
const restoreManagedFields = async (
  context: RestoreContext,
  type: ResourceType,
  object: JsonObject,
): Promise<void> => {
  const patch = stringifyItem({ metadata: { managedFields: listAt(object, 'metadata', 'managedFields') } });
  const written = await context.cluster.patch(type, refOf(object), 'merge', patch, {
    signal: context.signal,
  });
  if (!written.ok)
    context.outcomes.warn(
      namespaceOf(object),
      `managed fields of ${nameOf(object)} were not restored: ${written.message}`,
    );
};

/** Made by this restore in an earlier attempt, or by a create whose answer got lost: then it is ours and counts as created. */
const isOurs = (context: RestoreContext, present: JsonObject): boolean =>
  labelsOf(present)[RESTORE_NAME_LABEL] === context.labels.restoreLabel &&
  textAt(present, 'metadata', 'creationTimestamp') >= context.startedAt;

/** One object to be put into the cluster, and where. */
export interface ItemToApply {
  readonly kind: string;
  readonly type: ResourceType;
  /** As it is to be created. */
  readonly prepared: JsonObject;
  /** As it stands in the archive. */
  readonly archived: JsonObject;
}

/** Its hooks wait for its data: until then its containers cannot run. */
const takeOnPod = ({ fills, pods }: RestoreContext, { archived }: ItemToApply, pod: JsonObject): void =>
  fills.made(pod, namespaceOf(archived), () => pods.made(pod));

const meetExisting = async (
  context: RestoreContext,
  at: ItemToApply,
  present: JsonObject,
): Promise<ItemOutcome> => {
  const { outcomes, cluster, signal, labels, spec } = context;
  const { prepared } = at;
  if (isOurs(context, present)) {
    await restoreStatus(context, { ...at, created: () => present });
    if (at.kind === 'pods') takeOnPod(context, at, present);
    return 'created';
  }
  const namespace = namespaceOf(prepared);
  const decision = decideExisting({
    groupResource: at.kind,
    inCluster: present,
    prepared,
    policy: spec.existingResourcePolicy,
    labels,
  });
  switch (decision.do) {
    case 'skip':
      return 'skipped';
    case 'warn':
      outcomes.warn(namespace, decision.warning);
      return 'failed';
    case 'patch': {
      const written = await cluster.patch(at.type, refOf(prepared), 'merge', stringifyItem(decision.patch), {
        signal,
      });
      if (written.ok) return decision.result;
      outcomes.warn(namespace, `could not update ${printItem(at.kind, prepared)}: ${written.message}`);
      if (!decision.labelPatch) return 'failed';
      const labelled = await cluster.patch(
        at.type,
        refOf(prepared),
        'merge',
        stringifyItem(decision.labelPatch),
        { signal },
      );
      if (!labelled.ok)
        outcomes.error(namespace, `could not label ${printItem(at.kind, prepared)}: ${labelled.message}`);
      return 'failed';
    }
  }
};

const failedCreate = async (
  context: RestoreContext,
  at: ItemToApply,
  refused: Refused,
): Promise<ItemOutcome> => {
  const { prepared } = at;
  // Whatever the reason given, an object that is there is one that exists (`pkg/restore/restore.go`).
  const bytes = await context.cluster.get(at.type, refOf(prepared), { signal: context.signal });
  if (bytes) return meetExisting(context, at, parseItem(bytes).value as JsonObject);
  context.outcomes.error(
    namespaceOf(prepared),
    `error restoring ${printItem(at.kind, prepared)}: ${refused.message}`,
  );
  return 'failed';
};

/** Puts one prepared object into the cluster, or meets the one that is there. */
export const applyObject = async (context: RestoreContext, item: ItemToApply): Promise<ItemOutcome> => {
  const { kind, type, prepared } = item;
  const written = await createObject(context, kind, type, prepared);
  if (!written.ok) return failedCreate(context, item, written);
  const created = () => parseItem(written.body).value as JsonObject;
  await restoreStatus(context, { ...item, created });
  if (wantsManagedFields(context, prepared)) await restoreManagedFields(context, type, prepared);
  if (item.kind === 'pods') takeOnPod(context, item, created());
  return 'created';
};
