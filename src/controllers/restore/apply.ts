import { getObject } from '../../cluster/get-object.js';
import { setTimeout as delay } from 'node:timers/promises';
import type { IndexedItem } from '../../archive/scanned-archive.js';
import { kindResolver } from '../../domain/resource-kinds.js';
import { labelsOf, type ItemRef } from '../../domain/item.js';
import { listAt, textAt, type JsonObject } from '../../domain/json.js';
import { orderKinds, type RestorePriorities } from '../../domain/restore-order.js';
import { mapNamespace } from '../../domain/restore-selection.js';
import { decodeOrReport } from './decode.js';
import { ensureNamespace } from './namespaces.js';
import { sideBySide } from '../side-by-side.js';
import { createItemRestorer, type ItemRestorer } from './item.js';
import type { RestoreContext } from './context.js';

const CRDS = 'customresourcedefinitions.apiextensions.k8s.io';
const POLL_MS = 100;

export interface ApplyOptions {
  readonly priorities: RestorePriorities;
  /** Objects on their way to the API server at once. */
  readonly concurrency: number;
}

/** Restores many items side by side, reading ahead no further than the workers go. */
const restoreAll = async (
  context: RestoreContext,
  items: readonly IndexedItem[],
  concurrency: number,
  restorer: ItemRestorer,
) => {
  const source = context.archive.readMany(items, context.signal)[Symbol.asyncIterator]();
  const next = async () => {
    const result = await source.next();
    return result.done === true ? undefined : result.value;
  };
  await sideBySide(next, Math.min(concurrency, items.length), ({ item, json }) => restorer(item, json));
};

const isServed = (definition: JsonObject): boolean =>
  ['Established', 'NamesAccepted'].every((wanted) =>
    listAt(definition, 'status', 'conditions').some(
      (condition) => textAt(condition, 'type') === wanted && textAt(condition, 'status') === 'True',
    ),
  );

/** Custom resources can only be made once their definition is served (`pkg/restore/restore.go`). */
const awaitDefinitions = async (context: RestoreContext, items: readonly IndexedItem[]): Promise<void> => {
  const { cluster, types, outcomes, resourceTimeout, signal } = context;
  const type = types.typeOf(CRDS, '');
  const deadline = Date.now() + resourceTimeout;
  if (!type) return;
  for (const { name } of items) {
    if (!context.handled.has(`${CRDS}||${name}`)) continue;
    for (;;) {
      const present = await getObject(cluster, type, { name }, { signal });
      if (!present || isServed(present)) break;
      if (Date.now() >= deadline) {
        outcomes.error(
          '',
          `the custom resource definition ${name} is not available: the API server did not establish it in time`,
        );
        break;
      }
      await delay(POLL_MS, undefined, { signal });
    }
  }
  await types.refresh(signal);
  const missing = () => items.some(({ name }) => context.handled.has(`${CRDS}||${name}`) && !types.has(name));
  // Discovery follows the conditions by a moment; a kind that never comes gives each of its items an error of its own.
  for (const patience = Math.min(deadline, Date.now() + 10_000); missing() && Date.now() < patience;) {
    await delay(POLL_MS, undefined, { signal });
    await types.refresh(signal);
  }
};

const selectedOf = (context: RestoreContext, kind: string): readonly IndexedItem[] =>
  (context.archive.resources.get(kind)?.items ?? []).filter((item) =>
    context.selection.allowsAdditional(item),
  );

/** How many items the restore looks at, before labels are known: what progress is measured against. */
export const countCandidates = (context: RestoreContext): number =>
  [...context.archive.resources.keys()]
    .filter((kind) => kind !== 'namespaces')
    .reduce((sum, kind) => sum + selectedOf(context, kind).length, 0);

/** A namespace that the restore takes by itself is made even if nothing goes into it. */
const restoreNamespaces = async (context: RestoreContext): Promise<void> => {
  const { archive, selection, spec, signal } = context;
  const groupResource = 'namespaces';
  const items = archive.resources.get(groupResource)?.items ?? [];
  for await (const { item, json } of archive.readMany(items, signal)) {
    const archived = selection.allowsAdditional(item) ? decodeOrReport(context, item, json) : undefined;
    if (archived && selection.selects({ groupResource, labels: labelsOf(archived) }))
      await ensureNamespace(context, mapNamespace(spec.namespaceMapping, item.name), item.name);
  }
};

/** Brings the items of the archive into the cluster, wave by wave in the order of priority, side by side within a wave. */
export const applyArchive = async (
  context: RestoreContext,
  find: (ref: ItemRef) => IndexedItem | undefined,
  options: ApplyOptions,
): Promise<void> => {
  const { archive, types } = context;
  const restorer = createItemRestorer(context, find);
  const kinds = [...archive.resources.keys()];
  const definitions = selectedOf(context, CRDS);
  if (definitions.length > 0) {
    await restoreAll(context, definitions, options.concurrency, restorer);
    await awaitDefinitions(context, definitions);
  }
  await restoreNamespaces(context);
  for (const wave of orderKinds(kinds, options.priorities, kindResolver(types.kinds))) {
    // Kind after kind also within a wave: a webhook that is there too early refuses what follows it.
    for (const kind of wave) {
      const items = kind === CRDS ? [] : selectedOf(context, kind);
      if (items.length > 0) await restoreAll(context, items, options.concurrency, restorer);
    }
  }
};
