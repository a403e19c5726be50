import type { OperationLog } from '../../archive/oplog.js';
import type { IndexedItem, ScannedArchive } from '../../archive/scanned-archive.js';
import { groupResource, type Cluster, type ResourceType } from '../../cluster/port.js';
import type { CompiledRule } from '../../domain/resource-modifiers/apply.js';
import type { RestoreItemAction } from '../../domain/restore-actions/action.js';
import type { RestoreLabels } from '../../domain/restore-item.js';
import type { RestoreSelection } from '../../domain/restore-selection.js';
import type { ItemRef } from '../../domain/item.js';
import type { StatusSelection } from '../../domain/status-restore.js';
import type { RestoreSpec } from '../../domain/velero.gen.js';
import type { ActionData } from './action-data.js';
import type { GroupStubs } from './group-stubs.js';
import type { ClaimHandOver } from './hand-over.js';
import type { NamespaceKeeper } from './namespaces.js';
import type { Outcomes } from './outcomes.js';
import type { VolumePlan } from './volumes.js';
import type { PodFills } from './pod-fills.js';
import type { RestoredPods } from './restored-pods.js';

/** Everything that the items of one restore share. */
export interface RestoreContext {
  readonly cluster: Cluster;
  readonly spec: RestoreSpec;
  readonly archive: ScannedArchive;
  readonly selection: RestoreSelection;
  readonly restoresStatus: StatusSelection;
  readonly labels: RestoreLabels;
  readonly types: TypeTable;
  readonly namespaces: NamespaceKeeper;
  readonly volumes: VolumePlan;
  readonly pods: RestoredPods;
  readonly groupStubs: GroupStubs;
  readonly handOver: ClaimHandOver;
  readonly fills: PodFills;
  readonly outcomes: Outcomes;
  readonly log: OperationLog;
  readonly managedFields: 'auto' | 'always' | 'never';
  /** Since when the restore exists, by the API server's clock: what bears our label and is not older was made by it. */
  readonly startedAt: string;
  /** Kind, target namespace and name of what was handled already, so that nothing is done twice. */
  readonly handled: Set<string>;
  /** Names of the service accounts of a namespace of the cluster; asked once a namespace. */
  readonly serviceAccountsOf: (namespace: string) => Promise<readonly string[]>;
  /** What a restore item action, by its name, has to know of the cluster to act on an object. */
  readonly actionData: ActionData;
  /** In the order in which they run. */
  readonly actions: readonly RestoreItemAction[];
  readonly modifiers: readonly CompiledRule[];
  /** Milliseconds to wait for what is to get ready. */
  readonly resourceTimeout: number;
  readonly onProgress: () => void;
  readonly signal: AbortSignal;
}

/** The kinds the target cluster serves; read anew after custom resource definitions were made. */
export interface TypeTable {
  /**
   * The kind in the version that an object names, as it is served; in one that is not served, the kind under that version,
   * which the API server will refuse. Undefined if the cluster does not serve the kind at all.
   */
  typeOf(kind: string, apiVersion: string): ResourceType | undefined;
  has(kind: string): boolean;
  refresh(signal: AbortSignal): Promise<void>;
  readonly kinds: readonly ResourceType[];
}

export const loadTypes = async (cluster: Cluster, signal: AbortSignal): Promise<TypeTable> => {
  let kinds: readonly ResourceType[] = [];
  let table = new Map<string, ResourceType>();
  let served = new Map<string, ResourceType>();
  const refresh = async () => {
    const { resources, allVersions } = await cluster.discover(signal);
    kinds = resources;
    table = new Map(kinds.map((type) => [groupResource(type), type]));
    served = new Map(allVersions.map((type) => [`${groupResource(type)}|${type.version}`, type]));
  };
  await refresh();
  return {
    typeOf: (kind, apiVersion) => {
      const version = apiVersion.split('/').at(-1) ?? '';
      const type = served.get(`${kind}|${version}`) ?? table.get(kind);
      return type && version !== '' ? { ...type, version } : type;
    },
    has: (kind) => table.has(kind),
    refresh,
    get kinds() {
      return kinds;
    },
  };
};

/** Finds archived items by name; a kind is indexed when it is first asked for. */
export const archiveLookup = (archive: ScannedArchive): ((ref: ItemRef) => IndexedItem | undefined) => {
  const indexes = new Map<string, ReadonlyMap<string, IndexedItem>>();
  const keyOf = (item: { readonly namespace?: string; readonly name: string }) =>
    `${item.namespace ?? ''}/${item.name}`;
  return (ref) => {
    let index = indexes.get(ref.groupResource);
    if (!index) {
      const items = archive.resources.get(ref.groupResource)?.items ?? [];
      index = new Map(items.map((item) => [keyOf(item), item]));
      indexes.set(ref.groupResource, index);
    }
    return index.get(keyOf(ref));
  };
};
