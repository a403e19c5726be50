import { decodeBackupVolumeInfo, decodeVolumeSnapshots } from '../../archive/sidecars.js';
import { openSpool } from '../../archive/spool.js';
import type { ScannedArchive } from '../../archive/scanned-archive.js';
import { BACKUP_LIMITS, scanArchive } from '../../archive/tarball-reader.js';
import type { BackupVolumeInfo, NativeSnapshot } from '../../archive/sidecar-types.js';
import type { HookCounts } from '../../domain/hooks/hook-tally.js';
import { DEFAULT_PRIORITIES, parsePriorities } from '../../domain/restore-order.js';
import type { RestoreTally } from '../../domain/restore-facts.js';
import { Fault, isFault, messageOf } from '../../faults.js';
import { isCancelled, tidySignal, type RunEnd } from '../cancel.js';
import { storeCancelledLog } from '../cancelled-log.js';
import { openNamedLocation } from '../location/named-location.js';
import type { ControllerPorts, OpenedLocation } from '../ports.js';
import { startProgress } from '../progress-mirror.js';
import { applyArchive } from './apply.js';
import { archiveLookup, type RestoreContext } from './context.js';
import { cancelledRestoreLog } from './cancel.js';
import { readCopies } from './load-fills.js';
import type { AskedFill } from './pod-filling.js';
import { warnOfUnfilled } from './unfilled-volumes.js';
import { restoreLogOf } from './log.js';
import { storeResults } from './results.js';
import type { RestoreSession } from './session.js';
import { prepareContext, type RunningRestore } from './setup.js';
import { volumesToSettle } from './settle-volumes.js';
import { hasVersions, inChosenVersions } from './versions.js';
import { createOpenSnapshotters } from '../volumes/snapshot-location.js';
import { storeLog } from '../stored-log.js';
import { readObject } from '../stored-object.js';

/** What one attempt has done. */
export interface AppliedItems {
  readonly tally: RestoreTally;
  /** Claims whose new volumes are to be made like the old ones, and volume groups whose snapshots are to get ready. */
  readonly settling: number;
}

interface Run extends RunningRestore {
  readonly location: OpenedLocation;
  /** Whether every resource is restored in the version that this cluster takes best. */
  readonly choosesVersions: boolean;
  readonly end: RunEnd;
  /** Told what has been done so far when the run breaks off because it is cancelled. */
  readonly onCancelled: (tally: RestoreTally) => void;
}

/**
 * Brings one backup's items into the cluster and stores the log and the results. Throws a fault when nothing could be tried. Cancelled,
 * it stores log and results of what it did, tells `onCancelled`, and throws what stopped it.
 */
export const runRestore = async (
  ports: ControllerPorts,
  session: RestoreSession,
  end: RunEnd,
  onCancelled: (tally: RestoreTally) => void,
): Promise<AppliedItems> => {
  const { signal } = end;
  const { config } = ports;
  const { name } = session.key;
  const spec = session.row?.spec ?? {};
  const backup = await ports.resources.read('Backup', spec.backupName ?? '', signal);
  if (!backup) throw new Fault('LB_BACKUP_FILE_DAMAGED', `the backup "${spec.backupName ?? ''}" is gone`);
  const location = await openNamedLocation(ports, backup.spec?.storageLocation ?? '', signal);
  const logSpool = await openSpool(config.scratch);
  const log = restoreLogOf(ports, session, logSpool);
  const progress = startProgress(
    ports,
    { kind: 'Restore', name, stream: session.stream, done: 'itemsRestored' },
    signal,
  );
  try {
    const choosesVersions = config.enableApiGroupVersions && hasVersions(backup.status?.formatVersion);
    const { report } = progress;
    const locationName = backup.spec?.storageLocation ?? '';
    const run = {
      ports,
      session,
      spec,
      backup,
      location,
      locationName,
      choosesVersions,
      log,
      report,
      signal,
      end,
      onCancelled,
    };
    const applied = await applyBackup(run);
    await log.finish();
    await storeLog(ports, location.store, location.layout.restoreLog(name), logSpool, signal);
    return applied;
  } catch (error) {
    if (isCancelled(end)) {
      await log.finish();
      const told = cancelledRestoreLog(ports, session, location);
      await storeCancelledLog(ports, told, [logSpool], tidySignal(end.server));
    } else if (!isFault(error, 'LB_ABORTED') && !signal.aborted) {
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
    limits: BACKUP_LIMITS,
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

/** Of the snapshots of providers no other file says where they are. */
const readNativeSnapshots = async (
  { location, signal }: Run,
  backupName: string,
): Promise<readonly NativeSnapshot[]> => {
  const key = location.layout.volumeSnapshots(backupName);
  const bytes = await readObject(location.store, key, signal);
  return bytes ? decodeVolumeSnapshots(bytes, key) : [];
};

const applyBackup = async (run: Run): Promise<AppliedItems> => {
  const { ports, spec, log, signal } = run;
  const { cluster, resources } = ports;
  const backupName = spec.backupName ?? '';
  const scanned = await openArchive(run, backupName);
  const snapshotters = createOpenSnapshotters(ports, signal);
  try {
    const archive = run.choosesVersions
      ? await inChosenVersions({ archive: scanned, cluster, namespace: resources.namespace, log, signal })
      : scanned;
    const find = archiveLookup(archive); // one for all: it indexes a kind when that is first asked for
    const volumeInfo = await readVolumeInfo(run, backupName);
    const copies = await readCopies(run.location, backupName, signal);
    const snapshots = await readNativeSnapshots(run, backupName);
    const natively = { snapshots, snapshotters };
    const context = await prepareContext(run, archive, find, { volumeInfo, copies, natively });
    for (const warning of archive.warnings) context.outcomes.warn(undefined, warning);
    if (!archive.hasResources)
      context.outcomes.warn(undefined, 'the backup holds no resources: there is nothing to restore');
    log.info('Starting restore of backup', { backup: backupName });
    const { hooks, fills } = await applyAll(run, context, find, volumeInfo);
    warnOfUnfilled(context, volumeInfo);
    log.info('Restore of items completed', { items: context.outcomes.handled });
    const native = context.volumes.restored();
    await storeResults(run, context.outcomes, { volumeInfo, fills, native });
    const claims = context.outcomes.byKind.get('v1/PersistentVolumeClaim') ?? [];
    const settling = volumesToSettle({ spec, volumeInfo, claims }).length + context.groupStubs.count();
    return { tally: { ...context.outcomes.tally(), ...hooks }, settling };
  } finally {
    await snapshotters.close();
    await scanned.dispose();
  }
};

/** Brings in every item, and waits for the data and the hooks of the pods among them. */
const applyAll = async (
  run: Run,
  context: RestoreContext,
  find: ReturnType<typeof archiveLookup>,
  volumeInfo: readonly BackupVolumeInfo[],
): Promise<{ readonly hooks: HookCounts; readonly fills: readonly AskedFill[] }> => {
  const { config } = run.ports;
  try {
    await applyArchive(context, find, {
      priorities: prioritiesOf(config.restoreResourcePriorities),
      concurrency: config.restoreConcurrency,
    });
    const fills = await context.fills.done();
    return { hooks: await context.pods.done(), fills };
  } catch (error) {
    if (!isCancelled(run.end)) throw error;
    await context.pods.stop();
    const late = { ...run, signal: tidySignal(run.end.server) };
    const native = context.volumes.restored();
    await storeResults(late, context.outcomes, { volumeInfo, fills: [], native });
    run.onCancelled(context.outcomes.tally());
    throw error;
  } finally {
    context.fills.stop();
    await context.pods.stop();
  }
};

const prioritiesOf = (flag: string) => {
  const parsed = flag === '' ? DEFAULT_PRIORITIES : parsePriorities(flag);
  return typeof parsed === 'string' ? DEFAULT_PRIORITIES : parsed;
};
