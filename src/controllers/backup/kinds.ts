import { groupResource, type ResourceType } from '../../cluster/port.js';
import { printSelector } from '../../domain/label-selector.js';
import type { SelectedKind } from '../../domain/resource-filter.js';
import { isFault, messageOf } from '../../faults.js';
import { endsRun } from './archive.js';
import type { Collecting } from './collecting.js';
import { listKind } from './listing.js';
import { collectOrdered } from './ordered.js';
import { CLAIMS_AT_ONCE } from './related.js';
import { createStagedPods } from './staged-pods.js';
import { createCrowd, sideBySide, takingFrom } from '../side-by-side.js';

/** Kinds listed at once: enough to hide the server's thinking time, few enough that their pages stay small in memory. */
const KINDS_AT_ONCE = 3;

/** Lists one kind, object after object; `take` says whether an object became an item. */
const listEach = async (
  collecting: Collecting,
  type: ResourceType,
  take: (json: Buffer) => Promise<boolean>,
): Promise<number> => {
  const { cluster, spec, selected, pageSize, signal, totals } = collecting;
  const selectors = spec.orLabelSelectors?.length ? spec.orLabelSelectors : [spec.labelSelector];
  const part = `${groupResource(type)}/${type.version}`;
  let taken = 0;
  for (const selector of selectors) {
    const labelSelector = selector ? printSelector(selector) : undefined;
    const listing = { cluster, type, namespaces: selected.list, labelSelector, pageSize, signal };
    for await (const page of listKind(listing)) {
      totals.expect(part, (page.remaining ?? 0) + page.items.length);
      for (const item of page.items) {
        if (await take(item)) taken += 1;
        signal.throwIfAborted();
      }
      totals.expect(part, page.remaining ?? 0);
      totals.report();
    }
  }
  return taken;
};

/**
 * Pods without hooks go in as they come. Those with hooks wait until all are known, since the ones that share a volume are
 * archived together.
 */
const collectPods = async (collecting: Collecting, type: ResourceType): Promise<number> => {
  const { archiver, pods } = collecting;
  const staged = createStagedPods(collecting);
  await collectOrdered(collecting, type, async (candidate) => {
    // From the first one on that has to wait all of them do: their order is what was asked for.
    if (!staged.isEmpty() || pods.hasHooks(candidate)) staged.add(candidate);
    else await archiver.archive(candidate);
  });
  const taken = await listEach(collecting, type, async (json) => {
    const candidate = archiver.consider(json, type);
    if (!candidate || staged.has(candidate)) return false;
    if (!pods.hasHooks(candidate)) return archiver.archive(candidate);
    staged.add(candidate);
    return true;
  });
  await staged.archive();
  return taken;
};

/** Claims go in side by side, since each may wait for its snapshot. Faults that end the run wait until all have come to rest. */
const collectClaims = async (
  collecting: Collecting,
  type: ResourceType,
  preferred: ResourceType,
): Promise<number> => {
  const crowd = createCrowd(CLAIMS_AT_ONCE);
  let taken = 0;
  const add = async (json: Buffer) => {
    if (await collecting.archiver.add(json, preferred)) taken += 1;
  };
  try {
    await listEach(collecting, type, async (json) => {
      await crowd.start(() => add(json));
      return false;
    });
  } finally {
    await crowd.done();
  }
  return taken;
};

/** Claims and volumes wait for the pods, whose hooks come just before their volumes are taken. */
const CLAIMS = 'persistentvolumeclaims';
const VOLUMES = [CLAIMS, 'persistentvolumes'];

const podsFirstVolumesLast = (kinds: readonly SelectedKind[]): readonly SelectedKind[] => {
  const place = ({ groupResource: kind }: SelectedKind): number =>
    kind === 'pods' ? 0 : VOLUMES.includes(kind) ? 2 : 1;
  return [...kinds].sort((a, b) => place(a) - place(b));
};

/** A promise, and the way to keep it. */
const signalled = (): { readonly given: Promise<void>; readonly give: () => void } => {
  let give: () => void = () => undefined;
  const given = new Promise<void>((resolve) => (give = resolve));
  return { given, give };
};

/**
 * A kind may be out of order by itself: while the conversion webhook of its definition is away, its lists are refused for good
 * (429), and everything else is well. Only a server that answers nothing at all ends the run.
 */
const isOfOneKind = async ({ cluster, signal }: Collecting, error: unknown): Promise<boolean> =>
  isFault(error, 'LB_CLUSTER_UNREACHABLE') &&
  cluster.version(signal).then(
    () => true,
    () => false,
  );

/** Lists every selected kind, several at once. An error of one kind does not end the backup. */
export const collectKinds = async (collecting: Collecting): Promise<void> => {
  const { selection, log, archiver, types } = collecting;
  const kinds = podsFirstVolumesLast(selection.kinds);
  const podsDone = signalled();
  if (!kinds.some(({ groupResource: kind }) => kind === 'pods')) podsDone.give();

  const collectOne = async (type: SelectedKind): Promise<number> => {
    if (type.groupResource === 'pods') return collectPods(collecting, type);
    await collectOrdered(collecting, type, (candidate) => archiver.archive(candidate));
    // The archive tells versions apart by the preferred one; the object itself says in which it was listed.
    const preferred = types.get(type.groupResource) ?? type;
    if (type.groupResource === CLAIMS) return collectClaims(collecting, type, preferred);
    return listEach(collecting, type, (json) => archiver.add(json, preferred));
  };
  await sideBySide(takingFrom(kinds), KINDS_AT_ONCE, async (type) => {
    if (type.groupResource === 'namespaces') return; // decided at the end, when it is known which have items
    try {
      if (VOLUMES.includes(type.groupResource)) await podsDone.given;
      const items = await collectOne(type);
      if (items > 0) log.info('Backed up the items of a kind', { resource: type.groupResource, items });
    } catch (error) {
      if (endsRun(error) && !(await isOfOneKind(collecting, error))) throw error;
      log.error('Error listing items', { resource: type.groupResource, error: messageOf(error) });
    } finally {
      if (type.groupResource === 'pods') podsDone.give();
    }
  });
};
