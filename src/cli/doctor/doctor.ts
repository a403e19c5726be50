import type { Cluster } from '../../cluster/port.js';
import type { Config } from '../../config.js';
import { createResources } from '../../controllers/resources.js';
import { DEPLOYMENTS, NAMESPACES } from '../../domain/known-kinds.js';
import type { BackupStorageLocation, VolumeSnapshotLocation } from '../../domain/velero.gen.js';
import type { LocationOpener, SnapshotterOpener } from '../../locations.js';
import { checkAgents, checkKopia, copiesInUse, type CopiesInUse } from './agents.js';
import { checkDefinitions } from './definitions.js';
import { examine, fail, judgeClock, ok, skip, warn, type Examined, type Finding } from './finding.js';
import { examineLocation } from './locations.js';
import { checkEventStore, checkScratch } from './machine.js';
import { API_RIGHTS, checkRights, RIGHTS } from './rights.js';
import { checkSnapshotClasses, checkSnapshotLocation } from './snapshots.js';

/** What a doctor reaches the world with. */
export interface DoctorDeps {
  readonly config: Config;
  /** Faults as `loadCluster` has them. */
  readonly connect: () => Cluster;
  /** How far the clock of the API server is ahead of ours, in milliseconds; undefined while that is unknown. */
  readonly serverAhead: () => number | undefined;
  readonly openLocation: (cluster: Cluster) => LocationOpener;
  readonly openSnapshotter: (cluster: Cluster) => SnapshotterOpener;
  readonly now: () => number;
  /** For each look, in milliseconds; default 15 s. */
  readonly deadlineMs?: number;
}

const DEADLINE_MS = 15_000;

const checkNamespace = async (cluster: Cluster, name: string, signal: AbortSignal): Promise<Finding> =>
  (await cluster.get(NAMESPACES, { name }, { signal }))
    ? ok(`"${name}" exists`)
    : fail(`"${name}" does not exist`, `kubectl create namespace ${name}, or name another with --namespace`);

const checkVelero = async (cluster: Cluster, namespace: string, signal: AbortSignal): Promise<Finding> => {
  const bytes = await cluster.get(DEPLOYMENTS, { namespace, name: 'velero' }, { signal });
  const found =
    bytes &&
    (JSON.parse(bytes.toString('utf8')) as { readonly status?: { readonly readyReplicas?: number } });
  return (found?.status?.readyReplicas ?? 0) > 0
    ? fail(
        `Velero runs in namespace "${namespace}", and two servers on one resource would fight`,
        `kubectl -n ${namespace} scale deployment velero --replicas=0`,
      )
    : ok('no Velero runs beside it');
};

const RIGHTS_REMEDY = 'grant the rights in "Rights" of docs/operations.md';

/** What the cluster says, up to its locations. */
const examineCluster = async function* (
  { config, serverAhead, deadlineMs = DEADLINE_MS }: DoctorDeps,
  cluster: Cluster,
): AsyncGenerator<Examined> {
  const { namespace } = config;
  const look = (check: string, remedy: string, work: (signal: AbortSignal) => Promise<Finding>) =>
    examine(check, remedy, work, deadlineMs);
  yield await look('clock of the API server', '', () => {
    const ahead = serverAhead();
    return Promise.resolve(
      ahead === undefined ? skip('the API server does not tell its time') : judgeClock(ahead),
    );
  });
  yield await look('namespace', RIGHTS_REMEDY, (signal) => checkNamespace(cluster, namespace, signal));
  yield await look('definitions', 'run "lifeboat crds --apply"', (signal) =>
    checkDefinitions(cluster, signal),
  );
  for (const group of config.auth === 'kubernetes' ? [...RIGHTS, API_RIGHTS] : RIGHTS)
    yield await look(`rights: ${group.name}`, RIGHTS_REMEDY, (signal) =>
      checkRights(cluster, group, namespace, signal),
    );
  yield await look('Velero', RIGHTS_REMEDY, (signal) => checkVelero(cluster, namespace, signal));
};

const examineLocations = async function* (deps: DoctorDeps, cluster: Cluster): AsyncGenerator<Examined> {
  const { config, now, deadlineMs = DEADLINE_MS } = deps;
  let locations: readonly BackupStorageLocation[] = [];
  yield await examine(
    'storage locations',
    'run "lifeboat crds --apply" and grant the rights in docs/operations.md',
    async (signal) => {
      locations = await createResources(cluster, config.namespace).list('BackupStorageLocation', signal);
      return locations.length === 0
        ? warn('there are none: no backup can be made', 'create a BackupStorageLocation')
        : ok(`${locations.length} found`);
    },
    deadlineMs,
  );
  const openLocation = deps.openLocation(cluster);
  for (const location of locations) yield* examineLocation(location, { openLocation, now, deadlineMs });
};

/** What becomes of the data of volumes. */
const examineVolumes = async function* (deps: DoctorDeps, cluster: Cluster): AsyncGenerator<Examined> {
  const { config, deadlineMs = DEADLINE_MS } = deps;
  const resources = createResources(cluster, config.namespace);
  const look = (check: string, remedy: string, work: (signal: AbortSignal) => Promise<Finding>) =>
    examine(check, remedy, work, deadlineMs);
  let locations: readonly VolumeSnapshotLocation[] = [];
  yield await look('snapshot locations', RIGHTS_REMEDY, async (signal) => {
    locations = await resources.list('VolumeSnapshotLocation', signal);
    return ok(locations.length === 0 ? 'there are none; CSI drivers need none' : `${locations.length} found`);
  });
  const openSnapshotter = deps.openSnapshotter(cluster);
  for (const location of locations)
    yield await look(
      `snapshot location ${location.metadata.name}`,
      'correct the field, or the Secret it names; delete the location if nothing uses it',
      () => checkSnapshotLocation(location, openSnapshotter),
    );
  yield await look('snapshot classes', RIGHTS_REMEDY, (signal) => checkSnapshotClasses(cluster, signal));
  let use: CopiesInUse | undefined;
  yield await look('node agents', RIGHTS_REMEDY, async (signal) => {
    use = await copiesInUse(cluster, resources, config, signal);
    return checkAgents(cluster, config.namespace, use, signal);
  });
  const copies = use ?? { installed: false, wanted: false };
  yield await look('program kopia', 'look at the message', (signal) => checkKopia(config, copies, signal));
};

/** Looks at everything the server needs, one after the other. Never throws: what goes wrong is what it tells. */
export const examineAll = async function* (deps: DoctorDeps): AsyncGenerator<Examined> {
  const { config, deadlineMs = DEADLINE_MS } = deps;
  let cluster: Cluster | undefined;
  const reached = await examine(
    'API server',
    'check --kubeconfig, --kubecontext and the network between here and the API server',
    async (signal) => {
      cluster = deps.connect();
      return ok(`Kubernetes ${(await cluster.version(signal)).gitVersion}`);
    },
    deadlineMs,
  );
  yield reached;
  try {
    if (cluster && reached.verdict === 'ok') {
      yield* examineCluster(deps, cluster);
      yield* examineLocations(deps, cluster);
      yield* examineVolumes(deps, cluster);
    } else yield { check: 'cluster and locations', ...skip('the API server has to answer first') };
  } finally {
    await cluster?.close();
  }
  const local = (check: string, work: (signal: AbortSignal) => Promise<Finding>) =>
    examine(check, 'look at the message', work, deadlineMs);
  yield await local('event store', (signal) => checkEventStore(config, signal));
  yield await local('scratch folder', () => checkScratch(config.controllers.scratch));
};
