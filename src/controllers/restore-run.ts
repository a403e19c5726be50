import { createOperationLog, type OperationLog } from '../archive/oplog.js';
import {
  decodeBackupVolumeInfo,
  encodeItemOperations,
  encodeResourceList,
  encodeResults,
  encodeVolumeInfo,
} from '../archive/sidecars.js';
import { openSpool } from '../archive/spool.js';
import type { ScannedArchive } from '../archive/scanned-archive.js';
import { scanArchive } from '../archive/tarball-reader.js';
import type { BackupVolumeInfo } from '../archive/sidecar-types.js';
import type { Cluster, ResourceType } from '../cluster/port.js';
import type { HookCounts } from '../domain/hooks/hook-tally.js';
import { nameOf } from '../domain/item.js';
import type { JsonObject } from '../domain/json.js';
import { kindResolver } from '../domain/resource-kinds.js';
import { DEFAULT_PRIORITIES, parsePriorities } from '../domain/restore-order.js';
import { mapNamespace, restoreSelection } from '../domain/restore-selection.js';
import type { RestoreTally } from '../domain/restore.js';
import { statusSelection } from '../domain/status-restore.js';
import { printKey } from '../domain/streams.js';
import type { RestoreSpec } from '../domain/velero.gen.js';
import { Fault, isFault, messageOf } from '../faults.js';
import { labelValue } from './label-value.js';
import { openNamedLocation } from './named-location.js';
import type { ControllerPorts, OpenedLocation } from './ports.js';
import { requireModifiers } from './resource-modifiers.js';
import { startProgress } from './progress-mirror.js';
import { createActionData } from './restore-action-data.js';
import { applyArchive, countCandidates } from './restore-apply.js';
import { archiveLookup, loadTypes, type RestoreContext } from './restore-context.js';
import { createNamespaceKeeper } from './restore-namespaces.js';
import { createOutcomes } from './restore-outcomes.js';
import { createVolumePlan } from './restore-volumes.js';
import type { RestoreSession } from './restore-session.js';
import { createRestoredPods } from './restored-pods.js';
import { hasVersions, inChosenVersions } from './restore-versions.js';
import { storeLog } from './stored-log.js';
import { readObject } from './stored-object.js';

/** An archive beyond these is refused before anything of it is applied; a million objects of 10 KiB fit. */
const LIMITS = { maxBytes: 64 * 2 ** 30, maxEntries: 20_000_000, maxItemBytes: 64 * 2 ** 20, maxRatio: 400 };

interface Run {
  readonly ports: ControllerPorts;
  readonly session: RestoreSession;
  readonly spec: RestoreSpec;
  readonly location: OpenedLocation;
  /** Whether every resource is restored in the version that this cluster takes best. */
  readonly choosesVersions: boolean;
  readonly log: OperationLog;
  readonly report: (done: number, total: number, bytes: number) => void;
  readonly signal: AbortSignal;
}

/** Brings one backup's items into the cluster and stores the log and the results. Throws a fault when nothing could be tried. */
export const runRestore = async (
  ports: ControllerPorts,
  session: RestoreSession,
  signal: AbortSignal,
): Promise<RestoreTally> => {
  const { config } = ports;
  const { name } = session.key;
  const spec = session.row?.spec ?? {};
  const backup = await ports.resources.read('Backup', spec.backupName ?? '', signal);
  if (!backup) throw new Fault('LB_BACKUP_FILE_DAMAGED', `the backup "${spec.backupName ?? ''}" is gone`);
  const location = await openNamedLocation(ports, backup.spec?.storageLocation ?? '', signal);
  const logSpool = await openSpool(config.scratch);
  const log = createOperationLog({
    kind: 'restore',
    key: printKey(session.key),
    level: config.logLevel,
    format: config.logFormat,
    sink: logSpool,
    now: ports.clock,
  });
  const progress = startProgress(
    ports,
    { kind: 'Restore', name, stream: session.stream, done: 'itemsRestored' },
    signal,
  );
  try {
    const choosesVersions = config.enableApiGroupVersions && hasVersions(backup.status?.formatVersion);
    const { report } = progress;
    const tally = await applyBackup({ ports, session, spec, location, choosesVersions, log, report, signal });
    await log.finish();
    await storeLog(ports, location.store, location.layout.restoreLog(name), logSpool, signal);
    return tally;
  } catch (error) {
    if (!signal.aborted && !isFault(error, 'LB_ABORTED')) {
      log.error('The restore failed', { error: messageOf(error) });
      await log.finish();
      await storeLog(ports, location.store, location.layout.restoreLog(name), logSpool, signal);
    }
    throw error;
  } finally {
    await progress.stop();
    await logSpool.dispose();
    location.store.close();
  }
};

const openArchive = async (
  { ports, location, choosesVersions, signal }: Run,
  backupName: string,
): Promise<ScannedArchive> => {
  const found = await location.store.get(location.layout.backupContents(backupName), signal);
  if (!found)
    throw new Fault(
      'LB_BACKUP_FILE_DAMAGED',
      `the contents of backup "${backupName}" are not in object storage`,
    );
  return scanArchive(found.body, {
    scratch: ports.config.scratch,
    limits: LIMITS,
    everyVersion: choosesVersions,
    signal,
  });
};

/** Volume information is optional: old backups have none. */
const readVolumeInfo = async (
  { location, signal }: Run,
  backupName: string,
): Promise<readonly BackupVolumeInfo[]> => {
  const key = location.layout.volumeInfo(backupName);
  const bytes = await readObject(location.store, key, signal);
  return bytes ? decodeBackupVolumeInfo(bytes, key) : [];
};

const applyBackup = async (run: Run): Promise<RestoreTally> => {
  const { ports, spec, log, signal } = run;
  const { cluster, resources } = ports;
  const backupName = spec.backupName ?? '';
  const scanned = await openArchive(run, backupName);
  try {
    const archive = run.choosesVersions
      ? await inChosenVersions({ archive: scanned, cluster, namespace: resources.namespace, log, signal })
      : scanned;
    const find = archiveLookup(archive); // one for all: it indexes a kind when that is first asked for
    const context = await contextOf(run, archive, find, await readVolumeInfo(run, backupName));
    for (const warning of archive.warnings) context.outcomes.warn(undefined, warning);
    if (!archive.hasResources)
      context.outcomes.warn(undefined, 'the backup holds no resources: there is nothing to restore');
    log.info('Starting restore of backup', { backup: backupName });
    const hooks = await applyAll(ports, context, find);
    log.info('Restore of items completed', { items: context.outcomes.handled });
    await storeResults(run, context);
    return { ...context.outcomes.tally(), ...hooks };
  } finally {
    await scanned.dispose();
  }
};

/** Brings in every item, and waits for the hooks of the pods among them. */
const applyAll = async (
  { config }: ControllerPorts,
  context: RestoreContext,
  find: ReturnType<typeof archiveLookup>,
): Promise<HookCounts> => {
  try {
    await applyArchive(context, find, {
      priorities: prioritiesOf(config.restoreResourcePriorities),
      concurrency: config.restoreConcurrency,
      resourceTimeout: config.resourceTimeout,
    });
    return await context.pods.done();
  } finally {
    await context.pods.stop();
  }
};

const prioritiesOf = (flag: string) => {
  const parsed = flag === '' ? DEFAULT_PRIORITIES : parsePriorities(flag);
  return typeof parsed === 'string' ? DEFAULT_PRIORITIES : parsed;
};

const contextOf = async (
  run: Run,
  archive: ScannedArchive,
  find: ReturnType<typeof archiveLookup>,
  volumeInfo: readonly BackupVolumeInfo[],
): Promise<RestoreContext> => {
  const { ports, session, spec, log, report, signal } = run;
  const { cluster, config } = ports;
  const types = await loadTypes(cluster, signal);
  const outcomes = createOutcomes(log);
  // The API server's own clock, by which the objects get their times too: ours may be ahead of it.
  const startedAt = session.resource?.metadata.creationTimestamp ?? session.row?.startedAt ?? session.now();
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
    volumes: createVolumePlan(volumeInfo, (namespace) => mapNamespace(spec.namespaceMapping, namespace)),
    pods: createRestoredPods({ ports, session, outcomes, log, signal }),
    managedFields: config.restoreManagedFields,
    startedAt,
    handled: new Set(),
    actions: ports.restoreItemActions,
    modifiers: await requireModifiers(ports, spec, signal),
    resourceTimeout: config.resourceTimeout,
    serviceAccountsOf: serviceAccountReader(cluster, types.typeOf('serviceaccounts', 'v1'), signal),
    actionData: createActionData({ cluster, namespace: ports.resources.namespace }, signal),
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

/** The objects are in the cluster already: results that cannot be stored are one more error, not a failed restore. */
const storeResults = async (run: Run, context: RestoreContext): Promise<void> => {
  try {
    await putResults(run, context);
  } catch (error) {
    if (isFault(error, 'LB_ABORTED') || run.signal.aborted) throw error;
    context.outcomes.error(undefined, `the results could not be stored: ${messageOf(error)}`);
  }
};

const putResults = async (
  { location, session, log, signal }: Run,
  { outcomes }: RestoreContext,
): Promise<void> => {
  const { store, layout } = location;
  const { name } = session.key;
  const files: readonly (readonly [string, Promise<Buffer>])[] = [
    [layout.restoreResults(name), encodeResults(log.results)],
    [layout.restoreResourceList(name), encodeResourceList(Object.fromEntries(outcomes.byKind))],
    [layout.restoreItemOperations(name), encodeItemOperations([])],
    [layout.restoreVolumeInfo(name), encodeVolumeInfo([])],
  ];
  await Promise.all(files.map(async ([key, body]) => store.put(key, await body, { signal })));
};
