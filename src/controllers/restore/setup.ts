import type { OperationLog } from '../../archive/oplog.js';
import type { ScannedArchive } from '../../archive/scanned-archive.js';
import type { BackupVolumeInfo } from '../../archive/sidecar-types.js';
import type { Cluster, ResourceType } from '../../cluster/port.js';
import { nameOf, type ItemRef } from '../../domain/item.js';
import type { JsonObject } from '../../domain/json.js';
import { parseGoDuration } from '../../domain/go-duration.js';
import { kindResolver } from '../../domain/resource-kinds.js';
import { restoreSelection } from '../../domain/restore-selection.js';
import { statusSelection } from '../../domain/status-restore.js';
import type { RestoreCommand } from '../../domain/restore.js';
import type { Backup, RestoreSpec } from '../../domain/velero.gen.js';
import { labelValue } from '../label-value.js';
import { factsInOrder } from '../facts-in-order.js';
import type { ControllerPorts } from '../ports.js';
import { requireModifiers } from './resource-modifiers.js';
import { createActionData } from './action-data.js';
import { countCandidates } from './apply.js';
import { loadTypes, type archiveLookup, type RestoreContext } from './context.js';
import { createClaimHandOver } from './hand-over.js';
import { createNativeVolumes, type NativeRestoring } from './native-volumes.js';
import { createNamespaceKeeper } from './namespaces.js';
import { createOutcomes } from './outcomes.js';
import type { RestoreSession } from './session.js';
import { createRestoredPods } from './restored-pods.js';
import { createSnapshotData } from './snapshot-data.js';
import { createVolumePlan } from './volumes.js';

/** One attempt of a restore under way. */
export interface RunningRestore {
  readonly ports: ControllerPorts;
  readonly session: RestoreSession;
  readonly spec: RestoreSpec;
  readonly backup: Backup;
  readonly log: OperationLog;
  readonly report: (done: number, total: number, bytes: number) => void;
  readonly signal: AbortSignal;
}

/** The facts of one attempt go one after the other, whoever tells them. */
const attemptFacts = ({ session, signal }: RunningRestore) => {
  const attempt = 'attempt' in session.state ? session.state.attempt : 0;
  const turn = `attempt ${attempt} of the restore`;
  return { attempt, send: factsInOrder<RestoreCommand>((command) => session.send(command), turn, signal) };
};

const handOverOf = (
  { ports, session, spec, backup, signal }: RunningRestore,
  facts: ReturnType<typeof attemptFacts>,
) =>
  createClaimHandOver(ports, {
    ...facts,
    restore: { name: session.key.name, uid: session.row?.uid ?? '' },
    spec,
    backup,
    now: () => session.now(),
    signal,
  });

const archivedReader =
  (archive: ScannedArchive, find: ReturnType<typeof archiveLookup>) =>
  async (ref: ItemRef): Promise<JsonObject | undefined> => {
    const item = find(ref);
    return item && (JSON.parse((await archive.read(item)).toString('utf8')) as JsonObject);
  };

const nativeVolumesOf = (
  { ports, session, spec, log, signal }: RunningRestore,
  startedAt: string,
  natively: Pick<NativeRestoring, 'snapshots' | 'snapshotters'>,
) =>
  createNativeVolumes({
    ...natively,
    cluster: ports.cluster,
    spec,
    restoreUid: session.row?.uid ?? '',
    restoreLabel: labelValue(session.key.name),
    startedAt,
    terminatingTimeout: ports.config.terminatingResourceTimeout,
    timeoutMs: parseGoDuration(spec.itemOperationTimeout ?? '') || ports.config.itemOperationTimeout,
    log,
    signal,
  });

/** Looks around in the cluster and brings together what every item of the restore needs. Faults are those of the cluster and `LB_CONFIG`. */
export const prepareContext = async (
  run: RunningRestore,
  archive: ScannedArchive,
  find: ReturnType<typeof archiveLookup>,
  volumeInfo: readonly BackupVolumeInfo[],
  natively: Pick<NativeRestoring, 'snapshots' | 'snapshotters'>,
): Promise<RestoreContext> => {
  const { ports, session, spec, log, report, signal } = run;
  const { cluster, config } = ports;
  const types = await loadTypes(cluster, signal);
  const outcomes = createOutcomes(log);
  // The API server's own clock, by which the objects get their times too: ours may be ahead of it.
  const startedAt = session.resource?.metadata.creationTimestamp ?? session.row?.startedAt ?? session.now();
  const snapshotData = createSnapshotData({
    cluster,
    spec,
    restoreUid: session.row?.uid ?? '',
    volumeInfo,
    readArchived: archivedReader(archive, find),
    typeOf: (kind) => types.typeOf(kind, ''),
    signal,
  });
  const facts = attemptFacts(run);
  let total = 0;
  const context: RestoreContext = {
    cluster,
    spec,
    archive,
    types,
    outcomes,
    log,
    signal,
    selection: restoreSelection(spec, (name) => kindResolver(types.kinds)(name)),
    restoresStatus: statusSelection(spec.restoreStatus, kindResolver(types.kinds)),
    labels: { backupLabel: labelValue(spec.backupName ?? ''), restoreLabel: labelValue(session.key.name) },
    namespaces: createNamespaceKeeper({
      cluster,
      archive,
      outcomes,
      signal,
      find,
      terminatingTimeout: config.terminatingResourceTimeout,
      ...((session.row?.attempts ?? 1) > 1 && { madeSince: startedAt }),
    }),
    volumes: createVolumePlan(volumeInfo, spec, nativeVolumesOf(run, startedAt, natively)),
    pods: createRestoredPods({ ports, session, outcomes, log, send: facts.send, signal }),
    handOver: handOverOf(run, facts),
    managedFields: config.restoreManagedFields,
    startedAt,
    handled: new Set(),
    actions: ports.restoreItemActions,
    modifiers: await requireModifiers(ports, spec, signal),
    resourceTimeout: config.resourceTimeout,
    serviceAccountsOf: serviceAccountReader(cluster, types.typeOf('serviceaccounts', 'v1'), signal),
    actionData: createActionData({ cluster, namespace: ports.resources.namespace }, signal, snapshotData),
    onProgress: () => report(outcomes.handled, total, 0),
  };
  total = countCandidates(context);
  report(0, total, 0);
  return context;
};

const serviceAccountReader = (cluster: Cluster, type: ResourceType | undefined, signal: AbortSignal) => {
  const known = new Map<string, Promise<readonly string[]>>();
  const read = async (namespace: string): Promise<readonly string[]> => {
    const names: string[] = [];
    if (!type) return names;
    for await (const page of cluster.list(type, { namespace, signal }))
      for (const item of page.items) names.push(nameOf(JSON.parse(item.toString('utf8')) as JsonObject));
    return names;
  };
  return (namespace: string): Promise<readonly string[]> => {
    const names = known.get(namespace) ?? read(namespace);
    known.set(namespace, names);
    return names;
  };
};
