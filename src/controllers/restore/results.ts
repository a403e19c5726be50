import type { OperationLog } from '../../archive/oplog.js';
import type { BackupVolumeInfo, RestoreVolumeInfo } from '../../archive/sidecar-types.js';
import {
  encodeItemOperations,
  encodeResourceList,
  encodeResults,
  encodeVolumeInfo,
} from '../../archive/sidecars.js';
import { downloadsOf } from '../../domain/restore-facts.js';
import { isFault, messageOf } from '../../faults.js';
import type { OpenedLocation } from '../ports.js';
import { downloadOperations } from './downloads.js';
import type { Outcomes } from './outcomes.js';
import type { AskedFill } from './pod-filling.js';
import type { RestoreSession } from './session.js';
import { restoredVolumeInfo } from './volume-info.js';

interface Storing {
  readonly location: OpenedLocation;
  readonly session: RestoreSession;
  readonly log: OperationLog;
  readonly signal: AbortSignal;
}

/** What the backup says of volumes, and which of them had their data asked for. */
export interface VolumesOfRestore {
  readonly volumeInfo: readonly BackupVolumeInfo[];
  readonly fills: readonly AskedFill[];
  /** Volumes that providers made from snapshots. */
  readonly native: readonly RestoreVolumeInfo[];
}

/** The objects are in the cluster already: results that cannot be stored are one more error, not a failed restore. */
export const storeResults = async (
  run: Storing,
  outcomes: Outcomes,
  volumes: VolumesOfRestore,
): Promise<void> => {
  try {
    await putResults(run, outcomes, volumes);
  } catch (error) {
    if (isFault(error, 'LB_ABORTED') || run.signal.aborted) throw error;
    outcomes.error(undefined, `the results could not be stored: ${messageOf(error)}`);
  }
};

const putResults = async (
  { location, session, log, signal }: Storing,
  outcomes: Outcomes,
  { volumeInfo, fills, native }: VolumesOfRestore,
): Promise<void> => {
  const volumes = restoredVolumeInfo({
    spec: session.row?.spec ?? {},
    restoreUid: session.row?.uid ?? '',
    volumeInfo,
    fills,
    claims: outcomes.byKind.get('v1/PersistentVolumeClaim') ?? [],
    downloads: downloadsOf(session.state),
  });
  const { store, layout } = location;
  const { name } = session.key;
  const files: readonly (readonly [string, Promise<Buffer>])[] = [
    [layout.restoreResults(name), encodeResults(log.results)],
    [layout.restoreResourceList(name), encodeResourceList(Object.fromEntries(outcomes.byKind))],
    [layout.restoreItemOperations(name), encodeItemOperations(downloadOperations(session))],
    [layout.restoreVolumeInfo(name), encodeVolumeInfo([...volumes, ...native])],
  ];
  await Promise.all(files.map(async ([key, body]) => store.put(key, await body, { signal })));
};
