import { groupResource, type ResourceType } from '../cluster/port.js';
import { labelsOf, type ItemRef } from '../domain/item.js';
import { matchesAnySelector, matchesSelector } from '../domain/label-selector.js';
import { namesInOrder } from '../domain/ordered-resources.js';
import type { Candidate } from './backup-archive.js';
import type { Collecting } from './backup-collecting.js';

const readOne = async (collecting: Collecting, type: ResourceType, ref: Omit<ItemRef, 'groupResource'>) => {
  const { cluster, archiver, spec, signal } = collecting;
  const json = await cluster.get(type, ref, { signal });
  const candidate = json && archiver.consider(json, type);
  if (!candidate) return undefined;
  const labels = labelsOf(candidate.object);
  const { labelSelector, orLabelSelectors } = spec;
  const selected = orLabelSelectors?.length
    ? matchesAnySelector(orLabelSelectors, labels)
    : matchesSelector(labelSelector, labels);
  return selected ? candidate : undefined;
};

/**
 * The objects of one kind that `spec.orderedResources` names come first and one after the other, in its order, so that
 * their hooks and volumes follow each other as asked. `take` puts each in, or lets it wait. A name that does not belong to the backup is a warning
 * (`sortResourcesByOrder` in `pkg/backup/item_collector.go`).
 */
export const collectOrdered = async (
  collecting: Collecting,
  type: ResourceType,
  take: (candidate: Candidate) => Promise<unknown>,
): Promise<void> => {
  const { spec, log, signal } = collecting;
  for (const ref of namesInOrder(spec.orderedResources, type.resource)) {
    signal.throwIfAborted();
    const candidate = await readOne(collecting, type, ref);
    if (candidate) await take(candidate);
    else
      log.warn('An object named in orderedResources is not in this backup', {
        // Without a namespace: like Velero's, it concerns the request, not an object.
        resource: groupResource(type),
        name: ref.namespace === undefined ? ref.name : `${ref.namespace}/${ref.name}`,
      });
  }
};
