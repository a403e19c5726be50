import { groupResource, type ResourceType } from '../../cluster/port.js';
import { labelsOf, type ItemRef } from '../../domain/item.js';
import { matchesAnySelector, matchesSelector } from '../../domain/label-selector.js';
import type { JsonObject } from '../../domain/json.js';
import { namesInOrder } from '../../domain/ordered-resources.js';
import type { Candidate } from './archive.js';
import type { Collecting } from './collecting.js';

/** The object, if the lists and selectors of the backup find it, whether or not something else keeps it out. */
const findListed = async (
  { cluster, selected, spec, signal }: Collecting,
  type: ResourceType,
  ref: Omit<ItemRef, 'groupResource'>,
): Promise<Buffer | undefined> => {
  if (ref.namespace !== undefined && !selected.includes(ref.namespace)) return undefined;
  const json = await cluster.get(type, ref, { signal });
  if (!json) return undefined;
  const labels = labelsOf(JSON.parse(json.toString('utf8')) as JsonObject);
  const { labelSelector, orLabelSelectors } = spec;
  const fits = orLabelSelectors?.length
    ? matchesAnySelector(orLabelSelectors, labels)
    : matchesSelector(labelSelector, labels);
  return fits ? json : undefined;
};

/**
 * The objects of one kind that `spec.orderedResources` names come first and one after the other, in its order, so that
 * their hooks and volumes follow each other as asked. `take` puts each in, or lets it wait. A name that the backup does not find is
 * a warning; one that an exclude label or its deletion keeps out is none (`sortResourcesByOrder` in `pkg/backup/item_collector.go`).
 */
export const collectOrdered = async (
  collecting: Collecting,
  type: ResourceType,
  take: (candidate: Candidate) => Promise<unknown>,
): Promise<void> => {
  const { spec, log, archiver, signal } = collecting;
  for (const ref of namesInOrder(spec.orderedResources, type.resource)) {
    signal.throwIfAborted();
    const json = await findListed(collecting, type, ref);
    const candidate = json && archiver.consider(json, type);
    if (candidate) await take(candidate);
    if (!json)
      log.warn('An object named in orderedResources is not in this backup', {
        // Without a namespace: like Velero's, it concerns the request, not an object.
        resource: groupResource(type),
        name: ref.namespace === undefined ? ref.name : `${ref.namespace}/${ref.name}`,
      });
  }
};
