import type { OperationLog } from '../../archive/oplog.js';
import type { IndexedItem, ScannedArchive, ScannedResource } from '../../archive/scanned-archive.js';
import { getObject } from '../../cluster/get-object.js';
import { groupResource, type Cluster } from '../../cluster/port.js';
import { chooseVersion, readVersionPriorities } from '../../domain/api-group-versions.js';
import { objectAt, textAt } from '../../domain/json.js';
import { CONFIG_MAPS } from '../../domain/known-kinds.js';

const PRIORITIES = 'enableapigroupversions';
const KEY = 'restoreResourcesVersionPriority';

/** Archives before this format have no copies under versions. Compared as text, as Velero does (`pkg/restore/restore.go`). */
export const hasVersions = (formatVersion: string | undefined): boolean => (formatVersion ?? '') >= '1.1.0';

interface Choosing {
  /** Scanned with every version. */
  readonly archive: ScannedArchive;
  readonly cluster: Cluster;
  /** The server's own, where the operator's ConfigMap is. */
  readonly namespace: string;
  readonly log: OperationLog;
  readonly signal: AbortSignal;
}

const readWanted = async ({ cluster, namespace, log, signal }: Choosing) => {
  const data = objectAt(
    await getObject(cluster, CONFIG_MAPS, { namespace, name: PRIORITIES }, { signal }),
    'data',
  );
  const { wanted, problems } = readVersionPriorities(textAt(data, KEY));
  for (const problem of problems)
    log.warn(`${KEY} in the ConfigMap ${namespace}/${PRIORITIES}: ${problem}; such a line is passed over`);
  return wanted;
};

/** An item that the chosen version lacks, because it could not be listed in it, comes as every other restore takes it. */
const itemsIn = (resource: ScannedResource, version: string | undefined): readonly IndexedItem[] => {
  const chosen = version === undefined ? undefined : resource.otherVersions.get(version);
  if (chosen === undefined) return resource.items;
  const key = ({ namespace, name }: IndexedItem) => `${namespace ?? ''}/${name}`;
  const present = new Set(chosen.map(key));
  return [...chosen, ...resource.items.filter((item) => !present.has(key(item)))];
};

/**
 * The archive as this cluster takes it best: of each resource the items in the version that `chooseVersion` says. What the
 * archive's own definitions will bring is not known yet, and comes as it was preferred at the backup.
 *
 * Faults: those of a read of the cluster.
 */
export const inChosenVersions = async (choosing: Choosing): Promise<ScannedArchive> => {
  const { archive, cluster, log, signal } = choosing;
  const wanted = await readWanted(choosing);
  const { resources: preferred, allVersions } = await cluster.discover(signal);
  const preferredHere = new Map(preferred.map((type) => [groupResource(type), type.version]));
  const resources = new Map<string, ScannedResource>();
  for (const [name, resource] of archive.resources) {
    const { version, because } = chooseVersion({
      archived: resource.versions,
      archivedPreferred: resource.preferredVersion,
      served: allVersions.filter((type) => groupResource(type) === name).map((type) => type.version),
      servedPreferred: preferredHere.get(name),
      wanted: wanted.get(name) ?? [],
    });
    log.debug('Chose the API version to restore', { resource: name, version: version ?? '', because });
    resources.set(name, { ...resource, items: itemsIn(resource, version) });
  }
  return { ...archive, resources };
};
