import type { OperationLog } from '../../archive/oplog.js';
import type { ScannedArchive } from '../../archive/scanned-archive.js';
import type { Cluster, ResourceType } from '../../cluster/port.js';
import { nameOf, type ItemRef } from '../../domain/item.js';
import type { JsonObject } from '../../domain/json.js';
import { kindResolver } from '../../domain/resource-kinds.js';
import { restoreSelection } from '../../domain/restore-selection.js';
import { statusSelection } from '../../domain/status-restore.js';
import type { RestoreCommand } from '../../domain/restore-facts.js';
import type { Backup, RestoreSpec } from '../../domain/velero.gen.js';
import { labelValue } from '../label-value.js';
import { operationLimitMs } from '../operation-limit.js';
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
import { loadFills } from './load-fills.js';
import { createRestoredPods, factSenderOf } from './restored-pods.js';
import { createGroupStubs } from './group-stubs.js';
import { createSnapshotData } from './snapshot-data.js';
import { createVolumePlan, type VolumeRecords } from './volumes.js';

const VOLUMES = ['persistentvolumeclaims', 'persistentvolumes'];

/** One attempt of a restore under way. */
export interface RunningRestore {
  readonly ports: ControllerPorts;
  readonly session: RestoreSession;
  readonly spec: RestoreSpec;
  readonly backup: Backup;
  /** Name of the location in which the backup is. */
  readonly locationName: string;
  readonly log: OperationLog;
  readonly report: (done: number, total: number, bytes: number) => void;
  readonly signal: AbortSignal;
}

/** What the backup says of volumes, beside its archive. */
export interface StoredVolumes extends VolumeRecords {
  readonly natively: Pick<NativeRestoring, 'snapshots' | 'snapshotters'>;
}

const handOverOf = (
  { ports, session, spec, backup, signal }: RunningRestore,
  send: (command: RestoreCommand) => Promise<void>,
) =>
  createClaimHandOver(ports, {
    send,
    attempt: 'attempt' in session.state ? session.state.attempt : 0,
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
  natively: StoredVolumes['natively'],
) =>
  createNativeVolumes({
    ...natively,
    cluster: ports.cluster,
    spec,
    restoreUid: session.row?.uid ?? '',
    restoreLabel: labelValue(session.key.name),
    startedAt,
    terminatingTimeout: ports.config.terminatingResourceTimeout,
    timeoutMs: operationLimitMs(spec, ports.config),
    log,
    signal,
  });

const groupStubsOf = (
  { ports, session, spec, signal }: RunningRestore,
  volumeInfo: StoredVolumes['volumeInfo'],
  typeOf: (kind: string) => ResourceType | undefined,
) =>
  createGroupStubs({
    cluster: ports.cluster,
    spec,
    restoreUid: session.row?.uid ?? '',
    restoreLabel: labelValue(session.key.name),
    volumeInfo,
    typeOf,
    signal,
  });

const namespacesOf = (
  { ports: { cluster, config }, session, signal }: RunningRestore,
  startedAt: string,
  around: Pick<Parameters<typeof createNamespaceKeeper>[0], 'archive' | 'outcomes' | 'find'>,
) =>
  createNamespaceKeeper({
    ...around,
    cluster,
    signal,
    terminatingTimeout: config.terminatingResourceTimeout,
    ...((session.row?.attempts ?? 1) > 1 && { madeSince: startedAt }),
  });

/** Looks around in the cluster and brings together what every item of the restore needs. Faults are those of the cluster and `LB_CONFIG`. */
export const prepareContext = async (
  run: RunningRestore,
  archive: ScannedArchive,
  find: ReturnType<typeof archiveLookup>,
  stored: StoredVolumes,
): Promise<RestoreContext> => {
  const { volumeInfo, copies } = stored;
  const { ports, session, spec, log, report, signal } = run;
  const { cluster, config } = ports;
  const types = await loadTypes(cluster, signal);
  const outcomes = createOutcomes(log);
  // The API server's own clock, by which the objects get their times too: ours may be ahead of it.
  const startedAt = session.resource?.metadata.creationTimestamp ?? session.row?.startedAt ?? session.now();
  const restoreUid = session.row?.uid ?? '';
  const typeOf = (kind: string) => types.typeOf(kind, '');
  const movesData = run.backup.spec?.snapshotMoveData === true;
  const archived = { volumeInfo, movesData, readArchived: archivedReader(archive, find) };
  const snapshotsFor = createSnapshotData({ cluster, spec, restoreUid, ...archived, typeOf, signal });
  const groupStubs = groupStubsOf(run, volumeInfo, typeOf);
  const selection = restoreSelection(spec, (name) => kindResolver(types.kinds)(name));
  const send = factSenderOf(session, signal);
  const takesVolumes = VOLUMES.every(selection.includesKind);
  const fills = loadFills({ ...run, copies, types, outcomes, send, takesVolumes });
  const home = { cluster, namespace: ports.resources.namespace };
  let total = 0;
  const context: RestoreContext = {
    cluster,
    spec,
    archive,
    types,
    outcomes,
    log,
    signal,
    selection,
    restoresStatus: statusSelection(spec.restoreStatus, kindResolver(types.kinds)),
    labels: { backupLabel: labelValue(spec.backupName ?? ''), restoreLabel: labelValue(session.key.name) },
    namespaces: namespacesOf(run, startedAt, { archive, outcomes, find }),
    volumes: createVolumePlan(stored, spec, nativeVolumesOf(run, startedAt, stored.natively)),
    pods: createRestoredPods({ ports, session, send, outcomes, log, signal }),
    fills,
    handOver: handOverOf(run, send),
    managedFields: config.restoreManagedFields,
    startedAt,
    handled: new Set(),
    groupStubs,
    actions: [groupStubs.action, ...ports.restoreItemActions],
    modifiers: await requireModifiers(ports, spec, signal),
    resourceTimeout: config.resourceTimeout,
    serviceAccountsOf: serviceAccountReader(cluster, types.typeOf('serviceaccounts', 'v1'), signal),
    actionData: createActionData(home, signal, { snapshotsFor, volumesOf: fills.volumesOf, restoreUid }),
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
