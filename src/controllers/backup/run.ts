import type { OperationLog } from '../../archive/oplog.js';
import {
  encodeItemOperations,
  encodePodVolumeBackups,
  encodeResourceList,
  encodeResults,
  encodeVolumeInfo,
  encodeVolumeSnapshots,
} from '../../archive/sidecars.js';
import type { BackupItemOperation, PodVolumeBackupObject } from '../../archive/sidecar-types.js';
import { openSpool, type Spool } from '../../archive/spool.js';
import { createTarballWriter } from '../../archive/tarball-writer.js';
import type { BackupTally } from '../../domain/backup-facts.js';
import { backupOmissions } from '../../domain/omissions.js';
import type { BackupSpec } from '../../domain/velero.gen.js';
import { volumesSettledByCopies, withCopyInfo } from '../../domain/volumes/copy-info.js';
import { hasCopyEnded } from '../../domain/volumes/copy-objects.js';
import {
  nativeSnapshotsOf,
  settledNatively,
  withNativeVolumes,
} from '../../domain/volumes/native-snapshot-files.js';
import {
  moveOperations,
  snapshotOperations,
  volumeInfoOf,
  volumesWithoutData,
} from '../../domain/volumes/volume-info.js';
import { Fault, isFault, messageOf } from '../../faults.js';
import { isCancelled, tidySignal, type RunEnd } from '../cancel.js';
import { storeCancelledLog } from '../cancelled-log.js';
import { cancelledBackupLog } from './cancel.js';
import { gatherContents, type GatheredContents } from './contents.js';
import type { TakenCopies } from './pod-copies.js';
import { backupLogOf } from './log.js';
import type { BackupSession } from './session.js';
import { openNamedLocation } from '../location/named-location.js';
import type { ControllerPorts, OpenedLocation } from '../ports.js';
import { storeLog } from '../stored-log.js';
import { startProgress } from '../progress-mirror.js';

export interface StoredContents {
  readonly tally: BackupTally;
  readonly bytes: number;
  readonly sha256: string;
}

interface Scratch {
  readonly tar: Spool;
  readonly log: Spool;
}

const withScratch = async <T>(folder: string, work: (scratch: Scratch) => Promise<T>): Promise<T> => {
  const tar = await openSpool(folder);
  const log = await openSpool(folder);
  try {
    return await work({ tar, log });
  } finally {
    await Promise.allSettled([tar.dispose(), log.dispose()]);
  }
};

/**
 * A name whose mark is in the bucket is taken for good, whoever made it: nothing of it is overwritten
 * (`pkg/controller/backup_controller.go`).
 */
const refuseExisting = async (
  { store, layout }: OpenedLocation,
  name: string,
  signal: AbortSignal,
): Promise<void> => {
  if (await store.head(layout.backupMetadata(name), signal))
    throw new Fault(
      'LB_STORE_REFUSED',
      `backup "${name}" already exists in object storage; choose another name, or delete that backup first`,
    );
};

/**
 * Makes the contents of one backup and puts every file of it into the bucket but the last, the mark. Stopped anywhere, it
 * leaves files that nobody reads; the next attempt overwrites them. Cancelled, it stores its log before it leaves. Throws a fault when
 * there can be no backup at all.
 */
export const runBackup = async (
  ports: ControllerPorts,
  session: BackupSession,
  end: RunEnd,
): Promise<StoredContents> => {
  const { signal } = end;
  const { name } = session.key;
  const spec: BackupSpec = session.row?.spec ?? {};
  const location = await openNamedLocation(ports, spec.storageLocation ?? '', signal);
  const progress = startProgress(
    ports,
    { kind: 'Backup', name, stream: session.stream, done: 'itemsBackedUp' },
    signal,
  );
  try {
    await refuseExisting(location, name, signal);
    return await withScratch(ports.config.scratch, (scratch) =>
      produce(ports, { name, spec, location, scratch, session, onProgress: progress.report }, end),
    );
  } finally {
    await progress.stop();
    location.store.close();
  }
};

interface Production {
  readonly name: string;
  readonly session: BackupSession;
  readonly spec: BackupSpec;
  readonly location: OpenedLocation;
  readonly scratch: Scratch;
  readonly onProgress: (done: number, total: number, bytes: number) => void;
}

const produce = async (
  ports: ControllerPorts,
  production: Production,
  end: RunEnd,
): Promise<StoredContents> => {
  const { scratch, spec, name, location } = production;
  const { signal } = end;
  const log = backupLogOf(ports, production.session, scratch.log);
  const tar = createTarballWriter({ sink: scratch.tar, mtime: ports.clock() });
  try {
    const gathered = await gatherContents(ports, { ...production, log, tar }, signal);
    const { archived, hooks, volumes, native, copies } = gathered;
    const settled = new Set([
      ...settledNatively(native),
      ...volumesSettledByCopies(copies.ended, copies.skipped),
    ]);
    const without = volumesWithoutData(archived.byKind.get('v1/PersistentVolume') ?? [], volumes, settled);
    for (const omission of backupOmissions(spec, without.length)) log.warn(omission);
    const sealed = await tar.finish();
    const { warnings, errors } = log;
    log.info(`Backed up a total of ${archived.items} items`, { progress: '' });
    await log.finish();
    await storeLog(ports, location.store, location.layout.backupLog(name), scratch.log, signal);
    await upload(production, gathered, log, signal);
    const tally = { items: archived.items, warnings, errors, ...hooks };
    return { tally, bytes: sealed.bytes, sha256: sealed.sha256 };
  } catch (error) {
    tar.abort(error instanceof Error ? error : new Error(messageOf(error)));
    if (isCancelled(end)) {
      await log.finish();
      const told = cancelledBackupLog(ports, production.session, location);
      await storeCancelledLog(ports, told, [scratch.log], tidySignal(end.server));
    } else if (!isFault(error, 'LB_ABORTED') && !signal.aborted) {
      log.error('The backup failed', { error: messageOf(error) });
      await log.finish();
      await storeLog(ports, location.store, location.layout.backupLog(name), scratch.log, signal);
    }
    throw error;
  }
};

/** One that was given up stays out: brought into another cluster, an agent there would take it for a request. */
const endedCopies = ({ ended }: TakenCopies): readonly PodVolumeBackupObject[] =>
  ended.map(({ object }) => object).filter(hasCopyEnded) as unknown as readonly PodVolumeBackupObject[];

/** Everything but the mark. The order among these files means nothing, since nobody reads them before the mark is there. */
const upload = async (
  { location: { store, layout }, name, scratch, session }: Production,
  { archived, volumes, native, copies }: GatheredContents,
  log: OperationLog,
  signal: AbortSignal,
): Promise<void> => {
  const now = session.now();
  const backup = { name, uid: session.row?.uid ?? '' };
  const operations: readonly BackupItemOperation[] = [
    ...snapshotOperations(volumes, backup, now),
    ...moveOperations(volumes, backup, now),
  ];
  const snapshotted = withNativeVolumes(volumeInfoOf(volumes, now), native);
  const infos = withCopyInfo(snapshotted, copies.ended, copies.skipped);
  const sidecars: readonly (readonly [string, Promise<Buffer>])[] = [
    [layout.podVolumeBackups(name), encodePodVolumeBackups(endedCopies(copies))],
    [layout.volumeSnapshots(name), encodeVolumeSnapshots(nativeSnapshotsOf(native, backup))],
    [layout.itemOperations(name), encodeItemOperations(operations)],
    [layout.resourceList(name), encodeResourceList(archived.byKind)],
    [layout.backupResults(name), encodeResults(log.results)],
    [layout.volumeInfo(name), encodeVolumeInfo(infos)],
  ];
  await Promise.all(sidecars.map(async ([key, body]) => store.put(key, await body, { signal })));
  await store.put(layout.backupContents(name), scratch.tar.read(), { signal });
};
