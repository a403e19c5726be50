import { type Cluster, type ResourceType } from '../../cluster/port.js';
import { at, textAt } from '../../domain/json.js';
import { VELERO_TYPES } from '../../domain/velero.gen.js';
import { Fault } from '../../faults.js';
import { readCrds } from '../crds.js';
import { titleOf } from './apply.js';
import { DEFINITIONS } from '../../domain/known-kinds.js';
import { releaseResources } from './finalizers.js';
import {
  AGENT_ACCOUNT,
  clusterName,
  isOurs,
  NAME,
  typeOfKind,
  type Kind,
  type Manifest,
} from './manifest.js';
import { AGENTS, lookUntil, podsOf, SERVER, type Workload } from './wait.js';

export interface Uninstallation {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly deleteEventStore: boolean;
  readonly deleteCrds: boolean;
  readonly deleteNamespace: boolean;
  readonly out: (line: string) => void;
  /** Milliseconds for each thing that has to be gone before the next step. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

type Named = Pick<Manifest, 'kind' | 'metadata'>;

const named = (kind: Kind, name: string, namespace?: string): Named => ({
  kind,
  metadata: { name, ...(namespace !== undefined && { namespace }) },
});

const readNamed = async (
  { cluster, signal }: Uninstallation,
  { kind, metadata }: Named,
): Promise<unknown> => {
  const bytes = await cluster.get(typeOfKind(kind), metadata, { signal });
  return bytes && (JSON.parse(bytes.toString('utf8')) as unknown);
};

const titled = ({ kind, metadata }: Named): string => titleOf({ apiVersion: '', kind, metadata });

/** Deletes what install made; what somebody else made under the same name stays. */
const remove = async (run: Uninstallation, what: Named): Promise<void> => {
  const { cluster, out, signal } = run;
  const found = await readNamed(run, what);
  if (found === undefined) return;
  if (!isOurs(found)) {
    out(`${titled(what)} stays: it was not made by lifeboat install`);
    return;
  }
  const deleted = await cluster.delete(typeOfKind(what.kind), what.metadata, { signal });
  if (!deleted.ok && deleted.reason !== 'NotFound')
    throw new Fault('LB_CLUSTER_REFUSED', `${titled(what)} was not deleted: ${deleted.message}`);
  out(`${titled(what)} deleted`);
};

/**
 * Server and agents must be gone before their rights and the resources are: they would only report that these are missing. What
 * somebody else made under such a name stays, and so do its pods.
 */
const stop = async (run: Uninstallation, workload: Workload): Promise<void> => {
  const { cluster, namespace, waitMs, signal } = run;
  const what = named(workload.kind, workload.name, namespace);
  const found = await readNamed(run, what);
  await remove(run, what);
  if (found !== undefined && !isOurs(found)) return;
  const gone = await lookUntil(
    async () => ((await podsOf(cluster, namespace, workload, signal)).length === 0 ? true : undefined),
    waitMs,
    signal,
  );
  if (!gone)
    throw new Fault(
      'LB_DEADLINE',
      `pods of ${titled(what)} were still there after ${waitMs / 1000} s; run uninstall again once they are gone: kubectl -n ${namespace} get pods -l ${workload.pods}`,
    );
};

/** Custom resources in other namespaces are somebody else's, and would go with the definitions. */
const refuseOthers = async (
  { cluster, namespace, signal }: Uninstallation,
  served: (type: ResourceType) => boolean,
): Promise<void> => {
  const others = new Set<string>();
  for (const type of Object.values(VELERO_TYPES).filter(served))
    for await (const page of cluster.list(type, { signal }))
      for (const item of page.items)
        others.add(textAt(JSON.parse(item.toString('utf8')), 'metadata', 'namespace'));
  others.delete(namespace);
  if (others.size > 0)
    throw new Fault(
      'LB_CONFIG',
      `--delete-crds would delete the backups and restores that namespace ${[...others].sort().slice(0, 5).join(', ')} holds as well; delete them first, or leave the definitions`,
    );
};

const refuseForeignNamespace = async (run: Uninstallation): Promise<void> => {
  const found = await readNamed(run, named('Namespace', run.namespace));
  if (found !== undefined && !isOurs(found))
    throw new Fault(
      'LB_CONFIG',
      `--delete-namespace: the namespace "${run.namespace}" was not made by lifeboat install; delete it yourself if nothing else is in it`,
    );
};

const velero = named('Deployment', 'velero');

/** A Velero that is here, even one that is scaled to zero, will be asked about its resources again. */
const hasVelero = async (run: Uninstallation): Promise<boolean> =>
  (await readNamed(run, { ...velero, metadata: { ...velero.metadata, namespace: run.namespace } })) !==
  undefined;

const removeDefinitions = async ({ cluster, out, waitMs, signal }: Uninstallation): Promise<void> => {
  const crds = await readCrds();
  for (const { name } of crds) {
    const deleted = await cluster.delete(DEFINITIONS, { name }, { signal });
    if (deleted.ok) out(`customresourcedefinition.apiextensions.k8s.io/${name} deleted`);
    else if (deleted.reason !== 'NotFound')
      throw new Fault('LB_CLUSTER_REFUSED', `${name} was not deleted: ${deleted.message}`);
  }
  for (const { name } of crds) {
    const look = async () => ((await cluster.get(DEFINITIONS, { name }, { signal })) ? undefined : true);
    if (!(await lookUntil(look, waitMs, signal)))
      throw new Fault(
        'LB_DEADLINE',
        `${name} is still being deleted after ${waitMs / 1000} s: some of its resources have finalizers of others; see kubectl get ${name} -A`,
      );
  }
};

const removeNamespace = async (run: Uninstallation): Promise<void> => {
  const what = named('Namespace', run.namespace);
  await remove(run, what);
  const look = async () => ((await readNamed(run, what)) === undefined ? true : undefined);
  if (await lookUntil(look, run.waitMs, run.signal)) return;
  const conditions = at(await readNamed(run, what), 'status', 'conditions');
  throw new Fault(
    'LB_DEADLINE',
    `the namespace is still being deleted after ${run.waitMs / 1000} s: ${JSON.stringify(conditions ?? 'no reason given')}`,
  );
};

const servedTypes = async ({ cluster, signal }: Uninstallation): Promise<(type: ResourceType) => boolean> => {
  const key = ({ group, resource, version }: ResourceType) => `${resource}.${group}/${version}`;
  const served = new Set((await cluster.discover(signal)).allVersions.map(key));
  return (type) => served.has(key(type));
};

/** What stays, and what that is for. */
const tellWhatStays = ({
  out,
  namespace,
  deleteCrds,
  deleteNamespace,
  deleteEventStore,
}: Uninstallation): void => {
  out('backups in object storage: untouched');
  if (!deleteEventStore && !deleteNamespace)
    out(
      `persistentvolumeclaim/${NAME}-events: stays, if there was one; --delete-event-store deletes the record of who did what`,
    );
  if (!deleteCrds && !deleteNamespace)
    out(
      `backups, restores and locations in namespace ${namespace}: stay; --delete-namespace and --delete-crds delete them`,
    );
};

/**
 * Takes out what install brought in, in an order that can be repeated after any interruption: the server, its identity and rights, its
 * disk and namespace and the definitions if asked for. Backups in object storage are never touched. Finalizers that only a server takes
 * off are taken off, unless a Velero is in the namespace that will do it. Faults: `LB_CONFIG`, those of the cluster, `LB_DEADLINE`.
 */
export const uninstall = async (run: Uninstallation): Promise<void> => {
  const { cluster, namespace, out, signal } = run;
  const served = await servedTypes(run);
  if (run.deleteCrds) await refuseOthers(run, served);
  if (run.deleteNamespace) await refuseForeignNamespace(run);
  await stop(run, SERVER);
  await stop(run, AGENTS);
  const inNamespace: readonly Named[] = [
    named('Service', NAME, namespace),
    ...[NAME, AGENT_ACCOUNT].flatMap((name) => [
      named('ClusterRoleBinding', clusterName(name, namespace)),
      named('ClusterRole', clusterName(name, namespace)),
      named('RoleBinding', name, namespace),
      named('Role', name, namespace),
      named('ServiceAccount', name, namespace),
    ]),
    named('Secret', 'cloud-credentials', namespace),
    ...(run.deleteEventStore ? [named('PersistentVolumeClaim', `${NAME}-events`, namespace)] : []),
  ];
  for (const what of inNamespace) await remove(run, what);
  if (run.deleteCrds || run.deleteNamespace || !(await hasVelero(run))) {
    const released = await releaseResources(cluster, namespace, served, signal);
    if (released > 0)
      out(
        `finalizers taken off, so that nothing waits for a server that is gone: ${released}; files of such restores stay in object storage`,
      );
  }
  if (run.deleteNamespace) await removeNamespace(run);
  if (run.deleteCrds) await removeDefinitions(run);
  tellWhatStays(run);
};
