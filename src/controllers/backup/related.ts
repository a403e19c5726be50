import type { ItemRef } from '../../domain/item.js';
import { SNAPSHOT_GROUP } from '../../domain/volumes/snapshot-objects.js';
import { messageOf } from '../../faults.js';
import type { RelatedItem } from './actions.js';
import { endsRun } from './archive.js';
import type { Collecting } from './collecting.js';
import { createStagedPods } from './staged-pods.js';
import { sideBySide, takingFrom } from '../side-by-side.js';

const RELATED_AT_ONCE = 8;
/** A claim waits for its snapshot to be cut, which costs us nothing: twenty volumes should take as long as one. */
export const CLAIMS_AT_ONCE = 32;
const CLAIMS = 'persistentvolumeclaims';

/** Those of the kinds, taken out of the map of what has to follow. */
const takeFrom = (
  related: Map<string, RelatedItem>,
  kinds: readonly string[] | undefined,
): readonly RelatedItem[] => {
  const taken: RelatedItem[] = [];
  for (const [key, item] of related) {
    if (kinds && !kinds.includes(item.ref.groupResource)) continue;
    related.delete(key);
    taken.push(item);
  }
  return taken;
};

/**
 * Items that archived items name, and those that these name, until nothing new comes. `kinds` limits it to some of them;
 * the others stay for later. Of pods with hooks, those that share a volume go together here as well.
 */
export const collectRelated = async (collecting: Collecting, kinds?: readonly string[]): Promise<void> => {
  const { cluster, log, signal, types, archiver, pods } = collecting;
  const staged = createStagedPods(collecting);
  const fetchOne = async ({ ref, mustInclude }: RelatedItem) => {
    const type = types.get(ref.groupResource);
    if (!type || archiver.has(ref, type)) return;
    const fields = { resource: ref.groupResource, namespace: ref.namespace ?? '', name: ref.name };
    try {
      const json = await cluster.get(type, ref, { signal });
      if (!json) {
        log.warn('Additional item was not found in Kubernetes API, cannot back it up', fields);
        return;
      }
      const candidate = archiver.consider(json, type, mustInclude);
      if (candidate && pods.hasHooks(candidate)) staged.add(candidate, mustInclude);
      else if (candidate) await archiver.archive(candidate);
    } catch (error) {
      if (endsRun(error)) throw error;
      log.error('Error getting additional item', { ...fields, error: messageOf(error) });
    }
  };
  for (;;) {
    const batch = takeFrom(archiver.archived.related, kinds);
    if (batch.length === 0) return;
    const hasClaims = batch.some(({ ref }) => ref.groupResource === CLAIMS);
    await sideBySide(takingFrom(batch), hasClaims ? CLAIMS_AT_ONCE : RELATED_AT_ONCE, fetchOne);
    await staged.archive();
  }
};

const CRDS = 'customresourcedefinitions.apiextensions.k8s.io';

/** Without its definition a custom resource cannot be restored elsewhere (`backupCRD` in `pkg/backup/backup.go`). */
export const collectDefinitions = async (collecting: Collecting): Promise<void> => {
  const { types, archiver, selection, cluster, log, signal } = collecting;
  const type = types.get(CRDS);
  if (!type || !selection.addsDefinitions) return;
  const fetchOne = async (name: string) => {
    const ref: ItemRef = { groupResource: CRDS, name };
    try {
      const json = await cluster.get(type, ref, { signal });
      if (json) await archiver.add(json, type);
    } catch (error) {
      if (endsRun(error)) throw error;
      log.error('Error getting CRD', { resource: CRDS, namespace: '', name, error: messageOf(error) });
    }
  };
  // Snapshots came by themselves and not by a list: where they go to, the driver brought their kinds.
  const foreign = (name: string) => name.endsWith(`.${SNAPSHOT_GROUP}`) && !selection.lists(name);
  const custom = [...archiver.archived.groupResources].filter((name) => name.includes('.') && !foreign(name));
  await sideBySide(takingFrom(custom), RELATED_AT_ONCE, fetchOne);
};
