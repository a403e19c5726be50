import type { OperationLog } from '../archive/oplog.js';
import type { TarballWriter } from '../archive/tarball-writer.js';
import type { Cluster, Discovery, ResourceType } from '../cluster/port.js';
import { groupResource } from '../cluster/port.js';
import type { ItemRef } from '../domain/item.js';
import { printSelector } from '../domain/label-selector.js';
import { resolveNamespaces, tracksNamespace, type ExistingNamespace } from '../domain/namespace-filter.js';
import { selectKinds, type ResourcePolicyLists, type ResourceSelection } from '../domain/resource-filter.js';
import type { BackupSpec } from '../domain/velero.gen.js';
import { isFault, messageOf } from '../faults.js';
import type { BackupActions } from './backup-actions.js';
import { createItemArchiver, type Archived, type ItemArchiver } from './backup-archive.js';
import { listKind } from './backup-listing.js';
import { sideBySide, takingFrom } from './side-by-side.js';

export interface Collection {
  readonly cluster: Cluster;
  readonly spec: BackupSpec;
  /** The lists of the resource policy, if the backup has one with such lists. */
  readonly policy?: ResourcePolicyLists;
  readonly discovery: Discovery;
  /** The namespaces that exist now, each with its object. */
  readonly namespaces: readonly (ExistingNamespace & { readonly json: Buffer })[];
  readonly actions: BackupActions;
  readonly tar: TarballWriter;
  readonly log: OperationLog;
  readonly pageSize: number;
  /** Called often; `total` grows while more is found. */
  readonly onProgress: (done: number, total: number) => void;
  readonly signal: AbortSignal;
}

/** Kinds listed at once: enough to hide the server's thinking time, few enough that their pages stay small in memory. */
const KINDS_AT_ONCE = 3;
const RELATED_AT_ONCE = 8;

/** Errors of one kind do not end a backup; the loss of the API server or a stop does. */
const isFatal = (error: unknown): boolean =>
  isFault(error, 'LB_ABORTED') ||
  isFault(error, 'LB_SPOOL_FAILED') ||
  isFault(error, 'LB_CLUSTER_UNREACHABLE') ||
  !isFault(error);

const createTotals = (collection: Collection, archived: Archived) => {
  const ahead = new Map<string, number>();
  return {
    /** How many objects of a kind are known to come. */
    expect: (kind: string, count: number) => ahead.set(kind, count),
    report: () => {
      const total = [...ahead.values()].reduce((sum, count) => sum + count, archived.items);
      collection.onProgress(archived.items, total);
    },
  };
};

const collectListed = async (
  collection: Collection,
  selection: ResourceSelection,
  scope: '*' | readonly string[],
  archiver: ItemArchiver,
) => {
  const { spec, cluster, log, signal, pageSize } = collection;
  const totals = createTotals(collection, archiver.archived);
  const selectors = spec.orLabelSelectors?.length ? spec.orLabelSelectors : [spec.labelSelector];
  const listOne = async (type: ResourceType, labelSelector: string | undefined): Promise<number> => {
    let taken = 0;
    for await (const page of listKind({
      cluster,
      type,
      namespaces: scope,
      labelSelector,
      pageSize,
      signal,
    })) {
      totals.expect(groupResource(type), (page.remaining ?? 0) + page.items.length);
      for (const item of page.items) {
        if (await archiver.add(item, type)) taken += 1;
        signal.throwIfAborted();
      }
      totals.expect(groupResource(type), page.remaining ?? 0);
      totals.report();
    }
    return taken;
  };
  await sideBySide(takingFrom(selection.kinds), KINDS_AT_ONCE, async (type) => {
    if (type.groupResource === 'namespaces') return; // decided at the end, when it is known which have items
    try {
      let taken = 0;
      for (const selector of selectors)
        taken += await listOne(type, selector ? printSelector(selector) : undefined);
      if (taken > 0)
        log.info('Backed up the items of a kind', { resource: type.groupResource, items: taken });
    } catch (error) {
      if (isFatal(error)) throw error;
      log.error('Error listing items', { resource: type.groupResource, error: messageOf(error) });
    }
  });
};

/** Items that archived items name, and those that these name, until nothing new comes. */
const collectRelated = async (
  collection: Collection,
  types: ReadonlyMap<string, ResourceType>,
  archiver: ItemArchiver,
) => {
  const { cluster, log, signal } = collection;
  const { related } = archiver.archived;
  const fetchOne = async (ref: ItemRef) => {
    const type = types.get(ref.groupResource);
    if (!type || archiver.has(ref, type)) return;
    const fields = { resource: ref.groupResource, namespace: ref.namespace ?? '', name: ref.name };
    try {
      const json = await cluster.get(type, ref, { signal });
      if (json) await archiver.add(json, type);
      else log.warn('Additional item was not found in Kubernetes API, cannot back it up', fields);
    } catch (error) {
      if (isFatal(error)) throw error;
      log.error('Error getting additional item', { ...fields, error: messageOf(error) });
    }
  };
  while (related.size > 0) {
    const batch = [...related.values()];
    related.clear();
    await sideBySide(takingFrom(batch), RELATED_AT_ONCE, fetchOne);
  }
};

const CRDS = 'customresourcedefinitions.apiextensions.k8s.io';

/** Without its definition a custom resource cannot be restored elsewhere (`backupCRD` in `pkg/backup/backup.go`). */
const collectDefinitions = async (
  collection: Collection,
  types: ReadonlyMap<string, ResourceType>,
  archiver: ItemArchiver,
) => {
  const type = types.get(CRDS);
  if (!type) return;
  const custom = [...archiver.archived.groupResources].filter((name) => name.includes('.'));
  await sideBySide(takingFrom(custom), RELATED_AT_ONCE, async (name) => {
    try {
      const json = await collection.cluster.get(type, { name }, { signal: collection.signal });
      if (json) await archiver.add(json, type);
    } catch (error) {
      if (isFatal(error)) throw error;
      collection.log.error('Error getting CRD', {
        resource: CRDS,
        namespace: '',
        name,
        error: messageOf(error),
      });
    }
  });
};

/** Lists, decides and archives everything that belongs to the backup. Trouble with single kinds and items goes to the log. */
export const collectItems = async (collection: Collection): Promise<Archived> => {
  const { spec, discovery, namespaces, log, tar, actions } = collection;
  const selected = resolveNamespaces(spec, namespaces);
  const selection = selectKinds(spec, discovery.resources, {
    everyNamespace: selected.everything,
    ...(collection.policy && { policy: collection.policy }),
  });
  const types = new Map(discovery.resources.map((type) => [groupResource(type), type]));
  const archiver = createItemArchiver({
    rules: { resources: selection, namespaces: selected },
    actions,
    tar,
    log,
  });

  for (const { groupVersion, message } of discovery.failures)
    log.warn('Failed to discover an API group', { error: `${groupVersion}: ${message}` });
  if (selection.lists('namespaces'))
    for (const name of selected.missing)
      log.error('Error getting namespace', {
        resource: 'namespaces',
        name,
        error: `namespaces "${name}" not found`,
      });

  await collectListed(collection, selection, selected.list, archiver);
  await collectRelated(collection, types, archiver);
  const type = types.get('namespaces');
  if (type && selection.lists('namespaces'))
    for (const namespace of namespaces)
      if (tracksNamespace(namespace, spec, selected, archiver.archived.namespaces.has(namespace.name)))
        await archiver.add(namespace.json, type);
  if (selection.addsDefinitions) await collectDefinitions(collection, types, archiver);
  collection.onProgress(archiver.archived.items, archiver.archived.items);
  return archiver.archived;
};
