import { completeTarball } from '../../archive/completed-tarball.js';
import {
  decodeBackupItemOperations,
  decodeBackupVolumeInfo,
  encodeItemOperations,
  encodeVolumeInfo,
} from '../../archive/sidecars.js';
import { openSpool, type Sealed } from '../../archive/spool.js';
import type { ItemEntry } from '../../archive/tarball-writer.js';
import { snapshotsOf } from '../../domain/backup-facts.js';
import { VELERO_TYPES, type DataUpload } from '../../domain/velero.gen.js';
import type { VolumeMove } from '../../domain/volumes/backup-moves.js';
import { DATA_UPLOADS } from '../../domain/volumes/data-upload.js';
import { endedMoveEntry, endedMoveOperation, type EndedMove } from '../../domain/volumes/move-info.js';
import { Fault } from '../../faults.js';
import { openNamedLocation } from '../location/named-location.js';
import type { ControllerPorts, OpenedLocation } from '../ports.js';
import { readObject } from '../stored-object.js';
import type { BackupSession } from './session.js';

/** A DataUpload as the cluster has it now: the bytes go into the archive as they are. */
interface FoundUpload {
  readonly name: string;
  readonly json: Buffer;
}

const readUploads = async (
  { cluster, resources: { namespace } }: ControllerPorts,
  moves: readonly VolumeMove[],
  signal: AbortSignal,
): Promise<readonly FoundUpload[]> => {
  const found: FoundUpload[] = [];
  for (const { upload: name } of moves) {
    const json = await cluster.get(VELERO_TYPES.DataUpload, { namespace, name }, { signal });
    if (json) found.push({ name, json });
  }
  return found;
};

interface Completing {
  readonly ports: ControllerPorts;
  readonly session: BackupSession;
  readonly location: OpenedLocation;
  readonly signal: AbortSignal;
}

/** The archive with the DataUploads: by these any cluster, and Velero, finds the copies. */
const completeArchive = async (
  { ports, session, location: { store, layout }, signal }: Completing,
  uploads: readonly FoundUpload[],
): Promise<Sealed> => {
  const key = layout.backupContents(session.key.name);
  const found = await store.get(key, signal);
  if (!found) throw new Fault('LB_BACKUP_FILE_DAMAGED', `${key} is not in the storage location any more`);
  const spool = await openSpool(ports.config.scratch);
  try {
    const items = uploads.map(({ name, json }): ItemEntry => ({
      groupResource: DATA_UPLOADS,
      version: VELERO_TYPES.DataUpload.version,
      preferred: true,
      namespace: ports.resources.namespace,
      name,
      json,
    }));
    const mtime = new Date(session.row?.startedAt ?? 0);
    const sealed = await completeTarball(found.body, items, { sink: spool, mtime, signal });
    await store.put(key, spool.read(), { signal });
    return sealed;
  } finally {
    await spool.dispose();
  }
};

const endedMoves = (
  moves: readonly VolumeMove[],
  uploads: readonly FoundUpload[],
): ReadonlyMap<string, EndedMove> => {
  const byName = new Map(
    uploads.map(({ name, json }) => [name, JSON.parse(json.toString('utf8')) as DataUpload]),
  );
  return new Map(
    moves.flatMap(({ operation, upload: name, end }) => {
      const upload = byName.get(name);
      return end ? [[operation, { operation, end, ...(upload && { upload }) }] as const] : [];
    }),
  );
};

/** The files say of each move how it ended. They are read from the bucket, so that a repeat makes the same. */
const settleFiles = async (
  { session, location: { store, layout }, signal }: Completing,
  ended: ReadonlyMap<string, EndedMove>,
): Promise<void> => {
  const { name } = session.key;
  const [infoKey, operationsKey] = [layout.volumeInfo(name), layout.itemOperations(name)];
  const [infos, operations] = await Promise.all([
    readObject(store, infoKey, signal),
    readObject(store, operationsKey, signal),
  ]);
  const settledInfos = (infos ? await decodeBackupVolumeInfo(infos, infoKey) : []).map((entry) => {
    const move = ended.get(entry.snapshotDataMovementInfo?.operationID ?? '');
    return move ? endedMoveEntry(entry, move) : entry;
  });
  const settledOperations = (
    operations ? await decodeBackupItemOperations(operations, operationsKey) : []
  ).map((operation) => {
    const move = ended.get(operation.spec.operationID);
    return move ? endedMoveOperation(operation, move) : operation;
  });
  await store.put(infoKey, await encodeVolumeInfo(settledInfos), { signal });
  await store.put(operationsKey, await encodeItemOperations(settledOperations), { signal });
};

/**
 * What follows when the last move of volume data has ended (`pkg/controller/backup_finalizer_controller.go`): files and archive tell how
 * each ended, then the fact with the hash of the archive as it is now. The mark comes after that.
 */
export const completeContents = async (
  ports: ControllerPorts,
  session: BackupSession,
  signal: AbortSignal,
): Promise<void> => {
  const { moves } = snapshotsOf(session.state);
  const attempt = 'attempt' in session.state ? session.state.attempt : 0;
  const location = await openNamedLocation(ports, session.row?.spec.storageLocation ?? '', signal);
  try {
    const completing = { ports, session, location, signal };
    const uploads = await readUploads(ports, moves, signal);
    await settleFiles(completing, endedMoves(moves, uploads));
    const { bytes, sha256 } = await completeArchive(completing, uploads);
    await session.send({ type: 'CompleteContents', attempt, bytes, sha256, now: session.now() });
  } finally {
    location.store.close();
  }
};
