import type { OperationLog } from '../../archive/oplog.js';
import type { TarballWriter } from '../../archive/tarball-writer.js';
import type { Cluster, Discovery, ResourceType } from '../../cluster/port.js';
import type { ExistingNamespace, NamespaceSelection } from '../../domain/namespace-filter.js';
import type { ResourcePolicyLists, ResourceSelection } from '../../domain/resource-filter.js';
import type { BackupSpec } from '../../domain/velero.gen.js';
import type { BackupActions } from './actions.js';
import type { ItemArchiver } from './archive.js';
import type { PodCopies } from './pod-copies.js';
import type { PodArchiver, HooksOfPods } from './pods.js';
import type { Totals } from './totals.js';

/** What the contents of one backup are collected from and put into. */
export interface Collection {
  readonly cluster: Cluster;
  readonly spec: BackupSpec;
  readonly discovery: Discovery;
  /** Take objects in every version in which they are served, each as an item of its own (`EnableAPIGroupVersions`). */
  readonly everyVersion: boolean;
  /** The namespaces that exist now, each with its object. */
  readonly namespaces: readonly (ExistingNamespace & { readonly json: Buffer })[];
  readonly actions: BackupActions;
  /** Absent where no hooks are run. */
  readonly hooks?: HooksOfPods;
  /** Absent where no volumes are copied. */
  readonly copies?: PodCopies;
  /** The lists of the resource policy that the spec names. */
  readonly policy?: ResourcePolicyLists;
  readonly tar: TarballWriter;
  readonly log: OperationLog;
  readonly pageSize: number;
  /** Called often; `total` grows while more is found. */
  readonly onProgress: (done: number, total: number) => void;
  readonly signal: AbortSignal;
}

/** What every step of one collection works with. */
export interface Collecting extends Collection {
  readonly selected: NamespaceSelection;
  readonly selection: ResourceSelection;
  /** By group resource. */
  readonly types: ReadonlyMap<string, ResourceType>;
  readonly archiver: ItemArchiver;
  readonly pods: PodArchiver;
  readonly totals: Totals;
}
